from dataclasses import replace
from pathlib import Path

import pytest

from stature.cli.dry_run import Job
from stature.cli.forecast import CPU_SECONDS_PER_JOB, forecast
from stature.config.study import BYTES_PER_PERSON, Study, load

ROOT = Path(__file__).parents[2]


@pytest.fixture
def study() -> Study:
    return load([ROOT / "config/config.yaml"], ROOT)


def fit(folder: Path, block: str, runs: bool, scenario: str = "school.none") -> Job:
    return Job(
        rule="fit_samples",
        wildcards={"scenario": scenario, "estimator": "em", "block": block},
        outputs=(str(folder / f"{scenario}-{block}.parquet"),),
        logs=(str(folder / f"{scenario}-{block}.tsv"),),
        inputs=(),
        spec="{}",
        code="",
        runs=runs,
        missing=(),
        incomplete=False,
        newer=(),
        old_spec=None,
        old_code=None,
        old_inputs=None,
        upstream=(),
    )


def done(job: Job, seconds: str, size: int) -> Job:
    """Leave what a job that has run leaves."""
    Path(job.outputs[0]).write_bytes(b"x" * size)
    Path(job.logs[0]).write_text(f"s\tcpu_time\n9.0\t{seconds}\n", encoding="utf-8")
    return job


def test_times_and_sizes_are_those_of_earlier_jobs_a_replicate(
    study: Study, tmp_path: Path
) -> None:
    before = done(fit(tmp_path, "000000-000009", False), "20.0", 1000)
    # Twice as many replicates, and the same estimator in a scenario that was never run.
    later = fit(tmp_path, "000010-000029", True)
    elsewhere = fit(tmp_path, "000000-000004", True, "galton.none")
    found = forecast([before, later, elsewhere], study, tmp_path)
    assert (found.cpu_seconds, found.bytes_more, found.measured) == (40.0 + 10.0, 2500.0, 2)


def test_a_job_that_replaces_its_output_adds_no_disk(study: Study, tmp_path: Path) -> None:
    job = done(fit(tmp_path, "000000-000009", True), "20.0", 1000)
    assert forecast([job], study, tmp_path).bytes_more == 0.0


def test_without_earlier_jobs_the_constants_of_the_config_serve(
    study: Study, tmp_path: Path
) -> None:
    drawn = replace(
        fit(tmp_path, "000000-000009", True),
        rule="draw_samples",
        wildcards={"scenario": "school.none", "block": "000000-000009"},
    )
    found = forecast([drawn], study, tmp_path)
    assert (found.cpu_seconds, found.measured) == (CPU_SECONDS_PER_JOB, 0)
    assert found.bytes_more == 10 * 10_000 * BYTES_PER_PERSON


def test_a_benchmark_too_short_to_be_measured_counts_for_nothing(
    study: Study, tmp_path: Path
) -> None:
    before = done(fit(tmp_path, "000000-000009", False), "NA", 10)
    assert forecast([before, fit(tmp_path, "000010-000019", True)], study, tmp_path).measured == 0
