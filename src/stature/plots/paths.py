"""Figures of the way to a maximum: the lesson's two likelihoods, and the traces of fits."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from stature.plots import layout, panels
from stature.plots.layout import End, names, plain_bias, some_of, spaced, where
from stature.plots.look import (
    BLUE,
    ORANGE,
    QUIET,
    SMALL_POINTS,
    VERMILION,
    WIDE_MM,
    Look,
    looks,
    readable,
)
from stature.plots.style import context

SHOWN_SIZE = 200
"""People in the samples that are shown: the lesson's 100 girls and 100 boys; else the next size."""

_TITLE = "How the iterations converge"
_SMALLEST_GAP = 1e-9
"""A gap below this is rounding: log-likelihoods of some hundred people have no more digits."""
_MARGIN = 1.4
"""At the ends of log axes, as a factor."""

_DROPS = (-512.0, -128.0, -32.0, -8.0, -2.0, -0.5)
"""Contours of the log-likelihood below its maximum: each is twice as many standard errors away
as the next, down to one."""

_STEPS_MM, _STEPS_LEFT_MM, _STEPS_GAP = 58.0, 11.5, 0.02
_ONE_STEP_MM = 120.0  # where a single step is drawn, as in a moving picture
_TALLER_DASH = (0.0, (4.0, 1.0))

_RING: dict[str, Any] = {"color": BLUE, "markersize": 9.0, "markerfacecolor": "none"}
_ON_WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}


def lesson(table: pd.DataFrame) -> Figure:
    """Draw the likelihood of the balls beside the log-likelihood surface of the boys."""
    with context():
        title = "Maximum likelihood: a formula and Newton's method find the same maximum"
        figure = layout.sheet(96.0, title, "")
        _balls(figure.add_axes((0.07, 0.13, 0.38, 0.71)), where(table, panel="balls"))
        _boys(figure.add_axes((0.56, 0.13, 0.42, 0.71)), where(table, panel="boys"))
    return figure


def _balls(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the likelihood of the black balls."""
    curve, counted, path = (
        where(rows, series=name) for name in ("likelihood", "counting", "climb")
    )
    top, best = float(counted["y"].iloc[0]), float(counted["x"].iloc[0])
    axes.set_title("7 black balls in 10 draws: likelihood, thousandths")
    axes.plot(curve["x"], curve["y"], color=QUIET)
    axes.vlines(best, 0.0, top, color=BLUE, linewidth=1.1)
    axes.plot([best], [top], "o", zorder=4, **_RING)
    style: dict[str, Any] = {"textcoords": "offset points", "color": BLUE}
    axes.annotate(f"by counting: {best:g}", (best, top), xytext=(0.0, 8.0), ha="center", **style)
    axes.plot(path["x"], path["y"], "s", linestyle=":", color=VERMILION, zorder=5)
    style |= {"va": "center", "color": readable(VERMILION), "size": SMALL_POINTS}
    for step, x, y in zip(path["step"], path["x"], path["y"], strict=True):
        text = "Newton, from 0.5" if step == 0 else f"step {step}: {x:.2f}"
        if step < 2:
            axes.annotate(text, (x, y), xytext=(-7.0, 0.0), ha="right", **style)
    last = path.iloc[-1]
    x, y = float(last["x"]), float(last["y"])
    text = f"step {int(last['step'])}: {x:.8f}"
    axes.annotate(text, (x, y), xytext=(9.0, -2.0), ha="left", **style)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.18 * top)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value * 1000.0:g}")
    axes.grid(axis="y")
    axes.set_xlabel("share of black balls in the urn, p")


def _boys(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the log-likelihood surface of the boys."""
    surface, closed, path = (
        where(rows, series=name) for name in ("surface", "closed-form", "climb")
    )
    grid = surface.pivot_table(index="y", columns="x", values="z")
    lines = axes.contour(
        grid.columns.to_numpy(), grid.index.to_numpy(), grid.to_numpy(), _DROPS,
        colors=QUIET, linewidths=0.7, linestyles="solid",
    )  # fmt: skip
    axes.clabel(lines, fmt=lambda drop: f"−{-drop:g}", fontsize=SMALL_POINTS, inline_spacing=2)
    x, y = float(closed["x"].iloc[0]), float(closed["y"].iloc[0])
    axes.set_title("100 boys: log-likelihood below its maximum")
    axes.plot(path["x"], path["y"], "s", linestyle=":", color=VERMILION, zorder=5)
    axes.plot([x], [y], "o", zorder=6, **_RING)
    axes.annotate(
        f"closed form: mean {x:.2f} cm, SD {y:.2f} cm", (x, y), xytext=(0.98, 0.04),
        textcoords="axes fraction", ha="right", color=BLUE, bbox=_ON_WHITE,
        arrowprops={"arrowstyle": "-", "color": BLUE, "linewidth": 0.6, "shrinkB": 5.0},
    )  # fmt: skip
    start, end = path.iloc[0], path.iloc[-1]
    axes.annotate(
        f"Newton: start, and {int(end['step'])} steps",
        (float(start["x"]), float(start["y"])), xytext=(-6.0, 9.0), textcoords="offset points",
        ha="left", color=readable(VERMILION), size=SMALL_POINTS, bbox=_ON_WHITE,
    )  # fmt: skip
    axes.set_xlabel("mean, cm")
    axes.set_ylabel("SD, cm (log scale)")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 4.0, 6.0, 8.0)))
    axes.set_yticks([], minor=True)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")


