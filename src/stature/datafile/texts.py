"""Texts of cells: which are numbers, and how messages show cells, rows and counts.

Numbers are decimals of ASCII digits, with a point or a comma. Nothing is repaired: ``5'4"``,
``165cm`` and ``>9000`` are no numbers, nor is ``1,700``, which may be 1.7 or 1700, until the marks
of the file are decided.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from itertools import chain, islice

import numpy as np

from stature.arrays import Bools, Floats, Int8s, Ints
from stature.datafile.marks import NEUTRAL, UNDECIDED, Marks, number_pattern

MISSING_WORDS = frozenset({"", "na", "nan", "n/a", "null", "."})
PLAIN_CHARACTERS = frozenset("0123456789.+-eE \t")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
COMMA_NUMBER = re.compile(r"[+-]?\d*,\d+", re.ASCII)
THOUSANDS = re.compile(r"[+-]?\d{1,3},\d{3}", re.ASCII)

# How many rows a message names, and how much of a text it shows.
FEW = 5
SHOWN_CHARACTERS = 60


class Kind(IntEnum):
    """What a cell of a column of numbers holds."""

    NUMBER = 0
    COMMA = 1
    MISSING = 2
    UNREADABLE = 3


def is_missing(text: str) -> bool:
    """Whether a cell says that nothing was recorded."""
    return text.strip().lower() in MISSING_WORDS


def is_number(text: str) -> bool:
    """Whether a cell is a decimal number, with a point or a comma."""
    stripped = text.strip()
    return bool(NUMBER.fullmatch(stripped) or COMMA_NUMBER.fullmatch(stripped))


def numbers(texts: list[str], marks: Marks = UNDECIDED) -> tuple[Floats, Int8s]:
    """Numbers of a column of cells, NaN where there is none, and the kind of each cell.

    A column of nothing but plain decimals is converted in one go; else each distinct text is
    judged once.

    Examples
    --------
    >>> numbers(["170", "1,70", "NA", "tall"])
    (array([170. ,   1.7,   nan,   nan]), array([0, 1, 2, 3], dtype=int8))
    """
    if marks.decimal == "." and PLAIN_CHARACTERS.issuperset("".join(texts)):
        try:
            values = np.fromiter(map(float, texts), np.float64, len(texts))
        except ValueError:
            pass  # a cell such as "1-2" or "": judged below
        else:
            if np.isfinite(values).all():
                return values, np.zeros(len(texts), np.int8)
    judge = partial(_judged_by, marks, number_pattern(marks)) if marks.decided else _judged
    judged = {text: judge(text) for text in set(texts)}
    pairs = [judged[text] for text in texts]
    return (
        np.array([value for value, _ in pairs], dtype=np.float64),
        np.array([kind for _, kind in pairs], dtype=np.int8),
    )


def _judged(text: str) -> tuple[float, Kind]:
    """Value and kind of one cell."""
    stripped = text.strip()
    if NUMBER.fullmatch(stripped):
        value = float(stripped)
        return (value, Kind.NUMBER) if np.isfinite(value) else (np.nan, Kind.UNREADABLE)
    if COMMA_NUMBER.fullmatch(stripped) and not THOUSANDS.fullmatch(stripped):
        return float(stripped.replace(",", ".")), Kind.COMMA
    return np.nan, Kind.MISSING if is_missing(text) else Kind.UNREADABLE


def _judged_by(marks: Marks, pattern: re.Pattern[str], text: str) -> tuple[float, Kind]:
    """Value and kind of one cell, where the marks are decided."""
    stripped = text.strip()
    if pattern.fullmatch(stripped):
        parted = stripped.translate(str.maketrans("", "", marks.thousands + NEUTRAL))
        value = float(parted.replace(",", "."))
        kind = Kind.COMMA if marks.decimal == "," and "," in stripped else Kind.NUMBER
        return (value, kind) if np.isfinite(value) else (np.nan, Kind.UNREADABLE)
    return np.nan, Kind.MISSING if is_missing(text) else Kind.UNREADABLE


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one fault: how many, and the first few with what stood there."""

    count: int = 0
    first: tuple[tuple[int, str], ...] = ()

    def and_also(self, rows: Iterable[int], texts: Iterable[str], count: int) -> "Rows":
        """Return these rows and others, in the order of the file."""
        others = islice(zip(rows, texts, strict=False), FEW)
        return Rows(self.count + count, tuple(sorted(chain(self.first, others))[:FEW]))

    @property
    def where(self) -> str:
        """The rows in words."""
        return row_list([row for row, _ in self.first], self.count)

    @property
    def texts(self) -> str:
        """What stood in the first of them, each text once."""
        return ", ".join(dict.fromkeys(shown(text) for _, text in self.first))


def shown(text: str) -> str:
    """Show a cell in a message: quoted, and cut when it is long.

    Examples
    --------
    >>> shown("5' 4")
    "“5' 4”"
    """
    return f"“{one_line(text)}”"


def one_line(text: str) -> str:
    r"""A text without ends of lines and the like, cut when it is long.

    Examples
    --------
    >>> one_line("sex\nheight")
    'sex�height'
    """
    printable = "".join(letter if letter.isprintable() else "�" for letter in text)
    return printable if len(printable) <= SHOWN_CHARACTERS else printable[:SHOWN_CHARACTERS] + "…"


def counted(count: int, noun: str) -> str:
    """Count things in words."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def row_list(rows: Sequence[int], count: int) -> str:
    """Rows in words: the first few, and that there are more."""
    first = ", ".join(str(row) for row in rows[:FEW])
    more = ", …" if count > FEW else ""
    return f"row{'s' if count > 1 else ''} {first}{more}"


def rows_where(rows: Ints, mask: Bools) -> str:
    """Rows that a mask picks, in words."""
    return row_list(rows[mask][:FEW].tolist(), int(mask.sum()))
