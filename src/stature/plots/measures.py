"""Figures of the measures: one for each question that is asked of every estimator and size."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stature.plots import layout, panels
from stature.plots.figures import MOST_IN_ANSWER
from stature.plots.layout import (
    MANY,
    NO_BIAS,
    groups,
    left_out,
    names,
    of_measure,
    plain_bias,
    where,
    with_chance,
)
from stature.plots.look import looks
from stature.plots.panels import (
    BARS,
    HOLLOW,
    HOLLOW_OVER_ZERO,
    SIGNED_MARGIN,
    WILSON,
    Multiples,
    Panel,
    draw,
    draw_maps,
    side_by_side,
)
from stature.plots.style import context

NOMINAL = 0.95
"""Coverage that the intervals claim."""

_FEWEST_ON_A_LINE, _OFF_A_LINE = 3, 0.1
"""A line is a fit of at least so many errors, none of which is 10 % off."""

_PARAMETERS = {"mean_cm": "mean of {}, cm", "sd_cm": "SD of {}, cm", "share": "share of {}"}

Cells = Callable[[pd.DataFrame, list[str]], list[dict[str, str]]]
"""Which panels a population has, from its rows of the measure and its groups, the shortest first:
what columns of the table are equal to in each."""


def errors(table: pd.DataFrame) -> Figure:
    """Draw the errors without bias, one row a parameter, one column a population.

    On log axes an error that falls like ``n^-1/2`` is a straight line of slope -1/2; where errors
    lie on a line, its slope stands beside the estimator's name.
    """
    bias = plain_bias(table)
    cells, which = _less_of_many(table, estimands)
    what = Multiples(
        f"Root mean squared error (bias: {bias})",
        "log",
        header="fitted slope of lines",
        note=f"{BARS} Black dashes: Cramér–Rao bound. {HOLLOW}{which}",
        left_out_once=True,
    )
    rows, measures = where(table, bias=bias), ("rmse", "bound", "rate")
    return _draw(table, what, "{population}: {estimand}", rows, measures, cells)


def _less_of_many(table: pd.DataFrame, cells: Cells) -> tuple[Cells, str]:
    """Panels of a population: the first alone where there are many, and what the note says then."""
    count = len(names(table, "population"))
    if count <= MANY:
        return cells, ""
    which = f" Of each of {count} populations the first mean alone; measures.csv has all."
    return lambda rows, named: cells(rows, named)[:1], which


def estimands(rows: pd.DataFrame, named: list[str]) -> list[dict[str, str]]:
    """The groups and parameters that are shown: of two shares, one."""
    wanted = [(group, name) for name in ("mean_cm", "sd_cm") for group in named]
    wanted += [(group, "share") for group in (named[:-1] if len(named) == 2 else named)]
    cells = [{"group": group, "parameter": name} for group, name in wanted]
    return [at for at in cells if len(where(rows, **at))]


def biases(table: pd.DataFrame) -> Figure:
    """Draw the bias of one group's mean, one row a bias and one column a population."""
    what = Multiples(
        "Bias: mean estimate minus truth",
        "signed",
        panel_mm=36.0,
        level=0.0,
        theory_dash=":",
        note=f"{BARS} Dotted: large-sample limit. {HOLLOW_OVER_ZERO}",
    )
    title, measures = "{population}, {bias}: {estimand}", ("bias", "limit_bias")
    return _draw(table, what, title, table, measures, _under_each_bias)


def coverage(table: pd.DataFrame) -> Figure:
    """Draw the coverage of one group's mean, one row a bias, one column a population."""
    what = Multiples(
        "Coverage of the 95 % intervals",
        "proportion",
        panel_mm=36.0,
        note=f"{WILSON} {HOLLOW}",
        level=NOMINAL,
        level_name="nominal 0.95",
    )
    title = "{population}, {bias}: mean of {group}"
    return _draw(table, what, title, table, ("coverage",), _under_each_bias)


