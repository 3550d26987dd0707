"""Convergence: what one climb looks like, pass by pass.

On log axes plain EM is a curve that bends down late, Newton a cliff. The path of the means shows
that EM is almost there soon, and then creeps.
"""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from stature.plots import curves, ends, layout, panels
from stature.plots.rows import names, plain_bias, where
from stature.plots.style import Look, context, looks

SHOWN_SIZE = 200
"""People in the samples that are shown: the lesson's 100 girls and 100 boys; else the next size."""

_TITLE = "How the climbs converge"
_PANEL_MM = 52.0
_SMALLEST_GAP = 1e-9
"""A gap below this is rounding: log-likelihoods of some hundred people have no more digits."""

_ROOM = 1.4
"""Room at the ends of log axes, as a factor."""


def draw(table: pd.DataFrame) -> Figure:
    """Draw log-likelihood gap and means against passes, one row a population."""
    if table.empty:
        return panels.nothing(_TITLE, "no replicate of this study was traced")
    both = table["scenario"].astype(str).str.partition(".")
    table = table.assign(population=both[0], bias=both[2])
    bias = plain_bias(table)
    size = min((int(size) for size in table["size"].unique()), key=lambda n: abs(n - SHOWN_SIZE))
    shown = where(table, bias=bias, parameter="mean_cm")
    shown = shown[shown["size"] == size]
    known = looks(names(table, "estimator"))
    populations = names(shown, "population")
    of, note = f"n = {size}, bias: {bias}", "A pass is one reading of the data."
    if shown["replicate"].nunique() == 1:
        of += f", replicate {shown['replicate'].iloc[0]}"
    else:
        note += " Bold: the first replicate; thin: the others that were traced."
    with context():
        figure, axes = layout.grid(
            len(populations), 2, _PANEL_MM, [0] * len(populations), f"{_TITLE} ({of})", note
        )
        for (left, right), population in zip(axes, populations, strict=True):
            mine = where(shown, population=population)
            _gaps(left, mine, known)
            left.set_title(f"{population}: log-likelihood still to gain, times 2")
            _paths(right, mine[mine["replicate"] == mine["replicate"].min()], known)
            means = " and ".join(names(mine, "group"))
            right.set_title(f"{population}: means of {means}, cm")
        for panel in axes[-1]:
            panel.set_xlabel("passes over the data")
    return figure


def _gaps(axes: Axes, rows: pd.DataFrame, known: Mapping[str, Look]) -> None:
    """Draw the gap of every traced replicate."""
    first = rows["replicate"].min()
    drawn: list[ends.End] = []
    seen = rows.assign(gap=rows["gap"].clip(lower=_SMALLEST_GAP))
    for name, look in known.items():
        for key, climb in where(seen, estimator=name).groupby(["replicate", "start"], sort=True):
            curve = climb.drop_duplicates("passes")
            bold = key[0] == first
            axes.plot(
                curve["passes"],
                curve["gap"],
                color=look.colour,
                linestyle=look.dash if bold else "-",
                linewidth=1.4 if bold else 0.5,
                alpha=1.0 if bold else 0.45,
                zorder=3.0 if bold else 2.0,
            )
            if bold:
                x, y = float(curve["passes"].iloc[-1]), float(curve["gap"].iloc[-1])
                drawn = [end for end in drawn if end.text != name]
                drawn.append(ends.End(x, y, name, look.colour))
    # All climbs end at the bottom: in the order of their ends, leaders of labels do not cross.
    drawn.sort(key=lambda end: end.x)
    _passes_axis(axes, float(rows["passes"].max()) * _ROOM)
    highest = float(seen["gap"].max()) if len(seen) else 1.0
    curves.log_axis(axes, _SMALLEST_GAP, highest * _ROOM)
    ends.label(axes, drawn)


def _paths(axes: Axes, rows: pd.DataFrame, known: Mapping[str, Look]) -> None:
    """Draw the means of one replicate."""
    drawn: list[ends.End] = []
    last = float(rows["passes"].max()) * _ROOM
    for name, look in known.items():
        climbs = where(rows, estimator=name)
        if climbs.empty:
            continue
        chosen = climbs[climbs["start"] == climbs["start"].iloc[-1]]
        for group in names(chosen, "group"):
            curve = where(chosen, group=group)
            curve = curve[curve["passes"] > 0]
            axes.plot(curve["passes"], curve["estimate"], color=look.colour, linestyle=look.dash)
            x, y = float(curve["passes"].iloc[-1]), float(curve["estimate"].iloc[-1])
            axes.plot([x], [y], color=look.colour, marker=look.marker)
            axes.plot([x, last], [y, y], color=look.colour, linewidth=0.4, zorder=1.5)
            drawn.append(ends.End(last, y, name, look.colour))
    _passes_axis(axes, last)
    axes.grid(axis="y")
    ends.label(axes, drawn)


def _passes_axis(axes: Axes, last: float) -> None:
    """Make the horizontal axis that of passes, from 1 to the last, on a log scale."""
    axes.set_xscale("log")
    axes.set_xlim(1.0 / _ROOM, last)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda passes, _: f"{passes:g}"))
