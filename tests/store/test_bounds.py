"""The table of bounds: what is written is read, in the same bytes every time."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from stature.domain.bias import NoBias, Selection
from stature.domain.model import Model
from stature.domain.population import Group, Population
from stature.store import bounds as table
from stature.store import store
from stature.theory.bounds import Bounds, BoundsSpec, derive

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))


def derived() -> Bounds:
    models = (Model("all"), Model("none", sds="equal"))
    return derive(BoundsSpec(SCHOOL, NoBias(), "stratified", (20, 50), models))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    bounds = derived()
    assert np.isnan(bounds.bound).any()
    table.write(tmp_path / "bounds.parquet", bounds, "{}")
    back = table.read(tmp_path / "bounds.parquet")
    for field in fields(Bounds):
        before, after = getattr(bounds, field.name), getattr(back, field.name)
        if isinstance(before, tuple):
            assert after == before
        else:
            np.testing.assert_array_equal(after, before)
            assert after.dtype == before.dtype


def test_bytes_are_the_same_every_time(tmp_path: Path) -> None:
    for name in ("once", "again"):
        table.write(tmp_path / name, derived(), "{}")
    assert (tmp_path / "once").read_bytes() == (tmp_path / "again").read_bytes()


def test_what_is_not_defined_is_null(tmp_path: Path) -> None:
    spec = BoundsSpec(SCHOOL, Selection(0.05), "random", (20,), (Model("none"),))
    table.write(tmp_path / "bounds.parquet", derive(spec))
    rows = pq.read_table(tmp_path / "bounds.parquet")
    assert rows.column("bound").null_count == rows.num_rows == 7
    assert rows.column("limit").null_count == 0
    np.testing.assert_array_equal(table.read(tmp_path / "bounds.parquet").bound, [np.nan] * 7)


def test_names_are_dictionaries(tmp_path: Path) -> None:
    table.write(tmp_path / "bounds.parquet", derived())
    schema = pq.read_schema(tmp_path / "bounds.parquet")
    assert schema.remove_metadata() == table.SCHEMA
    assert schema.names == [field.name for field in fields(Bounds)]


def test_a_table_of_another_kind_is_refused(tmp_path: Path) -> None:
    store.write(tmp_path / "fits.parquet", pq.read_table(_any(tmp_path)), "fits", 1)
    with pytest.raises(store.TableError, match="expected a table of bounds"):
        table.read(tmp_path / "fits.parquet")


def _any(folder: Path) -> Path:
    table.write(folder / "any.parquet", derived())
    return folder / "any.parquet"