def _under_each_bias(rows: pd.DataFrame, named: list[str]) -> list[dict[str, str]]:
    """The mean of the shortest group under each bias, first under none."""
    under = sorted(names(rows, "bias"), key=lambda name: name != NO_BIAS)
    return [{"bias": bias, "group": named[0], "parameter": "mean_cm"} for bias in under]


def price(table: pd.DataFrame) -> Figure:
    """Draw by how much hidden labels multiply the errors of means, one column a population."""
    bias = plain_bias(table)
    cells, which = _less_of_many(table, _of_means)
    what = Multiples(
        f"Price of hidden labels: error over that of the labelled MLE (bias: {bias})",
        "log",
        shared="all",
        note=f"{BARS} {HOLLOW}{which}",
        left_out_once=True,
        level=1.0,
        level_name="with labels",
    )
    title, rows = "{population}: mean of {group}, times", where(table, bias=bias)
    return _draw(table, what, title, rows, ("price_of_hidden_labels",), cells)


def _of_means(rows: pd.DataFrame, named: list[str]) -> list[dict[str, str]]:
    """The mean of each group."""
    return [{"group": group, "parameter": "mean_cm"} for group in named]


def answer(table: pd.DataFrame) -> Figure:
    """Draw how often the means of all groups are within 2 cm, for the first populations alone."""
    first = names(table, "population")[:MOST_IN_ANSWER]
    return hits(table[table["population"].astype(str).isin(first)])


def hits(table: pd.DataFrame) -> Figure:
    """Draw how often the means of all groups are within 2 cm, one panel a population."""
    bias = plain_bias(table)
    several = any(len(groups(table, one)) > 1 for one in names(table, "population"))
    whose = "every group's mean" if several else "the mean"
    what = Multiples(
        f"Samples in which {whose} is within 2 cm of the truth (bias: {bias})",
        "proportion",
        panel_mm=48.0,
        shared="all",
        note=f"{WILSON} A failed fit counts as a miss.",
    )
    title, rows = "{population}: fraction of samples", where(table, bias=bias)
    return _draw(table, what, title, rows, ("within_2cm",), _of_fits)


def passes(table: pd.DataFrame) -> Figure:
    """Draw likelihood evaluations until convergence, one panel a population."""
    bias = plain_bias(table)
    what = Multiples(
        f"Likelihood evaluations until convergence (bias: {bias})",
        "log",
        panel_mm=48.0,
        shared="all",
        note="Points: median, with bars of ±1.96 Monte-Carlo standard errors. Dotted: 90 % "
        "quantile.",
        theory_dash=":",
    )
    title, rows = "{population}: likelihood evaluations", where(table, bias=bias)
    return _draw(table, what, title, rows, ("passes_median", "passes_p90"), _of_fits)


def _of_fits(rows: pd.DataFrame, named: list[str]) -> list[dict[str, str]]:
    """One panel, of whole fits."""
    return [{}]


def _draw(
    table: pd.DataFrame,
    what: Multiples,
    title: str,
    rows: pd.DataFrame,
    measures: tuple[str, ...],
    cells: Cells,
) -> Figure:
    """Draw a measure, theory under it and slopes beside it, a column for each population."""
    found, theory, rates = (of_measure(rows, name) for name in (*measures, "", "")[:3])
    found = with_chance(found) if measures[0] == "rmse" else found
    columns: list[list[Panel]] = []
    for population in names(table, "population"):
        mine = where(found, population=population)
        column: list[Panel] = []
        for at in cells(mine, groups(table, population)):
            estimand = _PARAMETERS.get(at.get("parameter", ""), "").format(at.get("group"))
            here = title.format(population=population, estimand=estimand, **at)
            below, beside = (where(one, population=population, **at) for one in (theory, rates))
            rows = where(mine, **at)
            column.append(Panel(here, rows, below, slopes(beside, rows)))
        columns.append(column)
    return draw(table, side_by_side(columns), what)


def slopes(rates: pd.DataFrame, errors: pd.DataFrame) -> dict[str, str]:
    """The fitted slope of each estimator whose errors lie on a line, as written by its name."""
    return {
        str(name): f"{value:.2f}".replace("-", "−")
        for name, value in zip(rates["estimator"], rates["value"], strict=True)
        if pd.notna(value) and _is_straight(where(errors, estimator=str(name)))
    }


