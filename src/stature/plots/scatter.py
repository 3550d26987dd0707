"""Scatter: what two estimators make of the same samples, one point a sample.

On the diagonal they agree; points beside it are samples in which the choice of method decides.
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stature.plots import layout, panels
from stature.plots.rows import names, where
from stature.plots.style import QUIET, SMALL_POINTS, Look, context, looks

TITLE = "What two estimators make of the same samples"
PANEL_MM = 49.0  # as high as it is wide
AGREE_CM = 0.01
"""Estimates closer than this are one number, found twice to the digits that anybody measures."""
_OUTER = 0.02
"""Share of the estimates, at each end, that may lie at the rim of a panel."""
_ROOM = 0.25


def draw(table: pd.DataFrame) -> Figure:
    """Draw the estimates of one mean by an estimator against those of the reference."""
    if table.empty:
        return panels.nothing(TITLE, "no two estimators of this study can be set side by side")
    pairs = [
        (population, estimator)
        for population in names(table, "population")
        for estimator in names(where(table, population=population), "estimator")
    ]
    known = looks([*names(table, "estimator"), *names(table, "reference")])
    columns = layout.columns_for(len(pairs))
    lines = -(-len(pairs) // columns)
    with context():
        figure, axes = layout.grid(
            lines,
            columns,
            PANEL_MM,
            [2] * lines,
            f"{TITLE} (n = {int(table['size'].iloc[0]):,})",
            "One point is a sample; on the diagonal both agree. Thin lines: the truth. At the rim: "
            "estimates farther out.",
        )
        cells = [panel for row in axes for panel in row]
        for (population, estimator), panel in zip(pairs, cells, strict=False):
            mine = where(table, population=population, estimator=estimator)
            _scatter(panel, mine, known[estimator])
            panel.set_title(f"{population}: mean of {names(mine, 'group')[0]}, cm")
            panel.set_xlabel(f"by {names(mine, 'reference')[0]}")
            _say(panel, mine, estimator, known[estimator])
        for spare in cells[len(pairs) :]:
            spare.remove()
    return figure


def _scatter(axes: Axes, rows: pd.DataFrame, look: Look) -> None:
    """Draw the points of one pair."""
    both = rows.dropna(subset=["reference_cm", "estimate_cm"])
    x, y = both["reference_cm"].astype(float), both["estimate_cm"].astype(float)
    truth = float(rows["truth_cm"].iloc[0])
    inner = pd.concat([x, y]).quantile([_OUTER, 1.0 - _OUTER]) if len(both) else None
    low, high = (truth - 1.0, truth + 1.0) if inner is None else map(float, inner)
    low, high = min(low, truth), max(high, truth)
    room = _ROOM * (high - low) or 1.0
    low, high = low - room, high + room
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.grid(axis="both")
    axes.plot([low, high], [low, high], color="black", linewidth=0.7, zorder=1.5)
    axes.axhline(truth, color=QUIET, linewidth=0.5, zorder=1.4)
    axes.axvline(truth, color=QUIET, linewidth=0.5, zorder=1.4)
    axes.plot(
        x.clip(low, high),
        y.clip(low, high),
        linestyle="none",
        marker=".",
        markersize=3.5,
        markeredgewidth=0.0,
        color=look.colour,
        alpha=0.6,
        clip_on=False,
    )


def _say(axes: Axes, rows: pd.DataFrame, estimator: str, look: Look) -> None:
    """Say beside a panel who is on its vertical axis, and how often the two agree."""
    both = rows.dropna(subset=["reference_cm", "estimate_cm"])
    apart = (both["reference_cm"] - both["estimate_cm"]).abs()
    agreeing = int((apart < AGREE_CM).sum())
    failed = len(rows) - len(both)
    said = [f"up: {estimator}", f"equal in {agreeing:,}", f"of {len(both):,} samples"]
    if failed:
        said.append(f"{failed:,} left out")
    axes.text(
        1.05, 1.0, "\n".join(said), transform=axes.transAxes, ha="left", va="top",
        size=SMALL_POINTS, color=look.colour, linespacing=1.4,
    )  # fmt: skip
