"""Figures over factors: a number against each of them, by another, or over all combinations.

In a table of a study the columns that follow those of every study are the levels of its factors; in
anybody's table of estimates, which has a row for each measure, those before its column `measure`.
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
from stature.plots.layout import End, names, of_measure, plain_bias, where
from stature.plots.look import QUIET, SMALL_POINTS, TINY_POINTS, WIDE_MM, Look, looks
from stature.plots.panels import BARS
from stature.plots.style import context

_MOST_PANELS = 5
_MOST_CELLS = 400  # a step of a nested loop is a third of a millimetre, at least
_PANEL_MM, _GAP_MM = 36.0, 3.0
_ERRORS = "Error of the worse mean against each factor"
_NEEDED = "People needed against each factor"
_LOOP = "Every combination of the factors"
_HALF_OPEN = 0.3  # of the replicates left out: drawn hollow

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


def factor_errors(table: pd.DataFrame) -> Figure:
    """Draw the error of the worse mean at the largest size against each factor."""
    rows = _worse(of_measure(table, "rmse"))
    if rows.empty:
        return panels.nothing(_ERRORS)
    size = int(rows["size"].max())
    title = f"{_ERRORS}: root mean squared error, cm (n = {size:,})"
    rows = rows[rows["size"] == size]
    note = f"{BARS} {panels.HOLLOW} Not drawn: over 50 %."
    return _against(rows, _factors(table, "replicates_expected"), title, note)


def factor_needed(table: pd.DataFrame) -> Figure:
    """Draw the smallest number of people that is enough against each factor."""
    if table.empty:
        return panels.nothing(_NEEDED)
    open_ended = table["bound"].astype(str) != ""
    spread = np.exp(panels.NORMAL_97_5 * table["mcse"].astype(float) / table["size"])
    rows = table.assign(
        value=table["size"],
        lower=table["size"] / spread,
        upper=table["size"] * spread,
        replicates_failed=np.where(open_ended, _HALF_OPEN, 0.0),
        replicates_expected=1,
    )
    wanted = 100.0 * float(table["wanted"].max())
    title = f"{_NEEDED}: smallest n with all means within 2 cm in {wanted:.0f} % of the samples"
    note = f"{BARS[:-1]} of log n. Hollow: over the largest, or under the smallest n of the study."
    return _against(rows, _factors(table, "mcse"), title, note)


def nested_loop(table: pd.DataFrame) -> Figure:
    """Draw errors and hits over all combinations of sizes and factors, one after the other."""
    factors = [one for one in _factors(table, "replicates_expected") if one.of_scenarios]
    kept = _plain(table, factors)
    rows = pd.concat([_worse(of_measure(kept, "rmse")), of_measure(kept, "within_2cm")])
    if rows.empty or not factors:
        return panels.nothing(_LOOP)
    sizes = sorted({int(size) for size in rows["size"]})
    levels = pd.DataFrame(rows[[one.name for one in factors]].drop_duplicates())
    if len(levels) * len(sizes) > _MOST_CELLS:
        sizes = sizes[-1:]
        rows = rows[rows["size"] == sizes[0]]
    order = {one.name: {level: rank for rank, level in enumerate(one.levels)} for one in factors}
    key = ["size", *order]
    cells = rows[key].drop_duplicates()
    ranks = cells.assign(**{name: cells[name].map(order[name].get) for name in order})
    cells = cells.loc[ranks.sort_values(key, kind="stable").index]
    reach = panels.NORMAL_97_5 * rows["mcse"].astype(float)
    rows = rows.assign(
        cell=[*map(str, rows[key].itertuples(index=False, name=None))],
        method=rows["estimator"].astype(str),
        lower=rows["lower"].astype(float).fillna(rows["value"] - reach),
        upper=rows["upper"].astype(float).fillna(rows["value"] + reach),
    )
    shown = {
        "rmse": Loop("Root mean squared error of the worse mean, cm", log=True),
        "within_2cm": Loop("Share of samples in which all means are within 2 cm of the truth"),
    }
    named = cells.rename(columns={"size": "n"}).map(_named)
    named.index = pd.Index([*map(str, cells.itertuples(index=False, name=None))])
    note = "Bands: 95 % Monte-Carlo intervals. Below: the factors, the first changing slowest."
    biases = names(rows, "bias")
    title = f"{_LOOP} (bias: {biases[0]})" if len(biases) == 1 else _LOOP
    return loops(rows, named, shown, title, note)


@dataclass(frozen=True, slots=True)
class _Factor:
    """A factor of a table."""

    name: str
    levels: tuple[object, ...]  # in the order of the table, or ascending if they are numbers
    of_scenarios: bool  # whether a scenario has a single level of it

    @property
    def middle(self) -> object:
        """The level at which it is held where another is looked at."""
        return self.levels[len(self.levels) // 2]


def _factors(table: pd.DataFrame, last: str) -> list[_Factor]:
    """Factors of a table, whose columns come after the last that every study has."""
    columns = [str(name) for name in table.columns]
    found: list[_Factor] = []
    for name in columns[columns.index(last) + 1 :]:
        levels = [*pd.unique(table[name].dropna())]
        if pd.api.types.is_numeric_dtype(table[name]):
            levels = sorted(levels)
        several = table.groupby(table["scenario"].astype(str))[name].nunique(dropna=False)
        found.append(_Factor(name, tuple(levels), bool((several <= 1).all())))
    return [one for one in found if len(one.levels) > 1]


def _worse(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the mean with the largest value, of each scenario, estimator and size."""
    rows = where(rows, parameter="mean_cm").dropna(subset=["value"]).reset_index(drop=True)
    keys = [rows["scenario"].astype(str), rows["estimator"].astype(str), rows["size"]]
    return rows.loc[rows.groupby(keys, sort=False)["value"].idxmax()]


