"""Files that are no sheets, and headers that name no columns: each with its sentence.

The names C01 … C53 are those of the project's list of bad data files.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from stature.datafile.people import read_people

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
    first = read_people(write(column(170, 171, 172)), unit="cm")
    second = read_people(write(column(170, 171, 173)), unit="cm")
    assert first.sha256 != second.sha256
