"""Biases: how far the mean estimate lies from the truth, against the number of people measured.

Under a biased sample the estimates settle on a plateau, their limit: more people do not help.
"""

import pandas as pd
from matplotlib.figure import Figure

from stature.plots import panels
from stature.plots.errors import side_by_side
from stature.plots.panels import Multiples, Panel
from stature.plots.rows import biases, groups, of_measure, populations, where


def draw(table: pd.DataFrame) -> Figure:
    """Draw the bias of one group's mean, one row a bias and one column a population."""
    means = where(table, parameter="mean_cm")
    found, limits = of_measure(means, "bias"), of_measure(means, "limit_bias")
    columns = [
        [
            Panel(
                f"{population}, {bias}: mean of {group}, cm",
                where(found, population=population, bias=bias, group=group),
                where(limits, population=population, bias=bias, group=group),
            )
            for bias in biases(where(found, population=population))
            for group in groups(table, population)[:1]
        ]
        for population in populations(table)
    ]
    alone = len(columns) == 1
    what = Multiples(
        "Bias: mean estimate minus truth",
        "signed",
        panel_mm=36.0,
        # Many biases differ too much in size for one axis.
        shared="row" if alone else "all",
        level=0.0,
        theory_dash=":",
        note=f"{panels.BARS} Dotted: the limit as n grows. Hollow: the bar covers zero, or over "
        "20 % of the replicates are left out.",
    )
    laid_out = panels.in_rows(columns[0]) if alone else side_by_side(columns)
    return panels.draw(table, laid_out, what)
