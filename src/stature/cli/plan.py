"""`stature plan`: what a run would do, why, and what it would cost; nothing is written."""

import dataclasses
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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
from stature.cli.expected import ExpectedError, expected_errors
from stature.cli.forecast import Forecast, forecast
from stature.cli.orphans import Orphans, orphans
from stature.config.study import ConfigError, Study, load_traced

SUCCESS, FAILED = 0, 1


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
        from stature.cli.plan_page import print_plan

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


def json_text(made: Plan, cores: int) -> str:
    """A plan for programs."""
    study = made.study
    return json.dumps(
        {
            "study": study.name,
            "populations": [one.name for one in study.populations],
            "biases": [one.name for one in study.biases],
            "estimators": [one.name for one in study.estimators],
            "scenarios": [one.slug for one in study.scenarios],
            "sizes": study.sizes,
            "replicates": study.replicates,
            "rounds": study.rounds,
            "rules": {rule: dict(counts) for rule, counts in made.by_rule.items()},
            "jobs": [
                {
                    "rule": job.rule,
                    "wildcards": dict(job.wildcards),
                    "state": made.state(job),
                    "causes": [dataclasses.asdict(cause) for cause in why],
                }
                for job, why in zip(made.jobs, made.causes, strict=True)
                if job.outputs
            ],
            "causes": [
                {**dataclasses.asdict(cause), "jobs": dict(counts)}
                for cause, counts in made.by_cause.items()
            ],
            "orphans": [dataclasses.asdict(one) for one in made.orphans],
            "cpu_seconds": round(made.forecast.cpu_seconds, 1),
            "seconds": round(made.forecast.cpu_seconds / cores, 1),
            "cores": cores,
            "jobs_measured": made.forecast.measured,
            "bytes_now": round(made.forecast.bytes_now),
            "bytes_more": round(made.forecast.bytes_more),
            "expected_mcse": [dataclasses.asdict(one) for one in made.expected],
            "warnings": study.warnings,
        },
        indent=2,
        ensure_ascii=False,
    )
