"""Price: by how much hiding the labels multiplies the error, against the number of people."""

import pandas as pd
from matplotlib.figure import Figure

from stature.plots import panels
from stature.plots.errors import side_by_side
from stature.plots.panels import Multiples, Panel
from stature.plots.rows import groups, of_measure, plain_bias, populations, where


def draw(table: pd.DataFrame) -> Figure:
    """Draw the price of hidden labels for the means, one column a population."""
    bias = plain_bias(table)
    found = of_measure(where(table, bias=bias, parameter="mean_cm"), "price_of_hidden_labels")
    columns = [
        [
            Panel(
                f"{population}: mean of {group}, times",
                where(found, population=population, group=group),
            )
            for group in groups(table, population)
        ]
        for population in populations(table)
    ]
    what = Multiples(
        f"Price of hidden labels: error over that of the labelled MLE (bias: {bias})",
        "log",
        shared="all",
        note=f"{panels.BARS} {panels.HOLLOW}",
        left_out_once=True,
        level=1.0,
        level_name="labels seen",
    )
    return panels.draw(table, side_by_side(columns), what)
