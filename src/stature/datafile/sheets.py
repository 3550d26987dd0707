"""Sheets: the columns of a table of people that a fit needs, as they stand in a file.

Row numbers count from 1 at the header, as a spreadsheet does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain, islice

from stature.arrays import Floats, Int8s, Int32s, Ints
from stature.datafile.wording import FEW


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
    """Positions of the columns to read; None where there is no such column."""

    height: int  # column of numbers
    # columns of group names, of families or other clusters, and of people's identities
    group: int | None = None
    cluster: int | None = None
    identity: int | None = None
    weight: int | None = None  # column of how many people a row stands for


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one fault: how many, and the first few with what stood there."""

    count: int = 0  # how many rows
    first: tuple[tuple[int, str], ...] = ()  # row numbers and texts of the first few

    def and_also(self, rows: Iterable[int], texts: Iterable[str], count: int) -> "Rows":
        """Return these rows and others, in the order of the file."""
        others = islice(zip(rows, texts, strict=False), FEW)
        return Rows(self.count + count, tuple(sorted(chain(self.first, others))[:FEW]))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of a file that were asked for."""

    header: tuple[str, ...]  # names of all columns
    delimiter: str  # what stands between cells, in words
    sha256: str  # digest of the bytes that were read
    rows: Ints  # shape (n,): row numbers, the header being row 1
    values: Floats  # shape (n,): numbers of the height column; NaN where there is none
    kinds: Int8s  # shape (n,): codes of `stature.datafile.cells.Kind`
    labels: Int32s  # shape (n,): index into `label_texts`; all 0 without a group column
    label_texts: tuple[str, ...]  # distinct cells of the group column, in the order of the file
    # cells that are no numbers; rows with too few or too many cells, which are in no array
    unreadable: Rows
    ragged: Rows
    # empty rows, which are in no array; rows and identities that stood there before
    blank_rows: int = 0
    repeated_rows: int = 0
    repeated_identities: int = 0
    clusters: int = 0  # number of distinct cells of the cluster column
    # shape (n,): how many people each row stands for, NaN where a cell does not say; None: one each
    weights: Floats | None = None
    # cells of that column that are no number of 0 or more
    bad_weights: Rows = field(default_factory=Rows)


@dataclass(frozen=True, slots=True)
class Records:
    """All cells of a short file."""

    header: tuple[str, ...]  # names of all columns
    delimiter: str  # what stands between cells, in words
    sha256: str  # digest of the bytes that were read
    cells: tuple[tuple[str, ...], ...]  # the rows below the header, blank ones empty


Choose = Callable[[tuple[str, ...]], Choice]
