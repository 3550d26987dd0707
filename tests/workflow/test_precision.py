"""Rounds of replicates: when they end, and that they change no number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stature.cli.plan import plan
from stature.measures.measure import Judged, Measure
from stature.store import records

if TYPE_CHECKING:
    from tests.workflow.conftest import Edit, Project

TABLES = ("results/tiny/measures.parquet", "results/tiny/design.parquet")


def aim(mcse: float, most: int = 4) -> Edit:
    """Two replicates, then four, and so on; the blocks are those of the study that has run."""

    def edit(study: dict[str, Any]) -> None:
        study["precision"] = {"mcse": mcse, "min": 2, "max": most}

    return edit


def unmeasured(project: Project) -> dict[str, bytes]:
    """Take away what was measured; what it was."""
    before = project.tables("measures*")
    for path in (
        *project.results.glob("measures/*.parquet"),
        *map(project.folder.joinpath, TABLES),
    ):
        path.unlink()
    return before


@pytest.mark.slow
def test_a_finished_study_is_judged_before_anything_else(
    finished: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished.edit(aim(0.02))
    planned = finished.plan()
    with monkeypatch.context() as inside:
        inside.chdir(finished.folder)
        made = plan([])
    assert {job.name for job in made.jobs if job.runs} == planned
    assert made.orphans == ()
    jobs = {job.split()[0] for job in planned}
    assert {"measure_round", "judge_round"} <= jobs
    assert {"draw_samples", "fit_samples"}.isdisjoint(jobs)


@pytest.mark.slow
def test_rounds_go_on_to_the_cap_and_give_the_bytes_of_that_many_replicates(
    finished: Project,
) -> None:
    fixed = unmeasured(finished)
    # No number is known to a billionth of a cm.
    finished.edit(aim(1e-9))
    said = finished.run(*TABLES)
    assert "Judge whether 000004 replicates are enough" in said
    assert finished.tables("measures*") == fixed
    cells = [
        cell
        for end in ("000002", "000004")
        for cell in records.read(records.ROUNDS, finished.results / f"rounds/{end}.parquet", Judged)
    ]
    # 2 scenarios, 2 estimators, 2 sizes and 2 groups in each of 2 rounds.
    assert len(cells) == 32
    assert {cell.replicates for cell in cells if not cell.met} == {2, 4}
    assert "Nothing to be done" in finished.run(*TABLES)
    # A higher cap goes on where the study was.
    finished.edit(aim(1e-9, most=8))
    jobs = finished.plan()
    assert "judge_round 000008" in jobs
    assert not any(job.startswith("judge_round 00000") for job in jobs - {"judge_round 000008"})
    assert len([job for job in jobs if job.startswith("draw_samples")]) == 4


@pytest.mark.slow
def test_rounds_end_when_every_cell_is_known_well_enough(finished: Project) -> None:
    unmeasured(finished)
    finished.edit(aim(1e6))
    finished.run(*TABLES)
    assert [path.name for path in finished.results.glob("rounds/*.parquet")] == ["000002.parquet"]
    rows = records.read(records.MEASURES, finished.results / "measures.parquet", Measure)
    assert {row.replicates_expected for row in rows if row.policy} == {2}


@pytest.mark.slow
def test_results_that_are_there_are_asked_for_by_name_and_go_on_to_the_next_round(
    finished: Project,
) -> None:
    fixed = unmeasured(finished)
    finished.edit(aim(1e6))
    finished.run(TABLES[0])
    assert finished.tables("measures*") != fixed
    # Two replicates are not enough for this one, and no other round has been judged.
    finished.edit(aim(1e-9))
    finished.run(TABLES[0])
    assert finished.tables("measures*") == fixed
    assert finished.plan(TABLES[0]) == set()
    # A higher cap.
    finished.edit(aim(1e-9, most=8))
    jobs = finished.plan(TABLES[0])
    assert {"judge_round 000008", "gather_measures"} <= jobs
    assert len([job for job in jobs if job.startswith("draw_samples")]) == 4
