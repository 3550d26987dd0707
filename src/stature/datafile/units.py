"""Units of height: how many cm each is, and which one a column of numbers looks like.

A unit is never guessed in silence: a guess is only ever an advice in a message.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from stature.arrays import Floats

Unit = Literal["cm", "m", "mm", "in", "none"]
UNITS: tuple[str, ...] = get_args(Unit)

# International inch: exactly 2.54 cm. "none" leaves the numbers as they are.
CM_PER_UNIT: dict[str, float] = {"cm": 1.0, "m": 100.0, "mm": 0.1, "in": 2.54, "none": 1.0}

# The unit of heights that nobody named and that look like it; a warning says so.
ASSUMED_UNIT = "cm"

# Heights of people from a newborn to the tallest on record (272 cm) lie here, nearly all of them.
LOWEST_CM, HIGHEST_CM = 50.0, 260.0

# Heights read off a column in the wrong unit: one band of numbers for each unit that people use.
BANDS: tuple[tuple[str, str, float, float], ...] = (
    ("in", "inches", 50.0, 84.0),
    ("cm", "cm", 120.0, 230.0),
    ("m", "metres", 1.2, 2.3),
    ("mm", "mm", 1200.0, 2300.0),
)

# A column mixes units when the rarer one fills this share of it, or this many rows.
MIXED_SHARE, MIXED_ROWS = 0.1, 3


@dataclass(frozen=True, slots=True)
class Band:
    """Numbers of a column that look like heights in one unit."""

    unit: str  # the unit, and its name in a sentence
    words: str
    low: float  # the band, both ends included
    high: float
    count: int  # how many numbers lie in it, and the position of the first of them
    first: int


def occupied_bands(values: Floats) -> tuple[Band, ...]:
    """The bands that a column of numbers falls into, fullest first.

    Examples
    --------
    >>> [(band.unit, band.count) for band in occupied_bands(np.array([165.0, 170.0, 65.0]))]
    [('cm', 2), ('in', 1)]
    """
    found: list[Band] = []
    for unit, words, low, high in BANDS:
        inside = (values >= low) & (values <= high)
        if inside.any():
            first = int(np.argmax(inside))
            found.append(Band(unit, words, low, high, int(inside.sum()), first))
    return tuple(sorted(found, key=lambda band: -band.count))


def mixed_bands(values: Floats) -> tuple[Band, ...]:
    """The bands of a column that seems to mix units; empty when it seems not to.

    One odd row is an outlier, not another unit. Heights of growing children run through inches
    and cm alike, but also fill the gap between the two bands.

    Examples
    --------
    >>> [band.unit for band in mixed_bands(np.array([165.0, 65.0, 1.65]))]
    ['in', 'cm', 'm']
    >>> mixed_bands(np.array([165.0] * 20 + [65.0]))
    ()
    """
    bands = occupied_bands(values)
    enough = min(MIXED_ROWS, MIXED_SHARE * len(values))
    full = tuple(band for band in bands if band.count >= enough)
    if len(full) < 2:
        return ()
    inches_end, cm_begin = BANDS[0][3], BANDS[1][2]
    between = int(((values > inches_end) & (values < cm_begin)).sum())
    return () if between >= full[-1].count else full


def likely_unit(values: Floats) -> Band | None:
    """The one unit that the middle of a column speaks for, if any.

    Examples
    --------
    >>> likely_unit(np.array([64.0, 68.0, 70.0])).unit
    'in'
    """
    middle = float(np.median(values))
    holding = [band for band in occupied_bands(values) if band.low <= middle <= band.high]
    return holding[0] if holding else None
