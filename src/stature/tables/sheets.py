"""Sheets: the columns of a CSV or Parquet file that a fit needs, read in one pass.

Memory is bounded: a million rows at a time of text become numbers, so that a kept row costs about
30 bytes whatever else stands in it. Row numbers count from 1 at the header, as a spreadsheet does.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from stature.tables.cells import Kind, is_number, numbers

# What is read at a time: bytes from the file, and rows to turn into numbers.
CHUNK_BYTES = 1 << 22
BATCH_ROWS = 1 << 16
# Lines that the delimiter is judged by, and examples that are kept of each fault.
SNIFFED_LINES = 20
FEW = 5
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SPACES = " "

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


class SheetError(Exception):
    """A file that is no readable sheet.

    Attributes
    ----------
    place : str
        Where in the file, such as ``row 3``; empty for the whole file.
    problem : str
        What was expected, what was found, and what to do.
    """

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = place


@dataclass(frozen=True, slots=True)
class Choice:
    """Positions of the columns to read; None where there is no such column.

    Attributes
    ----------
    height : int
        Column of numbers.
    group, cluster, identity : int or None
        Columns of group names, of families or other clusters, and of people's identities.
    """

    height: int
    group: int | None = None
    cluster: int | None = None
    identity: int | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one fault: how many, and the first few with what stood there.

    Attributes
    ----------
    count : int
        How many rows.
    first : tuple of (int, str)
        Row numbers and texts of the first few.
    """

    count: int = 0
    first: tuple[tuple[int, str], ...] = ()

    def and_also(self, rows: Iterable[int], texts: Iterable[str], count: int) -> "Rows":
        """These rows and `count` later ones."""
        later = zip(rows, texts, strict=False)
        return Rows(self.count + count, tuple(islice(chain(self.first, later), FEW)))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of a file that were asked for.

    Attributes
    ----------
    header : tuple of str
        Names of all columns.
    delimiter : str
        What stands between cells, in words.
    sha256 : str
        Digest of the bytes that were read.
    rows : array of int64, shape (n,)
        Row numbers, the header being row 1.
    values : array, shape (n,)
        Numbers of the height column; NaN where there is none.
    kinds : array of int8, shape (n,)
        Codes of `stature.tables.cells.Kind`.
    labels : array of int32, shape (n,)
        Index into `label_texts`; all 0 without a group column.
    label_texts : tuple of str
        Distinct cells of the group column, in the order of the file.
    unreadable, ragged : Rows
        Cells that are no numbers; rows with too few or too many cells, which are in no array.
    blank_rows, repeated_rows, repeated_identities : int
        Empty rows, which are in no array; rows and identities that stood there before.
    clusters : int
        Number of distinct cells of the cluster column.
    """

    header: tuple[str, ...]
    delimiter: str
    sha256: str
    rows: NDArray[np.int64]
    values: NDArray[np.float64]
    kinds: NDArray[np.int8]
    labels: NDArray[np.int32]
    label_texts: tuple[str, ...]
    unreadable: Rows
    ragged: Rows
    blank_rows: int = 0
    repeated_rows: int = 0
    repeated_identities: int = 0
    clusters: int = 0


Choose = Callable[[tuple[str, ...]], Choice]


def read_sheet(path: Path, choose: Choose) -> Sheet:
    """Read the columns of a file that a caller chooses from its header.

    Parameters
    ----------
    path : Path
        A CSV file with any common delimiter, or a Parquet file.
    choose : callable
        Given the header, says which columns to read; may raise.

    Returns
    -------
    Sheet
        The columns.

    Raises
    ------
    SheetError
        If the file is missing or is no sheet.
    """
    if not path.exists():
        raise SheetError(f"no such file (looked for {path.resolve()}); check the spelling")
    if path.is_dir():
        raise SheetError("expected a file, got a folder; name a file in it")
    try:
        with path.open("rb") as file:
            start = file.peek(8)[:8]
            if not start:
                raise SheetError("the file is empty (0 bytes); save it again")
            if start.startswith(PARQUET):
                return _parquet(path, file, choose)
            for magic, likeness in MAGIC:
                if start.startswith(magic):
                    raise SheetError(f"expected CSV text, got what looks like {likeness}")
            return _delimited(file, choose)
    except PermissionError as error:
        raise SheetError("the file may not be read; change its permissions") from error


def _parquet(path: Path, file: BinaryIO, choose: Choose) -> Sheet:
    """Sheet of a Parquet file."""
    if path.suffix.lower() in TEXT_SUFFIXES:
        raise SheetError("expected CSV text, got a Parquet file; rename it to end in .parquet")
    # Parquet is the rarer kind and its library is slow to import: only when it is met.
    from stature.tables.parquet_sheets import parquet_sheet

    return parquet_sheet(file, choose)


def _delimited(file: BinaryIO, choose: Choose) -> Sheet:
    """Sheet of a text file."""
    digest = hashlib.sha256()
    lines = _lines(file, digest.update)
    ahead = list(islice(lines, SNIFFED_LINES))
    delimiter = sniffed_delimiter(ahead)
    records = _records(chain(ahead, lines), delimiter)
    header = tuple(cell.strip() for cell in next(records, []))
    collector = _Collector(len(header), choose(header))
    while batch := list(islice(records, BATCH_ROWS)):
        collector.take(batch)
    return collector.sheet(header, DELIMITERS.get(delimiter, "spaces"), digest.hexdigest())


def _lines(file: BinaryIO, digest: Callable[[bytes], None]) -> Iterator[str]:
    """Lines of a UTF-8 file with their ends, each byte of which goes through the digest."""
    seen = 0
    while chunk := b"".join(file.readlines(CHUNK_BYTES)):
        digest(chunk)
        try:
            text = chunk.decode("utf-8")
        except UnicodeDecodeError as error:
            line = seen + chunk.count(b"\n", 0, error.start) + 1
            raise SheetError(
                "not UTF-8 text (GBK or Latin-1?); save the file as CSV UTF-8", f"line {line}"
            ) from error
        yield from io.StringIO(text if seen else text.removeprefix("\ufeff"), newline="")
        seen += chunk.count(b"\n")


def _records(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Rows of cells; an empty row is an empty list."""
    if delimiter == SPACES:
        lines = (" ".join(line.split()) for line in lines)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=False)
    try:
        yield from reader
    except csv.Error as error:
        raise SheetError(
            "a cell begins with a quotation mark that is not closed properly; mend or remove it",
            f"near line {reader.line_num}",
        ) from error


