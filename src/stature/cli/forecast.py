"""Forecast: how long the jobs of a plan would take, and how much they would write.

Both come from what earlier jobs of the same kind took and wrote, where there are some, and else
from the constants that judge whether a study is large.
"""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from stature.design.scenarios import block_named

CPU_SECONDS_PER_JOB = 2.0
"""Starting Python and importing packages, for a job of which nothing else is known; measured."""
_BLOCKS = ("draw_samples", "fit_samples")

Like = tuple[str, str, str]
"""Rule, scenario and estimator: jobs that are alike but for the block."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a plan would cost."""

    cpu_seconds: float  # time on one core
    bytes_now: float  # size of the results now, and how much larger they would be
    bytes_more: float
    measured: int  # jobs whose time was measured on earlier ones of their kind


def forecast(jobs: Sequence[Job], study: Study, folder: Path) -> Forecast:
    """Cost of the jobs that would run."""
    times = _rates(jobs, _benchmarked)
    sizes = _rates(jobs, lambda job: sum(_size(path) for path in job.outputs) or None)
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
        more += expected - sum(_size(path) for path in job.outputs)
    now = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Forecast(seconds, now, more, measured)


def _like(job: Job) -> Like:
    return (job.rule, job.wildcards.get("scenario", ""), job.wildcards.get("estimator", ""))


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
        rule, scenario, estimator = _like(job)
        for like in {(rule, scenario, estimator), (rule, "", estimator)}:
            total = totals.setdefault(like, [0.0, 0.0])
            total[0] += had
            total[1] += _replicates(job)
    return {like: amount / replicates for like, (amount, replicates) in totals.items()}


def _rate(rates: Mapping[Like, float], job: Job) -> float | None:
    """Rate of a kind of job, or that of the same estimator in other scenarios."""
    rule, scenario, estimator = _like(job)
    return rates.get((rule, scenario, estimator), rates.get((rule, "", estimator)))


def _benchmarked(job: Job) -> float | None:
    """CPU seconds that a job took when it ran last; None if nobody measured it."""
    for path in job.logs:
        if path.endswith(".tsv") and Path(path).is_file():
            with open(path, encoding="utf-8") as file:
                for row in csv.DictReader(file, delimiter="\t"):
                    try:
                        return float(row["cpu_time"])
                    except (KeyError, TypeError, ValueError):  # too short to be measured
                        return None
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


def _size(path: str) -> int:
    """Bytes of a file; 0 where there is none."""
    file = Path(path)
    return file.stat().st_size if file.is_file() else 0
