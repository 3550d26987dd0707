"""Columns: which of a file are the heights, the groups and the counts, and in what unit.

A column is chosen by its name as the person wrote it, or by a name that everybody uses; two
candidates are never chosen between. A unit is never guessed in silence: a guess is only ever an
advice in a message. A label is a name, never a number: 0 and 1, M and F, 男 and 女 are all alike.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from stature.arrays import Floats, Int8s, Int32s
from stature.datafile.counting import (
    NO_COLUMN,
    WEIGHT_NAMES,
    Layout,
    Tally,
    is_count_name,
    named_counts,
    tally_of,
    unused_numbers,
)
from stature.datafile.request import FileKind, Reading
from stature.datafile.texts import is_missing, is_number, meant, one_line
from stature.datafile.units import ASSUMED_UNIT, PEOPLE, UNIT_WORDS, nouns_of
from stature.writing import Refusal

HEIGHT_WORDS, POINT_WORDS = ("height", "stature", "hgt", "身高"), ("length", "mid", "midpoint")
# Units as names of columns spell them, the longest first, and the unit that each stands for.
SPELLINGS = {
    **dict.fromkeys(("centimetres", "centimeters", "centimetre", "centimeter", "cms", "cm"), "cm"),
    **dict.fromkeys(("millimetres", "millimeters", "mm"), "mm"),
    **dict.fromkeys(("metres", "meters", "metre", "meter", "m"), "m"),
    **dict.fromkeys(("inches", "inch", "in"), "in"),
}
UNIT_SPELT = "|".join(SPELLINGS)
# What may stand behind such a word: height_in, "Height (cm)", "height in inches", "height.mm"
UNIT_BEHIND = re.compile(rf"(?:[\W_]+(?:in[\W_]+)?(?:{UNIT_SPELT})|cm)?\W*$")
CLUSTER_NAMES = (
    "family", "family_id", "familyid", "fam", "famid", "fid", "cluster", "household",
    "household_id", "hh", "hhid", "school", "school_id", "class", "village", "litter", "nest",
    "twin_pair", "pair", "pair_id",
)  # fmt: skip
GROUP_NAMES = ("sex", "gender", "group", "性别")
IDENTITY_NAMES = ("id", "person", "person_id", "personid", "subject", "subject_id", "pid", "iid")

# A unit at the end of a name: height_in, "Height (inches)", "height.mm", heightcm
UNIT_AT_END = re.compile(rf"(?:(?:^|[^a-z])({UNIT_SPELT})|(?<=height)(cm))\W*$")
# Heights of people from a newborn to the tallest on record (272 cm) lie here, nearly all of them.
LOWEST_CM, HIGHEST_CM = 50.0, 260.0
# Heights read off a column in the wrong unit: one band of numbers for each unit that people use.
BANDS: tuple[tuple[str, float, float], ...] = (
    ("in", 50.0, 84.0),
    ("cm", 120.0, 230.0),
    ("m", 1.2, 2.3),
    ("mm", 1200.0, 2300.0),
)
# A column mixes units when the rarer one fills this share of it, or this many rows.
MIXED_SHARE, MIXED_ROWS = 0.1, 3

TWINS = "{} columns are named '{}'; give each column its own name"
# Sentences name no more columns than this.
MOST_LISTED = 30
# More labels than this are measurements or names of persons, not groups to fit.
MOST_GROUPS = 20


class ColumnError(Refusal):
    """Columns that cannot be chosen; each problem with its place."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Positions of the columns to read; None where there is no such column."""

    height: int  # column of numbers; in a table of counts, that of lower ends
    # columns of group names, of families or other clusters, and of people's identities
    group: int | None = None
    cluster: int | None = None
    identity: int | None = None
    weight: int | None = None  # column of how many people a row stands for
    # of a table of counts: lower ends, upper ends and counts; the first two may be one
    table: tuple[int, ...] = ()
    layout: Layout = "cells"  # what its rows tell of their cells
    may_number: bool = False  # whether its counts may be numbers of people
    kind: FileKind = "people"  # what the file holds
    unused: tuple[int, ...] = ()  # columns named like counts or weights that are not used
    any_size: bool = False  # whether values of any size are believed

    @property
    def count(self) -> int | None:
        """Column of counts, as far as the file is read for one."""
        if self.kind == "points":
            return self.weight
        return self.table[2] if self.kind != "people" else None

    @property
    def are_points(self) -> bool:
        """Whether rows of a table of counts are points, not cells."""
        return bool(self.table) and self.layout == "values"


