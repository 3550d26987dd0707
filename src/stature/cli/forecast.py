"""Forecast: how long the jobs of a plan would take, what they would write, and how much is learned.

Time and disk come from what earlier jobs of the same kind took and wrote, where there are some, and
else from the constants that judge whether a study is large; Monte-Carlo standard errors come from
the measures of an earlier run. Files that no job writes any more are counted, too.
"""

import csv
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from stature.cli.dry_run import Job
from stature.config.study import (
    BYTES_PER_PERSON,
    BYTES_PER_ROW,
    BYTES_PER_SKETCH,
    PARAMETERS_PER_GROUP,
    Study,
    cpu_seconds,
)
from stature.design.scenarios import block_named, names_of
from stature.measures.measure import Measure
from stature.store import records
from stature.store.parquet import TableError

CPU_SECONDS_PER_JOB = 2.0
"""Starting Python and importing packages, for a job of which nothing else is known; measured."""
OTHER = "files that no job writes"
_STAGES = ("samples", "fits", "traces", "bounds", "measures", "intervals")
_ROUNDS = ("rounds", "measure_round", "judge_round")
_BESIDE = ("logs", "benchmarks")

Like = tuple[str, str, str]
"""Rule, scenario and estimator: jobs that are alike but for the block."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a plan would cost."""

    cpu_seconds: float  # time on one core
    bytes_now: float  # size of the results now, and how much larger they would be
    bytes_more: float
    measured: int  # jobs whose time was measured on earlier ones of their kind


@dataclass(frozen=True, slots=True)
class ExpectedError:
    """The Monte-Carlo standard error of the RMSE of a mean, in the worst cell of an estimator."""

    estimator: str
    scenario: str  # the cell in which it is largest
    group: str
    size: int  # number of people there
    mcse_cm: float  # the error to be expected, in cm
    replicates_before: int  # replicates of the earlier run that it was scaled from


@dataclass(frozen=True, slots=True)
class Orphans:
    """Files that stay although what they are of is no longer in the study."""

    item: str  # what they are of, such as ``estimators[mle]``
    files: int  # how many, and how large
    bytes: int


def forecast(jobs: Sequence[Job], study: Study, folder: Path) -> Forecast:
    """Cost of the jobs that would run."""
    times = _rates(jobs, _benchmarked)
    sizes = _rates(jobs, lambda job: _size(job.outputs) or None)
    seconds = more = 0.0
    measured = 0
    for job in jobs:
        if not job.runs or not job.outputs:
            continue
        rate = _rate(times, job)
        measured += rate is not None
        seconds += _seconds(job, study) if rate is None else rate * _replicates(job)
        rate = _rate(sizes, job)
        expected = _bytes(job, study) if rate is None else rate * _replicates(job)
        more += expected - _size(job.outputs)
    now = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Forecast(seconds, now, more, measured)


def _likes(job: Job) -> tuple[Like, Like]:
    """What a job is like: first those of its scenario, then those of any."""
    scenario, estimator = (job.wildcards.get(name, "") for name in ("scenario", "estimator"))
    return (job.rule, scenario, estimator), (job.rule, "", estimator)


def _replicates(job: Job) -> int:
    """Replicates of a job's block; 1 for a job that is of no block."""
    return len(block_named(job.wildcards["block"]).replicates) if "block" in job.wildcards else 1


def _rates(jobs: Iterable[Job], amount: Callable[[Job], float | None]) -> Mapping[Like, float]:
    """Average amount a replicate of jobs that have run, by kind; also over scenarios, as ''."""
    totals: dict[Like, list[float]] = {}
    for job in jobs:
        had = amount(job)
        if had is None:
            continue
        for like in set(_likes(job)):
            total = totals.setdefault(like, [0.0, 0.0])
            total[0] += had
            total[1] += _replicates(job)
    return {like: amount / replicates for like, (amount, replicates) in totals.items()}


def _rate(rates: Mapping[Like, float], job: Job) -> float | None:
    """Rate of a kind of job, or that of the same estimator in other scenarios."""
    return next((rates[like] for like in _likes(job) if like in rates), None)


def _benchmarked(job: Job) -> float | None:
    """CPU seconds that a job took when it ran last; None if nobody measured it."""
    for path in job.logs:
        if path.endswith(".tsv") and Path(path).is_file():
            lines = Path(path).read_text(encoding="utf-8").splitlines()
            with suppress(KeyError, TypeError, ValueError):  # too short to be measured
                return float(next(csv.DictReader(lines, delimiter="\t"), {})["cpu_time"])
    return None


