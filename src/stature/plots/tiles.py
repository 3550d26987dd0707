"""Tiles: one number for each scenario and size, an estimator a panel, as colours and figures.

Where a study has many populations or biases, such as separations or strengths of a bias, curves
side by side would hide what a map shows at a glance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from stature.arrays import Floats
from stature.plots import layout, panels
from stature.plots.panels import SIZE_AXIS
from stature.plots.rows import names, where
from stature.plots.style import SMALL_POINTS, TINY_POINTS, context

ROW_MM = 4.2
LEAST_MM = 16.0
DARK = 0.42  # colours darker than this share of the scale bear white figures
COLOURS = "cividis_r"  # legible to the colour-blind, and in grey


@dataclass(frozen=True, slots=True)
class Tiles:
    """What the maps of a figure have in common."""

    title: str  # what the figure shows, and how to read it
    note: str
    # whether the numbers are shares, from 0 to 1; else they are positive, on a log scale
    is_share: bool


def draw(rows: pd.DataFrame, what: Tiles) -> Figure:
    """Draw a map for each estimator."""
    rows = rows[rows["value"].notna()]
    estimators, scenarios = names(rows, "estimator"), names(rows, "scenario")
    sizes = sorted({int(size) for size in rows["size"].dropna()})
    if not estimators or not sizes:
        return panels.nothing(what.title, "the table of measures holds no row for this figure")
    norm = _norm(rows["value"].to_numpy(float), what.is_share)
    columns = layout.columns_for(len(estimators))
    lines = -(-len(estimators) // columns)
    panel_mm = max(LEAST_MM, ROW_MM * len(scenarios))
    with context():
        figure, axes = layout.grid(lines, columns, panel_mm, [0] * lines, what.title, what.note)
        for place, estimator in enumerate(estimators):
            here = axes[place // columns][place % columns]
            here.set_title(estimator)
            mine = where(rows, estimator=estimator)
            _map(here, _values(mine, scenarios, sizes), norm, what.is_share)
            _name_axes(here, scenarios, sizes)
            if place + columns >= len(estimators):
                here.set_xlabel(SIZE_AXIS)
        for spare in range(len(estimators), lines * columns):
            axes[spare // columns][spare % columns].remove()
    return figure


def _norm(values: Floats, is_share: bool) -> Normalize:
    """The scale of colours, one for all panels."""
    if is_share:
        return Normalize(0.0, 1.0)
    positive = values[values > 0.0]
    if not len(positive):
        return LogNorm(1.0, 10.0)
    low, high = float(positive.min()), float(positive.max())
    return LogNorm(low, high if high > low else 2.0 * low)


def _values(rows: pd.DataFrame, scenarios: Sequence[str], sizes: Sequence[int]) -> Floats:
    """Numbers of the tiles, shape (scenarios, sizes); NaN where there is none."""
    table = rows.assign(scenario=rows["scenario"].astype(str), size=rows["size"].astype(int))
    wide = table.pivot_table(index="scenario", columns="size", values="value", aggfunc="first")
    return wide.reindex(index=list(scenarios), columns=list(sizes)).to_numpy(float)


def _map(axes: Axes, values: Floats, norm: Normalize, is_share: bool) -> None:
    """Draw tiles, each with its number."""
    axes.imshow(values, aspect="auto", cmap=COLOURS, norm=norm, interpolation="nearest")
    for (row, column), value in np.ndenumerate(values):
        if not np.isfinite(value):
            continue
        dark = float(norm(max(value, norm.vmin or 0.0))) > DARK
        axes.text(
            column,
            row,
            f"{value:.2f}" if is_share else f"{value:.2g}",
            ha="center",
            va="center",
            fontsize=TINY_POINTS,
            color="white" if dark else "black",
        )


def _name_axes(axes: Axes, scenarios: Sequence[str], sizes: Sequence[int]) -> None:
    """Sizes below, scenarios on the right, where there is room for names."""
    axes.set_xticks(range(len(sizes)), [_short(size) for size in sizes])
    axes.yaxis.tick_right()
    axes.set_yticks(range(len(scenarios)), list(scenarios), fontsize=SMALL_POINTS)
    axes.tick_params(length=0.0)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _short(size: int) -> str:
    """A size as the other figures write it."""
    for unit, sign in ((10**6, "M"), (10**3, "k")):
        if size >= unit and size % (unit // 10) == 0:
            return f"{size / unit:g}{sign}"
    return str(size)
