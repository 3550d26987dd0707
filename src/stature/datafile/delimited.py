"""Sheets from delimited text: CSV and its relatives, read in one pass.

Memory is bounded: a batch of rows at a time becomes numbers, so that a row costs about 30 bytes
whatever else stands in it.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import BinaryIO

import numpy as np

from stature.arrays import Floats, Int8s, Int32s, Ints
from stature.datafile.cells import Kind, numbers, weights_of
from stature.datafile.sheets import Choice, Choose, Records, Rows, Sheet, SheetError
from stature.datafile.wording import counted

# What is read at a time: bytes from the file, and rows to turn into numbers.
CHUNK_BYTES = 1 << 22
BATCH_ROWS = 1 << 16
# Lines that the delimiter is judged by.
SNIFFED_LINES = 20
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SPACES = " "


def delimited_sheet(file: BinaryIO, choose: Choose) -> Sheet:
    """Read the columns of a text file that a caller chooses from its header."""
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


def delimited_records(file: BinaryIO, most: int) -> Records:
    """Read all cells of a short text file."""
    digest = hashlib.sha256()
    lines = _lines(file, digest.update)
    ahead = list(islice(lines, SNIFFED_LINES))
    delimiter = sniffed_delimiter(ahead)
    records = _records(chain(ahead, lines), delimiter)
    header = tuple(cell.strip() for cell in next(records, []))
    cells = [tuple(record) for record in islice(records, most)]
    words = DELIMITERS.get(delimiter, "spaces")
    return Records(header, words, digest.hexdigest(), tuple(cells))


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
    ragged: Rows = field(default_factory=Rows)
    unreadable: Rows = field(default_factory=Rows)
    rows: list[Ints] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    kinds: list[Int8s] = field(default_factory=list)
    labels: list[Int32s] = field(default_factory=list)
    hashes: list[Ints] = field(default_factory=list)
    identities: list[Ints] = field(default_factory=list)
    label_codes: dict[str, int] = field(default_factory=dict)
    clusters: set[str] = field(default_factory=set)
    weights: list[Floats] = field(default_factory=list)
    bad_weights: Rows = field(default_factory=Rows)

    def take(self, batch: list[list[str]]) -> None:
        """Take in the next rows of the file."""
        rows = np.arange(self.row + 1, self.row + 1 + len(batch), dtype=np.int64)
        self.row += len(batch)
        widths = np.fromiter(map(len, batch), np.int64, len(batch))
        whole = widths == self.width
        if not whole.all():
            self.blank_rows += int((widths == 0).sum())
            bad = np.flatnonzero(~whole & (widths > 0))
            found = (counted(int(widths[i]), "cell") for i in bad)
            self.ragged = self.ragged.and_also(rows[bad].tolist(), found, len(bad))
            batch = [batch[i] for i in np.flatnonzero(whole)]
            rows = rows[whole]
        if batch:
            self._take_whole(batch, rows)

    def _take_whole(self, batch: list[list[str]], rows: Ints) -> None:
        """Take in rows that have a cell for every column."""
        choice = self.choice
        texts = [cells[choice.height] for cells in batch]
        values, kinds = numbers(texts)
        odd = np.flatnonzero(kinds == Kind.UNREADABLE)
        self.unreadable = self.unreadable.and_also(
            rows[odd].tolist(), (texts[i] for i in odd), len(odd)
        )
        if choice.weight is not None:
            self._take_weights([cells[choice.weight] for cells in batch], rows)
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

    def _take_weights(self, texts: list[str], rows: Ints) -> None:
        """Take in how many people rows stand for."""
        weights, bad = weights_of(texts)
        where = np.flatnonzero(bad)
        self.weights.append(weights)
        self.bad_weights = self.bad_weights.and_also(
            rows[where].tolist(), (texts[i] for i in where), len(where)
        )

    def _codes(self, names: list[str] | None, count: int) -> Int32s:
        """Index of each name among the distinct ones, in the order of the file."""
        if names is None:
            return np.zeros(count, np.int32)
        codes = self.label_codes
        for name in dict.fromkeys(names):
            codes.setdefault(name, len(codes))
        return np.fromiter(map(codes.__getitem__, names), np.int32, count)

    def sheet(self, header: tuple[str, ...], delimiter: str, sha256: str) -> Sheet:
        """Sheet of all that was taken in."""
        rows = np.concatenate([np.empty(0, np.int64), *self.rows])
        values = np.concatenate([np.empty(0, np.float64), *self.values])
        kinds = np.concatenate([np.empty(0, np.int8), *self.kinds])
        unreadable = self.unreadable
        comma = kinds == Kind.COMMA
        if delimiter == "comma" and comma.sum() < (kinds == Kind.NUMBER).sum():
            # A few cells such as "5,3" in a file of points are no decimals: feet and inches, maybe.
            texts = (f"{value:g}".replace(".", ",") for value in values[comma])
            unreadable = unreadable.and_also(rows[comma].tolist(), texts, int(comma.sum()))
            values[comma], kinds[comma] = np.nan, Kind.UNREADABLE
        return Sheet(
            header=header,
            delimiter=delimiter,
            sha256=sha256,
            rows=rows,
            values=values,
            kinds=kinds,
            labels=np.concatenate([np.empty(0, np.int32), *self.labels]),
            label_texts=tuple(self.label_codes),
            unreadable=unreadable,
            ragged=self.ragged,
            blank_rows=self.blank_rows,
            repeated_rows=_repeats(self.hashes),
            repeated_identities=_repeats(self.identities),
            clusters=len(self.clusters),
            weights=None if self.choice.weight is None else np.concatenate([[], *self.weights]),
            bad_weights=self.bad_weights,
        )


def _repeats(parts: list[Ints]) -> int:
    """How many entries stood there before."""
    if not parts:
        return 0
    # Sorting is several times faster than numpy's hashing of distinct 64-bit numbers.
    everything = np.sort(np.concatenate(parts))
    return int((everything[1:] == everything[:-1]).sum())
