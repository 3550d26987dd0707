"""`stature plan`: what a run would do, why, and what it would cost; nothing is written."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from math import sqrt
from pathlib import Path

from rich.console import Console
from rich.table import Table

from stature.cli.causes import Cause, causes
from stature.cli.dry_run import (
    CHECKOUT,
    DryRunError,
    Job,
    config_files,
    dry_run,
    snakefile,
    typed_config,
)
from stature.cli.terminal import open_console, refuse, ruled, warn
from stature.config.study import (
    BYTES_PER_PERSON,
    BYTES_PER_ROW,
    BYTES_PER_SKETCH,
    PARAMETERS_PER_GROUP,
    ConfigError,
    Study,
    amount,
    cpu_seconds,
    duration,
    load_traced,
    plan_line,
    several,
)
from stature.design.scenarios import block_named, names_of
from stature.measures.measure import Measure
from stature.report.words import supported
from stature.store import records
from stature.store.parquet import TableError
from stature.writing import TIME

CPU_SECONDS_OF_RUN, CPU_SECONDS_PER_JOB = 3.0, 0.035
"""Snakemake with what all jobs load, and a job that does next to nothing, with what it costs
Snakemake; measured, as all here, in runs of ready studies on two cores of an Intel Xeon."""
CPU_SECONDS_TO_DRAW, CPU_SECONDS_TO_READ = 1e-7, 1.2e-8  # a person
CPU_SECONDS_PER_MODEL = 0.025  # of the bounds of a scenario
CPU_SECONDS_TO_MEASURE = 1e-5  # a fit
CPU_SECONDS_TO_GATHER, CPU_SECONDS_PER_CELL = 0.1, 2.5e-3  # a scenario, estimator and size
CPU_SECONDS_PER_FIGURE, CPU_SECONDS_PER_PANEL = 0.2, 0.55  # a figure, and all those of a scenario
CPU_SECONDS_PER_PAGE = 0.8
OTHER = "files that no job writes"
_STAGES = ("samples", "fits", "traces", "bounds", "measures", "intervals")
_ROUNDS = ("rounds", "measure_round", "judge_round")
_BESIDE = ("logs",)

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
    times = _rates(jobs, _measured)
    sizes = _rates(jobs, lambda job: _size(job.outputs) or None)
    seconds = more = 0.0
    measured = 0
    for job in jobs:
        if not job.runs or not job.outputs:
            continue
        rate = _rate(times, job)
        measured += rate is not None
        seconds += CPU_SECONDS_PER_JOB
        seconds += _seconds(job, study) if rate is None else rate * _replicates(job)
        rate = _rate(sizes, job)
        expected = _bytes(job, study) if rate is None else rate * _replicates(job)
        more += expected - _size(job.outputs)
    if seconds:
        seconds += CPU_SECONDS_OF_RUN
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


def _measured(job: Job) -> float | None:
    """CPU seconds that a job took when it ran last; None if it has not come to its end."""
    for path in job.logs:
        with suppress(OSError, ValueError):
            *_, seconds = Path(path).read_text(encoding="utf-8").rpartition(TIME)
            return float(seconds)
    return None


def _seconds(job: Job, study: Study) -> float:
    """CPU seconds of the work of a job of which nothing was measured."""
    people = _replicates(job) * study.people_kept
    fits = _replicates(job) * len(study.sizes)
    scenario = job.wildcards.get("scenario", "")
    estimators = study.estimators_of(scenario) if scenario else ()
    match job.rule:
        case "draw_samples":
            return CPU_SECONDS_TO_DRAW * people
        case "fit_samples":
            estimator = study.estimator(job.wildcards["estimator"])
            return CPU_SECONDS_TO_READ * people + fits * cpu_seconds(estimator)
        case "derive_bounds":
            return CPU_SECONDS_PER_MODEL * len({one.model.slug for one in estimators})
        case "measure_fits" | "measure_round":
            replicates = int(job.wildcards.get("round", study.replicates))
            return CPU_SECONDS_TO_MEASURE * replicates * len(study.sizes) * len(estimators)
        case "gather_measures":
            pairs = sum(len(study.estimators_of(one.slug)) for one in study.scenarios)
            return CPU_SECONDS_TO_GATHER + CPU_SECONDS_PER_CELL * pairs * len(study.sizes)
        case "plot_figures":
            of_figures = CPU_SECONDS_PER_FIGURE * len({Path(path).stem for path in job.outputs})
            return of_figures + CPU_SECONDS_PER_PANEL * len(study.scenarios)
        case "write_report":
            return CPU_SECONDS_PER_PAGE
        case _:
            return 0.0


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


SUCCESS, FAILED = 0, 1
_NOUNS = {
    "draw_samples": "draw",
    "fit_samples": "fit",
    "derive_bounds": "bound",
    "measure_fits": "measure",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do."""

    study: Study  # the study
    jobs: tuple[Job, ...]  # all its jobs, those that would run and those that would not
    causes: tuple[tuple[Cause, ...], ...]  # why each of them would run
    orphans: tuple[Orphans, ...]  # files of items that were taken out
    forecast: Forecast  # time and disk
    expected: tuple[ExpectedError, ...]  # the Monte-Carlo standard errors to be expected

    @property
    def running(self) -> tuple[Job, ...]:
        """Jobs that would run and write something."""
        return tuple(job for job in self.jobs if job.runs and job.outputs)

    def state(self, job: Job) -> str:
        """What becomes of a job's outputs.

        ``reused``, ``new`` (there are none yet) or ``stale`` (made again); ``not needed`` if they
        are not there and nothing that is made wants them.
        """
        if not job.runs:
            return "not needed" if job.missing else "reused"
        return "new" if job.missing and job.old_spec is None else "stale"

    @property
    def by_rule(self) -> dict[str, Counter[str]]:
        """Jobs of each rule by state, in the order in which rules run."""
        counts: dict[str, Counter[str]] = {}
        for job in self.jobs:
            if job.outputs:
                counts.setdefault(job.rule, Counter())[self.state(job)] += 1
        return counts

    @property
    def by_cause(self) -> dict[Cause, Counter[str]]:
        """Jobs by rule for each cause."""
        counts: dict[Cause, Counter[str]] = {}
        for job, why in zip(self.jobs, self.causes, strict=True):
            for cause in why if job.outputs else ():
                counts.setdefault(cause, Counter())[job.rule] += 1
        return counts


