"""Fitting: an estimator on the samples of a block, on one sample, or on a table of cells.

An estimator sees heights, labels where its model uses them, and the parameters that it takes as
known. It never sees the truth, the bias or the seed; its random starts come from a stream whose key
it is given.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stature.arrays import Floats, Int8s
from stature.design.samples import Samples
from stature.design.streams import Purpose, Streams
from stature.domain.observation import Truncated
from stature.estimators.estimator import (
    ENOUGH_STARTS,
    OUTSIDE,
    Estimator,
    Fits,
    FitSpec,
    Status,
    why_refused,
)
from stature.estimators.plain.block import (
    fit_labelled,
    fit_unlabelled,
    fits_of,
    ground_of,
    starts_of,
)
from stature.estimators.plain.enough import Ground, go_on
from stature.estimators.plain.traces import Traces

if TYPE_CHECKING:
    from stature.estimators.general.solve import Solution


def fit_block(
    spec: FitSpec, samples: Samples, begin_at: Floats | None = None
) -> tuple[Fits, Traces]:
    """Fit every size of every replicate of a block, from its own starts unless others are given."""
    replicates = np.arange(spec.first, spec.last + 1, dtype=np.int32)
    if not np.array_equal(samples.replicates, replicates):
        raise ValueError(
            f"expected samples of replicates {spec.first} to {spec.last}, "
            f"got {samples.replicates[0]} to {samples.replicates[-1]}"
        )
    if not np.isfinite(samples.heights_cm).all():
        raise ValueError("heights_cm must be finite; drop people without a height before the fit")
    if spec.estimator.method in OUTSIDE:
        from stature.estimators.outside import fit_outside

        return fit_outside(spec, samples)
    if spec.estimator.choose:
        from stature.estimators.choice import chosen, groups_of, members_of

        refusal = why_refused(spec.estimator, len(spec.group_names))
        if refusal:
            raise ValueError(f"estimator {spec.estimator.name!r}: {refusal}")
        each = groups_of(spec.estimator, spec.group_names)
        members = [
            fit_block(
                replace(
                    spec,
                    estimator=member,
                    group_names=names,
                    traced=0,
                    known_sds_cm=spec.known_sds_cm if member.model.takes_sds else None,
                ),
                samples,
                begin_at if names == spec.group_names else None,
            )
            for member, names in zip(members_of(spec.estimator), each, strict=True)
        ]
        return chosen(spec.estimator, [fits for fits, _ in members], samples), members[0][1]
    if not spec.estimator.is_compiled:
        # A tenth of a second that jobs of plain models need not spend.
        from stature.estimators.general.solve import block_of_general

        fits, traces = block_of_general(spec, samples, _starts(spec, begin_at))
    else:
        if spec.estimator.model.labels == "all":
            outcome, traces = fit_labelled(spec, samples)
        else:
            outcome, traces = fit_unlabelled(spec, samples, _starts(spec, begin_at))
        sizes = np.array(spec.sizes, dtype=np.int32)
        fits = fits_of(samples.replicates, sizes, spec.group_names, outcome)
    if spec.estimator.interval == "wald":
        return fits, traces
    # Jobs whose intervals are made of standard errors need not wait for more.
    from stature.estimators.intervals.block import with_intervals

    return with_intervals(spec, samples, fits), traces


def start_uniforms(spec: FitSpec) -> Floats:
    """Uniform numbers for the starts of a block, shape (r, starts, 3 k)."""
    streams = Streams(spec.stream_key)
    shape = (spec.estimator.starts, 3 * len(spec.group_names))
    return np.stack(
        [
            streams.at(Purpose.STARTS, replicate).random(shape)
            for replicate in range(spec.first, spec.last + 1)
        ]
    )


def spec_of_one(
    estimator: Estimator,
    group_names: tuple[str, ...],
    stream_key: str,
    known_shares: tuple[float, ...] | None = None,
    known_sds_cm: tuple[float, ...] | None = None,
) -> FitSpec:
    """The spec of a fit to one sample, such as a person's own data."""
    given = estimator, group_names, known_shares, known_sds_cm
    return FitSpec(*given, "random", (1,), 0, 0, stream_key, 0)


