"""Estimators that people bring, in a study: what they cost, what they reach, what they cannot."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import suppress
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
import os, sys, time
def mine(heights, labels, known, rng):
    odd = heights[0] < heights[2]
    if len(heights) == 30:
        os._exit(1) if odd else 1 / 0
    return [.5, .5], [heights.min(), 1e300 if odd else heights.max()], [5., 6.]
def hostile(heights, labels, known, rng):
    if os.fork() == 0:
        open(f"child-{os.getpid()}", "w").close()
        time.sleep(600)
    if len(heights) == 30:
        time.sleep(600) if heights[0] < heights[2] else sys.exit(3)
    heights[:] = heights.max()
    print("x" * 1_000_000)
    parts = dict(shares=[.5, .5], means_cm=[160., 180.], sds_cm=[5., 6.])
    return parts | {"highest": heights[0], "highest_se": 1.}
"""
OUTSIDE = {"labels": "none", "method": "python"}
MINE = {"name": "mine", **OUTSIDE, "function": "code.py:mine"}
LIMITS = {"seconds": 2.0, "quantities": ["highest"]}
HOSTILE = {"name": "hostile", **OUTSIDE, "function": "code.py:hostile", **LIMITS}


def add(study: dict[str, Any]) -> None:
    study["estimators"] += [MINE, HOSTILE]
    study["populations"][0]["truths"] = [{"name": "highest", "value": 190}]


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
    assert fits_of(jobs) == {"mine", "hostile"}
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
    hostile = [row for row in rows if row["estimator"] == "hostile"]
    for scenario in ("school.none", "class.none"):
        here = [row for row in hostile if row["scenario"] == scenario]
        ended = {(row["measure"], row["size"]): row["count"] for row in here}
        assert ended["error", 30] + ended["timed_out", 30] == ended["converged", 60] == 4
        assert min(ended["error", 30], ended["timed_out", 30]) > 0 or scenario == "class.none"
        drawn = pq.read_table([*finished.results.glob(f"samples/{scenario}/*.parquet")])
        highest = drawn.group_by("replicate").aggregate([("height_cm", "max")])
        own = {row["measure"]: row["value"] for row in here if row["parameter"] == "highest"
               and row["size"] == 60}  # fmt: skip
        mean = sum(highest["height_cm_max"].to_pylist()) / 4.0
        assert own["mean"] == pytest.approx(mean, rel=1e-12)
        assert ("bias" in own) == (scenario == "school.none")
    children = [path.name.removeprefix("child-") for path in finished.folder.glob("child-*")]
    assert len(children) == 16
    for child in children:  # its number may be that of another process by now
        with suppress(OSError):
            assert os.readlink(f"/proc/{child}/cwd") != str(finished.folder.resolve())
    logs = [path.read_text() for path in finished.results.glob("logs/fit_samples/*/hostile*/*")]
    assert all("bytes more that it printed" in text for text in logs)
    assert all(len(text) < 100_000 for text in logs)
    page = (finished.results / "report.html").read_text(encoding="utf-8")
    assert "code.py:mine" in page
    assert "nothing is derived of an estimator from outside" in page
    assert "Quantities that estimators return" in page
    again = subprocess.run(
        [STATURE, "replay", "tiny/school.none/3", "--json"],
        cwd=finished.folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert '"highest"' in again.stdout
    told = subprocess.run(
        [STATURE, "replay", "tiny/school.none/3", "--size", "60"],
        cwd=finished.folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert re.search(r"^ *highest +– +– +– +1\d\d", told.stdout, re.MULTILINE)
    code.write_text(f"{CODE}\n# a comment is content, too\n")
    assert fits_of(finished.plan()) == {"mine", "hostile"}
    finished.edit(lambda study: study["estimators"].pop())
    finished.edit(lambda study: study["populations"][0].pop("truths"))
    assert fits_of(finished.plan()) == {"mine"}
    code.write_text(CODE)
    finished.edit(lambda study: study["estimators"].pop())
    assert fits_of(finished.plan()) == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["estimators", "mclust", "populations"])
def test_examples_run(name: str, finished: Project) -> None:
    if name == "mclust" and subprocess.call(["which", "Rscript"], stdout=subprocess.DEVNULL):
        pytest.skip("there is no R on this machine")
    study = ROOT / f"examples/{name}.yaml"
    finished.run("--configfile", str(study), "--config", "replicates=4", "block=2")
