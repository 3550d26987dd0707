"""Sheets: the columns of a file that a fit needs, from delimited text or from Parquet.

Files are told apart by their first bytes. Memory is bounded: a batch of rows at a time becomes
numbers, so that a row costs about 30 bytes whatever else stands in it. Row numbers count from 1 at
the header, as a spreadsheet does; in Parquet as if there were one.
"""

import csv
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from stature.arrays import Floats, Int8s, Int32s, Ints
from stature.datafile.columns import Choice
from stature.datafile.counting import MOST
from stature.datafile.headers import BETWEEN_WORDS, DELIMITERS, FIRST_LINES, SPACES, start_of
from stature.datafile.texts import (
    COLUMNAR,
    COMMA_COUNTRIES,
    MARKED,
    UNDECIDED,
    Decimal,
    Evidence,
    Kind,
    Marks,
    Rows,
    counted,
    form_of,
    is_missing,
    is_total,
    numbers,
)

if TYPE_CHECKING:
    import pyarrow as pa

# What is read at a time: bytes from the file, and rows to turn into numbers.
CHUNK_BYTES = 1 << 22
BATCH_ROWS = 1 << 16
END_ROWS = 10  # at the end of a table, of which some may be sums and means of those above
WORD = re.compile(r"[^\W\d_].*")
TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
FIRST_BYTES = 64
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
    (re.compile(rb"(?:[^\0]\0){3}|(?:\0[^\0]){3}"), "UTF-16 text; save it as CSV UTF-8"),
    (re.compile(rb"(?:[^\0]\0{3}){2}|(?:\0{3}[^\0]){2}"), "UTF-32 text; save it as CSV UTF-8"),
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*[\[{]|\{\s*[\"}])"),
        "JSON; in Python, pandas.read_json reads it, and .to_csv writes it as CSV",
    ),
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml)", re.IGNORECASE),
        "a web page or XML; open it in a spreadsheet program and save the sheet as CSV UTF-8",
    ),
)

Choose = Callable[[tuple[str, ...]], Choice]  # from a header


class SheetError(Exception):
    """A file that is no readable sheet: where, what was expected, what was found, what to do."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of a file that were chosen."""

    header: tuple[str, ...]  # names of all columns
    delimiter: str  # what stands between cells, in words
    sha256: str  # digest of the bytes that were read
    choice: Choice  # which columns are here
    rows: Ints  # shape (n,): row numbers
    values: Floats  # shape (n,): numbers of the height column; NaN where there is none
    kinds: Int8s  # shape (n,): codes of `Kind`
    labels: Int32s  # shape (n,): index into `label_texts`; all 0 without a group column
    label_texts: tuple[str, ...]  # distinct cells of the group column, in the order of the file
    # cells that are no numbers; rows with too few or too many cells, which are in no array
    unreadable: Rows
    ragged: Rows
    # empty rows, which are in no array; rows and identities that stood there before
    blank_rows: int
    repeated_rows: int
    repeated_identities: int
    clusters: int  # number of distinct cells of the cluster column
    # shape (n,): how many people each row stands for, NaN where a cell does not say; None: one each
    weights: Floats | None
    bad_weights: Rows  # cells of that column that are no number of 0 or more
    blank_weights: int  # blank cells of that column beside a value
    # of a table of counts, the cells of the columns of lower ends, upper ends and counts
    table: tuple[list[str], ...]
    marks: tuple[Marks, ...]  # how the numbers of each column are written
    unclear: str  # why it is not known how; empty if it is
    about_marks: str  # what a person should know of the marks; empty if nothing
    notes: tuple[str, ...]  # what is skipped around the header, or taken for more than it says
    unused: tuple[Floats, ...]  # numbers of the columns of `Choice.unused`, NaN where there is none


