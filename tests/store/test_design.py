from dataclasses import asdict, replace
from pathlib import Path

import pyarrow as pa
import pytest

from stature.store import design, store
from stature.store.design import DesignScenario, DesignSpec

SPEC = DesignSpec(
    scenarios=(
        DesignScenario("school", "none", "school.none"),
        DesignScenario("school", "cut", "school.cut"),
    ),
    sizes=(20, 50, 200),
    replicates=7,
    blocks=2,
    estimators=("mle", "em"),
)


def rows_of(path: Path) -> list[dict[str, object]]:
    return design.read(path).to_pylist()


def test_every_scenario_has_a_row_for_every_size_in_the_order_of_the_study(tmp_path: Path):
    design.write(tmp_path / "design.parquet", SPEC)
    expected = [(scenario.slug, size) for scenario in SPEC.scenarios for size in SPEC.sizes]
    found = [(row["scenario"], row["size"]) for row in rows_of(tmp_path / "design.parquet")]
    assert found == expected


def test_a_row_tells_the_names_and_the_whole_design(tmp_path: Path):
    design.write(tmp_path / "design.parquet", SPEC)
    last = rows_of(tmp_path / "design.parquet")[-1]
    scenario = asdict(SPEC.scenarios[-1])
    assert last == {
        "population": scenario["population"],
        "bias": scenario["bias"],
        "scenario": scenario["slug"],
        "size": SPEC.sizes[-1],
        "replicates": SPEC.replicates,
        "blocks": SPEC.blocks,
        "estimators": list(SPEC.estimators),
    }


def test_a_scenario_tells_who_is_fitted_to_it(tmp_path: Path):
    first, second = SPEC.scenarios
    some = replace(SPEC, scenarios=(replace(first, estimators=("mle",)), second))
    design.write(tmp_path / "design.parquet", some)
    found = {row["bias"]: row["estimators"] for row in rows_of(tmp_path / "design.parquet")}
    assert found == {"none": ["mle"], "cut": ["mle", "em"]}


def test_the_same_design_gives_the_same_bytes(tmp_path: Path):
    for name in ("one", "two"):
        design.write(tmp_path / name, SPEC)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_another_table_is_refused(tmp_path: Path):
    store.write(tmp_path / "other", pa.table({"scenario": ["school.none"]}), "fits", 1)
    with pytest.raises(store.TableError, match="design"):
        design.read(tmp_path / "other")
