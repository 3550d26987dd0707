"""Files of sheets: told apart by their first bytes, never by their names alone."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from stature.datafile.delimited import delimited_records, delimited_sheet
from stature.datafile.sheets import Choose, Records, Sheet, SheetError

R = TypeVar("R", Sheet, Records)
Read = Callable[[BinaryIO], R]

# First bytes of files that are often named .csv and are not.
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "an Excel (or zip) file; open it and save the sheet as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file; open it and save the sheet as CSV UTF-8"),
    (b"\x1f\x8b", "a gzip file; unpack it first"),
    (b"%PDF", "a PDF; the table in it must be typed or exported as CSV"),
    (b"\xff\xfe", "UTF-16 text; save it as CSV UTF-8"),
    (b"\xfe\xff", "UTF-16 text; save it as CSV UTF-8"),
)
PARQUET = b"PAR1"
TEXT_SUFFIXES = (".csv", ".tsv", ".txt")


def read_sheet(path: Path, choose: Choose) -> Sheet:
    """Read the columns of a file that a caller chooses from its header."""
    return _opened(
        path, lambda file: delimited_sheet(file, choose), lambda file: _parquet(path, file, choose)
    )


def read_records(path: Path, most: int) -> Records:
    """Read all cells of a short CSV file."""

    def refused(file: BinaryIO) -> Records:
        raise SheetError("expected CSV text, got a Parquet file; a table of counts is read as text")

    return _opened(path, lambda file: delimited_records(file, most), refused)


def _opened(path: Path, of_text: Read[R], of_parquet: Read[R]) -> R:
    """What a reader makes of a file, by its first bytes."""
    # Links that lead to themselves, and names that no file can have, are no files either.
    if os.path.isdir(path):
        raise SheetError("expected a file, got a folder; name a file in it")
    if not os.path.exists(path):
        where = os.path.abspath(path)
        raise SheetError(f"no such file (looked for {where}); check the spelling")
    if not os.path.isfile(path):
        raise SheetError("expected a file, got a device or a pipe; save what it gives in a file")
    try:
        with path.open("rb") as file:
            start = file.peek(8)[:8]
            if not start:
                raise SheetError("the file is empty (0 bytes); save it again")
            if start.startswith(PARQUET):
                return of_parquet(file)
            for magic, likeness in MAGIC:
                if start.startswith(magic):
                    raise SheetError(f"expected CSV text, got what looks like {likeness}")
            return of_text(file)
    except PermissionError as error:
        raise SheetError("the file may not be read; change its permissions") from error
    except OSError as error:
        raise SheetError(f"the file cannot be read: {error.strerror}") from error


def _parquet(path: Path, file: BinaryIO, choose: Choose) -> Sheet:
    """Sheet of a Parquet file."""
    if path.suffix.lower() in TEXT_SUFFIXES:
        raise SheetError("expected CSV text, got a Parquet file; rename it to end in .parquet")
    # Parquet is the rarer kind and its library is slow to import: only when it is met.
    from stature.datafile.parquet_sheets import parquet_sheet

    return parquet_sheet(file, choose)
