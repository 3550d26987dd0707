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
    """The distinct names in a column, in the table's order, without empty ones."""
    return [str(name) for name in pd.unique(table[column].astype(str)) if name not in ("", "nan")]


def of_measure(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Rows of one measure, under one policy, by size."""
    rows = table[table["measure"].astype(str) == measure]
    found = names(rows, "policy")
    preferred = [policy for policy in POLICIES if policy in found][:1]
    if preferred:
        rows = rows[rows["policy"].astype(str) == preferred[0]]
    return rows.sort_values("size", kind="stable")


def with_chance(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of an error in which there is chance."""
    fixed = (rows["mcse"].fillna(0.0) <= NO_SPREAD) & (rows["replicates_used"] > 1)
    return rows[~fixed]


def where(table: pd.DataFrame, **equal: str) -> pd.DataFrame:
    """Rows in which columns have the given names."""
    for column, name in equal.items():
        table = table[table[column].astype(str) == name]
    return table


def plain_bias(table: pd.DataFrame) -> str:
    """The bias under which errors are shown: none, or else the first of the study.

    Its name: ``none`` if the table has it, or no bias at all.
    """
    found = names(table, "bias")
    return NO_BIAS if NO_BIAS in found or not found else found[0]


def populations(table: pd.DataFrame) -> list[str]:
    """The populations of a table of measures, those for which there is a bound first.

    Names, else in the table's order: populations of formulas, then those of data files.
    """
    bounded = names(of_measure(table, "bound").dropna(subset=["value"]), "population")
    return sorted(names(table, "population"), key=lambda name: name not in bounded)


def groups(table: pd.DataFrame, population: str) -> list[str]:
    """Names of a population's groups, the shortest first.

    The names; in the table's order where it tells no truth.
    """
    mine = where(table, population=population)
    true = of_measure(where(mine, parameter="mean_cm"), "truth").drop_duplicates("group")
    means = dict(zip(true["group"].astype(str), true["value"], strict=True))
    return sorted(names(mine, "group"), key=lambda name: means.get(name, 0.0))


def left_out(rows: pd.DataFrame, estimators: Sequence[str]) -> pd.DataFrame:
    """Replicates that a measure does not use: one row an estimator that lost any."""
    counts = rows.assign(estimator=rows["estimator"].astype(str)).pivot_table(
        index="estimator", columns="size", values="replicates_failed", aggfunc="max"
    )
    total = counts.sum(axis="columns").to_dict()
    return counts.loc[[name for name in estimators if total.get(name, 0) > 0]]
