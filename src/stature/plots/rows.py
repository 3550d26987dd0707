"""Rows of the table of measures: which of them a figure shows.

Names are kept in the order in which the table has them, which is the study's.
"""

from collections.abc import Sequence

import pandas as pd

FEW_FAILURES = 0.2
HALF = 0.5
"""Above these shares of failed replicates a point is drawn hollow, or is not drawn at all."""

NO_SPREAD = 1e-12
"""A Monte-Carlo error below this is rounding of a number in which there is no chance."""

POLICIES = ("available", "joint", "finite")
"""Policies for failed fits, the first that a measure has is drawn."""

NO_BIAS = "none"


def names(table: pd.DataFrame, column: str) -> list[str]:
    """The distinct names in a column, in the table's order, without empty ones.

    Parameters
    ----------
    table : DataFrame
        Rows of the table of measures.
    column : str
        A column of names.

    Returns
    -------
    list of str
        The names.
    """
    return [str(name) for name in pd.unique(table[column].astype(str)) if name not in ("", "nan")]


def of_measure(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Rows of one measure, under one policy, by size.

    Parameters
    ----------
    table : DataFrame
        The table of measures.
    measure : str
        Name of the measure.

    Returns
    -------
    DataFrame
        Its rows, sizes ascending; those of the first of `POLICIES` that it has.
    """
    rows = table[table["measure"].astype(str) == measure]
    found = names(rows, "policy")
    preferred = [policy for policy in POLICIES if policy in found][:1]
    if preferred:
        rows = rows[rows["policy"].astype(str) == preferred[0]]
    return rows.sort_values("size", kind="stable")


def with_chance(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of an error in which there is chance.

    Parameters
    ----------
    rows : DataFrame
        Rows of a measure of error.

    Returns
    -------
    DataFrame
        The rows without parameters that the design fixes or the estimator is told: those have no
        error, or that of some rounding of people, and no spread.
    """
    fixed = (rows["mcse"].fillna(0.0) <= NO_SPREAD) & (rows["replicates_used"] > 1)
    return rows[~fixed]


def where(table: pd.DataFrame, **equal: str) -> pd.DataFrame:
    """Rows in which columns have the given names.

    Parameters
    ----------
    table : DataFrame
        Rows of a table.
    **equal : str
        Column and the name that it must have.

    Returns
    -------
    DataFrame
        Those rows, in the same order.
    """
    for column, name in equal.items():
        table = table[table[column].astype(str) == name]
    return table


def plain_bias(table: pd.DataFrame) -> str:
    """The bias under which errors are shown: none, or else the first of the study.

    Parameters
    ----------
    table : DataFrame
        Rows of the table of measures.

    Returns
    -------
    str
        Its name: ``none`` if the table has it, or no bias at all.
    """
    found = names(table, "bias")
    return NO_BIAS if NO_BIAS in found or not found else found[0]


def biases(table: pd.DataFrame) -> list[str]:
    """The biases of a table, no bias first.

    Parameters
    ----------
    table : DataFrame
        Rows of the table of measures.

    Returns
    -------
    list of str
        Their names; but for ``none`` in the table's order.
    """
    return sorted(names(table, "bias"), key=lambda name: name != NO_BIAS)


def populations(table: pd.DataFrame) -> list[str]:
    """The populations of a table of measures, those for which there is a bound first.

    Parameters
    ----------
    table : DataFrame
        The table of measures.

    Returns
    -------
    list of str
        Names, else in the table's order: populations of formulas, then those of data files.
    """
    bounded = names(of_measure(table, "bound").dropna(subset=["value"]), "population")
    return sorted(names(table, "population"), key=lambda name: name not in bounded)


def groups(table: pd.DataFrame, population: str) -> list[str]:
    """Names of a population's groups, the shortest first.

    Parameters
    ----------
    table : DataFrame
        The table of measures; its ``truth`` of the means gives the order.
    population : str
        Name of the population.

    Returns
    -------
    list of str
        The names; in the table's order where it tells no truth.
    """
    mine = where(table, population=population)
    true = of_measure(where(mine, parameter="mean_cm"), "truth").drop_duplicates("group")
    means = dict(zip(true["group"].astype(str), true["value"], strict=True))
    return sorted(names(mine, "group"), key=lambda name: means.get(name, 0.0))


def left_out(rows: pd.DataFrame, estimators: Sequence[str]) -> pd.DataFrame:
    """Replicates that a measure does not use: one row an estimator that lost any.

    Parameters
    ----------
    rows : DataFrame
        Rows of one measure in one panel.
    estimators : sequence of str
        Names of the estimators, in the order in which they are listed.

    Returns
    -------
    DataFrame
        Counts; the index is the estimators, the columns are the sizes.
    """
    counts = rows.assign(estimator=rows["estimator"].astype(str)).pivot_table(
        index="estimator", columns="size", values="replicates_failed", aggfunc="max"
    )
    total = counts.sum(axis="columns").to_dict()
    return counts.loc[[name for name in estimators if total.get(name, 0) > 0]]
