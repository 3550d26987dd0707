"""Signs in a column of heights that only a doctor looks for: codes, ends, ties, digits.

Rounding shows in two ways: no height lies between two marks of a scale (its step), and some marks
are commoner than chance makes them (heaping). The functions named after signs return sentences
without the path.
"""

from dataclasses import dataclass
from math import floor, lgamma, log, log10

import numpy as np

from stature.arrays import Bools, Floats, Int32s
from stature.datafile.digits import amount
from stature.datafile.faults import FAR_ROBUST_Z, centre_and_spread, far_away
from stature.datafile.texts import FEW, counted
from stature.datafile.units import Length

# Values are those of a table where none stands twice though chance would make it so in all but this
# share of samples, or where so many of them are consecutive marks of a scale.
CHANCE_OF_NO_TIE, FEWEST_CONSECUTIVE = 1e-4, 6
# Five gaps that chance makes are within this factor of each other in 25 B(25, 5) = 4e-5 of samples.
EVEN = 1.2
# What people write for a height that they do not have, apart from a blank cell.
CODES = (-9.0, -99.0, -999.0, 0.0, 9.0, 88.0, 99.0, 888.0, 999.0, 7777.0, 8888.0, 9999.0, 99999.0)
# A known code is looked for beyond so many robust SDs, where it stands in many rows.
CODE_ROBUST_Z = 2.0
# An end is a spike if so many rows, and this share of them, have the very last value, which has so
# many times the rows of any of its neighbours.
SPIKE_ROWS, SPIKE_SHARE, SPIKE_TIMES, NEIGHBOURS = 5, 0.01, 3.0, 3
# Rounding to a step above this part of an SD moves estimates that take heights for exact.
COARSE_STEP = 0.25
# Steps at which heights in cm end in a digit, of which 0 and 5 are the ones that people prefer.
ENDINGS = (1.0, 0.5, 0.1)
# Scores of digit preference, and what one calls them [2].
BY_CHANCE = 21.666  # 99 % point of chi-square with the 9 degrees of freedom of ten digits
SCORES = ((8.0, "none to speak of"), (12.0, "slight"), (20.0, "clear"), (np.inf, "strong"))
# Scales that people read numbers off: these in every power of ten, and parts of inches. They are
# looked for between so many SDs and this part of one.
LEADING, PARTS = (5.0, 2.0, 1.0), (0.25, 0.125, 0.0625)
COARSEST_IN_SDS, FINEST_IN_SDS = 10.0, 1e-4
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


def code_signs(values: Floats, outside: Bools, column: str) -> list[str]:
    """Numbers that look like codes for a missing value."""
    distances = np.abs(far_away(values))
    odd = outside | (distances > FAR_ROBUST_Z)
    numbers, first, counts = np.unique(values, return_index=True, return_counts=True)
    known = np.isin(numbers, CODES)
    # A known code within reach of the others shows by standing in more rows than any of them.
    often = np.maximum(SPIKE_ROWS, SPIKE_TIMES * counts[~known].max(initial=0))
    common = known & (counts >= often) & (distances[first] > CODE_ROBUST_Z)
    codes = (odd[first] & (known | (counts > 1))) | common
    if not codes.any():
        return []
    likely = [
        f"{number:.15g} ({counted(count, 'row')})"
        for number, count in zip(numbers[codes].tolist(), counts[codes].tolist(), strict=True)
    ]
    rest, out = values[~np.isin(values, numbers[codes]) & ~outside], ""
    if len(rest) and ((numbers[codes] < rest.min()) | (numbers[codes] > rest.max())).all():
        ends = f"{Length(float(rest.min()))} {Length(float(rest.max()))}"
        out = f", or leave the rows out with --range {ends} --on-bad-rows drop"
    return [
        f"column '{column}': {', '.join(likely[:FEW])}: likely a code for a missing "
        f"value; make the cells blank{out}"
    ]


