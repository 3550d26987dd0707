"""Measures of anybody's table of estimates: what several methods made of the same data sets.

A row is what one method made of one data set; levels of factors, such as a size, part the table
into cells, each with one truth. Whatever is not a finite number is left out by a stated policy and
counted: a data set that a method has no row for, an estimate that is missing or infinite, a
standard error or an interval that is missing. The measures are those of studies
(`stature.measures.catalogue.OF_ANSWERS`), with what people ask of tables beside them.

Monte-Carlo standard errors are given twice: by the formulas of normal theory, which other software
prints, so that numbers can be compared, and robust ones, which heavy tails do not spoil.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Literal, get_args

import numpy as np

from stature.arrays import Bools, Floats, Ints
from stature.estimators.intervals.wald import Z_95
from stature.measures import performance
from stature.measures.catalogue import MEAN, MEDIAN, OF_ANSWERS, AnswerKind
from stature.measures.cells import Answers
from stature.measures.comparisons import gain_in_precision
from stature.measures.performance import Measured, average, quantile
from stature.measures.replicates import centiles

TablePolicy = Literal["available", "joint", "worst", "best"]
"""What stands behind a measure: whatever a method has (available); only the data sets of which all
methods have everything (joint); as available, a missing interval being a miss or a hit."""
POLICIES: tuple[str, ...] = get_args(TablePolicy)

GAIN = "precision_gain"
# A replicate with more than this share of the variance rules it (`measures.md`: largest a_i / n).
DOMINATES = 0.1


@dataclass(frozen=True, slots=True)
class Estimates:
    """A table of n estimates by M methods, in C cells; NaN stands for what is missing."""

    estimate: Floats  # shape (n,): estimates, infinite where the table says so
    std_error: Floats | None  # shape (n,): standard errors; None: the table has none
    lower: Floats | None  # shape (n,): ends of intervals, which may be infinite; None: likewise
    upper: Floats | None
    truth: Floats  # shape (C,): true value of each cell
    methods: tuple[str, ...]  # names of the methods, in the order of the table
    method: Ints  # shape (n,): method of each row
    by: tuple[str, ...]  # names of the factors that make cells
    levels: tuple[tuple[str, ...], ...]  # their levels in each cell
    cell: Ints  # shape (n,): cell of each row
    replicate: Ints  # shape (n,): number of its data set, from 0, among those of its cell
    # whether one number is one data set for all methods, so that they can be compared in pairs
    paired: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a table of estimates."""

    reference: str  # the method whose precision the others are compared with
    null: float  # value that a test rejects
    policy: TablePolicy


@dataclass(frozen=True, slots=True)
class Loss:
    """What is missing of one method in one cell."""

    levels: tuple[str, ...]  # the cell
    method: str
    expected: int  # data sets of the cell, whether there is a row for them or not
    rows_missing: int
    estimates_missing: int  # of the rows that are there
    estimates_infinite: int
    std_errors_missing: int  # of the estimates that are finite; not counted without such a column
    intervals_missing: int

    @property
    def any(self) -> bool:
        """Whether anything is missing."""
        return sum(self.counts[1:]) > 0

    @property
    def counts(self) -> tuple[int, ...]:
        """All counts, data sets first."""
        return tuple(getattr(self, one.name) for one in fields(self)[2:])


@dataclass(frozen=True, slots=True)
class TableMeasure:
    """A measure of one method in one cell of a table of estimates."""

    levels: tuple[str, ...]  # the cell
    measure: str  # name of the measure
    method: str
    reference: str  # the method compared with, or empty
    value: float  # the measure; NaN where there is none
    mcse: float  # Monte-Carlo standard error of normal theory, and the robust one
    robust_mcse: float
    lower: float  # 95 % Monte-Carlo interval, robust (Wilson's for a proportion)
    upper: float
    replicates_used: int  # data sets behind it, data sets left out, and their sum
    replicates_failed: int
    replicates_expected: int


