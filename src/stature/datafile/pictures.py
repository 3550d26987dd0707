"""Pictures: the numbers that are drawn of a fit, in one table, and memberships of its rows.

Rows of the table are points of a `series`, of a `group` where it is one's own, with a band from
``low`` to ``high`` where there is one. Bands are pointwise 95 % ones, by the delta method, from the
covariance behind the standard errors.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, floor

import numpy as np
import pandas as pd
from scipy.special import betaincinv, ndtr

from stature.arrays import Floats
from stature.datafile.cells import CellTable
from stature.datafile.fits import Finding, Fitted, Refit
from stature.datafile.runs import Runs
from stature.datafile.signs import heaps_of, step_of
from stature.domain.mixture import Mixture, log_joint
from stature.domain.model import Model, coordinates
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Status
from stature.estimators.intervals.wald import Z_95
from stature.theory.likelihood import HIDDEN, likelihood, rows_of

SURE = 0.9
"""A row is unsure whose likeliest group has a smaller probability."""

POINTS, MOST_BARS, MOST_POINTS = 400, 80, 400
LARGE, NORMAL_QUARTILES = 0.1, 1.349  # share of a group; distance of the quartiles in SDs
COARSE = 2.0  # heaps farther apart than so many bars are left to be seen
BEYOND = 0.04  # of the range, on either side
RUG_UP_TO = 500  # rows: of more, a rug is a bar
RIDGE = np.linspace(0.04, 0.96, 47)  # shares along which the likelihood is profiled


def memberships(one: Finding, runs: Runs) -> pd.DataFrame:
    """Return the probability of each group for each row, the likeliest group, and who is unsure.

    Columns ``row``, ``value``, one for each group by its name, ``group``, ``unsure``. A group with
    the name of another column has ``group`` before its own.
    """
    taken = ("row", "value", "group", "unsure")
    names = [f"group {name}" if name in taken else name for name in one.group_names]
    likeliest = np.array(one.group_names, dtype=object)[np.argmax(one.probability, axis=1)]
    known = ~np.isnan(one.probability).any(axis=1)
    return pd.DataFrame(
        {
            "row": runs.rows,
            "value": runs.values,
            **dict(zip(names, one.probability.T, strict=True)),
            "group": np.where(known, likeliest, ""),
            "unsure": ~(one.probability.max(axis=1) >= SURE),
        }
    )


def picture(one: Finding, fitted: Fitted) -> pd.DataFrame:
    """Histogram, densities, cuts, memberships and quantiles of a fit, in one table."""
    runs, cells = fitted.runs, fitted.of.cells
    edges, heights = _cells_of(cells) if cells else histogram(one, runs)
    reach = BEYOND * (edges[-1] - edges[0])
    x = np.linspace(edges[0] - reach, edges[-1] + reach, POINTS)
    parts = [
        pd.DataFrame({"series": "histogram", "x": edges, "y": [*heights, np.nan]}),
        *_densities(one, x),
        pd.DataFrame({"series": "cut", "x": [cut for cut in one.cuts if np.isfinite(cut)]}),
    ]
    probability = np.exp(log_joint(one.mixture, x))
    probability /= np.maximum(probability.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    for name, p in zip(one.group_names, probability.T, strict=True):
        parts.append(pd.DataFrame({"series": "membership", "group": name, "x": x, "y": p}))
    if runs.labels == "hidden":
        for group in runs.groups:
            alone = Mixture(*(np.array([n]) for n in (group.share, group.mean_cm, group.sd_cm)))
            y = np.exp(log_joint(alone, x))[:, 0]
            parts.append(pd.DataFrame({"series": "labelled", "group": group.name, "x": x, "y": y}))
    if len(runs.values) <= RUG_UP_TO and cells is None:
        index = runs.group_index if runs.labels == "hidden" else None
        own = np.array([*runs.group_names, ""], dtype=object)
        group = "" if index is None else own[index]
        parts.append(pd.DataFrame({"series": "rug", "group": group, "x": runs.values}))
    parts.append(_quantiles(one, runs, cells))
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    columns = ["series", "group", "x", "y", "low", "high"]
    return table.reindex(columns=columns).fillna({"group": ""})


def histogram(one: Finding, runs: Runs) -> tuple[Floats, Floats]:
    """Edges and densities of bars.

    As wide as a whole number of the steps in which values were written, near the rule of Freedman &
    Diaconis (1981) for the group that asks for the narrowest, and with values in the middle of
    their steps: a bar holds as many marks of the scale as any other. Where values are heaped, the
    steps are those of the heaps.
    """
    values, weights, mixture = runs.values, runs.weights, one.mixture
    low, high = float(values.min()), float(values.max())
    large = mixture.shares >= LARGE
    people = mixture.shares[large] * runs.total
    wide = float((2.0 * NORMAL_QUARTILES * mixture.sds_cm[large] / np.cbrt(people)).min())
    wide = max(wide, (high - low) / MOST_BARS) or 1.0
    step = step_of(values)
    if step is not None:
        first = low
        for heap in heaps_of(values, step):
            if heap.step < COARSE * wide:
                step, first = heap.step, heap.step * floor(low / heap.step)
        wide, low = step * max(round(wide / step), 1), first - 0.5 * step
    # A bar less than one by rounding is none: the last edge is the largest value then.
    count = ceil((high - low) / wide * (1.0 - 1e-12))
    edges: Floats = low + wide * np.arange(count + 1, dtype=np.float64)
    edges[-1] = max(edges[-1], high)
    return edges, np.histogram(values, edges, weights=weights, density=True)[0]


def _cells_of(cells: CellTable) -> tuple[Floats, Floats]:
    """Edges and densities of a table of counts; an open cell is as wide as its neighbour."""
    lower, upper = cells.lower.copy(), cells.upper.copy()
    lower[0] = lower[0] if np.isfinite(lower[0]) else upper[0] - (upper[1] - lower[1])
    upper[-1] = upper[-1] if np.isfinite(upper[-1]) else lower[-1] + (upper[-2] - lower[-2])
    edges = np.append(lower, upper[-1])
    return edges, cells.count / cells.count.sum() / np.diff(edges)


def _densities(one: Finding, x: Floats) -> Iterator[pd.DataFrame]:
    """The density of all groups together, and of each, with bands."""
    u, hidden = coordinates(one.mixture.theta), rows_of(x, x, np.ones(len(x)))
    groups = enumerate(one.group_names) if len(one.group_names) > 1 else ()
    for k, name in ((HIDDEN, ""), *groups):
        rows = replace(hidden, group=np.full(len(x), k))
        at = likelihood(u, rows)
        log_density, slope = at.values, at.scores
        half = np.full(len(x), np.nan)
        if one.covariance.shape == (slope.shape[1],) * 2:
            variance = np.einsum("nq,qr,nr->n", slope, one.covariance, slope)
            half = Z_95 * np.sqrt(np.where(variance >= 0.0, variance, np.nan))
        y = np.exp(log_density)
        # The slope of a density is the density times that of its logarithm.
        low, high = np.maximum(y * (1.0 - half), 0.0), y * (1.0 + half)
        yield pd.DataFrame(
            {"series": "density", "group": name, "x": x, "y": y, "low": low, "high": high}
        )


def _quantiles(one: Finding, runs: Runs, cells: CellTable | None) -> pd.DataFrame:
    """Quantiles of the values against those of the fit, with where 95 % of each should lie."""
    weights = np.ones(len(runs.values)) if runs.weights is None else runs.weights
    order = np.argsort(runs.values, kind="stable")
    y, until = runs.values[order], np.cumsum(weights[order])
    n = float(one.observations)
    p = (until - 0.5 * weights[order]) / until[-1]
    if cells is not None:
        y, p = cells.upper[:-1], (until / until[-1])[:-1]
    inside = (p > 0.0) & (p < 1.0)
    y, p = y[inside], p[inside]
    thin = np.unique(np.linspace(0, len(y) - 1, min(len(y), MOST_POINTS)).round().astype(np.intp))
    y, p = y[thin], p[thin]
    # The share of a population below the i-th of n values has a beta distribution, B(i, n + 1 - i).
    ends = (betaincinv(n * p + 0.5, n * (1.0 - p) + 0.5, tail) for tail in (0.025, 0.975))
    x, low, high = (_quantile(one.mixture, each) for each in (p, *ends))
    return pd.DataFrame({"series": "quantile", "x": x, "y": y, "low": low, "high": high})


def _quantile(mixture: Mixture, p: Floats) -> Floats:
    """Quantiles of a mixture, by interpolation on a fine grid."""
    reach = 9.0 * mixture.sds_cm
    x = np.unique(np.linspace(mixture.means_cm - reach, mixture.means_cm + reach, 2000).ravel())
    below = ndtr((x[:, None] - mixture.means_cm) / mixture.sds_cm) @ mixture.shares
    return np.interp(p, below, x)


def ridge(one: Finding, fit: Refit) -> pd.DataFrame:
    """The likelihood of two hidden groups along its ridge, a row for each share of the lower one.

    `fit` fits an estimator with known shares. Columns ``share``, ``drop`` (how much lower the
    log-likelihood is than the highest one) and ``ratio``, the SD of the lower group over that of
    the upper one; no rows where there is no ridge.
    """
    model, rows = one.estimator.model, list[tuple[float, float, float]]()
    if len(one.group_names) == 2 and model.labels == "none" and model.sds != "known":
        seen = Model("none", shares="known", observation=model.observation)
        estimator = replace(CATALOGUE["newton"], model=seen)
        for share in RIDGE.tolist():
            found = fit(estimator, (share, 1.0 - share))
            if found.status is Status.CONVERGED and not found.suspect:
                sds = found.mixture.sds_cm
                rows.append((share, found.log_likelihood, float(sds[0] / sds[1])))
    table = pd.DataFrame(rows, columns=["share", "drop", "ratio"], dtype=np.float64)
    return table.assign(drop=table["drop"].max() - table["drop"])
