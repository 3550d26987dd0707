"""Strength: what a bias does to the estimates, against how strong it is.

Left the bias with its limit, right the error that is paid in all, both at the largest size.
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stature.plots import curves, ends, layout, panels
from stature.plots.rows import groups, left_out, names, of_measure, populations, where
from stature.plots.style import context, looks

TITLE = "Bias and error against the strength of a bias"
PANEL_MM = 42.0
_ROOM = 0.06
_LOG_ROOM = 1.25
_LEAST_BETWEEN_TICKS = 0.12
"""Part of the axis that the number at a tick takes."""


def draw(table: pd.DataFrame) -> Figure:
    """Draw bias and RMSE of one group's mean, one row a population and kind of bias.

    The figure; if no bias comes in several strengths it says so.
    """
    rows = where(table, varies="bias", parameter="mean_cm")
    if rows.empty:
        return panels.nothing(TITLE, "no bias of this study comes in several strengths")
    size = int(rows["size"].max())
    # Curves are drawn over sizes; here the number that was set stands in their place.
    rows = rows[rows["size"] == size].drop(columns="size").rename(columns={"setting": "size"})
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
            PANEL_MM,
            [rows_of_counts + 2 for rows_of_counts in heights],
            f"{TITLE} (n = {size:,})",
            f"{panels.BARS} Dotted: the limit as n grows. Hollow: the bar covers zero, or over "
            "20 % of the replicates are left out.",
        )
        for (axis, population), (left, right) in zip(places, axes, strict=True):
            mine = where(rows, axis=axis, population=population)
            group = groups(mine, population)[0]
            mine = _curves(where(mine, group=group))
            title = f"{population}: {{}} of the mean of {group}, cm"
            left.set_title(title.format("bias"))
            right.set_title(title.format("RMSE"))
            for panel in (left, right):
                panel.set_xlabel(axis)
                _setting_axis(panel, mine["size"])
            _biases(left, mine)
            _errors(right, mine)
            known = looks(names(mine, "estimator"))
            expected = int(of_measure(mine, "rmse")["replicates_expected"].max())
            below = layout.TICKS_MM + layout.AXIS_NAME_MM + 0.3
            curves.write_left_out(left, _left_out(mine), known, expected, below)
    return figure


def _curves(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of estimators that are fitted at more than one strength."""
    strengths = rows.groupby(rows["estimator"].astype(str))["size"].nunique()
    return rows[rows["estimator"].astype(str).isin(strengths[strengths > 1].index)]


def _left_out(rows: pd.DataFrame) -> pd.DataFrame:
    """Counts of replicates that points leave out."""
    return left_out(of_measure(rows, "rmse"), list(looks(names(rows, "estimator"))))


def _biases(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw biases, and limits under them."""
    known = looks(names(rows, "estimator"))
    found, limits = of_measure(rows, "bias"), of_measure(rows, "limit_bias")
    values = pd.concat([found["value"], limits["value"], pd.Series([0.0])]).dropna()
    room = _ROOM * float(values.max() - values.min()) or 1.0
    axes.set_ylim(float(values.min()) - room, float(values.max()) + room)
    axes.grid(axis="y")
    axes.axhline(0.0, color="black", linewidth=0.7, zorder=1.5)
    curves.draw_theory(axes, limits, known, ":", 3.0)
    factors = dict.fromkeys(known, 1.0)
    ends.label(axes, list(curves.draw(axes, found, known, factors, hollow_over_zero=True).values()))


def _errors(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw errors on a log axis."""
    known = looks(names(rows, "estimator"))
    found = of_measure(rows, "rmse")
    values = found["value"].dropna()
    values = values[values > 0.0]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.1, 10.0)
    curves.log_axis(axes, low / _LOG_ROOM, high * _LOG_ROOM)
    drawn = curves.draw(axes, found, known, dict.fromkeys(known, 1.0), positive=True)
    ends.label(axes, list(drawn.values()))


def _setting_axis(axes: Axes, settings: pd.Series) -> None:
    """Make the horizontal axis that of the numbers that were set."""
    low, high = float(settings.min()), float(settings.max())
    room = _ROOM * (high - low) or 1.0
    axes.set_xlim(low - room, high + room)
    ticks: list[float] = []
    for value in sorted({float(value) for value in settings}):
        if not ticks or value - ticks[-1] >= _LEAST_BETWEEN_TICKS * (high - low):
            ticks.append(value)
    axes.set_xticks(ticks)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
