"""Coverage: how often the 95 % interval holds the truth, against the number of people measured."""

import pandas as pd
from matplotlib.figure import Figure

from stature.plots import panels
from stature.plots.errors import side_by_side
from stature.plots.panels import Multiples, Panel
from stature.plots.rows import biases, groups, of_measure, populations, where

NOMINAL = 0.95
"""What the intervals claim."""


def draw(table: pd.DataFrame) -> Figure:
    """Draw the coverage of one group's mean, one row a bias, one column a population."""
    found = of_measure(where(table, parameter="mean_cm"), "coverage")
    columns = [
        [
            Panel(
                f"{population}, {bias}: mean of {group}",
                where(found, population=population, bias=bias, group=group),
            )
            for bias in biases(where(found, population=population))
            for group in groups(table, population)[:1]
        ]
        for population in populations(table)
    ]
    what = Multiples(
        "Coverage of the 95 % intervals",
        "proportion",
        panel_mm=36.0,
        note=f"{panels.WILSON} {panels.HOLLOW}",
        level=NOMINAL,
        level_name="0.95 claimed",
    )
    return panels.draw(table, side_by_side(columns), what)
