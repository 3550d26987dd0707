"""Counts, weights and identities: columns of numbers, told apart by name and by values.

A column that is named like a count is read as one, or known by its values to be something else, or
is a fault: never is it passed over in silence.
"""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from stature.arrays import Floats

COUNT_NAMES = (
    "count", "counts", "n", "nobs", "freq", "freqs", "frequency", "frequencies", "number", "people",
    "persons", "tally", "anzahl", "häufigkeit", "häufigkeiten", "haeufigkeit", "absolutehäufigkeit",
    "effectif", "effectifs", "frecuencia", "frecuencias", "cantidad",
    "frequência", "frequencia", "contagem", "frequenza", "conteggio", "aantal", "frequentie",
    "antal", "antall", "lukumäärä", "liczba", "liczebność", "počet", "četnost", "число",
    "количество", "частота", "人数", "人數", "频数", "頻數", "数量", "度数", "個数", "件数",
    "도수", "빈도",
)  # fmt: skip
# As spreadsheets name the counts of a pivot table, and as people describe them.
COUNT_OF = re.compile(r"counts? of .+|(?:n|no\.|nr\.?|number) (?:of )?(?:people|persons|obs.*)")
# Names of counts that people number themselves by, too.
NUMBERING_NAMES = ("n", "number", "人数")
# What a person weighs is mostly called weight, wt or w: values must tell.
BODY_WEIGHT_NAMES = ("weight", "wt", "wgt", "w", "gewicht", "poids", "peso")
# The expansion factor of surveys in Latin America, or the levels 1, 2, … of an experiment.
LEVEL_NAME = "factor"
WEIGHT_NAMES = (
    "weights", "sample_weight", "sampling_weight", "survey_weight", "freq_weight", "fweight",
    "pweight", "perwt", "finalwt", LEVEL_NAME, *BODY_WEIGHT_NAMES,
)  # fmt: skip
# Weights as surveys name them: WTMEC2YR, finalwgt, pspwght, SAMPWEIGHT, weight_final, _LLCPWT,
# hv005 (Demographic and Health Surveys), fac_exp; and inverse probabilities.
SURVEY = re.compile(
    r"wt(?:mec|int|dr|ss|saf|pfq)[a-z0-9]*"
    r"|(?:final|person|per|sampl?e?|sampling|survey|svy|design|base|post|psp|pop|expansion|hh|"
    r"household|freq|frequency|f|p|an|llcp|resp|respondent|analysis|raked?|calibrated|normali[sz]ed|"
    r"combined|adjusted|trimmed)(?:wt|wgt|wght|weight)s?\d*(?:yr|final)?"
    r"|(?:wt|wgt|wght|weight)s?(?:final|adj|adjusted|norm|survey|svy|sample|person|pers|hh|post|base|"
    r"design|raked|trimmed|\dyr)"
    r"|(?:h?v|mv)005|weighting|gewichtung|pond|pond[eé]ra.*|ip[tc]?w|sw|psuwt|expwt|pesoexp"
    r"|fac(?:tor)?(?:de)?exp.*|expansionfactor|fexp|权重|權重|加权"
)
BIN, UNIT_AFTER = r"(?:(?:bin|class|interval|cell)[ _.]?)?", r"(?:[\W_]+(?:cm|mm|m|in))?\W*$"
LOWER = re.compile(
    rf"{BIN}(?:lower|(?:low|from|min|above|over)(?![a-z])|(?:start|left|von|desde){UNIT_AFTER})"
)
UPPER = re.compile(
    rf"{BIN}(?:upper|(?:high|to|up[ _]?to|max|below|under)(?![a-z])"
    rf"|(?:end|right|bis|hasta){UNIT_AFTER})"
)
# So many rows that rise from one to the next do so by no chance.
RISING_ROWS = 5
# Body weights in kg, pounds or grams have a median between these; those with decimals may be of
# newborns, and weights of a survey that sum to its rows have a mean of 1.
LIGHT, LIGHTEST, HEAVY = 5.0, 2.0, 10000.0
# More than this no row stands for, and sums of such numbers are finite and exact.
MOST = 1e15
# The word for a column that is not there, as in ``--count none``.
NO_COLUMN = "none"

Layout = Literal["cells", "values", "lower ends", "upper ends"]
"""What the rows of a table of counts tell of their cells."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Columns of a table of counts."""

    layout: Layout
    lower: int  # positions of lower ends, upper ends and counts; the first two may be one
    upper: int
    count: int

    @property
    def columns(self) -> tuple[int, int, int]:
        """Positions of lower ends, upper ends and counts."""
        return self.lower, self.upper, self.count


def is_count_name(name: str) -> bool:
    """Whether a column is named like a count.

    Examples
    --------
    >>> [is_count_name(name) for name in ("Freq.", "_freq_", "Count of height_cm", "n_children")]
    [True, True, True, False]
    """
    lower = name.strip().lower()
    return bool(COUNT_OF.fullmatch(lower)) or re.sub(r"[\W_]", "", lower) in COUNT_NAMES


def named_counts(header: tuple[str, ...]) -> list[int]:
    """Positions of the columns that are named like counts."""
    return [i for i, name in enumerate(header) if is_count_name(name)]