def steps(table: pd.DataFrame) -> Figure:
    """Draw two bells over a histogram at some steps of EM, bars split by membership."""
    rows = where(table, panel="pupils")
    shown = [int(step) for step in pd.unique(rows["step"])]
    if not shown:
        return panels.nothing("EM, step by step")
    highest = 1.25 * float(where(rows, series="bar")["y"].max())
    with context():
        width_mm = WIDE_MM if len(shown) > 1 else _ONE_STEP_MM
        title = f"EM sorts {_people(rows)} people into two groups, from a bad start"
        figure = layout.sheet(_STEPS_MM, title, "", width_mm=width_mm)
        first = _STEPS_LEFT_MM / width_mm
        width = (0.99 - first) / len(shown)
        for place, step in enumerate(shown):
            left = first + place * width
            axes = figure.add_axes((left, 0.2, width - _STEPS_GAP, 0.48))
            _one_step(axes, rows[rows["step"] == step], highest)
            axes.set_xlabel("height, cm")
            axes.set_ylabel("people" if place == 0 else "")
            if place > 0:
                axes.set_yticklabels([])
    return figure


def _people(rows: pd.DataFrame) -> int:
    """How many people there are in the bars of a step."""
    return int(where(rows[rows["step"] == rows["step"].min()], series="bar")["y"].sum())


def _one_step(axes: Axes, rows: pd.DataFrame, highest: float) -> None:
    """Draw one step of EM."""
    bars, gained = where(rows, series="bar"), where(rows, series="log-likelihood")
    wide = float(bars["x"].iloc[1] - bars["x"].iloc[0])
    taller, people = bars["z"].astype(float), bars["y"].astype(float)
    style: dict[str, Any] = {"width": 0.9 * wide, "align": "edge", "alpha": 0.55}
    axes.bar(bars["x"], people - taller, color=BLUE, **style)
    axes.bar(bars["x"], taller, bottom=people - taller, color=ORANGE, **style)
    for name, colour, dash in (("shorter", BLUE, "-"), ("taller", VERMILION, _TALLER_DASH)):
        bell = where(rows, series=name)
        axes.plot(bell["x"], bell["y"], color=colour, linestyle=dash, linewidth=1.3)
    log_likelihood = f"{float(gained['y'].iloc[0]):,.1f}".replace("-", "−")
    axes.set_title(f"step {int(gained['step'].iloc[0])}\nlog-likelihood {log_likelihood}")
    axes.set_ylim(0.0, highest)
    axes.locator_params(axis="x", nbins=4)
    axes.grid(axis="y")