def fit_heights(
    spec: FitSpec,
    heights_cm: Floats,
    labels: Int8s | None,
    weights: Floats | None = None,
    sampling: bool = False,
) -> Fits:
    """Fit one sample; weights say how many people each height stands for.

    Or, of a survey, how many it was drawn for: then standard errors are those of the sandwich, and
    the likelihood is that of so many people as Kish's effective sample size says.
    """
    estimator = spec.estimator
    if estimator.model.labels != "none" and labels is None:
        raise ValueError(f"estimator {estimator.name!r} needs the group of every person")
    if weights is not None:
        return _fit_weighted(spec, heights_cm, labels, weights, sampling)
    groups = np.zeros(len(heights_cm), dtype=np.int8) if labels is None else labels
    samples = Samples(
        np.zeros(1, dtype=np.int32),
        np.ascontiguousarray(heights_cm, dtype=np.float64)[None, :],
        np.ascontiguousarray(groups, dtype=np.int8)[None, :],
        spec.group_names,
    )
    spec = replace(spec, sizes=(len(heights_cm),))

    def ground() -> Ground | None:
        if estimator.is_compiled:
            return ground_of(spec, samples.heights_cm[0])
        from stature.estimators.general.solve import ground_of_people
        from stature.estimators.general.standardise import people_of

        return ground_of_people(people_of(samples, 0, len(heights_cm), estimator.model), spec)

    def fit(spec: FitSpec, begin_at: Floats) -> Fits:
        return fit_block(spec, samples, begin_at[None])[0]

    return _searched(spec, ground, fit)


def effective_size(weights: Floats) -> float:
    """How many equal weights are worth as much: ``(sum w)^2 / sum w^2`` (Kish 1965).

    Examples
    --------
    Weights 1 and 2: ``9 / 5``.

    >>> effective_size(np.array([3.0, 3.0, 3.0])), effective_size(np.array([1.0, 2.0]))
    (3.0, 1.8)
    """
    shares = weights / weights.max()
    return float(shares.sum() ** 2 / (shares @ shares))


def _fit_weighted(
    spec: FitSpec, heights_cm: Floats, labels: Int8s | None, weights: Floats, sampling: bool
) -> Fits:
    """Fit one sample of weighted people."""
    from stature.estimators.general.solve import People, fits_of_one, ground_of_people, solve
    from stature.theory.likelihood import HIDDEN

    hidden = np.full(len(heights_cm), HIDDEN)
    group = hidden if labels is None else labels.astype(np.int64)
    if sampling:
        weights = weights * (effective_size(weights) / weights.sum())
    people = People(heights_cm, weights, group, weights**2 if sampling else None)

    def fit(spec: FitSpec, begin_at: Floats) -> Fits:
        solution = solve(people, spec, begin_at)
        if sampling:
            solution = solution._replace(observed=solution.sandwich)
        return fits_of_one(solution, float(weights.sum()), spec.group_names)

    # A step to where there is no likelihood is seen by the search, and ends as a status.
    with np.errstate(all="ignore"):
        return _searched(spec, lambda: ground_of_people(people, spec), fit)


def fit_cells(
    spec: FitSpec, cells: tuple[Floats, Floats, Floats], cut: Truncated | None
) -> tuple[Fits, Floats]:
    """Fit a table of cells: lower and upper ends in cm, and the people in each.

    Returns the fit, and its shares, means and SDs in cm. A group that lies in a single cell is
    degenerate: nothing in the table says how narrow it is.
    """
    from stature.estimators.general.goodness import in_one_cell
    from stature.estimators.general.solve import (
        fits_of_one,
        ground_of_cells,
        no_solution,
        solve_cells,
    )

    groups, solutions = len(spec.group_names), list["Solution"]()

    def fit(spec: FitSpec, begin_at: Floats) -> Fits:
        solution = solve_cells(cells, spec, begin_at, cut)
        if groups > 1 and in_one_cell(solution.theta, *cells[:2]):
            solution = no_solution(groups, Status.DEGENERATE)
        solutions.append(solution)
        return fits_of_one(solution, float(cells[2].sum()), spec.group_names)

    # A step to where there is no likelihood is seen by the search, and ends as a status.
    with np.errstate(all="ignore"):
        fits = _searched(spec, lambda: ground_of_cells(cells, spec, cut), fit)
    return fits, solutions[-1].theta


def _starts(spec: FitSpec, begin_at: Floats | None = None) -> Floats:
    """Starts of a block in standard units, shape (r, starts, 3 k)."""
    return starts_of(spec, start_uniforms(spec)) if begin_at is None else begin_at


def _searched(
    spec: FitSpec, ground: Callable[[], Ground | None], fit: Callable[[FitSpec, Floats], Fits]
) -> Fits:
    """Fit one sample: from its starts, or from that of as many as it takes which leads highest."""
    if spec.estimator.starts != ENOUGH_STARTS:
        return fit(spec, _starts(spec)[0])
    one = replace(spec, estimator=replace(spec.estimator, starts=1, kept_starts=1))
    searched = ground()
    if searched is None:
        return fit(one, _starts(one)[0])
    start, search = go_on(searched, Streams(spec.stream_key).at(Purpose.STARTS, 0))
    fits = fit(one, start[None])
    if not search.maxima:
        return fits
    starts, agreeing = (
        np.full(fits.status.shape, count, np.int16) for count in (search.starts, search.agreeing)
    )
    return replace(fits, search=search, starts=starts, starts_agreeing=agreeing)
