"""Figures of what a study varies: the strength of a bias, or the share of labels.

They are curves over sizes in which the number that was set stands in the place of the size.
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stature.plots import layout, panels
from stature.plots.layout import groups, left_out, names, of_measure, plain_bias, populations, where
from stature.plots.panels import BARS, HOLLOW, HOLLOW_OVER_ZERO, SIGNED_MARGIN
from stature.plots.style import context, looks

_STRENGTH = "Bias and error against the strength of a bias"
_LABELS = "What a label is worth"
_LEAST_BETWEEN_TICKS = 0.12
"""Part of the axis that the number at a tick takes."""


def strength(table: pd.DataFrame) -> Figure:
    """Draw bias and RMSE of one group's mean, one row a population and kind of bias.

    Left the bias with its limit, right the error that is paid in all, both at the largest size.
    """
    rows = where(table, varies="bias", parameter="mean_cm")
    if rows.empty:
        return panels.nothing(_STRENGTH)
    size = int(rows["size"].max())
    rows = _over_settings(rows[rows["size"] == size])
    places = [
        (axis, population)
        for axis in names(rows, "axis")
        for population in populations(where(rows, axis=axis))
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
    rows = where(table, varies="estimator", parameter="mean_cm")
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
        for population in populations(rows)
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
    return f",{text}" if text else ""


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