def choose(header: tuple[str, ...], reading: Reading) -> Choice:
    """Decide what a file holds, and which of its columns are read.

    Examples
    --------
    >>> found = choose(("family", "sex", "height_in"), Reading(group="sex"))
    >>> found.height, found.group, found.cluster, found.kind
    (2, 1, 0, 'people')
    """
    tally = _tally(header, reading)
    if tally is None:
        found = _columns_of_people(header, reading)
    elif tally.layout == "values" and reading.points and reading.group is None:
        found = Choice(height=tally.lower, weight=tally.count, kind="points")
    else:
        found = _columns_of_table(header, reading, tally)
    name = header[found.height]
    unit = reading.unit or unit_in_name(name) or ASSUMED_UNIT
    return replace(found, any_size=nouns_of((name,), unit) is not PEOPLE)


def is_height(name: str) -> bool:
    """Whether everybody names heights so.

    Examples
    --------
    >>> is_height("Height (cm)"), is_height("stature_in"), is_height("father_height")
    (True, True, False)
    """
    return _is_word(name, HEIGHT_WORDS)


def _is_word(name: str, words: tuple[str, ...]) -> bool:
    """Whether a name is one of some words, with or without a unit."""
    return UNIT_BEHIND.sub("", name.lower()) in words


def is_known_name(name: str) -> bool:
    """Whether a cell is a name that many files have for a column that is read."""
    lower = name.strip().lower()
    others = (*GROUP_NAMES, *IDENTITY_NAMES, *WEIGHT_NAMES)
    known = is_count_name(name) or _is_word(name.strip(), (*HEIGHT_WORDS, *POINT_WORDS))
    return known or lower in others