def traces(table: pd.DataFrame) -> Figure:
    """Draw log-likelihood gap and means against likelihood evaluations, one row a population.

    On log axes plain EM is a curve that bends down late, Newton a cliff. The path of the means
    shows that EM is almost there soon, and then creeps.
    """
    if table.empty:
        return panels.nothing(_TITLE)
    parts = table["scenario"].astype(str).str.partition(".")
    table = table.assign(population=parts[0], bias=parts[2])
    bias = plain_bias(table)
    size = min((int(size) for size in table["size"].unique()), key=lambda n: abs(n - SHOWN_SIZE))
    shown = where(table, bias=bias, parameter="mean_cm")
    shown = shown[shown["size"] == size]
    known = looks(names(table, "estimator"))
    every = [name.partition(".")[0] for name in names(shown, "scenario")]
    populations = spaced(every)
    of, note = f"n = {size}, bias: {bias}", "A likelihood evaluation is one pass over the data."
    if shown["replicate"].nunique() == 1:
        of += f", replicate {shown['replicate'].iloc[0]}"
    else:
        note += " Bold: the first replicate; thin: the others that were traced."
    of += some_of(every)
    with context():
        lines = len(populations)
        figure, axes = layout.grid(lines, 2, 52.0, [0] * lines, f"{_TITLE} ({of})", note)
        for (left, right), population in zip(axes, populations, strict=True):
            mine = where(shown, population=population)
            last = float(mine["passes"].max()) * _MARGIN
            _gaps(left, mine, known, last)
            left.set_title(f"{population}: twice the log-likelihood to be gained")
            first = mine[mine["replicate"] == mine["replicate"].min()]
            _means(right, first, known)
            *others, last_group = names(mine, "group")
            of_groups = f"{', '.join(others)} and {last_group}" if others else last_group
            right.set_title(f"{population}: means of {of_groups}, cm")
        for panel in axes[-1]:
            panel.set_xlabel("likelihood evaluations")
    return figure


def _gaps(axes: Axes, rows: pd.DataFrame, known: Mapping[str, Look], last: float) -> None:
    """Draw the gap of every traced replicate, the first one in bold."""
    first = rows["replicate"].min()
    drawn: dict[str, End] = {}
    rows = rows.assign(gap=rows["gap"].clip(lower=_SMALLEST_GAP))
    for name, look in known.items():
        for (replicate, _), path in where(rows, estimator=name).groupby(["replicate", "start"]):
            curve = path.drop_duplicates("passes")
            x, y = curve["passes"], curve["gap"]
            if replicate == first:
                axes.plot(x, y, color=look.colour, linestyle=look.dash, linewidth=1.4, zorder=3.0)
                last_x = float(x.iloc[-1])
                drawn[name] = End(last_x, float(y.iloc[-1]), name, look.colour, last_x)
            else:
                axes.plot(x, y, color=look.colour, linewidth=0.5, alpha=0.45, zorder=2.0)
    _passes_axis(axes, last)
    highest = float(rows["gap"].max()) if len(rows) else 1.0
    panels.log_axis(axes, _SMALLEST_GAP, highest * _MARGIN)
    # All end at the bottom: ranked by where they end, leaders of labels do not cross.
    layout.label(axes, [*drawn.values()])


def _means(axes: Axes, rows: pd.DataFrame, known: Mapping[str, Look]) -> None:
    """Draw the means of one replicate."""
    drawn: list[End] = []
    last = float(rows["passes"].max()) * _MARGIN
    for name, look in known.items():
        mine = where(rows, estimator=name)
        best = mine[mine["start"] == mine["start"].iloc[-1]] if len(mine) else mine
        for group in names(best, "group"):
            curve = where(best, group=group)
            curve = curve[curve["passes"] > 0]
            axes.plot(curve["passes"], curve["estimate"], color=look.colour, linestyle=look.dash)
            x, y = float(curve["passes"].iloc[-1]), float(curve["estimate"].iloc[-1])
            axes.plot([x], [y], color=look.colour, marker=look.marker)
            axes.plot([x, last], [y, y], color=look.colour, linewidth=0.4, zorder=1.5)
            drawn.append(End(last, y, name, look.colour))
    _passes_axis(axes, last)
    axes.grid(axis="y")
    layout.label(axes, drawn)


def _passes_axis(axes: Axes, last: float) -> None:
    """Make the horizontal axis that of passes, from 1 to the last, on a log scale."""
    axes.set_xscale("log")
    axes.set_xlim(1.0 / _MARGIN, last)
    axes.set_xticks([], minor=True)
    axes.xaxis.set_major_formatter(lambda passes, _: f"{passes:g}")
