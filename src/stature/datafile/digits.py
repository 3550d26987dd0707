"""Digits: how finely a column of heights was written down, and which digits were preferred.

Rounding shows in two ways: no height lies between two marks of a scale (its step), and some marks
are commoner than chance makes them (heaping).
"""

from dataclasses import dataclass

import numpy as np

from stature.arrays import Bools, Floats

# Scales that people read heights off, in whatever unit, coarsest first.
STEPS = (
    50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.25, 0.2, 0.125, 0.1, 0.0625, 0.05, 0.02, 0.01, 0.005,
    0.002, 0.001,
)  # fmt: skip
# A height is on a mark if it is so near to it, in steps: decimals are not doubles.
ON_A_MARK = 1e-6
# On a scale this fine against the spread, chance alone makes all last digits alike: their
# frequencies differ by 2 exp(-2 pi^2 (spread / 10 steps)^2), 1.4 % here.
FEWEST_STEPS_IN_SD = 5.0
DIGITS = 10
# Fewer heights tell nothing of ten digits.
FEWEST_HEIGHTS = 50
# A coarser mark is heaped if so many standard errors more heights lie on it than chance puts there,
# and so many times as many.
HEAPED_Z, HEAPED_TIMES = 5.0, 1.5


@dataclass(frozen=True, slots=True)
class Heap:
    """Marks of a coarser scale, on which more heights lie than chance puts there."""

    step: float  # distance of the marks, in the unit of the heights
    share: float  # share of the heights that lie on them, and by chance
    expected: float


def step_of(values: Floats) -> float | None:
    """The scale that heights were read off: the largest step of which all differences are wholes.

    The step; None where heights were not read off a scale, or do not differ.

    Examples
    --------
    >>> step_of(np.array([65.0625, 66.0625, 70.0625])), step_of(np.array([1.7, 1.65]))
    (1.0, 0.05)
    """
    distinct = np.unique(values)
    if len(distinct) < 2:
        return None
    return next((step for step in STEPS if _on_marks(distinct, distinct[0], step).all()), None)


def heaps_of(values: Floats, step: float) -> tuple[Heap, ...]:
    """The coarser scales on which too many heights lie.

    From the finest; a coarser one only where it stands out among the heights on the finer one. None
    for too few heights.

    Examples
    --------
    >>> heights = np.array([170.0, 165.0, 160.0, 175.0, 180.0] * 9 + [163.0, 171.0, 168.0] * 5)
    >>> [(heap.step, round(heap.share, 2), heap.expected) for heap in heaps_of(heights, 1.0)]
    [(5.0, 0.75, 0.2)]
    """
    if len(values) < FEWEST_HEIGHTS:
        return ()
    found: list[Heap] = []
    for coarser in (mark for mark in reversed(STEPS) if step < mark < float(np.std(values))):
        if not _divides(step, coarser):
            continue
        share = share_on(values, coarser)
        finer = next((heap for heap in reversed(found) if _divides(heap.step, coarser)), None)
        chance = step / coarser if finer is None else finer.share * finer.step / coarser
        error = np.sqrt(chance * (1.0 - chance) / len(values))
        if share - chance > HEAPED_Z * error and share > HEAPED_TIMES * step / coarser:
            found.append(Heap(coarser, share, round(step / coarser, 9)))
    return tuple(found)


def share_on(values: Floats, step: float) -> float:
    """Share of heights that are multiples of a step."""
    return float(_on_marks(values, 0.0, step).mean())


def digit_preference(values: Floats, step: float) -> float | None:
    """Digit preference score: 0 where all last digits are as frequent, 100 where there is one [1]_.

    ``100 sqrt(X^2 / (9 n))`` with Pearson's ``X^2`` of the ten last digits; None where a last digit
    says nothing: too few heights, too coarse a scale, or one without ten digits.

    References
    ----------
    .. [1] Kuulasmaa et al. (1998), Quality assessment of data on blood pressure in the WHO MONICA
       project, MONICA manual, part IV.

    Examples
    --------
    >>> digit_preference(np.repeat(np.arange(150.0, 170.0), 5), 1.0)
    0.0
    """
    exponent = np.log10(step)
    wide = float(np.std(values)) >= FEWEST_STEPS_IN_SD * step
    if abs(exponent - round(exponent)) > ON_A_MARK or not wide or len(values) < FEWEST_HEIGHTS:
        return None
    last = np.mod(np.rint(values / step), DIGITS).astype(np.int64)
    counts = np.bincount(last, minlength=DIGITS)
    expected = len(values) / DIGITS
    chi_square = float(((counts - expected) ** 2).sum() / expected)
    return 100.0 * float(np.sqrt(chi_square / ((DIGITS - 1) * len(values))))  # [1]


def _on_marks(values: Floats, first: float, step: float) -> Bools:
    """Which heights lie on a mark of a scale."""
    places = (values - first) / step
    return np.abs(places - np.rint(places)) < ON_A_MARK


def _divides(step: float, coarser: float) -> bool:
    """Whether a scale holds all marks of a coarser one."""
    times = coarser / step
    return abs(times - round(times)) < ON_A_MARK
