"""Errors: root mean squared error against the number of people measured, and the bounds.

On log axes an error that falls like ``n^-1/2`` is a straight line of slope -1/2; the fitted slope
stands beside each estimator's name.
"""

import pandas as pd
from matplotlib.figure import Figure

from stature.plots import panels
from stature.plots.panels import Multiples, Panel
from stature.plots.rows import groups, of_measure, plain_bias, populations, where, with_chance

_TITLES = {
    "share": "share of {group}",
    "mean_cm": "mean of {group}, cm",
    "sd_cm": "SD of {group}, cm",
}


def draw(table: pd.DataFrame) -> Figure:
    """Draw the errors without bias, one row a parameter, one column a population."""
    bias = plain_bias(table)
    seen = where(table, bias=bias)
    errors, bounds, rates = (of_measure(seen, name) for name in ("rmse", "bound", "rate"))
    errors = with_chance(errors)
    columns = [
        [
            Panel(
                f"{population}: {_TITLES[parameter].format(group=group)}",
                where(errors, population=population, group=group, parameter=parameter),
                where(bounds, population=population, group=group, parameter=parameter),
                slopes(where(rates, population=population, group=group, parameter=parameter)),
            )
            for group, parameter in estimands(errors, groups(table, population), population)
        ]
        for population in populations(table)
    ]
    what = Multiples(
        f"Root mean squared error (bias: {bias})",
        "log",
        header="fitted slope",
        note=f"{panels.BARS} Black dashes: Cramér–Rao bound. {panels.HOLLOW}",
        left_out_once=True,
    )
    return panels.draw(table, side_by_side(columns), what)


def estimands(rows: pd.DataFrame, found: list[str], population: str) -> list[tuple[str, str]]:
    """The (group, parameter) pairs that are shown of a population."""
    shared = found[:-1] if len(found) == 2 else found
    wanted = [(group, name) for name in ("mean_cm", "sd_cm") for group in found]
    wanted += [(group, "share") for group in shared]
    mine = where(rows, population=population)
    return [
        (group, name) for group, name in wanted if len(where(mine, group=group, parameter=name))
    ]


def side_by_side(columns: list[list[Panel]]) -> list[list[Panel]]:
    """Rows of panels from a list of panels for each population, two populations to a row."""
    if len(columns) == 1:
        return panels.in_rows(columns[0])
    rows: list[list[Panel]] = []
    for first in range(0, len(columns), 2):
        pair = columns[first : first + 2]
        longest = max(len(column) for column in pair)
        rows += [[column[row] for column in pair if row < len(column)] for row in range(longest)]
    return rows


def slopes(rates: pd.DataFrame) -> dict[str, str]:
    """The fitted slope of each estimator, as it is written beside its name."""
    return {
        str(name): f"{value:+.2f}".replace("-", "−").replace("+", "")
        for name, value in zip(rates["estimator"], rates["value"], strict=True)
        if pd.notna(value)
    }
