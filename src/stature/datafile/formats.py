"""Formats: files told apart by their first bytes, and what to do with those that are not read."""

import re
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import pyarrow as pa

FIRST_BYTES = 64
# Formats with columns of types, by the word for each.
COLUMNAR = {"parquet": "a Parquet file", "feather": "a Feather file", "stata": "a Stata file"}
COLUMNAR_MAGIC = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "feather"),
    (b"<stata_dta>", "stata"),
    *((bytes((version, order, 1, 0)), "stata") for version in (113, 114, 115) for order in (1, 2)),
)
SAVE = "open it and save the sheet as CSV UTF-8"
IN_R = "in R, write.csv(…, row.names = FALSE) writes a CSV file"
# First bytes of files that are not read, and often are named .csv.
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", f"an Excel (or zip) file; {SAVE}"),
    (b"\xd0\xcf\x11\xe0", f"an old Excel file; {SAVE}"),
    (b"\x1f\x8b", "a gzip file; unpack it first (if it is R's: " + IN_R + ")"),
    (b"BZh", "a bzip2 file; unpack it first, as with bunzip2"),
    (b"\xfd7zXZ\x00", "an xz file; unpack it first, as with unxz"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file; unpack it first, as with unzstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip file; unpack it first"),
    (b"Rar!", "a RAR file; unpack it first"),
    (b"%PDF", "a PDF; the table in it must be typed or exported as CSV"),
    (b"\xff\xfe", "UTF-16 text; save it as CSV UTF-8"),
    (b"\xfe\xff", "UTF-16 text; save it as CSV UTF-8"),
    (b"$FL2", "an SPSS file; save it as CSV there, or in Python by pandas.read_spss"),
    (b"$FL3", "a compressed SPSS file; save it as CSV there, or in Python by pandas.read_spss"),
    (b"FEA1", "a Feather file of the first version; write it again with pyarrow.feather"),
    (b"\x00" * 12 + b"\xc2\xea\x81\x60", "a SAS file; in Python, pandas.read_sas reads it"),
    (b"HEADER RECORD***", "a SAS transport file; in Python, pandas.read_sas reads it"),
    (b"RDX", f"a file of R's objects; {IN_R}"),
    (b"RDA", f"a file of R's objects; {IN_R}"),
    (b"SQLite format 3", "an SQLite database; export its table as CSV"),
    (b"\x89HDF", "an HDF5 file; in Python, pandas.read_hdf reads it; write it as CSV"),
    (b"Obj\x01", "an Avro file; write it as CSV or Parquet"),
    (b"ORC", "an ORC file; in Python, pandas.read_orc reads it; write it as CSV or Parquet"),
    (b"\x93NUMPY", "an array of NumPy; numpy.savetxt writes it as text"),
    (b"{\\rtf", "a text with formatting; save it as plain text"),
)
PATTERNS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*[\[{]|\{\s*[\"}])"),
        "JSON; in Python, pandas.read_json reads it, and .to_csv writes it as CSV",
    ),
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml)", re.IGNORECASE),
        "a web page or XML; open it in a spreadsheet program and save the sheet as CSV UTF-8",
    ),
)


def columnar_kind(start: bytes) -> str | None:
    """Which format with columns of types a file has, if any."""
    return next((kind for magic, kind in COLUMNAR_MAGIC if start.startswith(magic)), None)


def unread_kind(start: bytes) -> str | None:
    """What a file is that is not read, and what to do with it; None of text."""
    likeness = next((words for magic, words in MAGIC if start.startswith(magic)), None)
    return likeness or next((words for known, words in PATTERNS if known.match(start)), None)


def table_of(file: BinaryIO, kind: str) -> "pa.Table":
    """Read a Feather or a Stata file; what cannot be read raises `ValueError`."""
    import pyarrow as pa

    if kind == "feather":
        alone = pa.ipc.IpcReadOptions(use_threads=False)
        return pa.ipc.open_file(pa.py_buffer(file.read()), options=alone).read_all()
    import pandas as pd

    try:
        return pa.Table.from_pandas(pd.read_stata(file), preserve_index=False)
    except ValueError:
        raise
    except Exception as error:
        # pandas raises whatever its parser meets in bytes that are none of Stata's.
        raise ValueError("no Stata file") from error
