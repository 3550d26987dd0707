"""The lesson's own figure: forward and reverse meet, on ten balls and on a hundred boys."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from stature.plots.rows import where
from stature.plots.style import (
    BASE_POINTS,
    BLUE,
    MM,
    QUIET,
    SMALL_POINTS,
    VERMILION,
    WIDE_MM,
    context,
)

_HEIGHT_MM = 96.0
_THOUSANDTHS = 1000.0

_DROPS = (-512.0, -128.0, -32.0, -8.0, -2.0, -0.5)
"""Contours of the log-likelihood below its maximum: each is twice as many standard errors away
as the next, down to one."""


def draw(table: pd.DataFrame) -> Figure:
    """Draw the likelihood of the balls beside the log-likelihood surface of the boys."""
    with context():
        figure = Figure(figsize=(WIDE_MM * MM, _HEIGHT_MM * MM))
        _balls(figure.add_axes((0.07, 0.13, 0.38, 0.71)), where(table, panel="balls"))
        _boys(figure.add_axes((0.56, 0.13, 0.42, 0.71)), where(table, panel="boys"))
        figure.text(
            0.01,
            0.97,
            "Maximum likelihood: a formula and a climb find the same maximum",
            ha="left",
            va="top",
            size=BASE_POINTS + 1.5,
            weight="bold",
        )
    return figure


def _balls(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the likelihood of the black balls."""
    curve, counted, climb = (
        where(rows, series=name) for name in ("likelihood", "counting", "climb")
    )
    top, best = float(counted["y"].iloc[0]), float(counted["x"].iloc[0])
    axes.set_title("7 black balls in 10 draws: likelihood, thousandths")
    axes.plot(curve["x"], curve["y"], color=QUIET)
    axes.vlines(best, 0.0, top, color=BLUE, linewidth=1.1)
    axes.plot([best], [top], "o", color=BLUE, markersize=9.0, markerfacecolor="none", zorder=4)
    axes.annotate(
        f"by counting: {best:g}",
        (best, top),
        xytext=(0.0, 8.0),
        textcoords="offset points",
        ha="center",
        color=BLUE,
    )
    axes.plot(climb["x"], climb["y"], "s", linestyle=":", color=VERMILION, zorder=5)
    first = climb[climb["step"] < 2]
    for step, x, y in zip(first["step"], first["x"], first["y"], strict=True):
        axes.annotate(
            "by climbing, start at 0.5" if step == 0 else f"step {step}: {x:.2f}",
            (x, y),
            xytext=(-7.0, 0.0),
            textcoords="offset points",
            ha="right",
            va="center",
            color=VERMILION,
            size=SMALL_POINTS,
        )
    last = climb.iloc[-1]
    axes.annotate(
        f"step {int(last['step'])}: {float(last['x']):.8f}",
        (float(last["x"]), float(last["y"])),
        xytext=(9.0, -2.0),
        textcoords="offset points",
        ha="left",
        va="center",
        color=VERMILION,
        size=SMALL_POINTS,
    )
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.18 * top)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * _THOUSANDTHS:g}"))
    axes.grid(axis="y")
    axes.set_xlabel("share of black balls in the urn, p")


def _boys(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the log-likelihood surface of the boys."""
    surface, closed, climb = (
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
    axes.plot(climb["x"], climb["y"], "s", linestyle=":", color=VERMILION, zorder=5)
    axes.plot([x], [y], "o", color=BLUE, markersize=9.0, markerfacecolor="none", zorder=6)
    axes.annotate(
        f"closed form: mean {x:.2f} cm, SD {y:.2f} cm",
        (x, y),
        xytext=(0.98, 0.04),
        textcoords="axes fraction",
        ha="right",
        color=BLUE,
        arrowprops={"arrowstyle": "-", "color": BLUE, "linewidth": 0.6, "shrinkB": 5.0},
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
    )
    start, end = climb.iloc[0], climb.iloc[-1]
    axes.annotate(
        f"start of the climb; {int(end['step'])} steps of Newton",
        (float(start["x"]), float(start["y"])),
        xytext=(-6.0, 9.0),
        textcoords="offset points",
        ha="left",
        color=VERMILION,
        size=SMALL_POINTS,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
    )
    axes.set_xlabel("mean, cm")
    axes.set_ylabel("SD, cm (log scale)")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 4.0, 6.0, 8.0)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
