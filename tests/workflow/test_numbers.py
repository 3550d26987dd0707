"""Numbers depend on the seed and on what is studied, and on nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project


@pytest.mark.slow
def test_equal_studies_write_equal_bytes_on_one_core_or_two(
    finished: Project, fresh: Project
) -> None:
    fresh.run("--cores", "1")
    first, second = finished.tables(), fresh.tables()
    assert "report.html" in first
    assert list(first) == list(second)
    assert [path for path in first if first[path] != second[path]] == []


@pytest.mark.slow
def test_width_of_blocks_changes_no_measure(finished: Project, fresh: Project) -> None:
    fresh.edit(lambda study: study.update(block=3))
    fresh.run("results/tiny/measures.parquet", "results/tiny/figures/convergence.svg")
    for path in ("measures.parquet", "figures/convergence.svg"):
        assert (fresh.results / path).read_bytes() == (finished.results / path).read_bytes()


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
    keys = {
        "samples": ["replicate", "person"],
        "fits": ["replicate", "size", "group", "parameter"],
        "bounds": ["model", "size", "group", "parameter"],
    }
    before = {stage: rows(finished, stage, key) for stage, key in keys.items()}
    finished.edit(grow)
    # The scenarios that were there before; the new ones change nothing by not being run.
    finished.run(*(f"results/tiny/measures/{name}.none.parquet" for name in ("school", "class")))
    for stage, key in keys.items():
        after = rows(finished, stage, key)
        assert len(after) > len(before[stage])
        assert after.index.is_unique
        pd.testing.assert_frame_equal(
            after.loc[before[stage].index], before[stage], check_exact=True
        )
