"""Sheets: the columns of a table of people that a fit needs, as they stand in a file.

Row numbers count from 1 at the header, as a spreadsheet does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from stature.tables.wording import FEW


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
    weight : int or None
        Column of how many people a row stands for.
    """

    height: int
    group: int | None = None
    cluster: int | None = None
    identity: int | None = None
    weight: int | None = None


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
        """Return these rows and others, in the order of the file.

        Parameters
        ----------
        rows : iterable of int
            Row numbers of the others, at least of the first few.
        texts : iterable of str
            What stood there.
        count : int
            How many others there are.

        Returns
        -------
        Rows
            All of them.
        """
        others = islice(zip(rows, texts, strict=False), FEW)
        return Rows(self.count + count, tuple(sorted(chain(self.first, others))[:FEW]))


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
    weights : array, shape (n,), or None
        How many people each row stands for, NaN where a cell does not say; None: one each.
    bad_weights : Rows
        Cells of that column that are no number of 0 or more.
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
    weights: NDArray[np.float64] | None = None
    bad_weights: Rows = field(default_factory=Rows)


@dataclass(frozen=True, slots=True)
class Records:
    """All cells of a short file.

    Attributes
    ----------
    header : tuple of str
        Names of all columns.
    delimiter : str
        What stands between cells, in words.
    sha256 : str
        Digest of the bytes that were read.
    cells : tuple of tuple of str
        The rows below the header, blank ones empty.
    """

    header: tuple[str, ...]
    delimiter: str
    sha256: str
    cells: tuple[tuple[str, ...], ...]


Choose = Callable[[tuple[str, ...]], Choice]
