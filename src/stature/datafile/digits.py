"""Digits: numbers as sentences and tables write them, as precise as they are at any scale."""

import math

# Two digits of a standard error say all that it is worth; three of a spread.
SE_DIGITS, SPREAD_DIGITS = 2, 3
# A double holds no more digits, and numbers beyond these sizes are written with a power of ten.
MOST_DIGITS = 15
SMALLEST_PLAIN, LARGEST_PLAIN = 1e-5, 1e9


def places_of(size: float, digits: int = SE_DIGITS) -> int:
    """Decimals that show so many digits of a size; below zero for tens, hundreds and so on.

    Examples
    --------
    >>> places_of(0.28), places_of(0.0996), places_of(12.4), places_of(2.1e-11)
    (2, 2, 0, 12)
    """
    # Rounded first: .0996 has its first digit one place further up than it seems.
    return digits - 1 - _magnitude(float(f"{size:.{digits - 1}e}"))


def number(value: float, error: float, digits: int = SE_DIGITS, sign: str = "") -> str:
    """Write a number to the precision of its error, or of the spread of what it is taken from.

    A dash for a number that is not known; six digits where the precision is not.

    Examples
    --------
    >>> number(0.027761, 0.00052), number(170.3, math.nan), number(1.2345e12, 2e10)
    ('0.02776', '170.3', '1.234e12')
    """
    return _written((value,), error, digits, sign)[0]


def with_error(value: float, std_error: float, spread: float = math.nan) -> str:
    """Write a number with its standard error; without one, to three digits of a spread.

    Examples
    --------
    >>> with_error(162.82409, 0.2808), with_error(177.3, 12.6), with_error(1.5, math.nan, 6.5)
    ('162.82 ± 0.28', '177 ± 13', '1.50')
    >>> with_error(1.2345e-9, 2.1e-11)
    '1.234e-9 ± 0.021e-9'
    """
    if not _is_size(std_error):
        return number(value, spread, SPREAD_DIGITS)
    if not math.isfinite(value):
        return "–"
    return " ± ".join(_written((value, std_error), std_error, SE_DIGITS, ""))


def rough(number: float) -> str:
    """Write two digits of a number, above 1 in full.

    Examples
    --------
    >>> rough(131.0), rough(99.6), rough(0.0123), rough(31e9)
    ('130', '100', '0.012', '31,000,000,000')
    """
    return f"{float(f'{number:.2g}'):,.15g}"


def amount(count: float) -> str:
    """Write how many there are: the sum of weights to two decimals, or to three digits if small.

    Examples
    --------
    >>> amount(3_000_000.0), amount(102.25), amount(1 / 3)
    ('3000000', '102.25', '0.333')
    """
    return f"{round(count, 2):.15g}" if abs(count) >= 1.0 or count == 0.0 else f"{count:.3g}"


def _is_size(error: float) -> bool:
    return math.isfinite(error) and error > 0.0


def _magnitude(size: float) -> int:
    return math.floor(math.log10(size))


def _written(values: tuple[float, ...], error: float, digits: int, sign: str) -> tuple[str, ...]:
    """Numbers to the precision of an error, all with the same power of ten, if any."""
    if not all(map(math.isfinite, values)):
        return ("–",) * len(values)
    if not _is_size(error):
        return tuple(f"{value:{sign}.6g}" for value in values)
    size = max(error, *map(abs, values))
    places = min(places_of(error, digits), MOST_DIGITS - _magnitude(size))
    if SMALLEST_PLAIN <= size < LARGEST_PLAIN:
        rounded = (round(value, places) for value in values)
        return tuple(f"{value:{sign}.{max(places, 0)}f}" for value in rounded)
    power = _magnitude(size)
    return tuple(
        f"{_shifted(value, -power):{sign}.{max(places + power, 0)}f}e{power}" for value in values
    )


def _shifted(value: float, power: int) -> float:
    """A number times a power of ten, in two steps: 1e-320 has no reciprocal."""
    half = power // 2
    return value * 10.0**half * 10.0 ** (power - half)
