"""Labels: what it is worth to know the group of some of the people."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stature.plots import curves, ends, layout, panels
from stature.plots.rows import groups, names, of_measure, plain_bias, populations, where
from stature.plots.style import context, looks

TITLE = "What a label is worth"
PANEL_MM = 60.0
_LOG_ROOM = 1.25
_LEFT, _RIGHT = -0.002, 1.3
"""Ends of the horizontal axis, which is linear near zero."""


def draw(table: pd.DataFrame) -> Figure:
    """Draw the error of each mean against the share of people whose label is seen.

    The figure; if no estimators differ in the share of labels alone it says so.
    """
    rows = where(table, varies="estimator", parameter="mean_cm")
    if rows.empty:
        return panels.nothing(TITLE, "this study does not vary the share of labels")
    bias = plain_bias(rows)
    rows = where(rows, bias=bias)
    # Curves are drawn an estimator over sizes; here they are a size over shares of labels.
    several = len(names(rows, "axis")) > 1
    line = rows["size"].astype(int).map("n = {:,}".format)
    if several:
        line = line + rows["axis"].astype(str).map(_what_else)
    rows = rows.assign(estimator=line).drop(columns="size").rename(columns={"setting": "size"})
    with context():
        means = [
            (population, group)
            for population in populations(rows)
            for group in groups(rows, population)
        ]
        lines = -(-len(means) // 2)
        figure, axes = layout.grid(
            lines,
            layout.columns_for(len(means)),
            PANEL_MM,
            [2] * lines,
            f"{TITLE} (bias: {bias})",
            f"{panels.BARS} Dashed: the smallest standard error that theory allows. "
            f"{panels.HOLLOW}",
        )
        cells = [panel for row in axes for panel in row]
        for (population, group), panel in zip(means, cells, strict=False):
            panel.set_title(f"{population}: RMSE of the mean of {group}, cm")
            panel.set_xlabel("people with a label, %")
            _worth(panel, where(rows, population=population, group=group))
        for spare in cells[len(means) :]:
            spare.remove()
    return figure


def _what_else(axis: object) -> str:
    """What an axis says beyond the share of labels."""
    text = str(axis).partition(",")[2]
    return f",{text}" if text else ""


def _worth(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw one mean."""
    found, bounds = of_measure(rows, "rmse"), of_measure(rows, "bound")
    known = looks(names(rows, "estimator"))
    shares = sorted({float(share) for share in rows["size"]})
    smallest = min((share for share in shares if share > 0.0), default=1.0)
    axes.set_xscale("symlog", linthresh=smallest, linscale=0.5)
    axes.set_xlim(-0.2 * smallest, _RIGHT)
    axes.set_xticks(shares)
    axes.set_xticks([], minor=True)
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g}")
    values = pd.concat([found["value"], bounds["value"]]).dropna()
    values = values[values > 0.0]
    curves.log_axis(axes, float(values.min()) / _LOG_ROOM, float(values.max()) * _LOG_ROOM)
    curves.draw_theory(axes, bounds, known, "--", 3.0)
    drawn = curves.draw(axes, found, known, dict.fromkeys(known, 1.0), positive=True)
    ends.label(axes, list(drawn.values()))
