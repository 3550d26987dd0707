"""Fits of a table of counts: one normal and mixtures, with expected counts and a chi-square."""

from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np

from stature.cli.findings import Finding, finding
from stature.cli.observed import view_of
from stature.cli.request import FitRequest, UsageError
from stature.cli.runs import Runs, component_names
from stature.datafile.frequencies import Frequencies
from stature.design.streams import stream_key
from stature.domain.model import Model, free_coordinates
from stature.domain.observation import Truncated
from stature.estimators.estimator import Estimator, Status

# Without known numbers a table is fitted as one group and as two.
USUAL_GROUPS = (1, 2)
TOLERANCE = 1e-12
STARTS, KEPT_STARTS = 10, 3


@dataclass(frozen=True, slots=True)
class CellFit:
    """What one estimator made of a table."""

    finding: Finding  # its estimates; nobody has a probability of his own
    # shape (m,): people that it expects in each cell; NaN if the fit failed
    expected: tuple[float, ...]
    # pearson's statistic of the joined cells and its probability; NaN where there is no test
    chi_square: float
    p_value: float
    cells: int  # how many joined cells there are, and the degrees of freedom
    freedom: int


def planned_estimators(request: FitRequest) -> dict[str, tuple[Estimator, int]]:
    """Estimators that can be fitted to a table, by name."""
    told = request.shares or request.sds_cm
    groups = (len(told),) if told else request.groups or USUAL_GROUPS
    models: dict[str, tuple[Model, int]] = {}
    for count in groups:
        name = {1: "normal", 2: "mixture"}.get(count, f"mixture-of-{count}")
        models[name] = (Model("none"), count)
        if count > 1:
            models[f"{name}-equal-sds"] = (Model("none", sds="equal"), count)
        if count > 1 and request.shares is not None:
            models[f"{name}-known-shares"] = (Model("none", shares="known"), count)
        if request.sds_cm is not None:
            models[f"{name}-known-sds"] = (Model("none", sds="known"), count)
    named = {
        name: (_estimator(name, model, count), count) for name, (model, count) in models.items()
    }
    unknown = [name for name in request.estimators if name not in named]
    if unknown:
        near = get_close_matches(unknown[0], named, n=1)
        advice = f"did you mean {near[0]}?" if near else "name one of them"
        listed = ", ".join(named)
        words = f"--estimator: for a table of counts expected {listed}, got '{unknown[0]}'"
        raise UsageError((f"{words}; {advice}",))
    return {name: named[name] for name in request.estimators} if request.estimators else named


def _estimator(name: str, model: Model, groups: int) -> Estimator:
    """Newton's climb; one normal has one maximum, which any start leads to."""
    starts = 1 if groups == 1 else STARTS
    kept = min(starts, KEPT_STARTS)
    return Estimator(name, model, "newton", starts, kept_starts=kept, tolerance=TOLERANCE)


def fit_cells(request: FitRequest, table: Frequencies) -> tuple[CellFit, ...]:
    """Fit all that was asked for to a table.

    The fits; where a cut was named, each estimator without and with it.
    """
    view = view_of(request)
    cut = view if isinstance(view, Truncated) else None
    fits: list[CellFit] = []
    for estimator, groups in planned_estimators(request).values():
        fits.append(_fit(request, table, estimator, groups, None))
        if cut is not None:
            named = replace(estimator, name=f"{estimator.name}-truncated")
            fits.append(_fit(request, table, named, groups, cut))
    return tuple(fits)


def _fit(
    request: FitRequest,
    table: Frequencies,
    estimator: Estimator,
    groups: int,
    cut: Truncated | None,
) -> CellFit:
    """One estimator on a table."""
    # Compiled code is slow to import: only for a table that can be fitted.
    from stature.estimators.fit import fit_cells, spec_of_one
    from stature.estimators.general.goodness import goodness

    names = component_names(groups)
    shares = request.shares if estimator.model.shares == "known" else None
    sds_cm = request.sds_cm if estimator.model.sds == "known" else None
    # Random starts belong to the seed and to the bytes of the file.
    key = stream_key(request.seed, table.sha256)
    cells = table.lower_cm, table.upper_cm, table.count
    fits, theta = fit_cells(spec_of_one(estimator, names, key, shares, sds_cm), cells, cut)
    model = replace(estimator.model, observation=cut) if cut is not None else estimator.model
    runs = runs_of(table, names)
    estimator = replace(estimator, model=model)
    one = finding(estimator, fits, runs)
    if fits.status[0, 0] not in (Status.CONVERGED, Status.STEP_LIMIT):
        return CellFit(one, (np.nan,) * len(table.count), np.nan, np.nan, 0, 0)
    free = free_coordinates(estimator.model, groups).shape[1]
    judged = goodness(theta, *cells, free, cut)
    expected = tuple(judged.expected.tolist())
    test = judged.chi_square, judged.p_value, judged.cells, judged.freedom
    return CellFit(one, expected, *test)


def runs_of(table: Frequencies, names: tuple[str, ...]) -> Runs:
    """A table as something that is fitted."""
    lower = np.where(np.isfinite(table.lower_cm), table.lower_cm, table.upper_cm)
    upper = np.where(np.isfinite(table.upper_cm), table.upper_cm, table.lower_cm)
    return Runs(
        labels="absent",
        group_names=names,
        heights_cm=0.5 * (lower + upper),
        group_index=None,
        rows=np.arange(len(table.count)),
        known_shares=None,
        known_sds_cm=None,
        groups=(),
        estimators=(),
        notes=(),
    )