def kinds(null: float) -> tuple[AnswerKind, ...]:
    """What is measured of one method alone."""
    mean, middle, share = "SD(x) / sqrt(n)", "half a distance of order statistics", "as coverage"
    powers = f"share of the intervals that do not hold {null:g}"
    return (
        MEAN,
        AnswerKind("median", "parameter", "median of t", middle, lambda of: _median(of.used)),
        *(one for one in OF_ANSWERS if one.name != "median_error"),
        AnswerKind("mean_variance", "", "mean v", mean, lambda of: average(of.std_error**2)),
        AnswerKind(
            "median_variance", "", "median of v", middle, lambda of: _median(of.std_error**2)
        ),
        AnswerKind(
            "power", "", powers, share, lambda of: performance.power(of.lower, of.upper, null)
        ),
    )


def _median(values: Floats) -> Measured:
    """The median as all other software has it."""
    return quantile(values, MEDIAN, between=True)


def measure_table(table: Estimates, asked: Asked) -> tuple[TableMeasure, ...]:
    """All measures of a table, by cell, measure and method."""
    # Squares of estimates beyond 1e154 are more than a double holds: such a measure has no value.
    with np.errstate(over="ignore", invalid="ignore"):
        return tuple(
            row for cell in range(len(table.levels)) for row in _of_cell(table, cell, asked)
        )


@dataclass(frozen=True, slots=True)
class Performance:
    """A table of estimates, what was asked of it, and what was found."""

    table: Estimates
    asked: Asked
    measures: tuple[TableMeasure, ...]  # by cell, measure and method
    losses: tuple[Loss, ...]  # by cell and method

    @property
    def rows(self) -> list[dict[str, str | float | int | None]]:
        """The measures as rows with the names that columns have everywhere; None: no value."""
        return [
            dict(zip(self.table.by, row.levels, strict=True))
            | {
                one.name: None if isinstance(value, float) and not np.isfinite(value) else value
                for one in fields(row)[1:]
                for value in (getattr(row, one.name),)
            }
            | {"policy": self.asked.policy}
            for row in self.measures
        ]


def performance_of(table: Estimates, asked: Asked) -> Performance:
    """Measure a table, and count what is missing of it."""
    return Performance(table, asked, measure_table(table, asked), losses(table))


def losses(table: Estimates) -> tuple[Loss, ...]:
    """What is missing, by cell and method."""
    return tuple(row for cell in range(len(table.levels)) for row in _lost(table, cell))