def tally_of(
    header: tuple[str, ...], count: int, known: tuple[str, ...], others: tuple[int | None, ...]
) -> Tally | None:
    """Where a table of counts holds its cells, by names, or because one column only is left.

    `known` are names of values, `others` columns that hold something else.

    Examples
    --------
    >>> tally_of(("lower_in", "upper_in", "count"), 2, (), ())
    Tally(layout='cells', lower=0, upper=1, count=2)
    >>> tally_of(("up to", "n"), 1, (), ())
    Tally(layout='upper ends', lower=0, upper=0, count=1)
    >>> tally_of(("size", "n"), 1, (), ())
    Tally(layout='values', lower=0, upper=0, count=1)
    """
    columns = [i for i in range(len(header)) if i not in (count, *others)]
    names = {i: header[i].lower().lstrip("([{'\"=") for i in columns}
    lower = [i for i, name in names.items() if LOWER.match(name)]
    upper = [i for i, name in names.items() if UPPER.match(name)]
    if len(lower) == len(upper) == 1:
        return Tally("cells", lower[0], upper[0], count)
    if points := [i for i, name in names.items() if name in known]:
        return Tally("values", points[0], points[0], count) if len(points) == 1 else None
    if len(lower) + len(upper) == 1:
        (end,) = lower + upper
        return Tally("lower ends" if lower else "upper ends", end, end, count)
    shares = ("percent", "percentage", "%", "share", "proportion", "cumulative")
    left = [i for i, name in names.items() if name and not name.startswith(shares)]
    return Tally("values", left[0], left[0], count) if len(left) == 1 else None


def unused_numbers(
    header: tuple[str, ...], count_is_known: bool, weight_is_known: bool
) -> tuple[int, ...]:
    """Positions of the columns of people that are named like counts or weights."""
    return tuple(
        i
        for i, name in enumerate(header)
        if (is_count_name(name) and not count_is_known)
        or (_is_weight(name) and not weight_is_known)
    )


def _is_weight(name: str) -> bool:
    """Whether a column is named like weights.

    Examples
    --------
    >>> [_is_weight(name) for name in ("WTMEC2YR", "_LLCPWT", "pspwght", "BMXWT", "birthweight")]
    [True, True, True, False, False]
    """
    bare = re.sub(r"[\W_]", "", name.lower())
    return name.lower() in WEIGHT_NAMES or bool(SURVEY.fullmatch(bare))


def are_numbers_of_rows(numbers: Floats) -> bool:
    """Whether a column holds the whole numbers from 1 (or 0) on, each once, in any order."""
    return len(numbers) > 1 and numbers.min() in (0.0, 1.0) and _are_consecutive(numbers)


def _are_consecutive(numbers: Floats) -> bool:
    """Whether numbers are some number and those that follow it, each once, in any order."""
    return np.array_equal(np.sort(numbers), numbers.min() + np.arange(len(numbers)))


def _are_rising(numbers: Floats) -> bool:
    """Whether whole numbers rise from each row to the next, as identities do."""
    whole = np.array_equal(numbers, np.rint(numbers))
    return whole and len(numbers) >= RISING_ROWS and bool((np.diff(numbers) > 0.0).all())


def number_or_count(
    values: Floats, numbers: Floats, name: str
) -> Literal["number", "count", "unclear"]:
    """What a column that may number people or count them holds, beside a column of values.

    A table lists its values in order; people stand in any order, and values that two of them share
    change nothing. Nobody numbers people by a column named count, but programs do.
    """
    if np.isnan(numbers).all():
        return "number"
    if name.lower() not in NUMBERING_NAMES:
        return "unclear" if len(numbers) >= RISING_ROWS and _are_consecutive(numbers) else "count"
    if are_numbers_of_rows(numbers):
        return "number"
    steps = np.diff(values)
    if (steps >= 0.0).all() or (steps <= 0.0).all() or np.isnan(steps).any():
        return "count"
    return "number" if _are_rising(numbers) else "unclear"


def unused_fault(name: str, numbers: Floats) -> str:
    """The fault of a column named like a count or a weight that is not used; empty if it is none.

    It is none where it holds something else: texts, ones, identities, levels, or what people weigh.
    """
    known = numbers[~np.isnan(numbers)]
    if not len(known) or (known < 0.0).any() or (known == 1.0).all():
        return ""
    lower, whole = name.lower(), np.array_equal(known, np.rint(known))
    if lower in NUMBERING_NAMES and (not whole or are_numbers_of_rows(known) or _are_rising(known)):
        return ""
    if lower == LEVEL_NAME and are_numbers_of_rows(np.unique(known)):
        return ""
    lightest = LIGHT if whole else LIGHTEST
    if lower in BODY_WEIGHT_NAMES and lightest <= np.median(known) < HEAVY:
        return ""
    option, kind = ("--count", "count") if is_count_name(name) else ("--weights", "weight")
    return (
        f"column '{name}' is named like a {kind} and is not used; if each row stands for so many, "
        f"say {option} {name}, if it holds something else, {option} {NO_COLUMN}"
    )


def table_fault(height: str, columns: dict[str, Floats]) -> str:
    """The fault of values that each stand once beside columns that may count them; else empty.

    None counts that is below 0 or constant, has no number, or numbers the rows.
    """
    may_count = [
        name
        for name, numbers in columns.items()
        for known in [numbers[~np.isnan(numbers)]]
        if len(known) and (known >= 0.0).all() and not are_numbers_of_rows(known)
        if (known != known[0]).any()
    ]
    if not may_count:
        return ""
    names = " or ".join(f"'{name}'" for name in may_count)
    column = may_count[0] if len(may_count) == 1 else "COLUMN"
    return (
        f"column '{height}': each value stands once, as in a table of values and counts; if column "
        f"{names} says how often each was seen, say --count {column} (--weights {column} if it "
        f"holds shares of all), if each row is one value, --count {NO_COLUMN}"
    )