def run_plan(configs: Sequence[str], typed: Sequence[str], as_json: bool, cores: int) -> int:
    """Plan a study and print the plan."""
    try:
        made = plan(configs, typed)
    except (ConfigError, DryRunError) as error:
        refuse("plan", error)
        return FAILED
    if as_json:
        print(json_text(made, cores))
    else:
        print_plan(made, cores)
    return SUCCESS


def plan(configs: Sequence[str], typed: Sequence[str] = ()) -> Plan:
    """Plan a study."""
    snakefile()
    values = typed_config(typed)
    study, merged = load_traced(config_files(configs), CHECKOUT, values)
    jobs = dry_run(configs, values)
    folder = Path("results") / study.name
    written = [path for job in jobs for path in (*job.outputs, *job.logs)]
    return Plan(
        study=study,
        jobs=jobs,
        causes=causes(jobs, study, merged),
        orphans=orphans(folder, written, study),
        forecast=forecast(jobs, study, folder),
        expected=expected_errors(study, folder),
    )


def print_plan(made: Plan, cores: int) -> None:
    """Print a plan for a person."""
    study = made.study
    warn(study.warnings, "warning")
    console = open_console(long_lines=True)
    console.print(f"{study.name}: {plan_line(study)}", style="bold")
    for title in ("populations", "biases", "estimators", "sizes", "scenarios"):
        console.print(f"  {title}: {', '.join(map(_name, getattr(study, title)))}")
    if study.precision is not None:
        ends = ", ".join(f"{end:,}" for end in study.rounds)
        console.print(
            f"Rounds end at {ends} replicates. The jobs of a round, and all after the last one, "
            "are planned when the one before was judged: this is the plan until then."
        )
    if not made.running:
        console.print("Nothing to be done: all results are there and up to date.")
    else:
        console.print(_table(made))
        console.print("Why:", style="bold")
        for cause, counts in made.by_cause.items():
            console.print(f"  {cause}: {_counted(counts)}")
        cost = made.forecast
        source = (
            f"from the logs of earlier jobs for {cost.measured} of {len(made.running)}"
            if cost.measured
            else "by the costs of the ready studies; nothing was measured yet"
        )
        from stature.kernels.compile import SECONDS_TO_COMPILE, mark_of_set_up

        is_set_up = mark_of_set_up().exists()
        compiling = "" if is_set_up else f" Before, once: {SECONDS_TO_COMPILE} s to compile."
        console.print(
            f"Time: about {duration(cost.cpu_seconds)} of one core, "
            f"{duration(cost.cpu_seconds / cores)} on {cores} ({source}).{compiling}\n"
            f"Disk: {amount(cost.bytes_now)} now, about {amount(cost.bytes_more)} more."
        )
    _print_errors(console, made)
    for orphan in made.orphans:
        files = "1 file" if orphan.files == 1 else f"{orphan.files} files"
        console.print(f"No longer in the study: {orphan.item}, {files}, {amount(orphan.bytes)}.")