def sniffed_delimiter(lines: list[str]) -> str:
    """What stands between the cells of a text.

    Parameters
    ----------
    lines : list of str
        The first lines, the header first.

    Returns
    -------
    str
        One of comma, semicolon, tab and bar; a space for runs of spaces or tabs.

    Notes
    -----
    The delimiter that splits most lines into as many cells as the header, then the one that
    gives most cells. A file of one column has a comma between its cells.

    Examples
    --------
    >>> sniffed_delimiter(["name;height", "Ann;1,70"])
    ';'
    """
    filled = [line for line in lines if line.strip()]
    best, best_score = ",", (0, 1)
    for delimiter in DELIMITERS:
        try:
            widths = [len(cells) for cells in csv.reader(filled, delimiter=delimiter)]
        except csv.Error:
            continue
        score = (sum(width == widths[0] for width in widths), widths[0]) if widths else (0, 1)
        if score[1] > 1 and score > best_score:
            best, best_score = delimiter, score
    if best_score == (0, 1):
        words = [len(line.split()) for line in filled]
        if len(words) > 1 and words[0] > 1 and set(words) == {words[0]}:
            return SPACES
    return best


@dataclass(slots=True)
class _Collector:
    """What has been read so far, by batches of rows."""

    width: int
    choice: Choice
    row: int = 1
    blank_rows: int = 0
    ragged: Rows = Rows()
    unreadable: Rows = Rows()
    rows: list[NDArray[np.int64]] = field(default_factory=list)
    values: list[NDArray[np.float64]] = field(default_factory=list)
    kinds: list[NDArray[np.int8]] = field(default_factory=list)
    labels: list[NDArray[np.int32]] = field(default_factory=list)
    hashes: list[NDArray[np.int64]] = field(default_factory=list)
    identities: list[NDArray[np.int64]] = field(default_factory=list)
    label_codes: dict[str, int] = field(default_factory=dict)
    clusters: set[str] = field(default_factory=set)

    def take(self, batch: list[list[str]]) -> None:
        """Take in the next rows of the file."""
        rows = np.arange(self.row + 1, self.row + 1 + len(batch), dtype=np.int64)
        self.row += len(batch)
        widths = np.fromiter(map(len, batch), np.int64, len(batch))
        whole = widths == self.width
        if not whole.all():
            self.blank_rows += int((widths == 0).sum())
            bad = np.flatnonzero(~whole & (widths > 0))
            found = (f"{widths[i]} cells" for i in bad)
            self.ragged = self.ragged.and_also(rows[bad].tolist(), found, len(bad))
            batch = [batch[i] for i in np.flatnonzero(whole)]
            rows = rows[whole]
        if batch:
            self._take_whole(batch, rows)

    def _take_whole(self, batch: list[list[str]], rows: NDArray[np.int64]) -> None:
        """Take in rows that have a cell for every column."""
        choice = self.choice
        texts = [cells[choice.height] for cells in batch]
        values, kinds = numbers(texts)
        odd = np.flatnonzero(kinds == Kind.UNREADABLE)
        self.unreadable = self.unreadable.and_also(
            rows[odd].tolist(), (texts[i] for i in odd), len(odd)
        )
        self.rows.append(rows)
        self.values.append(values)
        self.kinds.append(kinds)
        names = [cells[choice.group] for cells in batch] if choice.group is not None else None
        self.labels.append(self._codes(names, len(batch)))
        self.hashes.append(np.fromiter(map(hash, map(tuple, batch)), np.int64, len(batch)))
        if choice.identity is not None:
            names = [cells[choice.identity] for cells in batch]
            self.identities.append(np.fromiter(map(hash, names), np.int64, len(batch)))
        if choice.cluster is not None:
            self.clusters.update(cells[choice.cluster] for cells in batch)

    def _codes(self, names: list[str] | None, count: int) -> NDArray[np.int32]:
        """Index of each name among the distinct ones, in the order of the file."""
        if names is None:
            return np.zeros(count, np.int32)
        codes = self.label_codes
        for name in dict.fromkeys(names):
            codes.setdefault(name, len(codes))
        return np.fromiter(map(codes.__getitem__, names), np.int32, count)

    def sheet(self, header: tuple[str, ...], delimiter: str, sha256: str) -> Sheet:
        """Sheet of all that was taken in."""
        return Sheet(
            header=header,
            delimiter=delimiter,
            sha256=sha256,
            rows=np.concatenate([np.empty(0, np.int64), *self.rows]),
            values=np.concatenate([np.empty(0, np.float64), *self.values]),
            kinds=np.concatenate([np.empty(0, np.int8), *self.kinds]),
            labels=np.concatenate([np.empty(0, np.int32), *self.labels]),
            label_texts=tuple(self.label_codes),
            unreadable=self.unreadable,
            ragged=self.ragged,
            blank_rows=self.blank_rows,
            repeated_rows=_repeats(self.hashes),
            repeated_identities=_repeats(self.identities),
            clusters=len(self.clusters),
        )


def _repeats(parts: list[NDArray[np.int64]]) -> int:
    """How many entries stood there before."""
    if not parts:
        return 0
    everything = np.concatenate(parts)
    return len(everything) - len(np.unique(everything))


def looks_like_data(header: tuple[str, ...]) -> bool:
    """Whether a first row holds numbers, as a row of data does.

    Examples
    --------
    >>> looks_like_data(("male", "73.2")), looks_like_data(("sex", "height"))
    (True, False)
    """
    return any(is_number(cell) for cell in header)
