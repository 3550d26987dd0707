"""The small tables: what is written is read, in the same bytes every time."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stature.domain.bias import NoBias, Selection
from stature.domain.model import Model
from stature.domain.population import Group, Population
from stature.measures.checks.check import Check
from stature.measures.measure import Judged, Measure
from stature.measures.needed import Needed
from stature.measures.replicates import Pair, Ranked
from stature.measures.settings import Factor, Set
from stature.store import fits, records, samples
from stature.store.parquet import Kind, TableError
from stature.theory.bounds import Bounds, BoundsSpec, derive
from stature.theory.lesson import LessonRow

MEASURE = Measure(
    "school", "none", "school.none", "em", 20, "boys", "mean_cm", "bias", "", "available",
    0.1, 0.1 + 0.2, -0.5, 0.7, None, 9, 1, 10,
)  # fmt: skip
MEASURES = (
    MEASURE,
    replace(MEASURE, measure="converged", group="", parameter="", value=0.9, count=9),
    replace(MEASURE, size=100),
    replace(MEASURE, size=None, measure="rate", value=-0.5, lower=None, upper=None, mcse=None),
    replace(MEASURE, estimator="mle", group="girls, all"),
    replace(MEASURE, population="galton", scenario="galton.none", value=1e-300),
)
# By population, estimator, size (over all sizes last) and group.
IN_ORDER = tuple(MEASURES[place] for place in (5, 1, 0, 2, 3, 4))
CHECKS = (
    Check("rows", "school.none", "em", 20, "", "", 9.0, 9.0, None, None, passed=True),
    Check("rows", "school.none", "em", None, "", "", 7.0, None, None, None, passed=False),
    Check("limit", "school.none", "mle", 20, "boys", "sd_cm", -0.1, 0.3, 0.2, 2.0, passed=True),
)
PAIR = Pair(
    "school", "none", "school.none", 200, "girls", 163.0, "newton", "hasty", 0, 162.9, 163.4
)
CELL = Judged(200, "school.none", "em", 50, "girls", "mean_cm", "rmse", 0.01, 0.02, True)
FAR = replace(CELL, size=20, mcse=None, met=False)
POINTS = (
    LessonRow("balls", "counting", 0, 0.7, 0.002, None),
    LessonRow("boys", "surface", 1, 176.0, 7.0, -0.5),
)
# Kind, record, rows, and the same rows in the order in which they come back.
ROWS: list[tuple[Kind, Callable[..., Any], Sequence[object], Sequence[object]]] = [
    (records.MEASURES, Measure, MEASURES, IN_ORDER),
    (records.CHECKS, Check, CHECKS, (CHECKS[2], CHECKS[0], CHECKS[1])),
    (records.ROUNDS, Judged, (CELL, FAR), (FAR, CELL)),
    (records.PAIRS, Pair, (PAIR, replace(PAIR, replicate=1, estimate_cm=None)), ()),
    (records.LESSON, LessonRow, POINTS, ()),
]
SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))


def test_tables_of_the_versions_that_there_are_stay_readable() -> None:
    # Whoever changes columns raises the version, and with it this list.
    later = {"bounds": 3, "checks": 2, "fits": 2}
    every = (*records.KINDS.values(), fits.FITS, fits.TRACES, samples.SAMPLES, samples.SKETCHED)
    assert {kind.name: kind.version for kind in every} == {
        kind.name: later.get(kind.name, 1) for kind in every
    }


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        (records.MEASURES, Measure),
        (records.CHECKS, Check),
        (records.ROUNDS, Judged),
        (records.PAIRS, Pair),
        (records.NEEDED, Needed),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_a_cell_may_be_empty_where_its_record_may_hold_nothing(kind: Kind, record: type) -> None:
    hints = get_type_hints(record)
    may_lack = {field.name: type(None) in get_args(hints[field.name]) for field in kind.schema}
    assert {field.name: field.nullable for field in kind.schema} == may_lack


@pytest.mark.parametrize(
    ("kind", "record", "rows", "back"), ROWS, ids=[kind.name for kind, *_ in ROWS]
)
def test_rows_come_back_sorted_by_their_key_or_in_their_order(
    tmp_path: Path,
    kind: Kind,
    record: Callable[..., Any],
    rows: Sequence[object],
    back: Sequence[object],
) -> None:
    records.write(kind, tmp_path / "one", rows, "{}")
    assert records.read(kind, tmp_path / "one", record) == tuple(back or rows)
    # In any order where there is a key: the same bytes.
    records.write(kind, tmp_path / "two", rows[:: -1 if kind.key else 1], "{}")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_names_are_dictionaries_and_numbers_have_their_types(tmp_path: Path) -> None:
    records.write(records.MEASURES, tmp_path / "a", MEASURES)
    schema = pq.read_schema(tmp_path / "a")
    assert schema.names == [field.name for field in fields(Measure)]
    assert pa.types.is_dictionary(schema.field("group").type)
    assert schema.field("size").type == pa.int32()
    assert schema.field("mcse").type == pa.float64()


@pytest.mark.parametrize("kind", records.KINDS.values(), ids=records.KINDS)
def test_another_table_is_refused(tmp_path: Path, kind: Kind) -> None:
    Kind("other", 1, kind.schema).write(tmp_path / "a", kind.schema.empty_table())
    with pytest.raises(TableError, match=f"expected a table of {kind.name}"):
        kind.read(tmp_path / "a")


def test_every_kind_is_registered() -> None:
    assert list(records.KINDS.values()) == [
        kind for kind in vars(records).values() if isinstance(kind, Kind)
    ]


def test_figures_get_tables_by_their_kinds(tmp_path: Path) -> None:
    records.write(records.MEASURES, tmp_path / "a", MEASURES)
    for name, estimator in (("c", "wald"), ("b", "profile")):
        records.write_intervals(tmp_path / name, [ranked(estimator, [160.0], [164.0])])
    found = records.frames([tmp_path / name for name in "acb"])
    assert found.keys() == {"measures", "intervals"}
    assert found["intervals"]["estimator"].tolist() == ["profile", "wald"]
    assert len(found["measures"]) == len(MEASURES)


def test_tables_are_gathered_whatever_the_order_of_their_files(tmp_path: Path) -> None:
    paths = [tmp_path / "galton.parquet", tmp_path / "school.parquet"]
    records.write(records.MEASURES, paths[0], MEASURES[5:])
    records.write(records.MEASURES, paths[1], MEASURES[:5])
    expected = IN_ORDER
    assert records.gather(records.MEASURES, paths, Measure) == expected
    assert records.gather(records.MEASURES, paths[::-1], Measure) == expected


def test_a_row_that_two_files_hold_is_refused(tmp_path: Path) -> None:
    paths = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    for path in paths:
        records.write(records.MEASURES, path, MEASURES[:1])
    with pytest.raises(TableError, match="two of school, none, em, 20, boys, mean_cm, bias, avail"):
        records.gather(records.MEASURES, paths, Measure)


def test_nothing_is_gathered_from_no_files(tmp_path: Path) -> None:
    records.write(records.MEASURES, tmp_path / "empty", ())
    assert records.read(records.MEASURES, tmp_path / "empty", Measure) == ()
    assert records.gather(records.MEASURES, [], Measure) == ()


def test_csv_has_the_shortest_floats_and_nothing_for_what_is_missing() -> None:
    rows = [replace(MEASURE, size=None, count=3), replace(MEASURE, group="girls, all")]
    lines = records.to_csv(records.MEASURES, rows).split("\n")
    assert lines[0] == ",".join(field.name for field in fields(Measure))
    # Without a size comes last; 0.1 + 0.2 in full; a name with a comma is quoted.
    assert lines[1] == (
        'school,none,school.none,em,20,"girls, all",mean_cm,bias,,available,'
        "0.1,0.30000000000000004,-0.5,0.7,,9,1,10"
    )
    assert lines[2].startswith("school,none,school.none,em,,boys,")
    assert lines[2].endswith(",3,9,1,10")
    assert lines[3] == ""


def test_a_row_of_settings_is_a_measure_with_its_setting_in_front(tmp_path: Path) -> None:
    row = replace(MEASURE, bias="cut", scenario="school.cut")
    records.write_settings(tmp_path / "a", [Set("minimum height, cm", "bias", 160.0, row)], "{}")
    records.write_settings(tmp_path / "b", [Set("minimum height, cm", "bias", 160.0, row)], "{}")
    front = {"axis": "minimum height, cm", "varies": "bias", "setting": 160.0}
    assert records.SETTINGS.read(tmp_path / "a").to_pylist() == [front | asdict(row)]
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    # A study that varies nothing has an empty table.
    records.write_settings(tmp_path / "c", [])
    assert records.SETTINGS.read(tmp_path / "c").num_rows == 0


def derived() -> Bounds:
    models = (Model("all"), Model("none", sds="equal"))
    return derive(BoundsSpec(SCHOOL, NoBias(), "stratified", (20, 50), models))


def test_bounds_come_back_as_columns_and_nan_is_an_empty_cell(tmp_path: Path) -> None:
    bounds = derived()
    assert np.isnan(bounds.bound).any()
    for name in ("once", "again"):
        records.write_columns(records.BOUNDS, tmp_path / name, asdict(bounds), "{}")
    assert (tmp_path / "once").read_bytes() == (tmp_path / "again").read_bytes()
    schema = pq.read_schema(tmp_path / "once")
    assert schema.remove_metadata() == records.BOUNDS.schema
    assert schema.names == [field.name for field in fields(Bounds)]
    back = records.read_columns(records.BOUNDS, tmp_path / "once", Bounds)
    for field in fields(Bounds):
        before, after = getattr(bounds, field.name), getattr(back, field.name)
        if isinstance(before, tuple):
            assert after == before
        else:
            np.testing.assert_array_equal(after, before)
            assert after.dtype == before.dtype


def test_a_bound_that_is_not_defined_is_null(tmp_path: Path) -> None:
    spec = BoundsSpec(SCHOOL, Selection(0.05), "random", (20,), (Model("none"),))
    records.write_columns(records.BOUNDS, tmp_path / "a", asdict(derive(spec)))
    rows = records.BOUNDS.read(tmp_path / "a")
    assert rows["bound"].null_count == rows.num_rows == 7
    assert rows["limit"].null_count == 0
    back = records.read_columns(records.BOUNDS, tmp_path / "a", Bounds)
    np.testing.assert_array_equal(back.bound, [np.nan] * 7)


def ranked(estimator: str, lower: list[float], upper: list[float]) -> Ranked:
    """Intervals for a true mean of 163 cm."""
    count = len(lower)
    return Ranked(
        population="school",
        bias="none",
        scenario="school.none",
        estimator=estimator,
        size=200,
        group="girls",
        parameter="mean_cm",
        truth=163.0,
        replicate=np.arange(count, dtype=np.int32),
        centile=np.where(np.isnan(lower), np.nan, 50.0),
        estimate=np.full(count, 162.0),
        lower=np.array(lower),
        upper=np.array(upper),
    )


@pytest.mark.parametrize(
    ("levels", "kind", "written"),
    [
        ((1, 2), pa.int64(), [1, 2]),
        ((1, 2.5), pa.float64(), [1.0, 2.5]),
        ((1.5, 2.5), pa.float64(), [1.5, 2.5]),
        ((True, False), pa.bool_(), [True, False]),
        ((True, 2.5), records.NAME, ["True", "2.5"]),
        (("far", 2), records.NAME, ["far", "2"]),
    ],
)
def test_levels_of_a_factor_are_numbers_where_all_are(
    tmp_path: Path, levels: tuple[Any, Any], kind: pa.DataType, written: list[object]
) -> None:
    factor = Factor("gap", "estimator", (("em", levels[0]), ("mle", levels[1])))
    rows = [MEASURE, replace(MEASURE, estimator="mle"), replace(MEASURE, estimator="other")]
    records.write(records.MEASURES, tmp_path / "a", rows, factors=(factor,))
    column = records.MEASURES.read(tmp_path / "a")["gap"]
    assert column.type == kind
    assert column.to_pylist() == [*written, None]


def test_an_interval_is_written_with_whether_it_covers(tmp_path: Path) -> None:
    wald = ranked("wald", [160.0, 164.0, np.nan], [163.0, 166.0, np.nan])
    other = ranked("profile", [-np.inf, 163.0, 150.0], [np.inf, 170.0, 151.0])
    for name in "ab":
        records.write_intervals(tmp_path / name, [wald, other], "{}")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    rows = records.read_all(records.INTERVALS, [tmp_path / "a"]).to_pylist()
    assert [row["covers"] for row in rows] == [True, False, None, True, True, False]
    assert [row["estimator"] for row in rows] == ["wald"] * 3 + ["profile"] * 3
    assert rows[2]["lower"] is None
    assert rows[3]["upper"] == np.inf
    assert rows[0]["truth"] == 163.0
