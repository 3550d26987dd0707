"""Sheets: text and Parquet files, and files that are none."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stature.datafile import sheets
from stature.datafile.columns import Choice
from stature.datafile.people import read_people
from stature.datafile.request import Reading
from stature.datafile.sheets import Sheet, parquet_sheet, sniffed_delimiter, text_sheet
from stature.datafile.texts import Kind


def sheet(text: str, choice: Choice) -> Sheet:
    return text_sheet(io.BytesIO(text.encode()), lambda header: choice)


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["height", "170"], ","),
        (["height (cm)", "170", "165"], ","),
        (["name,height", "Ann; of York,170"], ","),
        (["name;height", "Ann, of York;1,70", "Ben, of Bath;1,80"], ";"),
        (["sex height", "m 170", "f 165"], " "),
        ([], ","),
    ],
)
def test_the_delimiter_is_what_splits_lines_alike(lines: list[str], delimiter: str) -> None:
    assert sniffed_delimiter(lines) == delimiter


def test_batches_do_not_change_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"{'fm'[i % 2]},{150 + i}" for i in range(60)]
    lines[7:7] = ["", "f,tall", "f", "f,NA"]
    text = "\n".join(["sex,height", *lines]) + "\n"
    whole = sheet(text, Choice(height=1, group=0))
    monkeypatch.setattr(sheets, "BATCH_ROWS", 3)
    monkeypatch.setattr(sheets, "CHUNK_BYTES", 16)
    parts = sheet(text, Choice(height=1, group=0))
    for field in ("rows", "values", "kinds", "labels"):
        np.testing.assert_array_equal(getattr(parts, field), getattr(whole, field))
    for field in ("header", "sha256", "label_texts", "unreadable", "ragged", "blank_rows"):
        assert getattr(parts, field) == getattr(whole, field)
    assert whole.unreadable.first == ((10, "tall"),)
    assert whole.ragged.first == ((11, "1 cell"),)
    assert whole.blank_rows == 1


def test_the_digest_is_of_all_bytes() -> None:
    text = "sex,height\r\nm,170\r\nf,165"
    assert sheet(text, Choice(height=1)).sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_a_quoted_line_break_stays_in_its_row() -> None:
    found = sheet('note,height\n"tall,\nvery",190\nshort,150\n', Choice(height=1))
    assert found.values.tolist() == [190.0, 150.0]
    assert found.rows.tolist() == [2, 3]


def test_line_ends_of_old_macs_are_read() -> None:
    assert sheet("sex,height\rm,170\rf,165\r", Choice(height=1)).values.tolist() == [170.0, 165.0]


def test_repeats_and_clusters_are_counted() -> None:
    text = "id,family,height\n1,a,170\n2,a,171\n2,a,171\n3,b,172\n"
    found = sheet(text, Choice(height=2, cluster=1, identity=0))
    assert (found.repeated_rows, found.repeated_identities, found.clusters) == (1, 1, 2)


def of_parquet(columns: dict[str, pa.Array], choice: Choice) -> Sheet:
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
    found = of_parquet({"height": heights}, Choice(height=0))
    np.testing.assert_array_equal(found.values, [170.0, np.nan, 165.0])
    assert found.kinds.tolist() == [Kind.NUMBER, Kind.MISSING, Kind.NUMBER]
    assert found.rows.tolist() == [2, 3, 4]


def test_infinite_heights_and_texts_are_unreadable() -> None:
    infinite = of_parquet({"height": pa.array([170.0, float("inf")])}, Choice(height=0))
    assert infinite.unreadable.first == ((3, "inf"),)
    text = of_parquet({"height": pa.array(["170", "tall"])}, Choice(height=0))
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
    found = of_parquet({"height": heights, "group": groups}, Choice(height=0, group=1))
    assert found.label_texts == texts
    assert found.labels.tolist() == [0, 1, 0]


def test_clusters_and_repeated_identities_are_counted() -> None:
    columns = {
        "height": pa.array([170.0, 171.0, 172.0]),
        "family": pa.array(["a", "a", "b"]),
        "id": pa.array([1, 2, 2]),
    }
    found = of_parquet(columns, Choice(height=0, cluster=1, identity=2))
    assert (found.clusters, found.repeated_identities) == (2, 1)


GALTON = Path("data/galton_1886_children.csv")
MACDONELL = Path("data/macdonell_1902_heights_binned.csv")

Write = Callable[..., Path]
Refusals = Callable[..., tuple[str, ...]]


def column(*cells: object, name: str = "height") -> str:
    return "\n".join([name, *map(str, cells)]) + "\n"


def test_C01_missing_folder_empty_and_header_only_each_have_their_words(
    write: Write, tmp_path: Path, refusals: Refusals
) -> None:
    found = [
        refusals(tmp_path / "none.csv"),
        refusals(tmp_path),
        refusals(write("")),
        refusals(write("sex,height\n"), unit="cm"),
    ]
    wanted = ["no such file", "got a folder", "0 bytes", "expected rows of people"]
    for messages, words in zip(found, wanted, strict=True):
        assert len(messages) == 1
        assert words in messages[0]


@pytest.mark.parametrize(
    ("start", "likeness"),
    [
        (b"PK\x03\x04\x14", "Excel"),
        (b"\xd0\xcf\x11\xe0\xa1", "old Excel"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"PAR1\x15", "Parquet"),
        ("sex,height\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_C02_other_kinds_of_file_are_told_by_their_first_bytes(
    write: Write, start: bytes, likeness: str, refusals: Refusals
) -> None:
    (message,) = refusals(write(start))
    assert likeness in message


def test_C02_a_damaged_parquet_file_has_a_sentence(write: Write, refusals: Refusals) -> None:
    (message,) = refusals(write(b"PAR1 and no more", "people.parquet"))
    assert "damaged Parquet file" in message


def test_C11_a_file_that_is_not_utf8_names_the_line(write: Write, refusals: Refusals) -> None:
    (message,) = refusals(write("sex,height\nm,170\n男,165\n".encode("gbk")))
    assert message.startswith("line 3: not UTF-8")


def test_C53_the_digest_is_of_the_bytes_that_were_read(write: Write) -> None:
    first = read_people(write(column(170, 171, 172)), Reading(unit="cm"))
    second = read_people(write(column(170, 171, 173)), Reading(unit="cm"))
    assert first.sha256 != second.sha256
