"""Jobs that start at once, before anything is compiled."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

SOURCE = Path(__file__).parents[2] / "src/stature"


@pytest.mark.slow
def test_jobs_that_compile_at_the_same_time_do_not_disturb_each_other(
    fresh: Project, tmp_path: Path
) -> None:
    # A copy of the package has no compiled code; jobs find it before the installed one.
    copy = tmp_path / "cold"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(SOURCE, copy / "stature", ignore=ignore)
    fresh.edit(
        lambda study: study.update(
            populations=study["populations"][:1],
            # Labelled Newton compiles in seconds, where EM takes a minute.
            estimators=[{"name": "climb", "labels": "all", "method": "newton"}],
        )
    )
    folder = "results/tiny/fits/school.none/climb"
    fits = [f"{folder}/{block}.parquet" for block in ("000000-000001", "000002-000003")]
    fresh.run(*fits, environment={"PYTHONPATH": str(copy)})
    compiled = list((copy / "stature").rglob("*.nbi"))
    assert compiled
    # What the two have left behind can be used by those that come after.
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*.nb?")}
    fresh.run("--forcerun", "fit_samples", "--", *fits, environment={"PYTHONPATH": str(copy)})
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("*.nb?")} == before