def _is_straight(errors: pd.DataFrame) -> bool:
    """Whether errors lie on a line on log axes."""
    errors = errors[errors["value"] > 0.0]
    if len(errors) < _FEWEST_ON_A_LINE:
        return False
    x, y = (np.log(errors[name].to_numpy(float)) for name in ("size", "value"))
    return bool(np.abs(y - np.polyval(np.polyfit(x, y, 1), x)).max() < _OFF_A_LINE)


def overview(table: pd.DataFrame) -> Figure:
    """Draw the error of the groups' means over scenarios and sizes."""
    rows = where(of_measure(table, "rmse"), parameter="mean_cm")
    rows = rows.assign(value=rows["value"].astype(float) ** 2)
    keys = ["scenario", "estimator", "size"]
    squares = rows.groupby(keys, sort=False, observed=True)["value"].mean().reset_index()
    squares["value"] = np.sqrt(squares["value"])
    note = "Root mean squared error of the estimated means, over the groups, in each scenario."
    return draw_maps(squares, "Error of the means, cm", note, is_share=False)


def failures(table: pd.DataFrame) -> Figure:
    """Draw the share of fits that failed or are suspect over scenarios and sizes."""
    keys = ["scenario", "estimator", "size"]
    converged = of_measure(table, "converged").set_index(keys)["value"].astype(float)
    suspect = of_measure(table, "suspect").set_index(keys)["value"].astype(float)
    share = (1.0 - converged).add(suspect.reindex(converged.index).fillna(0.0)).clip(upper=1.0)
    return draw_maps(
        share.rename("value").reset_index(),
        "Fits that failed or are suspect, per cent",
        "Suspect: a group of fewer than five people, or an SD under a fifth of another's.",
        is_share=True,
    )


_STRENGTH = "Bias and error against the strength of a bias"
_LABELS = "What a label is worth"
_LEAST_BETWEEN_TICKS = 0.12
"""Part of the axis that the number at a tick takes."""


def strength(table: pd.DataFrame) -> Figure:
    """Draw bias and RMSE of one group's mean, one row a population and kind of bias.

    Left the bias with its limit, right the error that is paid in all, both at the largest size.
    """
    rows = where(_found(table), varies="bias", parameter="mean_cm")
    if rows.empty:
        return panels.nothing(_STRENGTH)
    size = int(rows["size"].max())
    rows = _over_settings(rows[rows["size"] == size])
    places = [
        (axis, population)
        for axis in names(rows, "axis")
        for population in names(where(rows, axis=axis), "population")
    ]
    heights = [len(_left_out(where(rows, axis=axis, population=one))) for axis, one in places]
    with context():
        figure, axes = layout.grid(
            len(places),
            2,
            42.0,
            [counts + 2 for counts in heights],
            f"{_STRENGTH} (n = {size:,})",
            f"{BARS} Dotted: large-sample limit. {HOLLOW_OVER_ZERO}",
        )
        for (axis, population), (left, right) in zip(places, axes, strict=True):
            mine = where(rows, axis=axis, population=population)
            group = groups(mine, population)[0]
            mine = where(mine, group=group)
            # Estimators that are fitted at one strength have no curve.
            strengths = mine.groupby(mine["estimator"].astype(str))["size"].nunique()
            mine = mine[mine["estimator"].astype(str).isin(strengths[strengths > 1].index)]
            for panel, what in ((left, "bias"), (right, "RMSE")):
                panel.set_title(f"{population}: {what} of the mean of {group}, cm")
                panel.set_xlabel(axis)
                _setting_axis(panel, mine["size"])
            _biases(left, mine)
            known, found = looks(names(mine, "estimator")), of_measure(mine, "rmse")
            panels.log_axis(right, *panels.around(found["value"].dropna(), log=True))
            layout.label(right, panels.draw_curves(right, found, known, positive=True))
            expected = int(found["replicates_expected"].max())
            panels.write_left_out(left, _left_out(mine), known, expected, below_name=True)
    return figure