def _name(item: object) -> str:
    """What an item of a study is called."""
    return str(getattr(item, "slug", getattr(item, "name", item)))


def _table(made: Plan) -> Table:
    """Jobs by rule and state."""
    met = {state for counts in made.by_rule.values() for state in counts}
    states = ["new", "stale", "reused", *(["not needed"] if "not needed" in met else [])]
    table = ruled("rule", *states)
    totals: Counter[str] = Counter()
    for rule, counts in made.by_rule.items():
        table.add_row(rule, *(str(counts[state] or "–") for state in states))
        totals.update(counts)
    table.add_section()
    table.add_row("all jobs", *(str(totals[state] or "–") for state in states))
    return table


def _counted(counts: Mapping[str, int]) -> str:
    """Jobs of a cause: the stages by name, the rest as a number."""
    parts = {noun: counts.get(rule, 0) for rule, noun in _NOUNS.items()}
    parts["other"] = sum(counts.values()) - sum(parts.values())
    named = [f"{count} {noun}{'' if count == 1 else 's'}" for noun, count in parts.items() if count]
    return ", ".join(named)


def _print_errors(console: Console, made: Plan) -> None:
    """What Monte-Carlo standard errors to expect."""
    replicates = made.study.replicates
    relative, points = 100 * relative_mcse(replicates), 100 * coverage_mcse(replicates)
    console.print(
        f"Expected Monte-Carlo standard errors (MCSE) with {several(replicates, 'replicate')}: "
        f"{relative:.1f} % of an RMSE where errors "
        f"are normal, {points:.1f} points of a coverage of 95 %."
    )
    for one in made.expected:
        error = supported(one.mcse_cm, one.mcse_cm / 10)
        console.print(
            f"  {one.estimator}: {error} cm on the RMSE of a mean in its worst cell "
            f"({one.scenario}, {one.group}, n = {one.size}), from {one.replicates_before:,} "
            "replicates."
        )


def json_text(made: Plan, cores: int) -> str:
    """A plan for programs."""
    study = made.study
    return json.dumps(
        {
            "study": study.name,
            "populations": [*map(_name, study.populations)],
            "biases": [*map(_name, study.biases)],
            "estimators": [*map(_name, study.estimators)],
            "scenarios": [*map(_name, study.scenarios)],
            "sizes": study.sizes,
            "replicates": study.replicates,
            "rounds": study.rounds,
            "rules": {rule: dict(counts) for rule, counts in made.by_rule.items()},
            "jobs": [
                {
                    "rule": job.rule,
                    "wildcards": dict(job.wildcards),
                    "state": made.state(job),
                    "causes": [asdict(cause) for cause in why],
                }
                for job, why in zip(made.jobs, made.causes, strict=True)
                if job.outputs
            ],
            "causes": [
                {**asdict(cause), "jobs": dict(counts)} for cause, counts in made.by_cause.items()
            ],
            "orphans": [asdict(one) for one in made.orphans],
            "cpu_seconds": round(made.forecast.cpu_seconds, 1),
            "seconds": round(made.forecast.cpu_seconds / cores, 1),
            "cores": cores,
            "jobs_measured": made.forecast.measured,
            "bytes_now": round(made.forecast.bytes_now),
            "bytes_more": round(made.forecast.bytes_more),
            "expected_mcse": [asdict(one) for one in made.expected],
            "warnings": study.warnings,
        },
        indent=2,
        ensure_ascii=False,
    )