def _seconds(job: Job, study: Study) -> float:
    """CPU seconds of a job of which nothing was measured."""
    if job.rule != "fit_samples":
        return CPU_SECONDS_PER_JOB
    estimator = study.estimator(job.wildcards["estimator"])
    return CPU_SECONDS_PER_JOB + _replicates(job) * len(study.sizes) * cpu_seconds(estimator)


def _bytes(job: Job, study: Study) -> float:
    """Bytes of the outputs of a job of which there is none; only blocks count."""
    if job.rule == "draw_samples":
        sketches = BYTES_PER_SKETCH * len(study.sketched_sizes)
        return _replicates(job) * (BYTES_PER_PERSON * study.people_kept + sketches)
    if job.rule == "fit_samples":
        groups = len(study.scenario(job.wildcards["scenario"]).population.groups)
        rows = (PARAMETERS_PER_GROUP * groups - 1) * len(study.sizes)
        return _replicates(job) * rows * BYTES_PER_ROW
    return 0.0


def _size(paths: Iterable[str]) -> int:
    """Bytes of those files that are there."""
    return sum(os.path.getsize(path) for path in paths if os.path.isfile(path))


def relative_mcse(replicates: int) -> float:
    """Monte-Carlo standard error of an RMSE, as a fraction of it, where errors are normal."""
    return 1.0 / sqrt(2.0 * replicates)


def coverage_mcse(replicates: int, coverage: float = 0.95) -> float:
    """Monte-Carlo standard error of a coverage."""
    return sqrt(coverage * (1.0 - coverage) / replicates)


def expected_errors(study: Study, folder: Path) -> tuple[ExpectedError, ...]:
    """Errors to be expected, scaled from the measures of an earlier run."""
    try:
        rows = records.read(records.MEASURES, folder / "measures.parquet", Measure)
    except (OSError, TableError, ValueError):
        return ()
    worst: dict[str, ExpectedError] = {}
    scenarios = {scenario.slug for scenario in study.scenarios}
    for row in rows:
        is_asked = (row.measure, row.parameter, row.policy) == ("rmse", "mean_cm", "available")
        is_known = row.scenario in scenarios and row.size in study.sizes
        if not (is_asked and is_known) or row.mcse is None or row.size is None:
            continue
        mcse = row.mcse * sqrt(row.replicates_expected / study.replicates)
        before = worst.get(row.estimator)
        if before is None or mcse > before.mcse_cm:
            worst[row.estimator] = ExpectedError(
                row.estimator, row.scenario, row.group, row.size, mcse, row.replicates_expected
            )
    return tuple(worst[one.name] for one in study.estimators if one.name in worst)


def orphans(folder: Path, written: Iterable[str], study: Study) -> tuple[Orphans, ...]:
    """Orphaned files below the results of a study."""
    known = {os.path.normpath(path) for path in written}
    counts: dict[str, list[int]] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or os.path.normpath(path) in known:
            continue
        item = _lacking(path.relative_to(folder).parts, study)
        if item:
            counts.setdefault(item, []).append(path.stat().st_size)
    return tuple(Orphans(item, len(sizes), sum(sizes)) for item, sizes in sorted(counts.items()))


def _lacking(parts: tuple[str, ...], study: Study) -> str:
    """What a file is of that is not in the study; empty if all of it is."""
    if parts[0] in _BESIDE:
        parts = parts[1:]
    if parts[0] in _ROUNDS:
        # Those of later rounds are planned when an earlier one was judged.
        return "" if study.precision else "precision"
    if len(parts) < 2 or parts[0].split("_")[-1] not in _STAGES:
        return OTHER
    stem = parts[-1].rsplit(".", 1)[0]
    scenario, *below = (*parts[1:-1], stem)
    population, bias = names_of(scenario)
    if population not in {one.name for one in study.populations}:
        return f"populations[{population}]"
    if bias not in {one.name for one in study.biases}:
        return f"biases[{bias}]"
    if len(below) == 2 and below[0] not in {one.name for one in study.estimators_of(scenario)}:
        return f"estimators[{below[0]}]"
    if below and below[-1] not in {block.name for block in study.blocks}:
        return "blocks of another width or number"
    return ""