def _plain(table: pd.DataFrame, factors: list[_Factor]) -> pd.DataFrame:
    """Rows at which every factor of scenarios has a level, under one bias unless biases vary."""
    kept = table.dropna(subset=[one.name for one in factors if one.of_scenarios])
    return where(kept, bias=plain_bias(kept)) if _varies(factors, kept) else kept


def _varies(factors: list[_Factor], rows: pd.DataFrame) -> bool:
    """Whether no factor tells the biases of some rows apart."""
    apart = [one.name for one in factors if one.of_scenarios]
    keys = ["population", *apart]
    return bool((rows.groupby(keys, observed=True)["bias"].nunique() > 1).any())


def _against(rows: pd.DataFrame, factors: list[_Factor], title: str, note: str) -> Figure:
    """Draw values against each factor in a row of panels, one for each level of the next factor."""
    places: list[tuple[_Factor, _Factor | None, str, list[pd.DataFrame]]] = []
    for turn, factor in enumerate(factors):
        others = [*factors[turn + 1 :], *factors[:turn]]
        beside, held = (others[0], others[1:]) if others else (None, [])
        mine = rows.dropna(subset=[factor.name])
        for one in held:
            mine = mine[mine[one.name].isna() | (mine[one.name] == one.middle)]
        if len(factors) > 1 or factor.of_scenarios:
            mine = _plain(mine, [one for one in factors if mine[one.name].notna().any()])
        if not factor.of_scenarios:
            mine = mine.assign(estimator=mine["estimator"].astype(str).str.rsplit("-", n=1).str[0])
        levels = beside.levels[:_MOST_PANELS] if beside else (None,)
        at = [mine if level is None else mine[mine[beside.name] == level] for level in levels]  # type: ignore[union-attr]
        at = [one.assign(size=[_place(factor, level) for level in one[factor.name]]) for one in at]
        fixed = "; ".join(f"{one.name} = {_named(one.middle)}" for one in held)
        if any(len(one) for one in at):
            places.append((factor, beside, fixed, at))
    if not places:
        return panels.nothing(title)
    title = layout.wrap(title, 100)
    note_mm = layout.HEAD_MM + layout.HEADING_LINE_MM * len(title.splitlines())
    head_mm = note_mm + layout.NOTE_LINE_MM + layout.HEAD_MM
    row_mm = layout.TITLE_MM + _PANEL_MM + layout.TICKS_MM + layout.AXIS_NAME_MM + 2.0
    with context():
        figure = layout.sheet(head_mm + row_mm * len(places), title, note, note_mm)
        for row, (factor, beside, fixed, at) in enumerate(places):
            free_mm = WIDE_MM - layout.LEFT_MM - layout.LABELS_MM - _GAP_MM * (len(at) - 1)
            wide_mm = free_mm / max(len(at), 2)
            top_mm = head_mm + row * row_mm + layout.TITLE_MM
            limits = panels.around(pd.concat([one["value"] for one in at]).dropna(), log=True)
            for column, own in enumerate(at):
                left_mm = layout.LEFT_MM + column * (wide_mm + _GAP_MM)
                axes = layout.panel(figure, left_mm, top_mm, wide_mm, _PANEL_MM)
                if beside is not None:
                    axes.set_title(f"{beside.name} = {_named(beside.levels[column])}")
                axes.set_xlabel(
                    factor.name + (f" ({fixed})" if fixed and column == 0 else ""), loc="left"
                )
                _panel(axes, factor, own, limits, column, len(at))
    return figure


