"""Figures of the measures: one for each question that is asked of every estimator and size."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from stature.plots.panels import (
    BARS,
    HOLLOW,
    HOLLOW_OVER_ZERO,
    WILSON,
    Multiples,
    Panel,
    draw,
    draw_maps,
    in_rows,
    side_by_side,
)
from stature.plots.rows import (
    NO_BIAS,
    groups,
    names,
    of_measure,
    plain_bias,
    populations,
    where,
    with_chance,
)

NOMINAL = 0.95
"""Coverage that the intervals claim."""

_TITLES = {
    "share": "share of {group}",
    "mean_cm": "mean of {group}, cm",
    "sd_cm": "SD of {group}, cm",
}


def errors(table: pd.DataFrame) -> Figure:
    """Draw the errors without bias, one row a parameter, one column a population.

    On log axes an error that falls like ``n^-1/2`` is a straight line of slope -1/2; the fitted
    slope stands beside each estimator's name.
    """
    bias = plain_bias(table)
    shown = where(table, bias=bias)
    found, bounds, rates = (of_measure(shown, name) for name in ("rmse", "bound", "rate"))
    found = with_chance(found)
    columns = [
        [
            Panel(
                f"{at['population']}: {_TITLES[at['parameter']].format(group=at['group'])}",
                where(found, **at),
                where(bounds, **at),
                slopes(where(rates, **at)),
            )
            for at in estimands(found, groups(table, population), population)
        ]
        for population in populations(table)
    ]
    what = Multiples(
        f"Root mean squared error (bias: {bias})",
        "log",
        header="fitted slope",
        note=f"{BARS} Black dashes: Cramér–Rao bound. {HOLLOW}",
        left_out_once=True,
    )
    return draw(table, side_by_side(columns), what)


def estimands(rows: pd.DataFrame, named: list[str], population: str) -> list[dict[str, str]]:
    """The groups and parameters that are shown of a population: of two shares, one."""
    wanted = [(group, name) for name in ("mean_cm", "sd_cm") for group in named]
    wanted += [(group, "share") for group in (named[:-1] if len(named) == 2 else named)]
    found = [
        {"population": population, "group": group, "parameter": name} for group, name in wanted
    ]
    return [at for at in found if len(where(rows, **at))]


def slopes(rates: pd.DataFrame) -> dict[str, str]:
    """The fitted slope of each estimator, as it is written beside its name."""
    return {
        str(name): f"{value:.2f}".replace("-", "−")
        for name, value in zip(rates["estimator"], rates["value"], strict=True)
        if pd.notna(value)
    }


def biases(table: pd.DataFrame) -> Figure:
    """Draw the bias of one group's mean, one row a bias and one column a population."""
    columns = _under_each_bias(table, ", cm", "bias", "limit_bias")
    what = Multiples(
        "Bias: mean estimate minus truth",
        "signed",
        panel_mm=36.0,
        # Many biases differ too much in size for one axis.
        shared="row" if len(columns) == 1 else "all",
        level=0.0,
        theory_dash=":",
        note=f"{BARS} Dotted: the limit as n grows. {HOLLOW_OVER_ZERO}",
    )
    return draw(table, side_by_side(columns), what)


def coverage(table: pd.DataFrame) -> Figure:
    """Draw the coverage of one group's mean, one row a bias, one column a population."""
    what = Multiples(
        "Coverage of the 95 % intervals",
        "proportion",
        panel_mm=36.0,
        note=f"{WILSON} {HOLLOW}",
        level=NOMINAL,
        level_name="0.95 claimed",
    )
    return draw(table, side_by_side(_under_each_bias(table, "", "coverage")), what)


def _under_each_bias(
    table: pd.DataFrame, unit: str, measure: str, theory: str = ""
) -> list[list[Panel]]:
    """Panels of the mean of the shortest group under each bias, of each population."""
    means = where(table, parameter="mean_cm")
    found = of_measure(means, measure)
    limits = of_measure(means, theory) if theory else None
    columns: list[list[Panel]] = []
    for population in populations(table):
        shortest = groups(table, population)[0]
        column: list[Panel] = []
        named = names(where(found, population=population), "bias")
        for name in sorted(named, key=lambda name: name != NO_BIAS):
            at = {"population": population, "bias": name, "group": shortest}
            limit = None if limits is None else where(limits, **at)
            title = f"{population}, {name}: mean of {shortest}{unit}"
            column.append(Panel(title, where(found, **at), limit))
        columns.append(column)
    return columns


def price(table: pd.DataFrame) -> Figure:
    """Draw by how much hidden labels multiply the errors of means, one column a population."""
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
        note=f"{BARS} {HOLLOW}",
        left_out_once=True,
        level=1.0,
        level_name="labels seen",
    )
    return draw(table, side_by_side(columns), what)


def hits(table: pd.DataFrame) -> Figure:
    """Draw how often the means of all groups are within 2 cm, one panel a population."""
    bias = plain_bias(table)
    found = of_measure(where(table, bias=bias), "within_2cm")
    what = Multiples(
        f"Samples in which every group's mean is within 2 cm of the truth (bias: {bias})",
        "proportion",
        panel_mm=48.0,
        shared="all",
        note=f"{WILSON} A fit that failed is a miss.",
    )
    panels = [
        Panel(f"{population}: fraction of samples", where(found, population=population))
        for population in populations(table)
    ]
    return draw(table, in_rows(panels), what)


def passes(table: pd.DataFrame) -> Figure:
    """Draw likelihood evaluations until convergence, one panel a population."""
    bias = plain_bias(table)
    shown = where(table, bias=bias)
    median, high = of_measure(shown, "passes_median"), of_measure(shown, "passes_p90")
    what = Multiples(
        f"Passes over the data until convergence (bias: {bias})",
        "log",
        panel_mm=48.0,
        shared="all",
        note="Points: median, with bars of ±1.96 Monte-Carlo standard errors. Dotted: 90 % "
        "quantile.",
        theory_dash=":",
    )
    panels = [
        Panel(
            f"{population}: passes",
            where(median, population=population),
            where(high, population=population),
        )
        for population in populations(table)
    ]
    return draw(table, in_rows(panels), what)


def overview(table: pd.DataFrame) -> Figure:
    """Draw the error of the groups' means over scenarios and sizes."""
    rows = where(of_measure(table, "rmse"), parameter="mean_cm")
    rows = rows.assign(value=rows["value"].astype(float) ** 2)
    keys = ["scenario", "estimator", "size"]
    squares = rows.groupby(keys, sort=False, observed=True)["value"].mean().reset_index()
    squares["value"] = np.sqrt(squares["value"])
    note = "Root mean squared error of the estimated means, over the groups, in each scenario."
    return draw_maps(squares, "Error of the means, in cm", note, is_share=False)


def failures(table: pd.DataFrame) -> Figure:
    """Draw the share of fits that failed or are suspect over scenarios and sizes."""
    keys = ["scenario", "estimator", "size"]
    converged = of_measure(table, "converged").set_index(keys)["value"].astype(float)
    suspect = of_measure(table, "suspect").set_index(keys)["value"].astype(float)
    share = (1.0 - converged).add(suspect.reindex(converged.index).fillna(0.0)).clip(upper=1.0)
    return draw_maps(
        share.rename("value").reset_index(),
        "Fits that failed, or are suspect",
        "Share of samples whose fit did not converge, or has a group of fewer than five people "
        "or an SD under a fifth of another's: a maximum that may be spurious.",
        is_share=True,
    )
