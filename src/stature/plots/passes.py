"""Passes: how often an algorithm reads the data before it has converged."""

import pandas as pd
from matplotlib.figure import Figure

from stature.plots import panels
from stature.plots.panels import Multiples, Panel
from stature.plots.rows import of_measure, plain_bias, populations, where

_MEDIAN, _HIGH = "passes_median", "passes_p90"


def draw(table: pd.DataFrame) -> Figure:
    """Draw passes to convergence, one panel a population."""
    bias = plain_bias(table)
    seen = where(table, bias=bias)
    median, high = of_measure(seen, _MEDIAN), of_measure(seen, _HIGH)
    what = Multiples(
        f"Passes over the data until convergence (bias: {bias})",
        "log",
        panel_mm=48.0,
        shared="all",
        note="Points: median, with bars of ±1.96 Monte-Carlo standard errors. Dotted: 90 % "
        "quantile.",
        theory_dash=":",
    )
    shown = [
        Panel(
            f"{population}: passes",
            where(median, population=population),
            where(high, population=population),
        )
        for population in populations(table)
    ]
    return panels.draw(table, panels.in_rows(shown), what)
