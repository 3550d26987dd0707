"""Figures of single samples: their estimates by two estimators, and their intervals."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stature.plots import layout, panels
from stature.plots.layout import names, plain_bias, some_of, spaced, where
from stature.plots.look import MM, QUIET, SMALL_POINTS, THEORY, WIDE_MM, Look, looks
from stature.plots.style import context

AGREE_CM = 0.01
"""Estimates closer than this are one number, found twice to the digits that anybody measures."""

NOMINAL = 0.95
"""Level of the intervals: those that miss the truth should begin at that centile."""

_SCATTER = "What two estimators make of the same samples"
_FEW = 50  # points that are drawn larger
_SQUARE_MM = 49.0  # as high as a panel is wide
_OUTER = 0.02  # share of the estimates, at each end, that may lie at the rim of a panel
_MARGIN = 0.25

_ZIP = "Which intervals miss"
_MOST_COLUMNS = 4
_MOST_CELLS = 8
_SHOWN_REACH = 0.9  # share of the ends that lie within the axis; the others go on beyond it
_HOLDS = "#bbbbbb"
_LEFT_MM, _GAP_MM, _PANEL_MM = 12.0, 5.0, 40.0
_HEAD_MM, _TITLE_MM, _FOOT_MM = 14.0, 14.0, 6.0
_BEYOND = 1.05


def scatter(table: pd.DataFrame) -> Figure:
    """Draw the estimates of one mean by an estimator against those of the reference.

    On the diagonal they agree; points beside it are samples in which the choice of method decides.
    """
    if table.empty or table[["reference_cm", "estimate_cm"]].dropna().empty:
        return panels.nothing(_SCATTER)
    every = names(table, "population")
    pairs = [
        (population, estimator)
        for population in spaced(every)
        for estimator in names(where(table, population=population), "estimator")
    ]
    known = looks([*names(table, "estimator"), *names(table, "reference")])
    title = f"{_SCATTER} (n = {int(table['size'].iloc[0]):,}{some_of(every)})"
    note = (
        "Each point is a sample; on the diagonal the two agree. Thin lines: the truth. At the rim: "
        "estimates farther out."
    )
    with context():
        figure, axes = layout.cells(len(pairs), _SQUARE_MM, 2, title, note)
        for (population, estimator), panel in zip(pairs, axes, strict=True):
            mine = where(table, population=population, estimator=estimator)
            panel.set_title(f"{population}: mean of {names(mine, 'group')[0]}, cm")
            panel.set_xlabel(f"by {names(mine, 'reference')[0]}")
            panel.set_ylabel(f"by {estimator}", color=known[estimator].text)
            _pairs(panel, mine, estimator, known[estimator])
    return figure


def _pairs(axes: Axes, rows: pd.DataFrame, estimator: str, look: Look) -> None:
    """Draw one pair, and say beside the panel what is on its vertical axis and how many agree."""
    both = rows.dropna(subset=["reference_cm", "estimate_cm"])
    x, y = both["reference_cm"].astype(float), both["estimate_cm"].astype(float)
    truth = float(rows["truth_cm"].iloc[0])
    low, high = truth - 1.0, truth + 1.0
    if len(both):
        low, high = map(float, pd.concat([x, y]).quantile([_OUTER, 1.0 - _OUTER]))
    low, high = min(low, truth), max(high, truth)
    margin = _MARGIN * (high - low) or 1.0
    low, high = low - margin, high + margin
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.grid(axis="both")
    axes.plot([low, high], [low, high], color="black", linewidth=0.7, zorder=1.5)
    axes.axhline(truth, color=QUIET, linewidth=0.5, zorder=1.4)
    axes.axvline(truth, color=QUIET, linewidth=0.5, zorder=1.4)
    axes.plot(
        x.clip(low, high), y.clip(low, high), linestyle="none", marker=".", color=look.colour,
        markersize=3.5 if len(both) > _FEW else 7.0, markeredgewidth=0.0, alpha=0.6,
        clip_on=False, rasterized=True,
    )  # fmt: skip
    agreeing, failed = int(((x - y).abs() < AGREE_CM).sum()), len(rows) - len(both)
    words = [f"equal in {agreeing:,}", f"of {len(both):,} sample{'' if len(both) == 1 else 's'}"]
    if failed:
        words.append(f"{failed:,} left out")
    axes.text(
        1.05, 1.0, "\n".join(words), transform=axes.transAxes, ha="left", va="top",
        size=SMALL_POINTS, color=look.text, linespacing=1.4,
    )  # fmt: skip


def intervals(table: pd.DataFrame) -> Figure:
    """Draw a zip plot [1]_: populations down, estimators across.

    Intervals are stacked by the centile of their estimate's distance from the truth in standard
    errors. Where they hold what they claim, the coloured teeth begin at the 95th centile, and lie
    on both sides.

    References
    ----------
    .. [1] Morris, White & Crowther (2019), Using simulation studies to evaluate statistical
       methods, Statistics in Medicine 38:2074, figure 6.
    """
    bias = plain_bias(table)
    shown = where(table, bias=bias)
    shown = shown[shown["centile"].notna()]
    if shown.empty:
        return panels.nothing(_ZIP)
    every = names(shown, "population")
    shown = shown[shown["population"].astype(str).isin(spaced(every))]
    size = int(shown["size"].iloc[0])
    of = names(table, "group") if "group" in table else []
    whose = of[0] if len(of) == 1 else "the first group"
    title = f"{_ZIP} (mean of {whose} in cm, n = {size}, bias: {bias}{some_of(every)})"
    return _zips(shown, title, looks(names(table, "estimator")))


def intervals_of_cells(table: pd.DataFrame, level: float) -> Figure:
    """Draw a zip plot of anybody's table of estimates: cells down, methods across."""
    shown = table[table["centile"].notna()]
    first = names(shown, "population")[:_MOST_CELLS]
    if shown.empty:
        return panels.nothing(_ZIP)
    if first:
        shown = shown[shown["population"].astype(str).isin(first)]
    more = len(names(table, "population")) - len(first)
    title = f"{_ZIP} (the first {len(first)} of {len(first) + more} cells)" if more else _ZIP
    return _zips(shown, title, looks(names(table, "estimator")), level)


