"""Figures of factorials: a number against each factor, by another, and nested loops over all.

The columns of a table that follow those of every study are the levels of its factors.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stature.plots import layout, panels
from stature.plots.layout import names, of_measure, plain_bias, where
from stature.plots.panels import BARS
from stature.plots.style import MM, WIDE_MM, context, looks
from stature.plots.tables import Loop, loops

_MOST_PANELS = 5
_MOST_CELLS = 400  # a step of a nested loop is a third of a millimetre, at least
_PANEL_MM, _GAP_MM = 36.0, 3.0
_ERRORS = "Error of the worse mean against each factor"
_NEEDED = "People needed against each factor"
_LOOP = "Every combination of the factors"
_HALF_OPEN = 0.3  # of the replicates left out: drawn hollow


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
    rows = table.assign(
        value=table["size"],
        lower=np.nan,
        upper=np.nan,
        replicates_failed=np.where(open_ended, _HALF_OPEN, 0.0),
        replicates_expected=1,
    )
    wanted = 100.0 * float(table["wanted"].max())
    title = f"{_NEEDED}: smallest n with all means within 2 cm in {wanted:.0f} % of the samples"
    note = f"{BARS} Hollow: more than the largest, or fewer than the smallest n of the study."
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
    height_mm = head_mm + row_mm * len(places)
    with context():
        figure = Figure(figsize=(WIDE_MM * MM, height_mm * MM))
        layout.head(figure, (WIDE_MM, height_mm), title, layout.HEAD_MM, note, note_mm)
        for row, (factor, beside, fixed, at) in enumerate(places):
            free_mm = WIDE_MM - layout.LEFT_MM - layout.LABELS_MM - _GAP_MM * (len(at) - 1)
            wide_mm = free_mm / max(len(at), 2)
            bottom = 1.0 - (head_mm + row * row_mm + layout.TITLE_MM + _PANEL_MM) / height_mm
            limits = panels.around(pd.concat([one["value"] for one in at]).dropna(), log=True)
            for column, own in enumerate(at):
                left = (layout.LEFT_MM + column * (wide_mm + _GAP_MM)) / WIDE_MM
                axes = figure.add_axes((left, bottom, wide_mm / WIDE_MM, _PANEL_MM / height_mm))
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
