"""Estimators that people bring, in a study: what they cost, what they reach, what they cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

ROOT = Path(__file__).parents[2]
STATURE = Path(sys.executable).with_name("stature")
# All of its smaller samples go wrong, in two ways, and some of its numbers are beyond reason.
CODE = """
import os
def mine(heights, labels, known, rng):
    odd = heights[0] < heights[2]
    if len(heights) == 30:
        os._exit(1) if odd else 1 / 0
    return [.5, .5], [heights.min(), 1e300 if odd else heights.max()], [5., 6.]
"""
MINE = {"name": "mine", "labels": "none", "method": "python", "function": "code.py:mine"}


def add(study: dict[str, Any]) -> None:
    study["estimators"].append(MINE)


def fits_of(jobs: set[str]) -> set[str]:
    return {job.split()[2] for job in jobs if job.startswith("fit_samples")}


@pytest.mark.slow
def test_an_estimator_from_outside_reaches_everything_and_reruns_its_own_fits_alone(
    finished: Project,
) -> None:
    code = finished.folder / "code.py"
    code.write_text(CODE)
    before = {path: path.read_bytes() for path in finished.results.glob("fits/*/em/*.parquet")}
    finished.edit(add)
    jobs = finished.plan()
    assert fits_of(jobs) == {"mine"}
    assert not any(job.startswith(("draw_samples", "derive_bounds")) for job in jobs)
    finished.run()
    assert finished.plan() == set()
    assert {path: path.read_bytes() for path in before} == before
    rows = pq.read_table(finished.results / "measures.parquet").to_pylist()
    own = [row for row in rows if row["estimator"] == "mine"]
    ended = {(row["measure"], row["size"]): row["count"] for row in own}
    assert ended["error", 30] == ended["converged", 60] + ended["malformed", 60] == 4
    assert ended["error", 60] == ended["converged", 30] == ended["timed_out", 30] == 0
    assert not any(row["value"] for row in own if row["measure"] in ("limit_bias", "efficiency"))
    others = {row["measure"] for row in rows if row["estimator"] == "em"}
    assert not others & {"error", "malformed", "timed_out"}
    assert "mine" in pq.read_table(finished.results / "pairs.parquet")["estimator"].to_pylist()
    page = (finished.results / "report.html").read_text(encoding="utf-8")
    assert "code.py:mine" in page
    assert "nothing is derived of an estimator from outside" in page
    again = subprocess.run(
        [STATURE, "replay", "tiny/school.none/3", "--json"],
        cwd=finished.folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(again.stdout)
    code.write_text(f"{CODE}\n# a comment is content, too\n")
    assert fits_of(finished.plan()) == {"mine"}
    finished.edit(lambda study: study["estimators"].pop())
    assert fits_of(finished.plan()) == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["estimators", "mclust", "populations"])
def test_examples_run(name: str, finished: Project) -> None:
    if name == "mclust" and subprocess.call(["which", "Rscript"], stdout=subprocess.DEVNULL):
        pytest.skip("there is no R on this machine")
    study = ROOT / f"examples/{name}.yaml"
    finished.run("--configfile", str(study), "--config", "replicates=4", "block=2")
