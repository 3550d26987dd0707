"""Parquet files read as sheets, whatever the types of their columns."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stature.datafile.cells import Kind
from stature.datafile.parquet_sheets import parquet_sheet
from stature.datafile.sheets import Choice, Sheet


def sheet(columns: dict[str, pa.Array], choice: Choice) -> Sheet:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    file.seek(0)
    return parquet_sheet(file, lambda header: choice)


@pytest.mark.parametrize(
    "heights",
    [
        pa.array([170.0, None, 165.0]),
        pa.array([170, None, 165], pa.int16()),
        pa.array(["170", None, "165"]),
        pa.array([170.0, float("nan"), 165.0], pa.float32()),
    ],
)
def test_heights_may_be_numbers_of_any_kind_or_texts(heights: pa.Array) -> None:
    found = sheet({"height": heights}, Choice(height=0))
    np.testing.assert_array_equal(found.values, [170.0, np.nan, 165.0])
    assert found.kinds.tolist() == [Kind.NUMBER, Kind.MISSING, Kind.NUMBER]
    assert found.rows.tolist() == [2, 3, 4]


def test_infinite_heights_and_texts_are_unreadable() -> None:
    infinite = sheet({"height": pa.array([170.0, float("inf")])}, Choice(height=0))
    assert infinite.unreadable.first == ((3, "inf"),)
    text = sheet({"height": pa.array(["170", "tall"])}, Choice(height=0))
    assert text.unreadable.first == ((3, "tall"),)


@pytest.mark.parametrize(
    ("groups", "texts"),
    [
        (pa.array(["m", None, "m"]), ("m", "")),
        (pa.array(["m", None, "m"]).dictionary_encode(), ("m", "")),
        (pa.array([1, None, 1]), ("1", "")),
        (pa.array([True, None, True]), ("true", "")),
    ],
)
def test_groups_may_be_of_any_kind(groups: pa.Array, texts: tuple[str, ...]) -> None:
    heights = pa.array([170.0, 171.0, 172.0])
    found = sheet({"height": heights, "group": groups}, Choice(height=0, group=1))
    assert found.label_texts == texts
    assert found.labels.tolist() == [0, 1, 0]


def test_clusters_and_repeated_identities_are_counted() -> None:
    columns = {
        "height": pa.array([170.0, 171.0, 172.0]),
        "family": pa.array(["a", "a", "b"]),
        "id": pa.array([1, 2, 2]),
    }
    found = sheet(columns, Choice(height=0, cluster=1, identity=2))
    assert (found.clusters, found.repeated_identities) == (2, 1)
