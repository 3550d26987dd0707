"""What runs again after which change: what must, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from stature import provenance

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.workflow.conftest import Edit, Project

# What follows from new measures of a scenario.
AFTER_MEASURES = {"gather_measures", "plot_figures", "check_results", "write_report", "all"}
# What is told about the study as a whole.
RECORDS = {"write_design", "write_report", "check_results", "all"}


def rules(jobs: set[str]) -> set[str]:
    return {job.split()[0] for job in jobs}


def of_rule(jobs: set[str], *names: str) -> set[str]:
    return {job for job in jobs if job.split()[0] in names}


def test_fresh_run_plans_every_rule_once_for_each_of_its_jobs(fresh: Project) -> None:
    jobs = fresh.plan()
    assert "draw_samples class.none 000002-000003" in jobs
    # 2 scenarios, 2 blocks, 2 estimators.
    assert len(of_rule(jobs, "draw_samples")) == 4
    assert len(of_rule(jobs, "fit_samples")) == 8
    assert len(of_rule(jobs, "derive_bounds", "measure_fits")) == 4
    single = {"derive_lesson"} | AFTER_MEASURES | RECORDS
    assert rules(jobs) == single | {"draw_samples", "fit_samples", "derive_bounds", "measure_fits"}


@pytest.mark.slow
def test_nothing_is_to_be_done_twice(finished: Project) -> None:
    assert finished.plan() == set()
    assert "Nothing to be done" in finished.run()


@pytest.mark.slow
@pytest.mark.parametrize("path", ["config/config.yaml", "data/class.csv"])
def test_touching_a_file_reruns_nothing(finished: Project, path: str) -> None:
    os.utime(finished.folder / path)
    assert finished.plan() == set()


@pytest.mark.slow
def test_results_that_are_written_again_with_the_same_bytes_rerun_nothing(
    finished: Project,
) -> None:
    for path in finished.results.glob("samples/**/*.parquet"):
        path.write_bytes(path.read_bytes())
    assert finished.plan() == set()


@pytest.mark.slow
def test_words_reach_records_alone(finished: Project) -> None:
    def say_why(study: dict[str, Any]) -> None:
        study["title"] = "Tiny"
        study["biases"][0]["why"] = "To compare with."
        study["populations"][0]["source"] = "Invented."

    finished.edit(say_why)
    assert rules(finished.plan()) == RECORDS


def reverse_lists(study: dict[str, Any]) -> None:
    for key in ("sizes", "populations", "biases", "estimators"):
        study[key].reverse()
    study["populations"][1]["groups"].reverse()


def reverse_keys(study: dict[str, Any]) -> None:
    items = list(study.items())
    study.clear()
    study.update(reversed(items))


@pytest.mark.slow
@pytest.mark.parametrize("edit", [reverse_lists, reverse_keys])
def test_order_in_the_file_reaches_records_alone(finished: Project, edit: Edit) -> None:
    finished.edit(edit)
    # Figures show estimators and scenarios in the order of the file.
    assert rules(finished.plan()) <= RECORDS | {"plot_figures"}


@pytest.mark.slow
def test_more_replicates_draw_and_fit_new_blocks_alone(finished: Project) -> None:
    finished.edit(lambda study: study.update(replicates=6))
    jobs = finished.plan()
    assert of_rule(jobs, "draw_samples", "fit_samples", "derive_bounds") == {
        "draw_samples class.none 000004-000005",
        "draw_samples school.none 000004-000005",
        "fit_samples class.none em 000004-000005",
        "fit_samples class.none mle 000004-000005",
        "fit_samples school.none em 000004-000005",
        "fit_samples school.none mle 000004-000005",
    }
    assert "measure_fits" in rules(jobs)


@pytest.mark.slow
def test_a_size_between_draws_nothing(finished: Project) -> None:
    finished.edit(lambda study: study["sizes"].append(45))
    jobs = finished.plan()
    assert "draw_samples" not in rules(jobs)
    # A fit job fits all sizes of its block.
    assert len(of_rule(jobs, "fit_samples")) == 8


@pytest.mark.slow
def test_a_new_largest_size_draws_again(finished: Project) -> None:
    finished.edit(lambda study: study["sizes"].append(90))
    assert len(of_rule(finished.plan(), "draw_samples")) == 4


def add_estimator(study: dict[str, Any]) -> None:
    new = {"name": "em-known-shares", "labels": "none", "method": "em", "shares": "known"}
    study["estimators"].insert(0, new)


@pytest.mark.slow
def test_an_estimator_is_fitted_and_no_other(finished: Project) -> None:
    finished.edit(add_estimator)
    jobs = finished.plan()
    assert "draw_samples" not in rules(jobs)
    assert {job.split()[2] for job in of_rule(jobs, "fit_samples")} == {"em-known-shares"}
    # A model that is new has bounds of its own.
    assert len(of_rule(jobs, "derive_bounds")) == 2


@pytest.mark.slow
def test_an_estimator_that_is_dropped_refits_nothing(finished: Project) -> None:
    finished.edit(lambda study: study["estimators"].pop())
    jobs = finished.plan()
    assert {"draw_samples", "fit_samples"}.isdisjoint(rules(jobs))
    assert "measure_fits" in rules(jobs)


def add_population(study: dict[str, Any]) -> None:
    groups = [
        {"name": "short", "share": 0.3, "mean_cm": 150.0, "sd_cm": 5.0},
        {"name": "tall", "share": 0.7, "mean_cm": 180.0, "sd_cm": 5.0},
    ]
    study["populations"].insert(0, {"name": "other", "groups": groups})


def add_bias(study: dict[str, Any]) -> None:
    study["biases"].insert(0, {"name": "rounded", "kind": "rounding", "step_cm": 5.0})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "scenarios"),
    [(add_population, {"other.none"}), (add_bias, {"school.rounded", "class.rounded"})],
)
def test_a_scenario_that_is_added_runs_alone(
    finished: Project, edit: Edit, scenarios: set[str]
) -> None:
    finished.edit(edit)
    jobs = finished.plan()
    stages = ("draw_samples", "fit_samples", "derive_bounds", "measure_fits")
    assert {job.split()[1] for job in of_rule(jobs, *stages)} == scenarios


@pytest.mark.slow
def test_other_data_run_their_own_scenarios(finished: Project) -> None:
    path = finished.folder / "data/class.csv"
    path.write_text(path.read_text(encoding="utf-8") + "165.0,girl\n", encoding="utf-8")
    stages = ("draw_samples", "fit_samples", "derive_bounds", "measure_fits")
    jobs = of_rule(finished.plan(), *stages)
    assert {job.split()[1] for job in jobs} == {"class.none"}
    assert len(of_rule(jobs, "draw_samples")) == 2


@pytest.mark.slow
def test_a_setting_of_an_estimator_refits_it_alone(finished: Project) -> None:
    finished.edit(lambda study: study["estimators"][1].update(starts=3))
    jobs = finished.plan()
    assert {job.split()[2] for job in of_rule(jobs, "fit_samples")} == {"em"}
    assert {"draw_samples", "derive_bounds"}.isdisjoint(rules(jobs))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "also"), [("plot_figures", set[str]()), ("gather_measures", {"plot_figures"})]
)
def test_changed_code_reruns_its_stage_and_what_follows(
    finished: Project, monkeypatch: pytest.MonkeyPatch, stage: str, also: set[str]
) -> None:
    of_sources = provenance.code_digests

    def changed(scripts: Iterable[Path], lock: Path, kept: Path) -> dict[str, str]:
        return of_sources(scripts, lock, kept) | {stage: "changed"}

    monkeypatch.setattr(provenance, "code_digests", changed)
    assert rules(finished.plan()) == {stage} | also | RECORDS
