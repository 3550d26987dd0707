"""Sheets: text and Parquet files, and files that are none."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stature.datafile import sheets
from stature.datafile.columns import Choice
from stature.datafile.headers import sniffed_delimiter
from stature.datafile.sheets import Sheet, SheetError, columnar_sheet, text_sheet
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
        (["a,b;c", "1,2;3"], ","),
        (["sex height"], ","),
        (["sex height", "m 170"], " "),
        (["height, cm", "158,5"], "\x1f"),
        ([], ","),
    ],
)
def test_the_delimiter_is_what_splits_lines_alike(lines: list[str], delimiter: str) -> None:
    assert sniffed_delimiter(lines) == delimiter


def test_batches_do_not_change_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"{'fm'[i % 2]},{150 + i}" for i in range(60)]
    lines[7:7] = ["", " ,,,", "f,tall", "f", "f,NA"]
    text = "\n".join(["sex,height", *lines]) + "\n"
    whole = sheet(text, Choice(height=1, group=0))
    monkeypatch.setattr(sheets, "BATCH_ROWS", 3)
    monkeypatch.setattr(sheets, "CHUNK_BYTES", 16)
    parts = sheet(text, Choice(height=1, group=0))
    for field in ("rows", "values", "kinds", "labels"):
        np.testing.assert_array_equal(getattr(parts, field), getattr(whole, field))
    for field in ("header", "sha256", "label_texts", "unreadable", "ragged", "blank_rows"):
        assert getattr(parts, field) == getattr(whole, field)
    assert whole.unreadable.first == ((11, "tall"),)
    assert whole.ragged.first == ((12, "1 cell"),)
    assert whole.blank_rows == 2


@pytest.mark.parametrize("line", [1, 2, 5, 9])
def test_the_line_of_what_is_not_utf_8_is_told(line: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "CHUNK_BYTES", 16)
    lines = [b"sex,height", *([b"m,170"] * 9)]
    lines[line - 1] += b"\xc4"
    with pytest.raises(SheetError, match=f"line {line}: not UTF-8"):
        text_sheet(io.BytesIO(b"\n".join(lines)), lambda header: Choice(height=1))


def test_the_digest_is_of_all_bytes() -> None:
    text = "sex,height\r\nm,170\r\nf,165"
    assert sheet(text, Choice(height=1)).sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_a_quoted_line_break_stays_in_its_row() -> None:
    found = sheet('note,height\n"tall,\nvery",190\nshort,150\n', Choice(height=1))
    assert found.values.tolist() == [190.0, 150.0]
    assert found.rows.tolist() == [2, 3]


def test_line_ends_of_old_macs_are_read() -> None:
    assert sheet("sex,height\rm,170\rf,165\r", Choice(height=1)).values.tolist() == [170.0, 165.0]


def of_parquet(columns: dict[str, Any], choice: Choice) -> Sheet:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    file.seek(0)
    return columnar_sheet(file, lambda header: choice)


def test_repeats_and_clusters_are_counted() -> None:
    text = "id,family,height\n1,a,170\n2,a,171\n2,a,171\n3,b,172\n"
    found = sheet(text, Choice(height=2, cluster=1, identity=0))
    assert (found.repeated_rows, found.repeated_identities, found.clusters) == (1, 1, 2)
    columns = {"id": [1, 2, 2, 3], "family": [*"aaab"], "height": [170.0, 171.0, 171.0, 172.0]}
    found = of_parquet(columns, Choice(height=2, cluster=1, identity=0))
    assert (found.repeated_identities, found.clusters) == (1, 2)


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


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pa.array([[170], [165]]), "list<"),
        (pa.array([b"170\xe9", b"165"]), "binary"),
        (pa.array([{"cm": 170}, {"cm": 165}]), "struct<"),
        (pa.array([170, 165], pa.duration("us")), r"duration\[us\]; convert"),
    ],
)
@pytest.mark.parametrize("place", ["height", "group"])
def test_columns_of_other_things_are_refused_in_a_sentence(
    column: pa.Array, kind: str, place: str
) -> None:
    columns = {"height": pa.array([170.0, 165.0]), "group": pa.array(["f", "m"]), place: column}
    with pytest.raises(
        SheetError, match=f"column '{place}': expected numbers or texts, got {kind}"
    ):
        of_parquet(columns, Choice(height=0, group=1))


def test_integers_beyond_those_of_doubles_are_read_as_the_nearest() -> None:
    found = of_parquet({"height": pa.array([170, 2**60 + 1])}, Choice(height=0))
    assert found.values.tolist() == [170.0, 2.0**60]


def test_C02_a_damaged_parquet_file_has_a_sentence(
    write: Callable[..., Path], refusals: Callable[..., tuple[str, ...]]
) -> None:
    (message,) = refusals(write(b"PAR1 and no more", "people.parquet"))
    assert "damaged Parquet file" in message
