"""Numbers depend on the seed and on what is studied, and on nothing else."""

from __future__ import annotations

import platform
import shutil
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from numpy._core import _multiarray_umath as umath  # pyright: ignore[reportAttributeAccessIssue]

from tests.workflow.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.workflow.conftest import Project

    Count = Callable[[str, int], None]


KEYS = {
    "samples": ["replicate", "person"],
    "fits": ["replicate", "size", "group", "parameter"],
    "bounds": ["model", "size", "group", "parameter"],
}
ROWS = "rows equal in every column, of a study run in blocks of another width"
EQUAL = "files equal byte for byte, of a study run in another way"
OTHERWISE = "fits on another processor, equal to the last bit"
SAME_TO, DIFFERENCES = 1e-12, 1e-7


@pytest.mark.slow
def test_a_study_that_grew_on_one_core_has_the_bytes_of_one_run_at_once_on_two(
    finished: Project, fresh: Project, count: Count
) -> None:
    fresh.edit(lambda study: study.update(replicates=2))
    fresh.run("results/tiny/measures.csv", "results/tiny/figures/convergence.svg", "--cores", "1")
    half = fresh.tables("samples/**/*")
    fresh.edit(lambda study: study.update(replicates=4))
    fresh.run("--cores", "1")
    grown, at_once = fresh.tables(), finished.tables()
    assert {"report.html", "provenance.json", "measures.csv"} < grown.keys()
    assert list(grown) == list(at_once)
    assert [path for path in grown if grown[path] != at_once[path]] == []
    assert half.items() < grown.items()
    count(EQUAL, len(grown))


def reverse(study: dict[str, Any]) -> None:
    for key in ("sizes", "populations", "biases", "estimators"):
        study[key].reverse()
    study["populations"][1]["groups"].reverse()


@pytest.mark.slow
def test_rules_from_another_folder_and_another_order_draw_the_same_bytes(
    finished: Project, fresh: Project, tmp_path: Path, count: Count
) -> None:
    # The package stays where it is: elsewhere it would be compiled anew. That the digests of code
    # are the same in every folder is tested with them.
    for name in ("Snakefile", "uv.lock"):
        shutil.copy2(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow")
    fresh.edit(reverse)
    equal = [
        f"results/tiny/{stage}/{path.relative_to(finished.results / stage)}"
        for stage in ("samples", "bounds")
        for path in (finished.results / stage).glob("**/*.parquet")
    ]
    fresh.run("--snakefile", str(tmp_path / "Snakefile"), "--", *equal)
    for path in equal:
        assert (fresh.folder / path).read_bytes() == (finished.folder / path).read_bytes()
    count(EQUAL, len(equal))


@pytest.mark.slow
def test_width_of_blocks_changes_no_row_and_no_measure(
    finished: Project, fresh: Project, count: Count
) -> None:
    fresh.edit(lambda study: study.update(block=3))
    fresh.run("results/tiny/measures.parquet", "results/tiny/figures/convergence.svg")
    for stage, key in KEYS.items():
        one, other = rows(finished, stage, key), rows(fresh, stage, key)
        pd.testing.assert_frame_equal(other, one, check_exact=True)
        count(ROWS, len(one))
    for path in ("measures.parquet", "figures/convergence.svg"):
        assert (fresh.results / path).read_bytes() == (finished.results / path).read_bytes()
        count(EQUAL, 1)


def grow(study: dict[str, Any]) -> None:
    """Everything at once: sizes, replicates, an estimator, a bias, and another order."""
    study["replicates"] = 5
    study["sizes"] += [45, 90]
    new = {"name": "em-known-shares", "labels": "none", "method": "em", "shares": "known"}
    study["estimators"].append(new)
    study["biases"].append({"name": "tall", "kind": "selection", "log_odds_per_cm": 0.1})
    for key in ("sizes", "populations", "biases", "estimators"):
        study[key].reverse()
    study["populations"][1]["groups"].reverse()


def rows(project: Project, stage: str, key: list[str]) -> pd.DataFrame:
    """All rows of a stage, with the scenario and estimator that they are of, by their key."""
    folder = project.results / stage
    tables = [
        # A file of a scenario is named by it; a file of a block lies in the folder of its own.
        pd.read_parquet(path).assign(
            folder=path.stem if path.parent == folder else str(path.parent.relative_to(folder))
        )
        for path in sorted(folder.glob("**/*.parquet"))
    ]
    whole = pd.concat(tables)
    # Categories list all names of a study, which grow with it.
    words = [name for name in whole if isinstance(whole[name].dtype, pd.CategoricalDtype)]
    return whole.astype(dict.fromkeys(words, str)).set_index(["folder", *key])


@pytest.mark.slow
def test_growth_leaves_every_number_as_it_was(finished: Project) -> None:
    before = {stage: rows(finished, stage, key) for stage, key in KEYS.items()}
    finished.edit(grow)
    # The scenarios that were there before; the new ones change nothing by not being run.
    finished.run(*(f"results/tiny/measures/{name}.none.parquet" for name in ("school", "class")))
    for stage, key in KEYS.items():
        after = rows(finished, stage, key)
        assert len(after) > len(before[stage])
        assert after.index.is_unique
        pd.testing.assert_frame_equal(
            after.loc[before[stage].index], before[stage], check_exact=True
        )


def older_processor() -> dict[str, str]:
    """Settings by which NumPy and SciPy compute as on a server of 2014, without AVX-512."""
    newer = [
        name
        for name in umath.__cpu_dispatch__
        if umath.__cpu_features__[name] and ("AVX512" in name or name == "X86_V4")
    ]
    return {"NPY_DISABLE_CPU_FEATURES": " ".join(newer), "OPENBLAS_CORETYPE": "Haswell"}


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="knows only x86")
def test_another_processor_draws_and_fits_the_same_bytes(
    finished: Project, fresh: Project, count: Count
) -> None:
    made = [
        path
        for stage in ("samples", "bounds", "fits")
        for path in (finished.results / stage).glob("**/*.parquet")
    ]
    wanted = [str(path.relative_to(finished.folder)) for path in made]
    fresh.run("--cores", "1", *wanted, environment=older_processor())
    drawn = finished.tables("samples/**/*")
    assert fresh.tables("samples/**/*") == drawn
    count(EQUAL, len(drawn))
    one, other = (rows(project, "bounds", KEYS["bounds"]) for project in (finished, fresh))
    # Made of differences over steps of 1e-3, which are a thousandth of the scores or less.
    coarse = ["small_sample_bias"]
    pd.testing.assert_frame_equal(other[coarse], one[coarse], rtol=DIFFERENCES, atol=DIFFERENCES)
    one, other = one.drop(columns=coarse), other.drop(columns=coarse)
    pd.testing.assert_frame_equal(other, one, rtol=SAME_TO, atol=SAME_TO)
    one, other = (rows(project, "fits", KEYS["fits"]) for project in (finished, fresh))
    exact = ["estimate", "status", "log_likelihood", "decrement", "passes", "steps"]
    pd.testing.assert_frame_equal(other[exact], one[exact], check_exact=True)
    pd.testing.assert_frame_equal(other, one, rtol=SAME_TO, atol=SAME_TO)
    count(OTHERWISE, len(one.groupby(["folder", "replicate", "size"])))