def counted_code_signs(values: Floats, counts: Floats, column: str) -> list[str]:
    """Values of a table of counts that look like codes for a missing one."""
    there = counts > 0.0
    values, counts = values[there], counts[there]
    centre, spread = centre_and_spread(values, counts)
    # Middles of cells are values but for their last digits.
    known = np.isclose(values[:, None], CODES, rtol=ON_A_MARK, atol=0.0).any(axis=1)
    codes = known & (np.abs(values - centre) > FAR_ROBUST_Z * spread)
    if not codes.any():
        return []
    pairs = zip(values[codes].tolist(), counts[codes].tolist(), strict=True)
    listed = ", ".join(f"{value:.6g} (count {amount(count)})" for value, count in pairs)
    return [
        f"column '{column}': {listed}: likely a code for a missing value; take its row out of the "
        "table"
    ]


def end_signs(values: Floats, column: str) -> list[str]:
    """Spikes at the smallest or the largest value, as coding all beyond them leaves behind."""
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) <= 2 * NEIGHBOURS:
        return []
    signs, distances = list[str](), np.abs(far_away(values))
    for end, near, words in (
        (0, counts[1 : 1 + NEIGHBOURS], "smallest value {:.15g}: bottom-coded"),
        (-1, counts[-1 - NEIGHBOURS : -1], "largest value {:.15g}: top-coded"),
    ):
        rows = int(counts[end])
        # Far away stands a code, not an end.
        near_enough = distances[values == distinct[end]].max() <= FAR_ROBUST_Z
        enough = rows >= SPIKE_ROWS and rows >= SPIKE_SHARE * len(values) and near_enough
        if enough and rows > SPIKE_TIMES * near.max():
            share = _percent(rows / len(values))
            signs.append(
                f"column '{column}': {share} lie at the {words.format(distinct[end])}? A fit takes "
                "them for exact values, which makes an SD too small"
            )
    return signs


def digit_signs(values: Floats, unit: str, column: str) -> list[str]:
    """How heights were rounded, which digits were preferred, and what to do about it.

    References
    ----------
    .. [2] Edouard & Senthilselvan (1997), Observer error and birthweight: digit preference in
       recording, Public Health 111, 77-79.
    """
    step = step_of(values)
    if step is None:
        return []
    name = "" if unit == "none" else f" {unit}"
    spread = float(np.std(values))
    ratio = step / spread
    signs = [f"column '{column}': written in steps of {step:.10g}{name}, {ratio:.2g} SD"]
    heaps = heaps_of(values, step)
    if heaps:
        shares = " and ".join(f"{_percent(heap.share)} of {heap.step:.10g}{name}" for heap in heaps)
        chances = " and ".join(_percent(heap.expected) for heap in heaps)
        signs[0] += f"; heaped: {shares.replace(' of ', ' are multiples of ', 1)}, where chance "
        signs[0] += f"puts {chances}"
    elif unit == "cm" and step in ENDINGS:
        share = _percent(share_on(values, 5.0))
        signs[0] += f"; {share} end in 0 or 5, where chance puts {_percent(step / 5.0)}"
    score = digit_preference(values, step)
    if score is not None:
        called = next(words for most, words in SCORES if score < most)
        if 9.0 * len(values) * (score / 100.0) ** 2 < BY_CHANCE:
            called = "no more than by chance"
        signs[0] += f"; digit preference {score:.0f} of 100 ({called})"
    if ratio > COARSE_STEP:
        signs.append(
            f"column '{column}': a step of {step:.10g}{name} is over a quarter of the SD; fit the "
            f"values as rounded: --rounded {step:.10g}"
        )
    return signs


def tie_signs(values: Floats, column: str) -> list[str]:
    """How many heights there are that differ."""
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) == len(values):
        return [f"column '{column}': no two values are equal"]
    most = int(np.argmax(counts))
    return [
        f"column '{column}': {counted(len(distinct), 'distinct value')} in {len(values)} rows; "
        f"the commonest, {distinct[most]:.15g}, stands in {int(counts[most])}"
    ]


