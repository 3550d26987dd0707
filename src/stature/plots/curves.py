"""Curves of a measure over sizes: points with their Monte-Carlo bars, one curve an estimator."""

from collections.abc import Mapping, Sequence
from math import log10

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator

from stature.plots.ends import End
from stature.plots.layout import LEFT_OUT_ROW_MM
from stature.plots.rows import FEW_FAILURES, HALF, where
from stature.plots.style import MM, QUIET, SMALL_POINTS, THEORY, TINY_POINTS, Look

NORMAL_97_5 = 1.96
"""Half the width of a 95 % Monte-Carlo interval, in Monte-Carlo standard errors."""

_SIDESTEP = 1.035
_SIDESTEP_OF_ONE_SIZE = 1.3
"""Neighbouring estimators stand side by side, by this factor, so that bars can be told apart."""

_MARGIN = 1.3
_MARGIN_OF_ONE_SIZE = 4.0
_TINIEST_BAR = 0.05
"""A bar that reaches zero ends, on a log axis, at this part of its value."""

_THOUSAND = 1000

_MANY_TICKS = 300.0
_TINY_TICK = 0.001
"""Over so wide a range the powers of ten are ticks enough; below this they are written as such."""

# As characters: names in a figure may hold dollar signs, so that nothing is read as mathematics.
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def size_name(size: float) -> str:
    """A size as it stands under a tick: ``500``, ``2k``."""
    thousands = size / _THOUSAND
    return f"{thousands:g}k" if size >= _THOUSAND and thousands == int(thousands) else f"{size:g}"


def size_axis(axes: Axes, sizes: Sequence[int]) -> None:
    """Make the horizontal axis that of the sizes studied, on a log scale."""
    margin = _MARGIN if len(sizes) > 1 else _MARGIN_OF_ONE_SIZE
    axes.set_xscale("log")
    axes.set_xlim(sizes[0] / margin, sizes[-1] * margin)
    axes.xaxis.set_major_locator(FixedLocator([float(size) for size in sizes]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: size_name(size)))


def log_axis(axes: Axes, lowest: float, highest: float) -> None:
    """Make the vertical axis a log one, with plain numbers at its ticks."""
    axes.set_yscale("log")
    axes.set_ylim(lowest, highest)
    few = highest < _MANY_TICKS * lowest
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _plain(value)))
    axes.grid(axis="y")


def _plain(value: float) -> str:
    """A tick of a log axis: a plain number, or a power of ten where that is tiny."""
    if value >= _TINY_TICK:
        return f"{value:g}"
    return "10" + str(round(log10(value))).translate(_SUPERSCRIPTS)


def sidesteps(estimators: Sequence[str], sizes: Sequence[int]) -> dict[str, float]:
    """Factor by which each estimator's points stand beside their size.

    Bars of several estimators would else hide each other.
    """
    step = _SIDESTEP if len(sizes) > 1 else _SIDESTEP_OF_ONE_SIZE
    middle = (len(estimators) - 1) / 2
    return {name: step ** (rank - middle) for rank, name in enumerate(estimators)}


def draw(
    axes: Axes,
    rows: pd.DataFrame,
    looks: Mapping[str, Look],
    factors: Mapping[str, float],
    positive: bool = False,
    hollow_over_zero: bool = False,
) -> dict[str, End]:
    """Draw one curve an estimator, with bars."""
    ends: dict[str, End] = {}
    for rank, (name, look) in enumerate(looks.items()):
        mine = where(rows, estimator=name)
        failed = mine["replicates_failed"] / mine["replicates_expected"].clip(lower=1)
        drawn = (failed <= HALF) & mine["value"].notna()
        mine, failed = mine[drawn], failed[drawn]
        if mine.empty:
            continue
        x = mine["size"].astype(float) * factors[name]
        value = mine["value"].astype(float)
        low = mine["lower"].astype(float).fillna(value - NORMAL_97_5 * mine["mcse"].fillna(0.0))
        high = mine["upper"].astype(float).fillna(value + NORMAL_97_5 * mine["mcse"].fillna(0.0))
        hollow = failed > FEW_FAILURES
        if hollow_over_zero:
            hollow = hollow | ((low <= 0.0) & (high >= 0.0))
        if positive:
            low = low.clip(lower=_TINIEST_BAR * value)
        # A closed form and its climb coincide: the one that is drawn first is a little larger.
        order = 3.0 + 0.1 * (len(looks) - rank)
        axes.vlines(x, low, high, color=look.colour, linewidth=0.8, zorder=order)
        axes.plot(x, value, color=look.colour, linestyle=look.dash, zorder=order)
        for chosen, face in ((~hollow, look.colour), (hollow, "white")):
            axes.plot(
                x[chosen],
                value[chosen],
                linestyle="none",
                marker=look.marker,
                markerfacecolor=face,
                markeredgecolor=look.colour,
                zorder=order + 0.05,
            )
        ends[name] = End(float(x.iloc[-1]), float(value.iloc[-1]), name, look.colour)
    return ends


def draw_theory(
    axes: Axes, rows: pd.DataFrame, looks: Mapping[str, Look], dash: str, width: float
) -> None:
    """Draw theory's line for each estimator: black, on a pale band of the estimator's colour."""
    for name, look in looks.items():
        mine = where(rows, estimator=name).dropna(subset=["value"])
        if mine.empty:
            continue
        x, y = mine["size"].astype(float), mine["value"].astype(float)
        if len(mine) == 1:  # one size: a stroke as wide as the spread of the points
            x = [float(x.iloc[0]) / 2.0, float(x.iloc[0]) * 2.0]
            y = [float(y.iloc[0])] * 2
        axes.plot(x, y, color=look.colour, alpha=0.3, linewidth=width, zorder=2.0)
        axes.plot(x, y, color=THEORY, linestyle=dash, linewidth=0.7, zorder=2.1)


def write_left_out(
    axes: Axes, counts: pd.DataFrame, looks: Mapping[str, Look], expected: int, below_mm: float
) -> None:
    """Write, under a panel, how many replicates each point leaves out."""
    height_inches = axes.bbox.height / axes.figure.dpi
    row = LEFT_OUT_ROW_MM * MM / height_inches
    start = -below_mm * MM / height_inches
    for line, (name, per_size) in enumerate(counts.iterrows()):
        colour = looks[str(name)].colour
        y = start - line * row
        for size, count in per_size.items():
            if pd.isna(count):
                continue
            mark = "×" if count > HALF * expected else ""
            axes.text(
                float(str(size)),
                y,
                f"{int(count)}{mark}",
                transform=axes.get_xaxis_transform(),
                ha="center",
                va="top",
                size=TINY_POINTS,
                color=colour,
            )
        axes.text(
            1.02,
            y,
            f"left out: {name}" if line == 0 else str(name),
            transform=axes.transAxes,
            ha="left",
            va="top",
            size=TINY_POINTS,
            color=colour,
        )


def say_nothing_to_draw(axes: Axes, why: str) -> None:
    """Say in an empty panel why it is empty."""
    axes.text(
        0.5, 0.5, why, transform=axes.transAxes, ha="center", va="center",
        size=SMALL_POINTS, color=QUIET,
    )  # fmt: skip