def _points(header: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a header that everybody gives to values that are counted."""
    words = (*HEIGHT_WORDS, *POINT_WORDS)
    return tuple(name.lower() for name in header if _is_word(name, words))


def _tally(header: tuple[str, ...], reading: Reading) -> Tally | None:
    """Columns of a table of counts, where a person or the header says that the file is one."""
    group = reading.group if reading.group in header else None
    others = (header.index(group),) if group else ()
    if reading.finds_group and reading.group is None:
        others = (group_column(header),)
    if reading.count not in (None, NO_COLUMN):
        at, problem = named_column(header, reading.count, "count")
        height_at, height_problem = named_column(header, reading.height, "height")
        problems = [problem, height_problem]
        if reading.weights is not None:
            problems.append("--count and --weights both say how many a row stands for")
        tally = None
        if at is not None and height_at is not None:
            tally = Tally("values", height_at, height_at, at)
        elif at is not None and not any(problems):
            tally = tally_of(header, at, _points(header), others)
            if tally is None:
                problems.append(
                    f"--count is '{reading.count}', and several columns may hold what is counted: "
                    f"{_listed(header)}; choose one with --column COLUMN"
                )
        if any(problems) or tally is None:
            raise ColumnError(*(f"header: {problem}" for problem in problems if problem))
        return tally
    counts = named_counts(header)
    if reading.count == NO_COLUMN or reading.weights is not None or len(counts) != 1:
        return None
    if reading.height is not None:
        if len(header) != 2 or reading.height not in header or header[counts[0]] == reading.height:
            return None
        at = header.index(reading.height)
        return Tally("values", at, at, counts[0])
    tally = tally_of(header, counts[0], _points(header), others)
    if tally is None or tally.layout == "cells":
        return tally
    known = tally.layout != "values" or header[tally.lower].lower() in _points(header)
    return tally if len(header) == 2 and known else None


def _columns_of_people(header: tuple[str, ...], reading: Reading) -> Choice:
    """Columns of a file with a row for each person."""
    if not any(header):
        raise ColumnError("row 1: expected a header with names of columns, got an empty row")
    numeric_name_meant = reading.height is not None and reading.height in header
    if any(is_number(cell) for cell in header) and not numeric_name_meant:
        cells = _listed(tuple(filter(None, header)))
        raise ColumnError(
            f"row 1: the first row looks like data ({cells}); add a header with column names"
        )
    weights = None if reading.weights == NO_COLUMN else reading.weights
    height_at, height_problem = _height_column(header, reading.height)
    group_at, group_problem = named_column(header, reading.group, "group")
    weight_at, weight_problem = named_column(header, weights, "weights")
    if reading.group is None and reading.finds_group:
        known = group_column(header)
        group_at = None if known in (height_at, weight_at) else known
    problems = [
        TWINS.format(count, one_line(name))
        for name, count in Counter(filter(None, header)).items()
        if count > 1
    ]
    problems += [height_problem, group_problem, weight_problem]
    if weight_at is not None and weight_at in (height_at, group_at):
        problems.append(
            f"--weights is '{reading.weights}', which is another column too; name two columns"
        )
    if height_at is not None and height_at == group_at:
        problems.append(f"--column and --group are both '{reading.height}'; name two columns")
    if any(problems) or height_at is None:
        raise ColumnError(*(f"header: {problem}" for problem in dict.fromkeys(problems) if problem))
    known = reading.count is not None or weights is not None, reading.weights is not None
    used = (height_at, group_at, weight_at)
    return Choice(
        height=height_at,
        group=group_at,
        unused=tuple(i for i in unused_numbers(header, *known) if i not in used),
        cluster=_first_known(header, CLUSTER_NAMES, (height_at, group_at)),
        identity=_first_known(header, IDENTITY_NAMES, (height_at, group_at)),
        weight=weight_at,
    )


def _columns_of_table(header: tuple[str, ...], reading: Reading, tally: Tally) -> Choice:
    """Columns of a table of counts."""
    group_at, problem = named_column(header, reading.group, "group")
    if reading.group is None and reading.finds_group:
        group_at = group_column(header)
    heights = [name for name in header if is_height(name)]
    if group_at in tally.columns:
        problem = f"--group is '{reading.group}', which holds ends or counts; name another column"
    elif group_at is not None and tally.layout in ("lower ends", "upper ends"):
        problem = f"expected lower…, upper…, count and groups, got {_listed(header)}"
    elif heights and tally.layout == "cells" and reading.count is None:
        ends = _listed(tuple(header[i] for i in tally.columns))
        problem = (
            f"cells with counts ({ends}) and heights ({', '.join(heights)}): choose: name --column "
            f"COLUMN with --count {NO_COLUMN} if each row is one value, or say --count "
            f"{header[tally.count]}"
        )
    if problem:
        raise ColumnError(f"header: {problem}")
    if group_at is not None and tally.layout == "values":
        return Choice(tally.lower, group_at, weight=tally.count, kind="points")
    return Choice(
        tally.lower,
        group_at,
        table=tally.columns,
        layout=tally.layout,
        may_number=reading.count is None and tally.layout == "values",
        kind="cells" if group_at is None else "cells with groups",
    )


def group_column(header: tuple[str, ...]) -> int | None:
    """Position of the one column whose name everybody uses for groups, if there is only one."""
    known = [i for i, name in enumerate(header) if name.lower() in GROUP_NAMES]
    return known[0] if len(known) == 1 else None


def _height_column(header: tuple[str, ...], height: str | None) -> tuple[int | None, str]:
    """Position of the height column, or the problem."""
    if height is not None:
        return named_column(header, height, "height")
    known = [i for i, name in enumerate(header) if is_height(name)]
    if len(known) == 1 or (
        known and len({header[i] for i in known}) == 1
    ):  # twins have their own problem
        return known[0], ""
    if known:
        names = _listed(tuple(header[i] for i in known))
        return None, f"several columns may be heights: {names}; choose one with --column COLUMN"
    counts = [header[i] for i in named_counts(header)]
    with_counts = f", and, if '{counts[0]}' says how many, --count {counts[0]}" if counts else ""
    return None, (
        f"no column is known as a height; the columns are {_listed(header)}, the known names are "
        f"{', '.join(HEIGHT_WORDS)}, alone or with a unit such as height_cm; name yours with "
        f"--column COLUMN{with_counts}"
    )


def named_column(header: tuple[str, ...], name: str | None, option: str) -> tuple[int | None, str]:
    """Position of a column that was asked for, or the problem; neither if none was."""
    if name is None:
        return None, ""
    if header.count(name) > 1 and name:
        return None, TWINS.format(header.count(name), one_line(name))
    if name in header and name:
        return header.index(name), ""
    advice = meant(name, filter(None, header), f"name one of them with --{option}")
    return None, f"no column '{one_line(name)}'; the columns are {_listed(header)}; {advice}"


def _first_known(
    header: tuple[str, ...], names: tuple[str, ...], taken: tuple[int | None, ...]
) -> int | None:
    """Position of the first column of a known name that is not used otherwise."""
    hits = (i for i, name in enumerate(header) if name.lower() in names and i not in taken)
    return next(hits, None)


def _listed(header: tuple[str, ...]) -> str:
    """Names of columns, as a sentence lists them."""
    names = [one_line(name) or "(blank)" for name in header[:MOST_LISTED]]
    more = [f"… ({len(header)} in all)"] if len(header) > MOST_LISTED else []
    return ", ".join(names + more)


def unit_in_name(column: str) -> str | None:
    """Unit that the name of a column ends with.

    Examples
    --------
    >>> unit_in_name("height_in"), unit_in_name("Height (cm)"), unit_in_name("stature")
    ('in', 'cm', None)
    """
    found = UNIT_AT_END.search(column.lower())
    return SPELLINGS[found[1] or found[2]] if found else None


@dataclass(frozen=True, slots=True)
class Band:
    """Numbers of a column that look like heights in one unit."""

    unit: str
    low: float  # the band, both ends included
    high: float
    count: int  # how many numbers lie in it, and the position of the first of them
    first: int

    @property
    def words(self) -> str:
        """The unit in a sentence."""
        return UNIT_WORDS[self.unit]


def occupied_bands(values: Floats) -> tuple[Band, ...]:
    """The bands that a column of numbers falls into, fullest first."""
    bands: list[Band] = []
    for unit, low, high in BANDS:
        inside = (values >= low) & (values <= high)
        if inside.any():
            bands.append(Band(unit, low, high, int(inside.sum()), int(np.argmax(inside))))
    return tuple(sorted(bands, key=lambda band: -band.count))


def mixed_bands(values: Floats) -> tuple[Band, ...]:
    """The bands of a column that seems to mix units; empty when it seems not to.

    One odd row is an outlier, not another unit. Heights of growing children run through inches
    and cm alike, but also fill the gap between the two bands.
    """
    enough = min(MIXED_ROWS, MIXED_SHARE * len(values))
    full = tuple(band for band in occupied_bands(values) if band.count >= enough)
    if len(full) < 2:
        return ()
    (_, _, inches_end), (_, cm_begin, _), *_ = BANDS
    between = int(((values > inches_end) & (values < cm_begin)).sum())
    return () if between >= full[-1].count else full


def likely_unit(values: Floats) -> Band | None:
    """The one unit that the middle of a column speaks for, if any."""
    middle = float(np.median(values))
    holding = [band for band in occupied_bands(values) if band.low <= middle <= band.high]
    return holding[0] if holding else None


@dataclass(frozen=True, slots=True)
class Labels:
    """Names of groups and who belongs to which."""

    names: tuple[str, ...]  # names of the groups, in the order of the file
    index: Int8s  # shape (n,): group of each row; -1 for a blank label
    # labels that differ only by case or spaces, and were not merged
    alike: tuple[tuple[str, ...], ...]


def name_groups(codes: Int32s, texts: tuple[str, ...], merge: bool = False) -> Labels | None:
    """Name the groups of a column of labels; None when there are more than `MOST_GROUPS`.

    Examples
    --------
    >>> found = name_groups(np.array([0, 1, 2, 0], np.int32), ("F ", "", "m"))
    >>> found.names, found.index.tolist()
    (('F', 'm'), [0, -1, 1, 0])
    """
    counts = np.bincount(codes, minlength=len(texts))
    families: dict[str, list[int]] = {}
    for code, text in enumerate(texts):
        if counts[code] and not is_missing(text):
            families.setdefault(text.strip().casefold(), []).append(code)
    names: list[str] = []
    group_of_code = np.full(max(len(texts), 1), -1, dtype=np.int64)
    alike: list[tuple[str, ...]] = []
    for family in families.values():
        if len(family) == 1 or merge:
            commonest = max(family, key=lambda code: int(counts[code]))
            group_of_code[family] = len(names)
            names.append(texts[commonest].strip())
            continue
        # Kept apart, spaces and all, so that the reader sees how they differ.
        alike.append(tuple(texts[code] for code in family))
        for code in family:
            group_of_code[code] = len(names)
            names.append(texts[code])
    if len(names) > MOST_GROUPS:
        return None
    return Labels(tuple(names), group_of_code[codes].astype(np.int8), tuple(alike))