def read_sheet(path: Path, choose: Choose, decimal: Decimal | None = None) -> Sheet:
    """Read the columns of a file that a caller chooses from its header.

    The mark of decimals is the one that the file tells, unless it is given.
    """
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
            start = file.peek(FIRST_BYTES)[:FIRST_BYTES]
            if not start:
                raise SheetError("the file is empty (0 bytes); save it again")
            if likeness := unread_kind(start):
                raise SheetError(f"expected CSV text, got what looks like {likeness}")
            kind = columnar_kind(start)
            if kind is None:
                return text_sheet(file, choose, decimal)
            if kind == "parquet" and path.suffix.lower() in TEXT_SUFFIXES:
                words = "expected CSV text, got a Parquet file; rename it to end in .parquet"
                raise SheetError(words)
            return columnar_sheet(file, choose, decimal, kind)
    except PermissionError as error:
        raise SheetError("the file may not be read; change its permissions") from error
    except OSError as error:
        raise SheetError(f"the file cannot be read: {error.strerror}") from error


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


def text_sheet(file: BinaryIO, choose: Choose, decimal: Decimal | None = None) -> Sheet:
    """Read the columns of a text file: in one pass, unless its marks must be decided."""
    digest = hashlib.sha256()

    def read(marks: Marks, evidence: Evidence | None) -> _Collector:
        nonlocal digest
        file.seek(0)
        digest = hashlib.sha256()
        lines = _lines(file, digest.update)
        ahead = list(islice(lines, FIRST_LINES))
        start = start_of(ahead)
        header, delimiter = start.header, DELIMITERS[start.delimiter]
        records = _records(chain(ahead[start.skipped :], lines), start.delimiter)
        collector = _Collector(header, choose(header), delimiter, marks, evidence)
        collector.notes = start.notes
        # The header is the last of the rows that are passed over here.
        for _ in range(1 + start.skips_units):
            next(records, [])
        collector.row = start.skipped + 1 + start.skips_units
        while batch := list(islice(records, BATCH_ROWS)):
            collector.take(batch)
        return collector

    return _with_marks(read, decimal).sheet(digest.hexdigest())


def _with_marks(
    read: Callable[[Marks, Evidence | None], "_Collector"], decimal: Decimal | None
) -> "_Collector":
    """What is read with the marks of the file, which all of its numbers decide where one asks."""
    if decimal is not None:
        return read(Marks(decimal, decided=True), None)
    first = read(UNDECIDED, None)
    if not first.asks:
        return first
    evidence = Evidence(any_size=first.choice.any_size)
    read(UNDECIDED, evidence)
    delimiter = "" if len(first.header) == 1 else first.delimiter
    marks, unclear = evidence.decide(delimiter)
    found = read(marks, None) if marks.decided else first
    found.unclear, found.about_marks = unclear, "" if unclear else evidence.note(marks, delimiter)
    return found


def _lines(file: BinaryIO, digest: Callable[[bytes], None]) -> Iterator[str]:
    """Lines of a UTF-8 file with their ends, each byte of which goes through the digest."""
    before = 0
    while chunk := b"".join(file.readlines(CHUNK_BYTES)):
        digest(chunk)
        try:
            text = chunk.decode("utf-8")
        except UnicodeDecodeError as error:
            line = before + chunk.count(b"\n", 0, error.start) + 1
            words = "not UTF-8 text (GBK or Latin-1?); save the file as CSV UTF-8"
            raise SheetError(f"line {line}: {words}") from error
        yield from io.StringIO(text if before else text.removeprefix("\ufeff"), newline="")
        before += chunk.count(b"\n")


