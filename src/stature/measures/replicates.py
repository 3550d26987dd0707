"""Single replicates: what two estimators make of the same sample, and which intervals miss.

A measure sums over replicates; this keeps them. Pairs show whether two estimators are off together,
ranked intervals which of them miss the truth, and on which side.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stature.arrays import Floats, Int32s
from stature.design.scenarios import Scenario
from stature.domain.bias import NoBias
from stature.domain.model import parameter_rows
from stature.domain.population import Population
from stature.domain.settings import LeftOut
from stature.estimators.estimator import COMPILED, Estimator, Fits, Status
from stature.measures.cells import cells
from stature.measures.matching import matched
from stature.measures.measure import MeasureSpec

MOST_OTHERS = 8  # so many estimators at most are set against the first
# Number of people in sentences: the lesson's; a study without it shows its nearest size.
SHOWN_SIZE = 200
SHOWN_PARAMETER = "mean_cm"  # of the first group, the shorter one


@dataclass(frozen=True, slots=True)
class Paired:
    """A scenario of which estimates are paired."""

    population: str  # its names
    bias: str
    scenario: str
    group: str  # the group whose mean is shown, the shorter one
    truth_cm: float  # that mean, in cm
    reference: str  # the estimator that the others are set against
    others: tuple[str, ...]  # the others
    # what their components are matched to, and all of them; nothing where that is by means
    truth: Annotated[Population | None, LeftOut(None)] = None
    estimators: Annotated[tuple[Estimator, ...], LeftOut(())] = ()


@dataclass(frozen=True, slots=True)
class PairsSpec:
    """What the pairs depend on, besides the fits."""

    size: int  # number of people
    scenarios: tuple[Paired, ...]  # the scenarios, one a population


@dataclass(frozen=True, slots=True)
class Pair:
    """Two estimates of one mean from one sample."""

    population: str  # where the sample is from
    bias: str
    scenario: str
    size: int  # number of people
    group: str  # the group whose mean it is
    truth_cm: float  # that mean, in cm
    reference: str  # the two estimators
    estimator: str
    replicate: int  # the sample
    reference_cm: float | None  # the two estimates in cm; None where the fit did not converge
    estimate_cm: float | None


def pairs_spec(scenarios: Iterable[tuple[Scenario, tuple[Estimator, ...]]], size: int) -> PairsSpec:
    """What is paired in a study.

    Of each population the scenario without bias, or else the first one. Estimators without the
    labels of everybody are set against the first of them that goes on to the maximum; if there are
    fewer than two of those, all are set against the first. Those with all labels come first, and
    then the order is that of the names: the order in a file changes nothing.
    """
    chosen: dict[str, tuple[Scenario, tuple[Estimator, ...]]] = {}
    for scenario, estimators in sorted(
        scenarios, key=lambda one: (not isinstance(one[0].bias.bias, NoBias), one[0].slug)
    ):
        in_order = sorted(estimators, key=lambda one: (one.model.labels != "all", one.name))
        chosen.setdefault(scenario.population.name, (scenario, tuple(in_order)))
    found = [
        _paired(scenario, estimators)
        for scenario, estimators in sorted(chosen.values(), key=lambda one: one[0].slug)
    ]
    return PairsSpec(size, tuple(one for one in found if one.others))


def _paired(scenario: Scenario, estimators: tuple[Estimator, ...]) -> Paired:
    """Which estimators are set against which in a scenario."""
    unlabelled = [one for one in estimators if one.model.labels != "all"]
    compared = unlabelled if len(unlabelled) > 1 else list(estimators)
    to_the_maximum = [one for one in compared if one.stop is None and one.method in COMPILED]
    reference = (to_the_maximum or compared)[0]
    others = [one.name for one in compared if one.name != reference.name]
    population = scenario.population
    names, shorter = (population.name, scenario.bias.name, scenario.slug), population.groups[0]
    by_means = population.match == "mean"
    truth, estimators = (None, ()) if by_means else (population, tuple(compared))
    mean, others = (shorter.name, shorter.mean_cm), tuple(others[:MOST_OTHERS])
    return Paired(*names, *mean, reference.name, others, truth, estimators)


def pairs(spec: PairsSpec, fits: Mapping[str, Mapping[str, Fits]]) -> tuple[Pair, ...]:
    """Pair the estimates, by scenario and estimator."""
    found: list[Pair] = []
    for paired in spec.scenarios:
        own = dict(fits[paired.scenario])
        for one in paired.estimators:
            if paired.truth is not None and one.name in own:
                own[one.name] = matched(own[one.name], paired.truth, one.model)
        for other in paired.others:
            found += _pairs(paired, spec.size, other, own)
    return tuple(found)


def _pairs(paired: Paired, size: int, other: str, fits: Mapping[str, Fits]) -> Iterator[Pair]:
    """Pairs of one estimator with the reference."""
    first, second = (
        _means_cm(fits[name], size, paired.group) for name in (paired.reference, other)
    )
    where = paired.population, paired.bias, paired.scenario, size, paired.group, paired.truth_cm
    for replicate in sorted(first.keys() & second.keys()):
        estimates_cm = first[replicate], second[replicate]
        yield Pair(*where, paired.reference, other, replicate, *estimates_cm)


def _means_cm(fits: Fits, size: int, group: str) -> dict[int, float | None]:
    """Estimated mean of a group at a size, by replicate; None where the fit did not converge."""
    column = int(np.flatnonzero(fits.sizes == size)[0])
    row = parameter_rows(fits.group_names).index((group, "mean_cm"))
    converged = fits.status[:, column] == Status.CONVERGED
    columns = fits.replicates, fits.estimate[:, column, row], converged
    cells = zip(*(each.tolist() for each in columns), strict=True)
    return {replicate: value if here else None for replicate, value, here in cells}


@dataclass(frozen=True, slots=True)
class Ranked:
    """Intervals of one estimator in one scenario, for one parameter at one size."""

    population: str  # what was studied
    bias: str
    scenario: str
    estimator: str
    size: int  # number of people measured
    group: str  # what was estimated
    parameter: str
    truth: float  # its true value
    replicate: Int32s  # shape (r,): replicates, ascending
    # shape (r,): place of ``|estimate - truth| / std_error`` among all replicates that have an
    # interval, from 0 to 100; NaN: there is no interval
    centile: Floats
    # shape (r,): estimate and ends of the interval, in the unit of the parameter; NaN: there is
    # none
    estimate: Floats
    lower: Floats
    upper: Floats


def shown_size(sizes: Sequence[int]) -> int:
    """The size that sentences and single intervals are of: the one nearest to 200.

    Examples
    --------
    >>> shown_size((20, 50, 500)), shown_size((100, 200))
    (50, 200)
    """
    return min(sizes, key=lambda size: abs(size - SHOWN_SIZE))


def rank_intervals(spec: MeasureSpec, fits: Mapping[str, Fits]) -> tuple[Ranked, ...]:
    """Intervals of the first group's mean at the shown size, of all estimators of a scenario."""
    return tuple(
        _ranked(spec, one.name, matched(fits[one.name], spec.population, one.model))
        for one in spec.estimators
    )


