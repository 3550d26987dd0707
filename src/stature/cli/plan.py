"""`stature plan`: what a run would do, why, and what it would cost; nothing is written."""

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.box import SIMPLE_HEAD
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
from stature.cli.forecast import (
    ExpectedError,
    Forecast,
    Orphans,
    coverage_mcse,
    expected_errors,
    forecast,
    orphans,
    relative_mcse,
)
from stature.config.study import ConfigError, Study, amount, duration, load_traced, plan_line
from stature.report.digits import supported

SUCCESS, FAILED = 0, 1
PLAIN_WIDTH = 100
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
        for line in str(error).splitlines():
            print(f"stature plan: {line}", file=sys.stderr)
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
    for warning in study.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    console = Console(markup=False, highlight=False, emoji=False, width=width, soft_wrap=True)
    console.print(f"{study.name}: {plan_line(study, cores)}", style="bold")
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
            f"from the benchmarks of earlier jobs for {cost.measured} of {len(made.running)}"
            if cost.measured
            else "by the constants of the default study, nothing was measured yet"
        )
        console.print(
            f"Time: about {duration(cost.cpu_seconds)} of one core, "
            f"{duration(cost.cpu_seconds / cores)} on {cores} ({source}).\n"
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
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("rule")
    met = {state for counts in made.by_rule.values() for state in counts}
    states = ["new", "stale", "reused", *(["not needed"] if "not needed" in met else [])]
    for state in states:
        table.add_column(state, justify="right")
    totals: Counter[str] = Counter()
    for rule, counts in made.by_rule.items():
        table.add_row(rule, *(str(counts[state] or "–") for state in states))
        totals.update(counts)
    table.add_section()
    table.add_row("all jobs", *(str(totals[state] or "–") for state in states))
    return table


def _counted(counts: Mapping[str, int]) -> str:
    """Jobs of a cause: the stages by name, the rest as a number."""
    parts = [
        f"{counts[rule]} {noun if counts[rule] == 1 else noun + 's'}"
        for rule, noun in _NOUNS.items()
        if counts.get(rule)
    ]
    others = sum(count for rule, count in counts.items() if rule not in _NOUNS)
    if others:
        parts.append(f"{others} {'other' if others == 1 else 'others'}")
    return ", ".join(parts)


def _print_errors(console: Console, made: Plan) -> None:
    """What Monte-Carlo standard errors to expect."""
    replicates = made.study.replicates
    relative, points = 100 * relative_mcse(replicates), 100 * coverage_mcse(replicates)
    console.print(
        f"Expected mcse with {replicates:,} replicates: {relative:.1f} % of an RMSE where errors "
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
