"""Wording of messages about files: cells, rows and counts as a person reads them."""

from collections.abc import Sequence

from stature.arrays import Bools, Ints

# How many rows a message names, and how much of a text it shows.
FEW = 5
SHOWN_CHARACTERS = 60


def shown(text: str) -> str:
    """Show a cell in a message: quoted, and cut when it is long.

    Examples
    --------
    >>> shown("5' 4")
    "“5' 4”"
    """
    printable = "".join(letter if letter.isprintable() else "�" for letter in text)
    cut = printable if len(printable) <= SHOWN_CHARACTERS else printable[:SHOWN_CHARACTERS] + "…"
    return f"“{cut}”"


def counted(count: int, noun: str) -> str:
    """Count things in words.

    Such as ``3 rows``.

    Examples
    --------
    >>> counted(1, "row"), counted(3, "row")
    ('1 row', '3 rows')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def row_list(rows: Sequence[int], count: int) -> str:
    """Rows in words: the first few, and that there are more.

    Such as ``rows 5, 9, 12, 13, 20, …``.

    Examples
    --------
    >>> row_list([5], 1), row_list([5, 9, 12, 13, 20], 7)
    ('row 5', 'rows 5, 9, 12, 13, 20, …')
    """
    first = ", ".join(str(row) for row in rows[:FEW])
    more = ", …" if count > FEW else ""
    return f"row{'s' if count > 1 else ''} {first}{more}"


def rows_where(rows: Ints, mask: Bools) -> str:
    """Rows that a mask picks, in words."""
    return row_list(rows[mask][:FEW].tolist(), int(mask.sum()))
