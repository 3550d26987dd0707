"""Figures of the fit of one file: the values under the fitted groups, and the likelihood's ridge.

Colour means group here, in the order of the means; black is all groups together.
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stature.plots import layout, panels
from stature.plots.layout import End, names, where
from stature.plots.look import BLUE, GREEN, ORANGE, PURPLE, QUIET, SKY_BLUE, VERMILION
from stature.plots.style import context, fonts_for

_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY_BLUE)
_BARS, _TOGETHER = "#bbbbbb", "black"
_FAINT = 0.18
# Where panels stand, in mm from the left and from the top: the values, memberships, quantiles.
_HEIGHT_MM, _LEFT_MM, _WIDTH_MM = 107.0, 13.0, 92.0
_TOP_MM, _TALL_MM, _STRIP_TOP_MM, _STRIP_MM = 19.0, 52.0, 77.0, 18.0
_SQUARE_LEFT_MM, _SQUARE_MM = 140.0, 47.0
_RIDGE_MM = 40.0
_LONGEST = 18  # characters of a name that fit beside the panel
_CHI_SQUARE_HALF = 1.92  # half the 95 % point of chi-square with one degree of freedom


def fitted(table: pd.DataFrame, title: str, unit: str) -> Figure:
    """Draw the histogram under the densities, memberships below, and quantiles beside it."""
    every = names(where(table, series="membership"), "group")
    colours = {name: _COLOURS[k % len(_COLOURS)] for k, name in enumerate(every)} | {"": _TOGETHER}
    lines = "all groups together (black) and each" if len(every) > 1 else "the fit"
    note = [f"Grey: the values. Lines: {lines}, with 95 % bands."]
    if len(where(table, series="cut")):
        note.append("Dashed: cuts.")
    if len(where(table, series="labelled")):
        note.append("Dotted: the groups as labelled.")
    with fonts_for("".join(every)) as lacking, context():
        if lacking:
            note.append("Groups whose names no installed font can write are numbered.")
        shown = {name: _drawable(name, k, lacking) for k, name in enumerate(every, 1)}
        figure = layout.sheet(_HEIGHT_MM, title, " ".join(note), 9.0)
        below_mm = _STRIP_TOP_MM + _STRIP_MM - _TOP_MM
        tall_mm = _TALL_MM if len(every) > 1 else below_mm
        lowest = tall = layout.panel(figure, _LEFT_MM, _TOP_MM, _WIDTH_MM, tall_mm)
        square = layout.panel(figure, _SQUARE_LEFT_MM, _TOP_MM, _SQUARE_MM, _SQUARE_MM)
        _values(tall, table, colours, shown)
        if len(every) > 1:
            lowest = layout.panel(figure, _LEFT_MM, _STRIP_TOP_MM, _WIDTH_MM, _STRIP_MM)
            _memberships(lowest, table, colours)
            lowest.set_xlim(tall.get_xlim())
            tall.set_xticklabels([])
        lowest.set_xlabel(unit)
        _quantiles(square, where(table, series="quantile"), unit)
    return figure


def ridge(table: pd.DataFrame, group: str, share: float) -> Figure:
    """Draw how far the log-likelihood falls along its ridge, and the ratio of SDs there."""
    note = (
        "Each share is fitted as if it were known. Shares whose log-likelihood is within 1.92 of "
        "the highest (grey) are compatible with the values. Dashed: the fit."
    )
    with fonts_for(group) as lacking, context():
        title = "The likelihood along its ridge"
        figure, ((left, right),) = layout.grid(1, 2, _RIDGE_MM, [0], title, note)
        near = table[table["drop"] <= _CHI_SQUARE_HALF]["share"]
        for axes, column, label in (
            (left, "drop", "Log-likelihood below the highest"),
            (right, "ratio", "SD of the lower group over that of the upper one"),
        ):
            if len(near):
                axes.axvspan(float(near.min()), float(near.max()), color=_BARS, alpha=0.35)
            axes.plot(table["share"], table[column], color=BLUE)
            axes.axvline(share, color=QUIET, linewidth=0.7, linestyle="--")
            axes.set_title(label)
            axes.set_xlabel(f"share of {_drawable(group, 1, lacking)}")
            axes.set_xlim(0.0, 1.0)
            axes.grid(axis="y")
        left.axhline(_CHI_SQUARE_HALF, color=QUIET, linewidth=0.7, linestyle=":")
        left.set_ylim(max(3.0 * _CHI_SQUARE_HALF, min(float(table["drop"].max()), 10.0)), 0.0)
        right.axhline(1.0, color=QUIET, linewidth=0.7, linestyle=":")
        panels.log_axis(right, *panels.around(table["ratio"], log=True))
    return figure


def _values(
    axes: Axes, table: pd.DataFrame, colours: dict[str, str], shown: dict[str, str]
) -> None:
    """Draw the histogram, the densities with their bands, and the cuts."""
    bars, ends = where(table, series="histogram"), list[End]()
    axes.stairs(bars["y"].iloc[:-1], bars["x"], fill=True, color=_BARS, alpha=0.55)
    curves = where(table, series="density")
    top = float(max(bars["y"].max(), curves["y"].max()))
    for group, mine in curves.groupby("group", sort=False):
        colour, name = colours[str(group)], str(group)
        axes.fill_between(
            mine["x"], mine["low"], mine["high"], color=colour, alpha=_FAINT, linewidth=0.0
        )
        axes.plot(mine["x"], mine["y"], color=colour, linewidth=1.3 if not name else 1.0)
        at = mine.sort_values("y").iloc[-1]
        if name:
            ends.append(End(float(at["x"]), float(at["y"]), shown[name], colour))
    for group, mine in where(table, series="labelled").groupby("group", sort=False):
        axes.plot(mine["x"], mine["y"], color=colours.get(str(group), QUIET), linestyle=":")
    for x in where(table, series="cut")["x"]:
        axes.axvline(x, color=QUIET, linewidth=0.7, linestyle="--")
    axes.set_xlim(float(curves["x"].min()), float(curves["x"].max()))
    axes.set_ylim(0.0, 1.12 * top)
    axes.set_title("Share of the values per unit")
    axes.grid(axis="y")
    layout.label(axes, ends)


def _memberships(axes: Axes, table: pd.DataFrame, colours: dict[str, str]) -> None:
    """Draw the probability of each group at each value, and a rug of the values."""
    for group, mine in where(table, series="membership").groupby("group", sort=False):
        axes.plot(mine["x"], mine["y"], color=colours[str(group)])
    rug = where(table, series="rug")
    for group, mine in rug.groupby("group", sort=False):
        axes.plot(
            mine["x"], [-0.08] * len(mine), "|", color=colours.get(str(group), QUIET),
            markersize=3.0, markeredgewidth=0.4, alpha=0.7,
        )  # fmt: skip
    for x in where(table, series="cut")["x"]:
        axes.axvline(x, color=QUIET, linewidth=0.7, linestyle="--")
    axes.set_ylim(-0.16 if len(rug) else -0.03, 1.03)
    axes.set_yticks([0.0, 0.5, 1.0])
    axes.set_title("Probability of each group at a value" + ("; ticks: values" * bool(len(rug))))
    axes.grid(axis="y")


def _quantiles(axes: Axes, rows: pd.DataFrame, unit: str) -> None:
    """Draw quantiles of the values against those of the fit; where it is right they agree."""
    axes.fill_between(rows["x"], rows["low"], rows["high"], color=_BARS, alpha=0.5, linewidth=0.0)
    ends = [float(rows["x"].min()), float(rows["x"].max())]
    axes.plot(ends, ends, color=_TOGETHER, linewidth=0.7)
    axes.plot(rows["x"], rows["y"], ".", color=BLUE, markersize=2.6, markeredgewidth=0.0)
    axes.set_title("Quantiles; grey: 95 % of each")
    axes.set_xlabel(f"of the fit: {unit}")
    axes.set_ylabel("of the values")
    axes.grid(axis="both")


def _drawable(name: str, number: int, lacking: str) -> str:
    """A name, or a number in its place where no font has its characters."""
    name = f"group {number}" if set(name) & set(lacking) else name
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
