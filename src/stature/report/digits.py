"""Numbers as they are printed: to the digits that their Monte-Carlo standard error supports."""

from math import floor, isfinite, log10

NOTHING = "–"
"""What stands where there is no number."""

_SIGNIFICANT = 4
"""Digits of a number without a Monte-Carlo error, such as a truth."""


def with_error(value: float | None, mcse: float | None) -> str:
    """A number with its Monte-Carlo standard error behind it.

    Both to the decimal place of the error's first significant digit, or one more if that digit is
    1. A number without an error has four significant digits.

    Examples
    --------
    >>> with_error(0.4213, 0.031), with_error(0.4213, 0.0131), with_error(1234.0, 41.0)
    ('0.42 (0.03)', '0.421 (0.013)', '1230 (40)')
    """
    if value is None or not isfinite(value):
        return NOTHING
    if mcse is None or not isfinite(mcse) or mcse <= 0.0:
        return plain(value)
    places = places_of(mcse)
    return f"{_fixed(value, places)} ({_fixed(mcse, places)})"


def supported(value: float | None, mcse: float | None) -> str:
    """A number alone, to the digits that its Monte-Carlo standard error supports.

    Examples
    --------
    >>> supported(0.4213, 0.031), supported(1.5, None)
    ('0.42', '1.5')
    """
    return with_error(value, mcse).partition(" (")[0]


def per_cent(value: float | None, mcse: float | None) -> str:
    """A proportion as a percentage, to the digits that its Monte-Carlo standard error supports.

    Such as ``34 % (2)``.

    Examples
    --------
    >>> per_cent(0.344, 0.024)
    '34 % (2)'
    """
    number, bracket, error = with_error(
        None if value is None else 100.0 * value, None if mcse is None else 100.0 * mcse
    ).partition(" (")
    return number if number == NOTHING else f"{number} %{bracket}{error}"


def plain(value: float) -> str:
    """A number without an error, to four significant digits, never in powers of ten.

    Examples
    --------
    >>> plain(0.485010707), plain(10000.0), plain(0.0)
    ('0.485', '10000', '0')
    """
    if value == 0.0:
        return "0"
    text = _fixed(value, _SIGNIFICANT - 1 - floor(log10(abs(value))))
    return text.rstrip("0").rstrip(".") if "." in text else text


def places_of(mcse: float) -> int:
    """Decimal places that a Monte-Carlo standard error supports; negative: tens and hundreds.

    The place of its first significant digit, or one more if that digit is 1.

    Examples
    --------
    >>> places_of(0.031), places_of(0.0131), places_of(41.0)
    (2, 3, -1)
    """
    exponent = floor(log10(mcse))
    first_digit = int(mcse / 10.0**exponent)
    return -exponent + (first_digit == 1)


def _fixed(value: float, places: int) -> str:
    """A number to so many decimal places, with a true minus sign and no negative zero."""
    text = f"{round(value, places):.{max(places, 0)}f}"
    negative = text.startswith("-") and float(text) != 0.0
    return ("−" if negative else "") + text.lstrip("-")
