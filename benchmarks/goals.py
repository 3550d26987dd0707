"""The goals: one figure a row, made from the measurements."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measurement import Measurement, middle, values
from benchmarks.problems import PAIRS, SIZES, SMALL_SIZES
from stature.estimators.catalogue import GENERAL

PACKAGES = ("scikit-learn", "mclust", "meV", "mixtools")
OURS = ("newton",)  # from one start, as the peers
AGAINST_PACKAGES = {200: 300, 10_000: 1_000, 1_000_000: 3_000}
AGAINST_BFGS, AGAINST_BFGS_ON_A_SKETCH, AGAINST_DEFAULTS = 100, 80, 30
SKETCHED_SIZE = 10_000
OVER_DRAWING = {
    ("easy", 10_000): 3.0,
    ("hard", 10_000): 4.0,
    ("easy", 1_000_000): 1.5,
    ("hard", 1_000_000): 1.5,
}
OVER_NEWTON = {200: 20, 10_000: 10}
OVER_READING, PEAK_MB, JOB_CPU_SECONDS = 4, 300, 1.2
RUNS = (
    ("compiling all that fits need, CPU seconds", "set-up", "cpu_seconds", 60),
    ("compiling all that fits need, seconds", "set-up", "seconds", 40),
    ("the first fit after set-up, CPU seconds", "first fit", "cpu_seconds", 3),
    ("a fit, CPU seconds", "fit", "cpu_seconds", 1.2),
    ("a fit with nothing compiled, CPU seconds", "fit with nothing compiled", "cpu_seconds", 40),
    ("set-up and default study, CPU seconds", "make results", "cpu_seconds", 300),
    ("set-up and default study, seconds", "make results", "seconds", 180),
    ("default study after set-up, CPU seconds", "default study", "cpu_seconds", 200),
    ("12,000 fits of ten separations, CPU seconds", "12,000 fits", "cpu_seconds", 28),
    ("config/lesson.yaml after set-up, CPU seconds", "lesson", "cpu_seconds", 15),
    ("what make results installs, MB", "environment", "mb", 800),
)
"""What whole runs are to take at most, of 2 cores."""
SMALLEST_MICROSECONDS = 12
SKETCH_ERROR, DECREMENT, TABLE_ERROR = 1e-12, 1e-12, 1e-8


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure, its value, and whether it is to be at least or at most the goal."""

    figure: str
    value: float
    sense: str
    goal: float

    @property
    def is_met(self) -> bool:
        """Whether the value is as good as the goal; a value that is missing is not."""
        return self.value >= self.goal if self.sense == ">=" else self.value <= self.goal


def goals(rows: Sequence[Measurement]) -> list[Goal]:
    """All goals that were measured."""
    found = [*_runs(rows), *_speed(rows), *_limits(rows), *_agreement(rows)]
    return [goal for goal in found if goal.value == goal.value]


def _runs(rows: Sequence[Measurement]) -> list[Goal]:
    return [
        Goal(figure, middle(rows, "runs", "", 0, name, quantity), "<=", goal)
        for figure, name, quantity, goal in RUNS
    ]


def fastest(rows: Sequence[Measurement], way: str, pair: str, size: int) -> tuple[float, str]:
    """Median seconds of the fastest package on its way, and its name; NaN if there is none.

    On the way to the maximum only packages count that get there in every round.
    """
    found = [
        (middle(rows, way, pair, size, name, "seconds"), name)
        for name in PACKAGES
        if way == "default" or min(values(rows, way, pair, size, name, "reached"), default=0.0) > 0
    ]
    measured = [entry for entry in found if entry[0] == entry[0]]
    return min(measured, default=(float("nan"), ""))