def dominated(table: Estimates) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Cells and methods whose variance is that of a few estimates, far from the others."""
    found: list[tuple[tuple[str, ...], str]] = []
    for cell, levels in enumerate(table.levels):
        answers, _ = _answers(table, cell)
        _, deviation, _ = performance.centred(answers.error)
        size = np.abs(np.where(np.isfinite(deviation), deviation, 0.0))
        largest = size.max(axis=-1, initial=0.0)
        squares = (size / np.where(largest > 0.0, largest, 1.0)[:, None]) ** 2
        # Of ten data sets each has about a tenth, whatever they are.
        many = (size > 0.0).sum(axis=-1) > 2.0 / DOMINATES
        rules = many & (DOMINATES * squares.sum(axis=-1) < 1.0)
        found += [(levels, table.methods[m]) for m in np.flatnonzero(rules)]
    return tuple(found)


def ranked(table: Estimates, cell: int) -> dict[str, dict[str, Floats]]:
    """Intervals of a cell by method, each with the centile of its distance from the truth.

    The distance is counted in standard errors, or in half-widths where there are none.
    """
    answers, _ = _answers(table, cell)
    half = 0.5 * (answers.upper - answers.lower) / Z_95
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(answers.error) / np.where(np.isnan(answers.std_error), half, answers.std_error)
    off[np.isnan(answers.lower) | np.isnan(answers.upper)] = np.nan
    return {
        name: {
            "centile": centiles(off[m]),
            "estimate": answers.estimate[m],
            "lower": answers.lower[m],
            "upper": answers.upper[m],
        }
        for m, name in enumerate(table.methods)
    }


def _answers(table: Estimates, cell: int) -> tuple[Answers, Bools]:
    """A cell laid out as (methods, data sets), and where there is a row."""
    rows = np.flatnonzero(table.cell == cell)
    shape = len(table.methods), int(table.replicate[rows].max(initial=-1)) + 1
    at = table.method[rows], table.replicate[rows]
    present = np.zeros(shape, np.bool_)
    present[at] = True

    def laid_out(column: Floats | None) -> Floats:
        out = np.full(shape, np.nan)
        if column is not None:
            out[at] = column[rows]
        return out

    estimate = laid_out(table.estimate)
    kept = np.where(np.isfinite(estimate), 0.0, np.nan)
    std_error, lower, upper = (
        laid_out(column) + kept for column in (table.std_error, table.lower, table.upper)
    )
    std_error = np.where(np.isfinite(std_error), std_error, np.nan)
    truth = np.full(len(table.methods), table.truth[cell])
    error = estimate + kept - table.truth[cell]
    return Answers(truth, estimate, error, std_error, lower, upper), present


def _by_policy(table: Estimates, answers: Answers, policy: TablePolicy) -> Answers:
    """Answers that a policy keeps."""
    if policy != "joint":
        return answers
    here = np.isfinite(answers.error)
    if table.std_error is not None:
        here &= np.isfinite(answers.std_error)
    if table.lower is not None:
        here &= ~np.isnan(answers.lower) & ~np.isnan(answers.upper)
    kept = np.where(here.all(axis=0), 0.0, np.nan)
    columns = ("estimate", "error", "std_error", "lower", "upper")
    return replace(answers, **{name: getattr(answers, name) + kept for name in columns})


def _coverage_by(answers: Answers, policy: TablePolicy) -> Measured:
    """Coverage, missing intervals being misses or hits."""
    miss, lower, upper = np.inf if policy == "worst" else -np.inf, answers.lower, answers.upper
    missing = np.isnan(lower) | np.isnan(upper)
    ends = np.where(missing, miss, lower), np.where(missing, -miss, upper)
    return performance.coverage(*ends, answers.truth)


def _of_cell(table: Estimates, cell: int, asked: Asked) -> Iterator[TableMeasure]:
    """Measures of one cell."""
    answers, present = _answers(table, cell)
    answers = _by_policy(table, answers, asked.policy)
    levels, expected = table.levels[cell], present.shape[1]
    made_up = asked.policy in ("worst", "best") and table.lower is not None
    for kind in kinds(asked.null):
        measured = kind.compute(answers)
        if kind.name == "coverage" and made_up:
            measured = _coverage_by(answers, asked.policy)
        yield from _rows(levels, kind.name, table.methods, measured, expected)
    if table.paired and len(table.methods) > 1:
        other = answers.error[[table.methods.index(asked.reference)]]
        gain = gain_in_precision(answers.error, np.broadcast_to(other, answers.error.shape))
        for row in _rows(levels, GAIN, table.methods, gain, expected):
            yield replace(row, reference=asked.reference)


def _rows(
    levels: tuple[str, ...], name: str, methods: tuple[str, ...], measured: Measured, expected: int
) -> Iterator[TableMeasure]:
    """Rows of one measure."""
    normal = measured.mcse if measured.normal_mcse is None else measured.normal_mcse
    numbers = (measured.value, normal, measured.mcse, measured.lower, measured.upper)
    for m, method in enumerate(methods):
        used = int(measured.used[m])
        value, mcse, robust, lower, upper = (float(column[m]) + 0.0 for column in numbers)
        yield TableMeasure(
            levels, name, method, "", value, mcse, robust, lower, upper,
            used, expected - used, expected,
        )  # fmt: skip


def _lost(table: Estimates, cell: int) -> Iterator[Loss]:
    """What is missing in a cell."""
    answers, present = _answers(table, cell)
    finite = np.isfinite(answers.error)
    no_interval = np.isnan(answers.lower) | np.isnan(answers.upper)
    missing = (
        ~present,
        present & np.isnan(answers.estimate),
        np.isinf(answers.estimate),
        finite & np.isnan(answers.std_error) & (table.std_error is not None),
        finite & no_interval & (table.lower is not None),
    )
    counts = np.stack(missing).sum(axis=-1).T.tolist()
    for method, count in zip(table.methods, counts, strict=True):
        yield Loss(table.levels[cell], method, present.shape[1], *count)