def _records(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Rows of cells; an empty row is an empty list."""
    if delimiter == SPACES:
        lines = (BETWEEN_WORDS.sub(" ", line).strip(" ") for line in lines)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=False)
    try:
        yield from reader
    except csv.Error as error:
        words = "a cell begins with a quotation mark that is not closed properly; mend or remove it"
        raise SheetError(f"near line {reader.line_num}: {words}") from error


def columnar_sheet(
    file: BinaryIO, choose: Choose, decimal: Decimal | None = None, kind: str = "parquet"
) -> Sheet:
    """Read columns of a Parquet, Feather or Stata file, whose cells are the texts that they print.

    Of Parquet a batch of rows is read at a time, of the others all.
    """
    # The rarer kinds of files, and their library is slow to import: only when one is met.
    import pyarrow.parquet as pq

    digest = hashlib.sha256()
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)

    def read(marks: Marks, evidence: Evidence | None) -> _Collector:
        file.seek(0)
        in_batches = kind == "parquet"
        # A thread of Arrow's that still holds a Python file when Python ends aborts the process:
        # nothing is read by other threads than this one.
        source: Any = (
            pq.ParquetFile(file, pre_buffer=False)
            if in_batches
            else nullcontext(table_of(file, kind))
        )
        with source as table:
            schema = table.schema_arrow if in_batches else table.schema
            header = tuple(str(name) for name in schema.names)
            collector = _Collector(header, choose(header), kind, marks, evidence)
            collector.typed = {i for i, type_ in enumerate(schema.types) if not _is_text(type_)}
            names = {i: header[i] for i in collector.wanted}
            if evidence is not None:
                names |= {i: name for i, name in enumerate(header) if i not in collector.typed}
            columns = [*names.values()]
            if in_batches:
                batches = table.iter_batches(BATCH_ROWS, columns=columns, use_threads=False)
            else:
                batches = table.select(columns).to_batches(BATCH_ROWS)
            row = 2
            for batch in batches:
                rows = np.arange(row, row + batch.num_rows, dtype=np.int64)
                row += batch.num_rows
                texts = {i: _texts(batch.column(name), name) for i, name in names.items()}
                collector.take_columns(texts, rows)
        return collector

    try:
        return _with_marks(read, decimal).sheet(digest.hexdigest())
    except ValueError as error:  # pyarrow's own errors of damaged files are among them
        words = f"a damaged {COLUMNAR[kind].removeprefix('a ')}; write it again"
        raise SheetError(words) from error


def sheet_of(columns: Mapping[str, list[str]], choose: Choose) -> Sheet:
    """A sheet of columns that are no file: rows count from 0, and numbers have decimal points."""
    header = tuple(columns)
    collector = _Collector(header, choose(header), "array", typed=set(range(len(header))))
    collector.take_columns(
        dict(enumerate(columns.values())), np.arange(len(columns[header[0]]), dtype=np.int64)
    )
    cells = repr(list(columns.items())).encode()
    return collector.sheet(hashlib.sha256(cells).hexdigest())


def _is_text(kind: "pa.DataType") -> bool:
    """Whether a column holds texts, which may be numbers with marks."""
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _texts(column: "pa.Array", name: str) -> list[str]:
    """Cells of a column as texts; a null is a blank cell."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    try:
        if pa.types.is_dictionary(kind):
            column = column.cast(kind.value_type)
        if pa.types.is_duration(column.type):
            raise pa.ArrowInvalid("a number of some unit of time")
        if pa.types.is_floating(column.type):
            column = column.cast(pa.float64())
        return pc.fill_null(column.cast(pa.string()), "").to_pylist()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        words = f"expected numbers or texts, got {kind}; convert it to one of them"
        raise SheetError(f"column '{name}': {words}") from error


AS_READ = (
    *("header", "delimiter", "choice", "unreadable", "ragged", "blank_rows", "bad_weights"),
    *("blank_weights", "table", "unclear", "about_marks", "notes"),
)
"""What a sheet takes over as it was collected."""


@dataclass(slots=True)
class _Collector:
    """What has been read so far, by batches of rows."""

    header: tuple[str, ...]
    choice: Choice
    delimiter: str
    marks: Marks = UNDECIDED
    evidence: Evidence | None = None  # what takes in all numbers, where marks are to be decided
    asks: bool = False  # whether a number asks for decided marks
    typed: set[int] = field(default_factory=set)  # columns whose numbers have no marks
    unclear: str = ""
    about_marks: str = ""
    notes: tuple[str, ...] = ()
    row: int = 1
    end: list[tuple[int, list[str]]] = field(default_factory=list[tuple[int, list[str]]])
    blank_rows: int = 0
    ragged: Rows = field(default_factory=Rows)
    unreadable: Rows = field(default_factory=Rows)
    bad_weights: Rows = field(default_factory=Rows)
    blank_weights: int = 0
    rows: list[Ints] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    kinds: list[Int8s] = field(default_factory=list)
    labels: list[Int32s] = field(default_factory=list)
    weights: list[Floats] = field(default_factory=list)
    hashes: list[Ints] = field(default_factory=list)
    identities: list[Ints] = field(default_factory=list)
    label_codes: dict[str, int] = field(default_factory=dict)
    clusters: set[str] = field(default_factory=set)
    table: tuple[list[str], ...] = field(init=False)
    unused: tuple[list[Floats], ...] = field(init=False)

    def __post_init__(self) -> None:
        self.table = tuple([] for _ in self.choice.table)
        self.unused = tuple([] for _ in self.choice.unused)

    @property
    def wanted(self) -> tuple[int, ...]:
        """Positions of the columns that are read, each once."""
        choice = self.choice
        columns = choice.height, choice.group, choice.cluster, choice.identity, choice.weight
        several = (*columns, *choice.table, *choice.unused)
        return tuple(dict.fromkeys(i for i in several if i is not None))

    def take(self, batch: list[list[str]]) -> None:
        """Take in the next rows of a text."""
        rows = np.arange(self.row + 1, self.row + 1 + len(batch), dtype=np.int64)
        self.row += len(batch)
        widths = np.fromiter(map(len, batch), np.int64, len(batch))
        full = widths == len(self.header)
        if self.choice.table:
            # A row of blanks is none: a blank cell there is an open end.
            full &= [any(map(str.strip, cells)) for cells in batch]
        if not full.all():
            # Delimiters alone are no row either.
            bad = np.array([i for i in np.flatnonzero(~full) if any(map(str.strip, batch[i]))], int)
            self.blank_rows += int((~full).sum()) - len(bad)
            found = [counted(width, "cell") for width in widths.tolist()]
            self.ragged = self.ragged.and_also(rows, found, bad)
            batch = [batch[i] for i in np.flatnonzero(full)]
            rows = rows[full]
        if batch:
            self.end = [*self.end, *zip(rows.tolist(), batch, strict=True)][-END_ROWS:]
            self.hashes.append(np.fromiter(map(hash, map(tuple, batch)), np.int64, len(batch)))
            columns = self.wanted if self.evidence is None else range(len(self.header))
            self.take_columns({i: [cells[i] for cells in batch] for i in columns}, rows)

    def take_columns(self, texts: dict[int, list[str]], rows: Ints) -> None:
        """Take in the cells of some rows, by the positions of their columns."""
        choice, count = self.choice, len(rows)
        if self.evidence is not None:
            read = {choice.height, choice.weight, *choice.table}
            for i in texts.keys() - self.typed:
                self.evidence.take(texts[i], i in read, i == choice.count)
        cells = texts[choice.height]
        values, kinds = self._numbers(choice.height, cells)
        self.rows.append(rows)
        self.values.append(values)
        self.kinds.append(kinds)
        odd = np.flatnonzero(kinds == Kind.UNREADABLE)
        self.unreadable = self.unreadable.and_also(rows, cells, odd)
        if choice.weight is not None:
            cells = texts[choice.weight]
            weights, weight_kinds = self._numbers(choice.weight, cells)
            weights = np.where(weights <= MOST, weights, np.nan)
            self.weights.append(weights)
            # A row without a value is missing, whatever the weight, and so is one without a weight.
            blank, there = weight_kinds == Kind.MISSING, kinds != Kind.MISSING
            self.blank_weights += int((blank & there).sum())
            bad = np.flatnonzero(~(weights >= 0.0) & ~blank & there)
            self.bad_weights = self.bad_weights.and_also(rows, cells, bad)
        if choice.group is None:
            self.labels.append(np.zeros(count, np.int32))
        else:
            codes = self.label_codes
            for name in dict.fromkeys(texts[choice.group]):
                codes.setdefault(name, len(codes))
            index = map(codes.__getitem__, texts[choice.group])
            self.labels.append(np.fromiter(index, np.int32, count))
        if choice.identity is not None:
            self.identities.append(np.fromiter(map(hash, texts[choice.identity]), np.int64, count))
        if choice.cluster is not None:
            self.clusters.update(texts[choice.cluster])
        for column, i in zip(self.table, choice.table, strict=True):
            column.extend(texts[i])
            self._numbers(i, texts[i])
        for parts, i in zip(self.unused, choice.unused, strict=True):
            parts.append(self._numbers(i, texts[i])[0])

    def _numbers(self, column: int, texts: list[str]) -> tuple[Floats, Int8s]:
        """Numbers of cells, and the kind of each; whether one asks for decided marks is noted."""
        if column in self.typed:
            return numbers(texts)
        values, kinds = numbers(texts, self.marks)
        if not (self.marks.decided or self.asks):
            odd = np.flatnonzero((kinds == Kind.COMMA) | (kinds == Kind.UNREADABLE))
            may_be = column == self.choice.count or len(self.header) == 1
            may_be = may_be or self.delimiter in COMMA_COUNTRIES
            self.asks = any(MARKED.fullmatch(texts[i].strip()) for i in odd) or (
                may_be and any(form_of(text) == "point?" for text in texts)
            )
        return values, kinds

    def _leave_out_totals(self, rows: Ints, values: Floats, kinds: Int8s) -> None:
        """Take no sum or mean at the end of a text for a value: beside it stands what it is."""
        first = [cells[0] for _, cells in self.end]
        numbered = sum(form_of(cell) is not None for cell in first) > len(first) / 2
        for row, cells in self.end if not self.choice.table else ():
            at, number = int(np.searchsorted(rows, row)), cells[self.choice.height]
            words = [cell for cell in cells if is_total(cell)]
            if numbered and WORD.fullmatch(cells[0].strip()) and not is_missing(cells[0]):
                words.append(cells[0])  # below numbers of rows, whatever it means
            if words and kinds[at] not in (Kind.MISSING, Kind.UNREADABLE):
                values[at], kinds[at] = np.nan, Kind.UNREADABLE
                said = [f"{words[0]} {number}"]
                self.unreadable = self.unreadable.and_also(rows[at:], said, np.array([0]))

    def sheet(self, sha256: str) -> Sheet:
        """Sheet of all that was taken in."""
        rows = np.concatenate([np.empty(0, np.int64), *self.rows])
        values = np.concatenate([np.empty(0, np.float64), *self.values])
        kinds = np.concatenate([np.empty(0, np.int8), *self.kinds])
        self._leave_out_totals(rows, values, kinds)
        comma = kinds == Kind.COMMA
        few = comma.sum() < (kinds == Kind.NUMBER).sum()
        if self.delimiter == "comma" and not self.marks.decided and few:
            # A few cells such as "5,3" in a file of points are no decimals: feet and inches, maybe.
            texts = [f"{value:g}".replace(".", ",") for value in values[comma].tolist()]
            self.unreadable = self.unreadable.and_also(rows[comma], texts, np.arange(len(texts)))
            values[comma], kinds[comma] = np.nan, Kind.UNREADABLE
        everywhere = range(len(self.header))
        return Sheet(
            **{name: getattr(self, name) for name in AS_READ},
            sha256=sha256,
            rows=rows,
            values=values,
            kinds=kinds,
            labels=np.concatenate([np.empty(0, np.int32), *self.labels]),
            label_texts=tuple(self.label_codes),
            repeated_rows=_repeats(self.hashes),
            repeated_identities=_repeats(self.identities),
            clusters=len(self.clusters),
            weights=None if self.choice.weight is None else np.concatenate([[], *self.weights]),
            marks=tuple(UNDECIDED if i in self.typed else self.marks for i in everywhere),
            unused=tuple(np.concatenate([np.empty(0), *parts]) for parts in self.unused),
        )


def _repeats(parts: list[Ints]) -> int:
    """How many entries stood there before."""
    if not parts:
        return 0
    # Sorting is several times faster than numpy's hashing of distinct 64-bit numbers.
    everything = np.sort(np.concatenate(parts))
    return int((everything[1:] == everything[:-1]).sum())