def _speed(rows: Sequence[Measurement]) -> list[Goal]:
    found: list[Goal] = []
    for name in OURS:
        smallest = middle(rows, "maximum", "easy", SIZES[0], name, "seconds")
        figure = f"microseconds a fit: easy pair, n = {SIZES[0]}, {name}"
        found.append(Goal(figure, 1e6 * smallest, "<=", SMALLEST_MICROSECONDS))
        for pair in (pair.name for pair in PAIRS):
            for size in (*SMALL_SIZES, *SIZES):
                ours = middle(rows, "maximum", pair, size, name, "seconds")
                where = f"{pair} pair, n = {size}, {name}"
                reaching, package = fastest(rows, "maximum", pair, size)
                if size in AGAINST_PACKAGES:
                    figure = f"times faster to the maximum than {package or 'any package'}: {where}"
                    found.append(Goal(figure, reaching / ours, ">=", AGAINST_PACKAGES[size]))
                bfgs = middle(rows, "default", pair, size, "SciPy BFGS", "seconds")
                figure = f"times faster than hand-written BFGS: {where}"
                least = AGAINST_BFGS_ON_A_SKETCH if size == SKETCHED_SIZE else AGAINST_BFGS
                found.append(Goal(figure, bfgs / ours, ">=", least))
                loose, package = fastest(rows, "default", pair, size)
                figure = f"times faster than the loose default of {package}: {where}"
                found.append(Goal(figure, loose / ours, ">=", AGAINST_DEFAULTS))
    return found


def _limits(rows: Sequence[Measurement]) -> list[Goal]:
    found: list[Goal] = []
    for (pair, size), goal in OVER_DRAWING.items():
        for name in ("people", "normals"):
            ratio = middle(rows, "drawing", pair, size, name, "ratio")
            figure = f"sampling and fitting over drawing {name}: {pair} pair, sizes to {size}"
            found.append(Goal(figure, ratio, "<=", goal))
    for size, goal in OVER_NEWTON.items():
        for name, estimator in GENERAL.items():
            if estimator.ends_at_maximum:
                ratio = middle(rows, "catalogue", "easy", size, name, "ratio")
                found.append(
                    Goal(f"a fit by {name} over one by newton, n = {size}", ratio, "<=", goal)
                )
    files = {row.size for row in rows if row.part == "one file"}
    for size in files:
        seconds = [
            middle(rows, "one file", "easy", size, way, "seconds") for way in ("fit", "NumPy")
        ]
        figure = f"fit of {size:.0e} heights in a file over one NumPy pass"
        found.append(Goal(figure, seconds[0] / seconds[1], "<=", OVER_READING))
        peak = middle(rows, "one file", "easy", size, "fit", "peak_mb")
        found.append(Goal(f"its peak of memory with {size:.0e} heights, MB", peak, "<=", PEAK_MB))
    cpu = middle(rows, "fixed cost", "", 0, "job", "cpu_seconds")
    found.append(Goal("CPU seconds from start to first fit", cpu, "<=", JOB_CPU_SECONDS))
    return found


def _agreement(rows: Sequence[Measurement]) -> list[Goal]:
    def all_of(part: str, quantity: str) -> list[float]:
        return [row.value for row in rows if row.part == part and row.quantity == quantity]

    found: list[Goal] = []
    if samples := all_of("agreement", "samples"):
        figure = f"samples of {sum(samples):.0f} in which Newton and EM end at different maxima"
        found.append(Goal(figure, sum(all_of("agreement", "different")), "<=", 0))
        worst = max(all_of("agreement", "decrement"))
        found.append(Goal("largest decrement of Newton in them", worst, "<=", DECREMENT))
    for quantity in ("log-likelihood", "score", "information"):
        if differences := all_of("sketch", quantity):
            figure = f"relative error of the sketch: {quantity}"
            found.append(Goal(figure, max(differences), "<=", SKETCH_ERROR))
    if differences := all_of("tables", "difference"):
        figure = "largest relative change of a table by turning the sketch on or off"
        found.append(Goal(figure, max(differences), "<=", TABLE_ERROR))
    return found


def write(path: Path, found: Sequence[Goal], others: bool = False) -> None:
    """Write the goals as a CSV file: figure, value, goal; the others that it holds may stay."""
    rows = [[goal.figure, f"{goal.value:.4g}", f"{goal.sense} {goal.goal:g}"] for goal in found]
    if others and path.exists():
        with path.open(newline="") as file:
            known = {goal.figure for goal in found}
            rows += [row for row in [*csv.reader(file)][1:] if row[0] not in known]
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["figure", "value", "goal"], *rows])
