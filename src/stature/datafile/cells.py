"""Cells of a text file: numbers and missing values, told apart from everything else.

Numbers are plain decimals of ASCII digits, with a point or a comma. Nothing is repaired: ``5'4"``,
``165cm`` and ``>9000`` are no numbers, nor is ``1,700``, which may be 1.7 or 1700.
"""

import re
from enum import IntEnum

import numpy as np

from stature.arrays import Bools, Floats, Int8s

MISSING_WORDS = frozenset({"", "na", "nan", "n/a", "null", "."})
PLAIN_CHARACTERS = frozenset("0123456789.+-eE \t")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
COMMA_NUMBER = re.compile(r"[+-]?\d*,\d+", re.ASCII)
THOUSANDS = re.compile(r"[+-]?\d{1,3},\d{3}", re.ASCII)


class Kind(IntEnum):
    """What a cell of a column of numbers holds."""

    NUMBER = 0
    COMMA = 1
    MISSING = 2
    UNREADABLE = 3


def is_missing(text: str) -> bool:
    """Whether a cell says that nothing was recorded.

    Examples
    --------
    >>> [is_missing(text) for text in (" ", "NA", ".", "0")]
    [True, True, True, False]
    """
    return text.strip().lower() in MISSING_WORDS


def is_number(text: str) -> bool:
    """Whether a cell is a decimal number, with a point or a comma.

    Examples
    --------
    >>> [is_number(text) for text in ("1.70", "1,70", "170 cm", "inf")]
    [True, True, False, False]
    """
    stripped = text.strip()
    return bool(NUMBER.fullmatch(stripped) or COMMA_NUMBER.fullmatch(stripped))


def numbers(texts: list[str]) -> tuple[Floats, Int8s]:
    """Numbers of a column of cells.

    Returns values: the numbers; NaN where there is none; kinds: codes of `Kind`.

    A column of nothing but plain decimals is converted in one go; else each distinct text is
    judged once.

    Examples
    --------
    >>> numbers(["170", "1,70", "NA", "tall"])
    (array([170. ,   1.7,   nan,   nan]), array([0, 1, 2, 3], dtype=int8))
    """
    if PLAIN_CHARACTERS.issuperset("".join(texts)):
        try:
            values = np.fromiter(map(float, texts), np.float64, len(texts))
        except ValueError:
            pass  # a cell such as "1-2" or "": judged below
        else:
            if np.isfinite(values).all():
                return values, np.zeros(len(texts), np.int8)
    judged = {text: _judged(text) for text in set(texts)}
    pairs = [judged[text] for text in texts]
    return (
        np.array([value for value, _ in pairs], dtype=np.float64),
        np.array([kind for _, kind in pairs], dtype=np.int8),
    )


def weights_of(texts: list[str]) -> tuple[Floats, Bools]:
    """Numbers of people, as a column of weights has them.

    Returns weights: the numbers; NaN where there is none; bad: cells that are no number, or one
    below 0.

    Examples
    --------
    >>> weights_of(["2.5", "0", "-1", "", "x"])
    (array([ 2.5,  0. , -1. ,  nan,  nan]), array([False, False,  True,  True,  True]))
    """
    weights, _ = numbers(texts)
    return weights, ~(weights >= 0.0)


def _judged(text: str) -> tuple[float, Kind]:
    """Value and kind of one cell."""
    stripped = text.strip()
    if NUMBER.fullmatch(stripped):
        value = float(stripped)
        return (value, Kind.NUMBER) if np.isfinite(value) else (np.nan, Kind.UNREADABLE)
    if COMMA_NUMBER.fullmatch(stripped) and not THOUSANDS.fullmatch(stripped):
        return float(stripped.replace(",", ".")), Kind.COMMA
    return np.nan, Kind.MISSING if is_missing(text) else Kind.UNREADABLE
