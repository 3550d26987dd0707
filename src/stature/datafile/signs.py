"""Signs in a column of heights that only a doctor looks for: codes, ends, ties, digits.

Each function returns sentences without the path.
"""

import numpy as np

from stature.arrays import Bools, Floats
from stature.datafile.cautions import FAR_ROBUST_Z, far_away
from stature.datafile.digits import digit_preference, heaps_of, share_on, step_of
from stature.datafile.units import CM_PER_UNIT
from stature.datafile.wording import FEW, counted

# What people write for a height that they do not have, apart from a blank cell.
CODES = (-9.0, -99.0, -999.0, 0.0, 9.0, 88.0, 99.0, 888.0, 999.0, 7777.0, 8888.0, 9999.0, 99999.0)
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


def code_signs(values: Floats, outside: Bools, column: str) -> list[str]:
    """Numbers that look like codes for a missing height."""
    odd = outside | (np.abs(far_away(values)) > FAR_ROBUST_Z)
    numbers, counts = np.unique(values[odd], return_counts=True)
    likely = [
        f"{number:g} ({counted(count, 'row')})"
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)
        if count > 1 or number in CODES
    ]
    if not likely:
        return []
    return [
        f"column '{column}': {', '.join(likely[:FEW])}: likely a code for a missing height; make "
        "the cells blank"
    ]


def end_signs(values: Floats, column: str) -> list[str]:
    """Spikes at the smallest or the largest value, as coding all beyond them leaves behind."""
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) <= 2 * NEIGHBOURS:
        return []
    signs: list[str] = []
    for end, near, words in (
        (0, counts[1 : 1 + NEIGHBOURS], "smallest value {:g}: bottom-coded"),
        (-1, counts[-1 - NEIGHBOURS : -1], "largest value {:g}: top-coded"),
    ):
        rows = int(counts[end])
        enough = rows >= SPIKE_ROWS and rows >= SPIKE_SHARE * len(values)
        if enough and rows > SPIKE_TIMES * near.max():
            share = _percent(rows / len(values))
            signs.append(
                f"column '{column}': {share} lie at the {words.format(distinct[end])}? A fit takes "
                "them for exact heights, which draws an SD in"
            )
    return signs


def digit_signs(values: Floats, unit: str, column: str) -> list[str]:
    """How heights were rounded, which digits were preferred, and what to do about it.

    The sentences; a last one with advice where the step is coarse.

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
    signs = [f"column '{column}': written in steps of {step:g}{name}, {ratio:.2g} SD"]
    heaps = heaps_of(values, step)
    if heaps:
        shares = " and ".join(f"{_percent(heap.share)} of {heap.step:g}{name}" for heap in heaps)
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
        step_cm = step * CM_PER_UNIT[unit]
        signs.append(
            f"column '{column}': a step of {step:g}{name} is over a quarter of the SD; fit the "
            f"heights as rounded: --rounded {step_cm:g}"
        )
    return signs


def tie_signs(values: Floats, column: str) -> list[str]:
    """How many heights there are that differ."""
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) == len(values):
        return [f"column '{column}': no two heights are equal"]
    most = int(np.argmax(counts))
    return [
        f"column '{column}': {counted(len(distinct), 'distinct height')} in {len(values)} rows; "
        f"the commonest, {distinct[most]:g}, stands in {int(counts[most])}"
    ]


def _percent(share: float) -> str:
    return f"{100.0 * share:.3g} %"
