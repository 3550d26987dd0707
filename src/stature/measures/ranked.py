"""Intervals of single replicates, ranked by how far off their estimates are.

A measure sums over replicates; this keeps them, for one parameter at one size, so that a figure
can show which intervals miss the truth, and on which side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stature.arrays import Floats, Int32s
from stature.domain.model import parameter_rows
from stature.estimators.estimator import Fits
from stature.measures.cells import cells
from stature.measures.measure import MeasureSpec

SHOWN_SIZE = 200
"""Number of people in sentences: the lesson's; a study without it shows its nearest size."""

SHOWN_PARAMETER = "mean_cm"
"""Of the first group, the shorter one."""


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
        _ranked(spec, estimator.name, fits[estimator.name]) for estimator in spec.estimators
    )


def _ranked(spec: MeasureSpec, name: str, fits: Fits) -> Ranked:
    """The intervals of one estimator."""
    sizes = fits.sizes.tolist()
    at = sizes.index(shown_size(sizes))
    rows = parameter_rows(fits.group_names)
    row = rows.index((fits.group_names[0], SHOWN_PARAMETER))
    own = cells(fits, spec.population)
    lower, upper = own.lower[at, row], own.upper[at, row]
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(own.available[at, row]) / own.std_error[at, row]
    off[np.isnan(lower) | np.isnan(upper)] = np.nan
    return Ranked(
        population=spec.population.name,
        bias=spec.bias_name,
        scenario=spec.scenario,
        estimator=name,
        size=sizes[at],
        group=fits.group_names[0],
        parameter=SHOWN_PARAMETER,
        truth=float(own.truth[row]),
        replicate=np.sort(fits.replicates),
        centile=_centiles(off),
        estimate=np.where(own.converged[at], own.estimate[at, row], np.nan),
        lower=lower,
        upper=upper,
    )


def _centiles(values: Floats) -> Floats:
    """Middle of the place of each number among all, from 0 to 100; NaN stays.

    Ties are in the order of their replicates, so that each has a place of its own.
    """
    there = np.flatnonzero(~np.isnan(values))
    out = np.full(values.shape, np.nan)
    order = there[np.argsort(values[there], kind="stable")]
    out[order] = 100.0 * (np.arange(len(order)) + 0.5) / max(len(order), 1)
    return out