def _percent(share: float) -> str:
    return f"{100.0 * share:.3g} %"


@dataclass(frozen=True, slots=True)
class Heap:
    """Marks of a coarser scale, on which more heights lie than chance puts there."""

    step: float  # distance of the marks, in the unit of the heights
    share: float  # share of the heights that lie on them, and by chance
    expected: float


def steps_for(spread: float) -> tuple[float, ...]:
    """Scales that numbers of some spread can be read off, coarsest first.

    Examples
    --------
    >>> steps_for(6.5)[:3], steps_for(6.5)[-1], steps_for(2e-9)[:2]
    ((50.0, 20.0, 10.0), 0.001, (2e-08, 1e-08))
    """
    coarsest, finest = COARSEST_IN_SDS * spread, FINEST_IN_SDS * spread
    powers = range(floor(log10(finest)), floor(log10(coarsest)) + 1)
    # Read as decimals: 5 times 10 to the power of -3 is not the double .005.
    steps = {float(f"{first:g}e{power}") for power in powers for first in LEADING}
    kept = (step for step in steps.union(PARTS) if finest <= step <= coarsest)
    return tuple(sorted(kept, reverse=True))


def step_of(values: Floats) -> float | None:
    """The largest step of which all differences of heights are multiples, if there is one."""
    distinct = np.unique(values)
    # A spread beyond what a double can square, or lost beside the numbers, has no scale.
    spread = float(np.std(values))
    if len(distinct) < 2 or not np.isfinite(spread) or not spread > 0.0:
        return None
    return next(
        (step for step in steps_for(spread) if _on_marks(distinct, distinct[0], step).all()), None
    )


def heaps_of(values: Floats, step: float) -> tuple[Heap, ...]:
    """The coarser scales on which too many heights lie, from the finest; none for few heights.

    A coarser one only where it stands out among the heights on the finer one.
    """
    if len(values) < FEWEST_HEIGHTS:
        return ()
    found: list[Heap] = []
    spread = float(np.std(values))
    for coarser in (mark for mark in reversed(steps_for(spread)) if step < mark < spread):
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


def stand_once(values: Floats, groups: Int32s) -> bool:
    """Whether values are those of a table: each stands once in its group, on marks that few share.

    Were n people drawn from the L marks of a scale between the least and the largest of them, no
    two of them would share one with probability L! / ((L - n)! L^n) if all marks were as likely,
    and with less if not. Marks that were rounded one by one are nearly even.

    Examples
    --------
    >>> one_group = np.zeros(6, np.int32)
    >>> stand_once(np.array([170.0, 165.0, 181.0, 165.0, 174.0, 160.0]), one_group)
    False
    >>> stand_once(np.arange(150.0, 180.0, 5.0), one_group)
    True
    """
    marks, chance, consecutive = np.unique(values), 0.0, False
    if len(marks) < FEWEST_CONSECUTIVE:
        return False
    steps = np.diff(marks)
    step = steps.min()
    even = bool(steps.max() <= EVEN * step)
    if not (even or _on_marks(marks, marks[0], step).all()):
        return False
    for k in np.unique(groups):
        own = values[groups == k]
        n = len(own)
        scale = max(n, round(np.ptp(own) / step) + 1)
        if len(np.unique(own)) < n:
            return False
        chance += lgamma(scale + 1) - lgamma(scale - n + 1) - n * log(scale)
        consecutive |= n == scale >= FEWEST_CONSECUTIVE
    return even or consecutive or chance < log(CHANCE_OF_NO_TIE)


def _on_marks(values: Floats, first: float, step: float) -> Bools:
    """Which heights lie on a mark of a scale."""
    places = (values - first) / step
    return np.abs(places - np.rint(places)) < ON_A_MARK


def _divides(step: float, coarser: float) -> bool:
    """Whether a scale holds all marks of a coarser one."""
    times = coarser / step
    return abs(times - round(times)) < ON_A_MARK
