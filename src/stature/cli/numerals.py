"""Numerals: numbers to the digits that their standard errors support."""

import math

# Two digits of a standard error say all that it is worth.
SE_DIGITS = 2
DIGITS_WITHOUT_SE = 2
MOST_DECIMALS = 9


def with_error(value: float, std_error: float, decimals: int = DIGITS_WITHOUT_SE) -> str:
    """Write a number with its standard error.

    Such as ``162.82 ± 0.28``; a dash for a number that is not known.

    Examples
    --------
    >>> with_error(162.82409, 0.2808), with_error(177.3, 12.6), with_error(1.5, math.nan)
    ('162.82 ± 0.28', '177 ± 13', '1.50')
    """
    if not math.isfinite(value):
        return "–"
    if not math.isfinite(std_error) or std_error <= 0.0:
        return f"{value:.{decimals}f}"
    # Rounded first: .0996 has its first digit one place further up than it seems.
    magnitude = math.floor(math.log10(float(f"{std_error:.{SE_DIGITS - 1}e}")))
    places = min(max(SE_DIGITS - 1 - magnitude, 0), MOST_DECIMALS)
    return f"{value:.{places}f} ± {std_error:.{places}f}"


def percent(part: int, whole: int) -> str:
    """Write a part of a whole as a percentage.

    Examples
    --------
    >>> percent(793, 934)
    '84.9 %'
    """
    return f"{100.0 * part / whole:.1f} %"
