from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from stature import writing
from stature.store import parquet
from stature.store.parquet import (
    Kind,
    TableError,
    codes_of,
    numbers_of,
    of_names,
    of_numbers,
    of_texts,
)

TABLE = pa.table({"x": [1.0, 2.0], "word": pa.array(["a", "b"]).dictionary_encode()})
NUMBERS = Kind("numbers", 3, TABLE.schema)


def test_a_table_comes_back_with_its_kind_and_version(tmp_path: Path):
    NUMBERS.write(tmp_path / "deep" / "a.parquet", TABLE)
    assert NUMBERS.read(tmp_path / "deep" / "a.parquet")["x"].to_pylist() == [1, 2]


@pytest.mark.parametrize(("kind", "version"), [("numbers", 2), ("letters", 3)])
def test_another_kind_or_version_is_refused_with_advice(tmp_path: Path, kind: str, version: int):
    NUMBERS.write(tmp_path / "a", TABLE)
    with pytest.raises(TableError, match="got a table of numbers, version 3; delete this"):
        Kind(kind, version, TABLE.schema).read(tmp_path / "a")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    NUMBERS.write(tmp_path / "a", TABLE)
    before = (tmp_path / "a").read_bytes()

    def fail(*arguments: object, **options: object) -> None:
        Path(str(arguments[1])).write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(parquet.pq, "write_table", fail)
    with pytest.raises(writing.WriteError, match="disk full"):
        NUMBERS.write(tmp_path / "a", TABLE)
    assert (tmp_path / "a").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def readable(path: Path) -> pa.Table | None:
    """What is read; None where the file is refused as a table."""
    try:
        parquet.kind_of(path)
        return NUMBERS.read(path)
    except TableError:
        return None


def test_a_table_cut_short_anywhere_is_refused(tmp_path: Path):
    path = tmp_path / "a"
    NUMBERS.write(path, TABLE)
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        assert readable(path) is None


@pytest.mark.parametrize("flipped", [0x01, 0x80, 0xFF])
def test_a_table_with_a_damaged_byte_is_refused_or_read_as_it_was(tmp_path: Path, flipped: int):
    path = tmp_path / "a"
    NUMBERS.write(path, TABLE)
    content = path.read_bytes()
    found: list[pa.Table | None] = []
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= flipped
        path.write_bytes(damaged)
        found.append(readable(path))
    refused = found.count(None)
    # What is read all the same was damaged in statistics, in padding, or in who wrote the file.
    assert all(table.equals(TABLE) for table in found if table is not None)
    assert refused > len(content) / 2


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (None, "got no file; delete"),
        (b"", "got a file that is damaged or none of ours"),
        (b"height\n170\n", "got a file that is damaged or none of ours"),
        (b"PAR1" + 100 * b"x" + b"PAR1", "got a file that is damaged or none of ours"),
    ],
)
def test_a_file_of_somebody_else_is_refused_with_its_name(
    tmp_path: Path, content: bytes | None, got: str
):
    if content is not None:
        (tmp_path / "a").write_bytes(content)
    sentence = f"^{tmp_path}/a: expected a table of numbers, {got}.* run the same command again"
    with pytest.raises(TableError, match=sentence):
        NUMBERS.read(tmp_path / "a")


def test_a_table_with_other_columns_is_refused(tmp_path: Path):
    NUMBERS.write(tmp_path / "a", TABLE)
    schema = pa.schema([pa.field("y", pa.float64())])
    with pytest.raises(TableError, match="of numbers with y, got one with x, word;"):
        Kind("numbers", 3, schema).read(tmp_path / "a")


def test_tables_of_another_origin_are_refused_all_at_once(tmp_path: Path):
    for name in ("asked", "other", "older"):
        NUMBERS.write(tmp_path / name, TABLE, "" if name == "older" else name)
    (tmp_path / "none").write_text("height\n170\n")
    paths = {str(tmp_path / name): "asked" for name in ("asked", "other", "older", "none")}
    with pytest.raises(TableError) as raised:
        parquet.demand(paths)
    expected = "expected a table that was made from what the study is now (origin asked)"
    got = "got a table of numbers that was made from something else"
    advice = "; delete this file and run the same command again, which writes it anew"
    *refused, damaged = str(raised.value).splitlines()
    assert refused == [
        f"{tmp_path}/other: {expected}, {got} (origin other){advice}",
        f"{tmp_path}/older: {expected}, {got} (origin unknown){advice}",
    ]
    assert damaged.startswith(f"{tmp_path}/none: expected a table, got a file that is damaged")


