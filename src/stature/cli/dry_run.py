"""Dry run: what Snakemake would do with a study, job by job, and what it recorded of earlier runs.

The one place that asks Snakemake, so that a plan agrees with the run by construction: the same
Snakefile, the same profile, the same rules of what is out of date.
"""

import ast
import contextlib
import io
import os
import shutil
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stature
from stature.config.source import DEFAULT_CONFIG

CHECKOUT = Path(stature.__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a study."""

    rule: str  # name of its rule
    wildcards: Mapping[str, str]  # which of the rule's jobs it is
    outputs: tuple[str, ...]  # files that it writes: tables and figures
    logs: tuple[str, ...]
    inputs: tuple[str, ...]  # files that it reads
    spec: str  # its two parameters as they are now; empty for a job that only collects
    code: str
    runs: bool  # whether it would run
    missing: tuple[str, ...]  # outputs that are not there
    incomplete: bool  # whether an earlier run of it was cut short
    newer: tuple[str, ...]  # inputs that were changed, and not by a job of this plan
    # the parameters that the outputs on disk were made with, as Snakemake recorded them
    old_spec: str | None
    old_code: str | None
    old_inputs: tuple[str, ...] | None  # the inputs that they were made from
    upstream: tuple[int, ...]  # places of the jobs that write its inputs

    @property
    def name(self) -> str:
        """Rule and wildcards in one string."""
        return " ".join([self.rule, *self.wildcards.values()])


class DryRunError(Exception):
    """Snakemake cannot plan the study; the message is its own."""


def snakefile() -> Path:
    """The Snakefile that a plan is of.

    The one of the working directory, or else of the checkout that holds this package.
    """
    for folder in (Path.cwd(), CHECKOUT):
        if (folder / "Snakefile").is_file():
            return folder / "Snakefile"
    raise DryRunError("no Snakefile here; run it in the folder of the Snakefile")


def config_files(given: Sequence[str]) -> tuple[str, ...]:
    """Config files that Snakemake merges, the default one first.

    With the default file, if it is there or if there is no other.
    """
    has_default = Path(DEFAULT_CONFIG).is_file() or not given
    return (*([DEFAULT_CONFIG] if has_default else []), *given)


def typed_config(entries: Sequence[str]) -> dict[str, Any]:
    """What Snakemake makes of values that are typed on the command line."""
    if not entries:
        return {}
    from snakemake.cli import parse_config

    try:
        return parse_config(entries)
    except ValueError as error:
        raise DryRunError(f"--config: {error}") from None


def dry_run(configs: Sequence[str], typed: Mapping[str, Any]) -> tuple[Job, ...]:
    """All jobs of a study, in the order in which they could run."""
    # It takes a second to import.
    from snakemake.api import SnakemakeApi
    from snakemake.cli import parse_args
    from snakemake.exceptions import WorkflowError
    from snakemake.settings import enums, types

    file = snakefile()
    settings = types.OutputSettings(dryrun=True, quiet={enums.Quietness.ALL})
    # Which profile it uses, and the plan in its own words.
    with (
        contextlib.redirect_stderr(io.StringIO()),
        _unwritten(Path(".snakemake")),
        SnakemakeApi(settings) as api,
    ):
        try:
            _, options = parse_args(["--dry-run", "--cores", "1", "--snakefile", str(file)])
            workflow = api.workflow(
                resource_settings=types.ResourceSettings(cores=1),
                config_settings=types.ConfigSettings(
                    config=typed, configfiles=[Path(path) for path in configs]
                ),
                snakefile=file,
            )
            planned = workflow.dag(
                types.DAGSettings(
                    rerun_triggers=options.rerun_triggers,
                    force_incomplete=options.rerun_incomplete,
                    max_checksum_file_size=options.max_checksum_file_size,
                )
            )
            unlocked = types.ExecutionSettings(lock=False)  # it may be asked while a run is on
            planned.execute_workflow(executor="dryrun", execution_settings=unlocked)
        except WorkflowError as error:
            raise DryRunError(str(error)) from None
        # Private: the public interface prints a plan and does not return it.
        return _jobs(workflow._workflow)  # pyright: ignore[reportPrivateUsage]


@contextlib.contextmanager
def _unwritten(folder: Path) -> Generator[None]:
    """Take away the empty folders and the cache that Snakemake leaves even after a dry run."""
    before = _entries(folder)
    try:
        yield
    finally:
        for path in _entries(folder) - before:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _entries(folder: Path) -> set[Path]:
    """A folder, what is in it, and its caches."""
    inside = {path for pattern in ("*", "iocache/*") for path in folder.glob(pattern)}
    return inside | ({folder} if folder.exists() else set())


def _jobs(workflow: Any) -> tuple[Job, ...]:
    """Records of the jobs of a workflow that has planned."""
    dag, records = workflow.dag, workflow.persistence
    runs = set(dag.needrun_jobs(exclude_finished=False))
    ordered = [
        job
        for level in dag.toposorted()
        for job in sorted(level, key=lambda job: (job.rule.name, str(job.wildcards)))
    ]
    places = {job: place for place, job in enumerate(ordered)}
    found: list[Job] = []
    for job in ordered:
        reason = dag.reason(job)
        record = records.metadata(job.output[0]) if job.output else None
        if record is not None and not os.path.exists(job.output[0]):
            record = None  # of a file that was deleted since
        old_spec, old_code = _parameters(record.params if record else None)
        found.append(
            Job(
                rule=job.rule.name,
                wildcards=dict(job.wildcards.items()),
                outputs=tuple(map(str, job.output)),
                logs=tuple(map(str, job.log)),
                inputs=tuple(sorted(map(str, job.input))),
                spec=str(job.params.get("spec", "")),
                code=str(job.params.get("code", "")),
                runs=job in runs,
                missing=tuple(path for path in map(str, job.output) if not os.path.exists(path)),
                incomplete=bool(reason.incomplete_output),
                newer=tuple(sorted(map(str, reason.updated_input))),
                old_spec=old_spec,
                old_code=old_code,
                old_inputs=tuple(record.input) if record and record.input is not None else None,
                upstream=tuple(
                    sorted(places[other] for other in dag.dependencies[job] if other in places)
                ),
            )
        )
    return tuple(found)


def _parameters(written: Sequence[str] | None) -> tuple[str | None, str | None]:
    """Spec and code among recorded parameters, which are spelt as Python spells them."""
    values = [str(ast.literal_eval(text)) for text in written or ()]
    specs = [value for value in values if value.startswith("{")]
    codes = [value for value in values if not value.startswith("{")]
    return (specs or [None])[-1], (codes or [None])[-1]
