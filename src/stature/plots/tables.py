"""Figures of anybody's table of estimates: its measures by method, and over nested factors.

The table has a row for each measure; what stands before its column `measure` are the factors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from stature.plots import layout, panels
from stature.plots.layout import End, names, where
from stature.plots.style import MM, QUIET, SMALL_POINTS, TINY_POINTS, WIDE_MM, Look, context, looks

# Measures that are drawn, and what each is called.
TITLES = {
    "bias": "Bias",
    "empirical_se": "Empirical standard error",
    "relative_error_model_se": "Relative error of the model SE",
    "coverage": "Coverage",
    "power": "Power",
    "precision_gain": "Gain in precision",
}
NESTED = ("bias", "empirical_se", "coverage")
MOST_LINES = 80

_LOLLIPOP = "Performance of the methods"
_NESTED_TITLE = "Performance over the nested factors"
_COLUMNS, _LINE_MM, _PANEL_GAP_MM = 3, 3.4, 6.0
_TOP_MM, _TITLE_MM, _TICKS_MM = 16.0, 6.0, 6.0
_MOST_LABEL_MM, _CHARACTER_MM = 48.0, 1.45
_LOOP_MM, _FACTOR_MM = 34.0, 7.0
_LEVEL_CHARACTERS = 26  # of a line beside a strip of levels


def _targets(level: float) -> dict[str, float]:
    """Where an ideal method would be; power and spread have no such place."""
    zeros = ("bias", "relative_error_model_se", "precision_gain")
    return dict.fromkeys(zeros, 0.0) | {"coverage": level}


def lollipop(table: pd.DataFrame, level: float) -> Figure:
    """Draw the main measures of each method in each cell: a stem from where it should be."""
    rows = _labelled(table)
    shown = [name for name in TITLES if where(rows, measure=name)["value"].notna().any()]
    if not shown:
        return panels.nothing(_LOLLIPOP)
    known, methods = looks(names(rows, "method")), names(rows, "method")
    every = list(dict.fromkeys(zip(rows["cell"], rows["method"], strict=True)))
    lines = every[: max(MOST_LINES // len(methods), 1) * len(methods)]
    cells = len(lines) // len(methods), len(every) // len(methods)
    heading = _LOLLIPOP + (f" (the first {cells[0]} of {cells[1]} cells)" * (cells[0] < cells[1]))
    labels = [", ".join(filter(None, line)) for line in lines]
    left_mm = min(max(map(len, labels)) * _CHARACTER_MM + 3.0, _MOST_LABEL_MM)
    deep = -(-len(shown) // _COLUMNS)
    panel_mm = _LINE_MM * len(lines)
    height_mm = _TOP_MM + deep * (_TITLE_MM + panel_mm + _TICKS_MM) + 2.0
    width_mm = (WIDE_MM - left_mm) / _COLUMNS - _PANEL_GAP_MM
    factors = ", ".join([*_factors(table), "method"])
    note = (
        "Bars: 95 % Monte-Carlo intervals (Wilson's for proportions). Black line: where an ideal "
        f"method would be.{f' Lines: {factors}.' if ',' in factors else ''}"
    )
    with context():
        figure = Figure(figsize=(WIDE_MM * MM, height_mm * MM))
        layout.head(figure, (WIDE_MM, height_mm), heading, 3.0, note, 8.5)
        for number, measure in enumerate(shown):
            row, column = divmod(number, _COLUMNS)
            left = left_mm + column * (width_mm + _PANEL_GAP_MM)
            top = _TOP_MM + row * (_TITLE_MM + panel_mm + _TICKS_MM) + _TITLE_MM
            axes = figure.add_axes(
                (left / WIDE_MM, 1.0 - (top + panel_mm) / height_mm,
                 width_mm / WIDE_MM, panel_mm / height_mm)
            )  # fmt: skip
            axes.set_title(TITLES[measure])
            mine = where(rows, measure=measure).set_index(["cell", "method"])
            _stems(axes, mine.reindex(lines), _targets(level).get(measure), known)
            axes.set_yticks(range(len(lines)), labels if column == 0 else [])
            for tick, (_, method) in zip(axes.get_yticklabels(), lines, strict=False):
                tick.set_color(known[method].text)
            for cell in range(len(methods), len(lines), len(methods)):
                axes.axhline(cell - 0.5, color=QUIET, linewidth=0.3)
    return figure


def _stems(axes: Axes, rows: pd.DataFrame, target: float | None, known: dict[str, Look]) -> None:
    """Draw a point, its bar and its stem for each line."""
    for y, ((_, method), row) in enumerate(rows.iterrows()):  # type: ignore[misc]
        look, value = known[str(method)], float(row["value"])
        if target is not None:
            axes.hlines(y, target, value, color=look.colour, linewidth=0.5, linestyle=":")
        axes.hlines(y, row["lower"], row["upper"], color=look.colour, linewidth=1.2)
        axes.plot([value], [y], marker=look.marker, color=look.colour, linestyle="none")
    if target is not None:
        axes.axvline(target, color="black", linewidth=0.7, zorder=1.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0.0, labelsize=SMALL_POINTS)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.grid(axis="x")


def nested_loop(table: pd.DataFrame, level: float) -> Figure:
    """Draw measures over all combinations of factors, one after the other [1]_.

    Below stand the factors' levels, the first changing slowest.

    References
    ----------
    .. [1] Rücker & Schwarzer (2014), Presenting simulation results in a nested loop plot, BMC
       Medical Research Methodology 14:129.
    """
    factors = _factors(table)
    shown = [name for name in NESTED if where(table, measure=name)["value"].notna().any()]
    if not shown or not factors:
        return panels.nothing(_NESTED_TITLE)
    rows = _labelled(table)
    levels = table[factors].astype(str).drop_duplicates()
    levels.index = pd.Index(dict.fromkeys(rows["cell"]))
    targets = _targets(level)
    drawn = {name: Loop(TITLES[name], targets.get(name)) for name in shown}
    note = "Bands: 95 % Monte-Carlo intervals. Below: the factors, the first changing slowest."
    return loops(rows, levels, drawn, _NESTED_TITLE, note)


@dataclass(frozen=True, slots=True)
class Loop:
    """A measure over all combinations of factors."""

    title: str
    target: float | None = None  # where an ideal method would be
    log: bool = False  # whether its axis is


def loops(
    rows: pd.DataFrame, levels: pd.DataFrame, shown: Mapping[str, Loop], title: str, note: str
) -> Figure:
    """Draw measures over cells, a row of `levels` each, whose index is the column `cell`."""
    cells = [*levels.index]
    known = looks(names(rows, "method"))
    heights_mm = [_LOOP_MM] * len(shown) + [_FACTOR_MM * len(levels.columns)]
    height_mm = _TOP_MM + sum(heights_mm) + _TITLE_MM * len(heights_mm) + 2.0
    with context():
        figure = Figure(figsize=(WIDE_MM * MM, height_mm * MM))
        layout.head(figure, (WIDE_MM, height_mm), title, 3.0, note, 8.5)
        top = _TOP_MM
        for measure, panel_mm in zip([*shown, ""], heights_mm, strict=True):
            top += _TITLE_MM
            axes = figure.add_axes(
                (layout.LEFT_MM / WIDE_MM, 1.0 - (top + panel_mm) / height_mm,
                 (WIDE_MM - layout.LEFT_MM - layout.LABELS_MM) / WIDE_MM, panel_mm / height_mm)
            )  # fmt: skip
            top += panel_mm
            axes.set_xlim(0, len(cells))
            axes.set_xticks([])
            if measure:
                axes.set_title(shown[measure].title)
                _loops(axes, where(rows, measure=measure), cells, shown[measure], known)
            else:
                _levels(axes, levels)
    return figure


def _loops(
    axes: Axes, rows: pd.DataFrame, cells: list[str], shown: Loop, known: dict[str, Look]
) -> None:
    """Draw a step line for each method, on a band of its Monte-Carlo error."""
    if shown.target is not None:
        axes.axhline(shown.target, color="black", linewidth=0.7, zorder=1.5)
    if shown.log:
        panels.log_axis(axes, *panels.around(rows["value"].dropna(), log=True))
    else:
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.grid(axis="y")
    ends: list[End] = []
    edges = np.arange(len(cells) + 1)
    for name, look in known.items():
        mine = where(rows, method=name).set_index("cell").reindex(cells)
        value, low, high = (
            mine[column].astype(float).to_numpy() for column in ("value", "lower", "upper")
        )
        band: dict[str, Any] = {
            "step": "post",
            "color": look.colour,
            "alpha": 0.15,
            "linewidth": 0.0,
        }
        axes.fill_between(edges, np.append(low, low[-1]), np.append(high, high[-1]), **band)
        axes.stairs(value, edges, baseline=None, color=look.colour, linewidth=1.0)
        there = np.flatnonzero(np.isfinite(value))
        if len(there):
            ends.append(End(len(cells), float(value[there[-1]]), name, look.colour))
    layout.label(axes, ends)


def _levels(axes: Axes, levels: pd.DataFrame) -> None:
    """Draw the levels of the factors as steps, a strip for each."""
    count = len(levels.columns)
    axes.set_ylim(0, count)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    edges = np.arange(len(levels) + 1)
    for strip, factor in enumerate(levels.columns):
        own = list(dict.fromkeys(levels[factor]))
        bottom = count - 1 - strip
        rank = levels[factor].map(own.index).to_numpy(float)
        height = bottom + 0.15 + 0.6 * rank / max(len(own) - 1, 1)
        axes.stairs(height, edges, baseline=None, color=QUIET, linewidth=0.8)
        words = layout.wrap(f"{factor}: {', '.join(own)}", _LEVEL_CHARACTERS)
        axes.text(
            1.02, (bottom + 0.45) / count, words,
            transform=axes.transAxes, va="center", size=TINY_POINTS, color=QUIET,
        )  # fmt: skip


def _factors(table: pd.DataFrame) -> list[str]:
    """Names of the factors."""
    columns = [str(name) for name in table.columns]
    return columns[: columns.index("measure")]


def _labelled(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a column that names the cell of each row."""
    factors = _factors(table)
    cell = table[factors].astype(str).agg(", ".join, axis=1) if factors else ""
    return table.assign(cell=cell, method=table["method"].astype(str))