def _zips(
    shown: pd.DataFrame, title: str, known: dict[str, Look], level: float = NOMINAL
) -> Figure:
    """Draw stacks of intervals that have a centile, populations down and estimators across."""
    rows = [
        (where(shown, population=population), line)
        for population in names(shown, "population") or [""]
        for line in _lines(names(where(shown, population=population), "estimator"), list(known))
    ]
    width_mm = (WIDE_MM - _LEFT_MM) / max(len(line) for _, line in rows) - _GAP_MM
    height_mm = _HEAD_MM + len(rows) * (_TITLE_MM + _PANEL_MM) + _FOOT_MM
    note = (
        f"Each line is the {100 * level:g} % interval of one sample: grey if it contains the truth "
        "(solid line), coloured if it misses it. Stacked by the centile of\n|estimate − truth| / "
        f"standard error; above the dotted line are the {100 - 100 * level:.4g} % that may miss. "
        "Long intervals extend beyond the axis."
    )
    with context():
        figure = layout.sheet(height_mm, title, note)
        for number, (mine, line) in enumerate(rows, 1):
            top_mm = _HEAD_MM + number * (_TITLE_MM + _PANEL_MM) - _PANEL_MM
            for column, name in enumerate(line):
                left_mm = _LEFT_MM + column * (width_mm + _GAP_MM)
                axes = layout.panel(figure, left_mm, top_mm, width_mm, _PANEL_MM)
                _stack(axes, where(mine, estimator=name), known[name], _limits(mine), level)
                axes.set_ylabel("centile of |z|" if column == 0 else "")
                if column > 0:
                    axes.set_yticklabels([])
    return figure


def _lines(estimators: list[str], in_order: list[str]) -> list[list[str]]:
    """Estimators in as few rows as they fit in, about equally many in each."""
    estimators = [name for name in in_order if name in estimators]
    lines = -(-len(estimators) // _MOST_COLUMNS)
    each = -(-len(estimators) // lines)
    return [estimators[first : first + each] for first in range(0, len(estimators), each)]


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Limits of the horizontal axis, the same for all estimators of a population."""
    truth = float(rows["truth"].iloc[0])
    reach = pd.concat([(rows[end] - truth).abs() for end in ("lower", "upper")])
    half = _BEYOND * float(reach.quantile(_SHOWN_REACH, interpolation="lower"))
    if not half < float("inf"):
        half = _BEYOND * float(reach[reach < float("inf")].max())
    return truth - half, truth + half


def _stack(
    axes: Axes, rows: pd.DataFrame, look: Look, limits: tuple[float, float], level: float
) -> None:
    """Draw the intervals of one estimator."""
    missing = ~rows["covers"].to_numpy(bool)
    order = np.argsort(missing, kind="stable")  # those that miss on top of the others
    rows, missing = rows.iloc[order], missing[order]
    thickness = 72.0 * MM * _PANEL_MM / max(len(rows), 1)
    # Pixels, not paths: a thousand lines a panel would make the file too large for a page.
    axes.hlines(
        rows["centile"], rows["lower"].clip(*limits), rows["upper"].clip(*limits),
        colors=np.where(missing, look.colour, _HOLDS).tolist(),
        linewidth=max(0.35, thickness), zorder=2.0, rasterized=True,
    )  # fmt: skip
    axes.axvline(float(rows["truth"].iloc[0]), color=THEORY, linewidth=0.7, zorder=4.0)
    axes.axhline(100.0 * level, color=THEORY, linewidth=0.5, linestyle=":", zorder=4.0)
    axes.set_xlim(*limits)
    axes.set_ylim(0.0, 100.0)
    axes.set_yticks([0.0, 25.0, 50.0, 75.0, 100.0 * level])
    axes.locator_params(axis="x", nbins=4)
    population, estimator = (str(rows[name].iloc[0]) for name in ("population", "estimator"))
    name = ": ".join(filter(None, (population, estimator)))
    axes.set_title(f"{name}\n{int(missing.sum())} of {len(rows)} miss")