def test_tables_of_the_origin_that_is_asked_for_are_taken(tmp_path: Path):
    NUMBERS.write(tmp_path / "a", TABLE, "asked")
    parquet.demand({str(tmp_path / "a"): "asked"})
    assert parquet.origin_of(tmp_path / "a") == "asked"


# Lengths around those at which bits fill a byte.
LENGTHS = (0, 1, 7, 8, 9, 64, 65)
KINDS = (np.int8, np.int16, np.int32, np.int64, np.float64, np.bool_)


def values(length: int, kind: type[np.generic]) -> np.ndarray:
    """So many values of a kind, no two neighbours alike."""
    return (np.arange(length) * 37 % 101 - 3).astype(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", LENGTHS)
def test_numbers_are_those_that_arrow_makes_of_them(length: int, kind: type[np.generic]):
    found = of_numbers(values(length, kind))
    found.validate(full=True)
    assert found.equals(pa.array(values(length, kind)))


@pytest.mark.parametrize("missing", [[], [0], [8], [0, 3, 8], list(range(9))])
def test_nan_is_null_where_that_is_asked_for_and_else_a_number(missing: list[int]):
    numbers = values(9, np.float64)
    numbers[missing] = np.nan
    found = of_numbers(numbers, nan_is_null=True)
    found.validate(full=True)
    assert found.equals(pa.array(numbers, from_pandas=True))
    assert found.null_count == len(missing)
    assert of_numbers(numbers).null_count == 0


def test_every_second_number_of_an_array_is_taken_in_its_order():
    every_second = values(20, np.float64)[::2]
    assert of_numbers(every_second).to_pylist() == every_second.tolist()


@pytest.mark.parametrize("texts", [[], [""], ["a", "", "boys"], ["身高", "a" * 300, "é"]])
def test_texts_are_those_that_arrow_makes_of_them(texts: list[str]):
    found = of_texts(texts)
    found.validate(full=True)
    assert found.equals(pa.array(texts, pa.string()))


@pytest.mark.parametrize("kind", KINDS[:-1])
@pytest.mark.parametrize("length", LENGTHS)
def test_numbers_come_back_in_the_same_memory(length: int, kind: type[np.generic]):
    column = of_numbers(values(length, kind))
    found = numbers_of(column)
    assert found.dtype == kind
    assert np.array_equal(found, values(length, kind))
    if length:
        assert found.__array_interface__["data"][0] == column.buffers()[1].address


@pytest.mark.parametrize("column", [pa.array([1.0, None]), pa.array(["a"])])
def test_what_is_not_all_numbers_is_refused(column: pa.Array):
    with pytest.raises(TypeError, match="expected numbers without nulls"):
        numbers_of(column)


def test_names_come_back_as_their_codes_whatever_order_they_are_stored_in():
    column = pa.chunked_array([of_names(np.array([1, 0, 1, 2]), ("a", "b", "c"))])
    assert codes_of(column, ("a", "b", "c")).tolist() == [1, 0, 1, 2]
    assert codes_of(column, ("c", "b", "a")).tolist() == [1, 2, 1, 0]


@pytest.mark.parametrize("pieces", [0, 1, 2, 3])
def test_codes_of_all_pieces_of_a_column_come_back(pieces: int):
    names = ("a", "b", "c")
    each = [of_names(np.array([2, k]), names) for k in range(pieces)]
    column = pa.chunked_array(each, type=pa.dictionary(pa.int8(), pa.string()))
    assert codes_of(column, names).tolist() == [code for k in range(pieces) for code in (2, k)]


def test_an_unknown_name_is_refused():
    column = pa.chunked_array([of_names(np.array([0]), ("lost",))])
    with pytest.raises(ValueError, match="expected one of converged, got 'lost'"):
        codes_of(column, ("converged",))
