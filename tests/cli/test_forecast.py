from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.runs import separations
from stature.cli.dry_run import Job
from stature.cli.plan import (
    CPU_SECONDS_OF_RUN,
    CPU_SECONDS_PER_JOB,
    CPU_SECONDS_TO_DRAW,
    OTHER,
    Orphans,
    coverage_mcse,
    expected_errors,
    forecast,
    orphans,
    relative_mcse,
)
from stature.config import specs
from stature.config.study import BYTES_PER_PERSON, Study, load
from stature.measures.measure import Measure, Precision
from stature.measures.performance import rmse
from stature.store import records

ROOT = Path(__file__).parents[2]
BLOCK = "000000-000009"


@pytest.fixture
def study() -> Study:
    return load([ROOT / "config/config.yaml"], ROOT)


def fit(folder: Path, block: str, runs: bool, scenario: str = "school.none") -> Job:
    return Job(
        rule="fit_samples",
        wildcards={"scenario": scenario, "estimator": "em", "block": block},
        outputs=(str(folder / f"{scenario}-{block}.parquet"),),
        logs=(str(folder / f"{scenario}-{block}.log"),),
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
    Path(job.logs[0]).write_text(f"9.0 of something\n{seconds}\n", encoding="utf-8")
    return job


def test_times_and_sizes_are_those_of_earlier_jobs_a_replicate(
    study: Study, tmp_path: Path
) -> None:
    before = done(fit(tmp_path, "000000-000009", False), "CPU seconds: 20.0", 1000)
    # Twice as many replicates, and the same estimator in a scenario that was never run.
    later = fit(tmp_path, "000010-000029", True)
    elsewhere = fit(tmp_path, "000000-000004", True, "galton.none")
    found = forecast([before, later, elsewhere], study, tmp_path)
    seconds = 40.0 + 10.0 + 2 * CPU_SECONDS_PER_JOB + CPU_SECONDS_OF_RUN
    assert (found.cpu_seconds, found.bytes_more, found.measured) == (
        pytest.approx(seconds),
        2500.0,
        2,
    )


def test_a_job_that_replaces_its_output_adds_no_disk(study: Study, tmp_path: Path) -> None:
    job = done(fit(tmp_path, "000000-000009", True), "CPU seconds: 20.0", 1000)
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
    seconds = CPU_SECONDS_OF_RUN + CPU_SECONDS_PER_JOB + CPU_SECONDS_TO_DRAW * 10 * 10_000
    assert (found.cpu_seconds, found.measured) == (pytest.approx(seconds), 0)
    assert found.bytes_more == 10 * 10_000 * BYTES_PER_PERSON


def jobs_of(study: Study) -> list[Job]:
    """All jobs of a study that was never run."""
    blocks = [block.name for block in study.blocks]
    kinds: list[tuple[str, dict[str, str], tuple[str, ...]]] = []
    for one in study.scenarios:
        here = {"scenario": one.slug}
        kinds += [(rule, here, ("x",)) for rule in ("derive_bounds", "measure_fits")]
        for block in blocks:
            kinds.append(("draw_samples", here | {"block": block}, ("x",)))
            kinds += [
                ("fit_samples", here | {"block": block, "estimator": each.name}, ("x",))
                for each in study.estimators_of(one.slug)
            ]
    alone = ("derive_lesson", "gather_measures", "write_design", "write_report", "check_results")
    kinds += [(rule, {}, ("x",)) for rule in alone]
    kinds.append(("plot_figures", {}, tuple(f"{name}.svg" for name in specs.figures(study))))
    like = fit(Path(), BLOCK, True)
    return [replace(like, rule=rule, wildcards=of, outputs=to) for rule, of, to in kinds]


@pytest.mark.parametrize(
    ("file", "measured"),
    # CPU seconds, user and system, of the whole run after set-up; two cores of an Intel Xeon, which
    # had much other work.
    [("config", 91.0), ("lesson", 14.4), ("ten", 15.6)],
)
def test_what_runs_took_is_foretold_within_a_factor_of_two(
    file: str, measured: float, tmp_path: Path
) -> None:
    path = ROOT / f"config/{file}.yaml"
    if file == "ten":
        path = tmp_path / "ten.yaml"
        path.write_text(separations())
    study = load([ROOT / "config/config.yaml", path], ROOT)
    seconds = forecast(jobs_of(study), study, tmp_path).cpu_seconds
    assert 0.5 < seconds / measured < 2.0


def test_a_job_that_did_not_come_to_its_end_counts_for_nothing(
    study: Study, tmp_path: Path
) -> None:
    before = done(fit(tmp_path, "000000-000009", False), "Killed", 10)
    assert forecast([before, fit(tmp_path, "000010-000019", True)], study, tmp_path).measured == 0


def row(size: int, mcse: float, estimator: str = "em", name: str = "rmse") -> Measure:
    return Measure(
        "school", "none", "school.none", estimator, size, "girls", "mean_cm", name, "",
        "available", 1.0, mcse, None, None, None, 100, 0, 100,
    )  # fmt: skip


def test_errors_shrink_with_the_root_of_the_replicates_and_the_worst_is_told(
    tmp_path: Path,
) -> None:
    study = load([ROOT / "config/config.yaml"], ROOT)
    rows = [row(20, 0.4), row(50, 0.3), row(20, 9.0, name="bias"), row(7, 9.0)]
    records.write(records.MEASURES, tmp_path / "measures.parquet", rows)
    (found,) = expected_errors(replace(study, replicates=400), tmp_path)
    # Four times as many replicates: half the error.
    assert (found.estimator, found.size, found.mcse_cm) == ("em", 20, pytest.approx(0.2))


def test_without_earlier_measures_nothing_is_scaled(tmp_path: Path) -> None:
    study = load([ROOT / "config/config.yaml"], ROOT)
    assert expected_errors(study, tmp_path) == ()


def test_relative_error_of_an_rmse_of_normal_errors_is_what_is_measured() -> None:
    errors = np.random.default_rng(1).standard_normal((1, 20_000))
    measured = rmse(errors)
    ratio = float(measured.mcse[0] / measured.value[0]) / relative_mcse(20_000)
    # The MCSE is itself known to about 1 / sqrt(R) times the kurtosis of squares: 5 % is ample.
    assert ratio == pytest.approx(1.0, abs=0.05)


def test_coverage_has_the_error_of_a_proportion() -> None:
    # 0.95 * 0.05 / 475 = 1e-4.
    assert coverage_mcse(475) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("path", "item"),
    [
        (f"samples/moon.none/{BLOCK}.parquet", "populations[moon]"),
        (f"fits/school.gone/em/{BLOCK}.parquet", "biases[gone]"),
        (f"logs/fit_samples/school.none/old/{BLOCK}.log", "estimators[old]"),
        ("bounds/school.gone.parquet", "biases[gone]"),
        ("samples/school.none/000000-000006.parquet", "blocks of another width or number"),
        ("rounds/000020.parquet", "precision"),
        ("logs/measure_round/000020/school.none.log", "precision"),
        ("notes.txt", OTHER),
    ],
)
def test_files_are_told_by_what_is_gone(tmp_path: Path, path: str, item: str) -> None:
    study = load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml"], ROOT)
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"12345")
    assert orphans(tmp_path, [], study) == (Orphans(item, 1, 5),)
    assert orphans(tmp_path, [str(file)], study) == ()


@pytest.mark.parametrize("path", ["rounds/000040.parquet", f"samples/school.none/{BLOCK}.parquet"])
def test_files_of_rounds_that_are_not_planned_yet_are_no_orphans(tmp_path: Path, path: str) -> None:
    study = load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml"], ROOT)
    aim = Precision(0.02, "rmse", "mean_cm", 10, study.replicates)
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).touch()
    assert orphans(tmp_path, [], replace(study, precision=aim)) == ()
