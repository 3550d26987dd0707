"""Hits: how often the estimated means of all groups lie within 2 cm of the truth."""

import pandas as pd
from matplotlib.figure import Figure

from stature.plots import panels
from stature.plots.panels import Multiples, Panel
from stature.plots.rows import of_measure, plain_bias, populations, where


def draw(table: pd.DataFrame) -> Figure:
    """Draw the fraction of samples within 2 cm, one panel a population."""
    bias = plain_bias(table)
    found = of_measure(where(table, bias=bias), "within_2cm")
    what = Multiples(
        f"Samples in which every group's mean is within 2 cm of the truth (bias: {bias})",
        "proportion",
        panel_mm=48.0,
        shared="all",
        note=f"{panels.WILSON} A fit that failed is a miss.",
    )
    shown = [
        Panel(f"{population}: fraction of samples", where(found, population=population))
        for population in populations(table)
    ]
    return panels.draw(table, panels.in_rows(shown), what)
