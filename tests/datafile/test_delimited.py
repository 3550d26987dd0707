"""Delimited text: delimiters, quotes, batches, and where the bytes go."""

import hashlib
import io

import numpy as np
import pytest

from stature.datafile import delimited
from stature.datafile.delimited import delimited_sheet, sniffed_delimiter
from stature.datafile.sheets import Choice, Sheet


def sheet(text: str, choice: Choice) -> Sheet:
    return delimited_sheet(io.BytesIO(text.encode()), lambda header: choice)


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
    monkeypatch.setattr(delimited, "BATCH_ROWS", 3)
    monkeypatch.setattr(delimited, "CHUNK_BYTES", 16)
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