def _found(table: pd.DataFrame) -> pd.DataFrame:
    """Settings without those that are factors by design, which have columns and figures."""
    return table[~table["axis"].isin(table.columns)]


def _over_settings(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the number that was set in the place of the size."""
    return rows.drop(columns="size").rename(columns={"setting": "size"})


def _left_out(rows: pd.DataFrame) -> pd.DataFrame:
    """Counts of replicates that points leave out."""
    return left_out(of_measure(rows, "rmse"), list(looks(names(rows, "estimator"))))


def _biases(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw biases, and limits under them."""
    known = looks(names(rows, "estimator"))
    found, limits = of_measure(rows, "bias"), of_measure(rows, "limit_bias")
    values = pd.concat([found["value"], limits["value"], pd.Series([0.0])]).dropna()
    axes.set_ylim(panels.around(values, log=False))
    axes.grid(axis="y")
    axes.axhline(0.0, color="black", linewidth=0.7, zorder=1.5)
    panels.draw_theory(axes, limits, known, ":")
    layout.label(axes, panels.draw_curves(axes, found, known, hollow_over_zero=True))


def _setting_axis(axes: Axes, settings: pd.Series) -> None:
    """Make the horizontal axis that of the numbers that were set."""
    low, high = float(settings.min()), float(settings.max())
    margin = SIGNED_MARGIN * (high - low) or 1.0
    axes.set_xlim(low - margin, high + margin)
    ticks: list[float] = []
    for value in sorted({float(value) for value in settings}):
        if not ticks or value - ticks[-1] >= _LEAST_BETWEEN_TICKS * (high - low):
            ticks.append(value)
    axes.set_xticks(ticks)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")


def labels(table: pd.DataFrame) -> Figure:
    """Draw the error of each mean against the share of people with a label, a curve a size."""
    rows = where(_found(table), varies="estimator", parameter="mean_cm")
    if rows.empty:
        return panels.nothing(_LABELS)
    bias = plain_bias(rows)
    rows = where(rows, bias=bias)
    # Curves are drawn an estimator over sizes; here they are a size over shares of labels.
    line = rows["size"].astype(int).map("n = {:,}".format)
    if len(names(rows, "axis")) > 1:
        line = line + rows["axis"].astype(str).map(_what_else)
    rows = _over_settings(rows.assign(estimator=line))
    means = [
        (population, group)
        for population in names(rows, "population")
        for group in groups(rows, population)
    ]
    note = f"{BARS} Dashed: the smallest standard error that theory allows. {HOLLOW}"
    with context():
        figure, axes = layout.cells(len(means), 60.0, 2, f"{_LABELS} (bias: {bias})", note)
        for (population, group), panel in zip(means, axes, strict=True):
            panel.set_title(f"{population}: RMSE of the mean of {group}, cm")
            panel.set_xlabel("people with a label, %")
            _worth(panel, where(rows, population=population, group=group))
    return figure


def _what_else(axis: object) -> str:
    """What an axis says beyond the share of labels."""
    text = str(axis).partition(",")[2]
    # Labels have room for two dozen characters.
    return f",{text.replace('the others left out', 'others out')}" if text else ""


def _worth(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the error of one mean; the axis of shares is linear near zero."""
    found, bounds = of_measure(rows, "rmse"), of_measure(rows, "bound")
    known = looks(names(rows, "estimator"))
    shares = sorted({float(share) for share in rows["size"]})
    smallest = min((share for share in shares if share > 0.0), default=1.0)
    axes.set_xscale("symlog", linthresh=smallest, linscale=0.5)
    axes.set_xlim(-0.2 * smallest, 1.3)
    axes.set_xticks(shares)
    axes.set_xticks([], minor=True)
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g}")
    values = pd.concat([found["value"], bounds["value"]]).dropna()
    panels.log_axis(axes, *panels.around(values, log=True))
    panels.draw_theory(axes, bounds, known, "--")
    layout.label(axes, panels.draw_curves(axes, found, known, positive=True))