def _ranked(spec: MeasureSpec, name: str, fits: Fits) -> Ranked:
    """The intervals of one estimator."""
    sizes = fits.sizes.tolist()
    at = sizes.index(shown_size(sizes))
    row = parameter_rows(fits.group_names).index((fits.group_names[0], SHOWN_PARAMETER))
    own = cells(fits, spec.population)
    lower, upper = own.lower[at, row], own.upper[at, row]
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(own.error[at, row]) / own.std_error[at, row]
    off[np.isnan(lower) | np.isnan(upper)] = np.nan
    estimate = np.where(own.converged[at], own.estimate[at, row], np.nan)
    names = spec.population.name, spec.bias_name, spec.scenario, name
    what = sizes[at], fits.group_names[0], SHOWN_PARAMETER, float(own.truth[at, row])
    return Ranked(*names, *what, np.sort(fits.replicates), centiles(off), estimate, lower, upper)


def centiles(values: Floats) -> Floats:
    """Middle of the place of each number among all, from 0 to 100; NaN stays.

    Ties are in the order of their replicates, so that each has a place of its own.
    """
    there = np.flatnonzero(~np.isnan(values))
    out = np.full(values.shape, np.nan)
    order = there[np.argsort(values[there], kind="stable")]
    out[order] = 100.0 * (np.arange(len(order)) + 0.5) / max(len(order), 1)
    return out
