import random
from pathlib import Path

import pyarrow as pa
import pytest

from stature.measures.measure import Measure, sort_key
from stature.store import measures as table
from stature.store import store
from stature.store.store import TableError


def _measure(**changes: object) -> Measure:
    """A bias of an estimator, with some columns changed."""
    usual: dict[str, object] = {
        "population": "school",
        "bias": "none",
        "scenario": "school.none",
        "estimator": "em",
        "size": 20,
        "group": "boys",
        "parameter": "mean_cm",
        "measure": "bias",
        "reference": "",
        "policy": "available",
        "value": 0.1,
        "mcse": 0.1 + 0.2,
        "lower": -0.5,
        "upper": 0.7,
        "count": None,
        "replicates_used": 9,
        "replicates_failed": 1,
        "replicates_expected": 10,
    }
    return Measure(**(usual | changes))  # pyright: ignore[reportArgumentType] # columns by name


MEASURES = (
    _measure(),
    _measure(measure="converged", group="", parameter="", value=0.9, count=9),
    _measure(size=100),
    _measure(size=None, measure="rate", value=-0.5, lower=None, upper=None, mcse=None),
    _measure(estimator="mle", group="girls, all"),
    _measure(population="galton", scenario="galton.none", bias="none", value=1e-300),
)


def test_what_is_written_is_read_again_in_the_order_of_its_key(tmp_path: Path) -> None:
    path = tmp_path / "measures.parquet"
    table.write(path, random.Random(1).sample(MEASURES, len(MEASURES)), "{}")
    assert table.read(path) == tuple(sorted(MEASURES, key=sort_key))


def test_the_same_measures_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    table.write(one, MEASURES, "{}")
    table.write(other, reversed(MEASURES), "{}")
    assert one.read_bytes() == other.read_bytes()


def test_names_are_dictionaries_and_numbers_have_their_types() -> None:
    schema = table.to_table(MEASURES).schema
    assert schema.names == list(table.COLUMNS)
    assert pa.types.is_dictionary(schema.field("group").type)
    assert schema.field("size").type == pa.int32()
    assert schema.field("mcse").type == pa.float64()


def test_scenarios_are_gathered_whatever_the_order_of_their_files(tmp_path: Path) -> None:
    paths = [tmp_path / "galton.parquet", tmp_path / "school.parquet"]
    table.write(paths[0], MEASURES[5:])
    table.write(paths[1], MEASURES[:5])
    expected = tuple(sorted(MEASURES, key=sort_key))
    assert table.gather(paths) == expected
    assert table.gather(paths[::-1]) == expected


def test_a_row_that_two_files_hold_is_refused(tmp_path: Path) -> None:
    paths = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    for path in paths:
        table.write(path, MEASURES[:1])
    with pytest.raises(TableError, match=r"bias of em in school\.none twice"):
        table.gather(paths)


def test_nothing_is_gathered_from_no_files(tmp_path: Path) -> None:
    path = tmp_path / "empty.parquet"
    table.write(path, ())
    assert table.read(path) == ()
    assert table.gather([]) == ()


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    store.write(path, pa.table({"a": [1]}), "fits", 1)
    with pytest.raises(TableError, match="expected a table of measures"):
        table.read(path)


def test_csv_has_the_shortest_floats_and_nothing_for_what_is_missing() -> None:
    text = table.to_csv([_measure(group="girls, all"), _measure(size=None, count=3)])
    lines = text.split("\n")
    assert lines[0] == ",".join(table.COLUMNS)
    # Without a size comes last; 0.1 + 0.2 in full; a name with a comma is quoted.
    assert lines[1] == (
        'school,none,school.none,em,20,"girls, all",mean_cm,bias,,available,'
        "0.1,0.30000000000000004,-0.5,0.7,,9,1,10"
    )
    assert lines[2].startswith("school,none,school.none,em,,boys,")
    assert lines[2].endswith(",3,9,1,10")
    assert lines[3] == ""