def _panel(
    axes: Axes,
    factor: _Factor,
    rows: pd.DataFrame,
    limits: tuple[float, float],
    column: int,
    of: int,
) -> None:
    """Draw the curves of one panel; names stand beside the last."""
    places = [_place(factor, level) for level in factor.levels]
    margin = 0.06 * (places[-1] - places[0])
    axes.set_xlim(places[0] - margin, places[-1] + margin)
    axes.set_xticks(places, [_named(level) for level in factor.levels])
    panels.log_axis(axes, *limits)
    if column:
        axes.set_yticklabels([])
    known = looks(names(rows, "estimator"))
    ends = panels.draw_curves(axes, rows.sort_values("size", kind="stable"), known, positive=True)
    if column == of - 1:
        layout.label(axes, ends)


def _place(factor: _Factor, level: object) -> float:
    """Where a level stands on the axis: numbers where they are, words in a row."""
    is_number = isinstance(level, float | int | np.number)
    return float(level) if is_number else float(factor.levels.index(level))  # type: ignore[arg-type]


def _named(level: object) -> str:
    """A level in a figure."""
    is_number = isinstance(level, float | int | np.number) and not isinstance(level, bool)
    return f"{level:g}".replace("-", "−") if is_number else str(level)


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
    factors = ", ".join([*_leading(table), "method"])
    note = (
        "Bars: 95 % Monte-Carlo intervals (Wilson's for proportions). Black line: where an ideal "
        f"method would be.{f' Lines: {factors}.' if ',' in factors else ''}"
    )
    with context():
        figure = layout.sheet(height_mm, heading, note)
        for number, measure in enumerate(shown):
            row, column = divmod(number, _COLUMNS)
            left = left_mm + column * (width_mm + _PANEL_GAP_MM)
            top = _TOP_MM + row * (_TITLE_MM + panel_mm + _TICKS_MM) + _TITLE_MM
            axes = layout.panel(figure, left, top, width_mm, panel_mm)
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


def nested_loop_of_table(table: pd.DataFrame, level: float) -> Figure:
    """Draw measures over all combinations of factors, one after the other [1]_.

    Below stand the factors' levels, the first changing slowest.

    References
    ----------
    .. [1] Rücker & Schwarzer (2014), Presenting simulation results in a nested loop plot, BMC
       Medical Research Methodology 14:129.
    """
    factors = _leading(table)
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
        figure = layout.sheet(height_mm, title, note)
        top = _TOP_MM
        for measure, panel_mm in zip([*shown, ""], heights_mm, strict=True):
            top += _TITLE_MM
            wide_mm = WIDE_MM - layout.LEFT_MM - layout.LABELS_MM
            axes = layout.panel(figure, layout.LEFT_MM, top, wide_mm, panel_mm)
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


def _leading(table: pd.DataFrame) -> list[str]:
    """Names of the factors."""
    columns = [str(name) for name in table.columns]
    return columns[: columns.index("measure")]


def _labelled(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a column that names the cell of each row."""
    factors = _leading(table)
    cell = table[factors].astype(str).agg(", ".join, axis=1) if factors else ""
    return table.assign(cell=cell, method=table["method"].astype(str))
