"""Columns: which column of a sheet is the height, the group, the family.

A column is chosen by its name as the person wrote it, or by a name that everybody uses; two
candidates are never chosen between.
"""

import re
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches

from stature.datafile.cells import is_number
from stature.datafile.sheets import Choice

HEIGHT_NAMES = (
    "height", "height_cm", "height_in", "height_m", "height_mm", "stature", "stature_cm",
    "hgt", "hgt_cm", "身高",
)  # fmt: skip
CLUSTER_NAMES = (
    "family", "family_id", "familyid", "fam", "famid", "fid", "cluster", "household",
    "household_id", "hh", "hhid", "school", "school_id", "class", "village", "litter", "nest",
    "twin_pair", "pair", "pair_id",
)  # fmt: skip
GROUP_NAMES = ("sex", "gender", "group", "性别")
COUNT_NAMES = ("count", "counts", "n", "freq", "frequency", "number", "人数")
POINT_NAMES = (*HEIGHT_NAMES, "length", "length_cm", "length_mm", "length_in", "mid", "midpoint")
IDENTITY_NAMES = ("id", "person", "person_id", "personid", "subject", "subject_id", "pid", "iid")

# A unit at the end of a name: height_in, "Height (cm)", "height.mm"
UNIT_AT_END = re.compile(r"(?:^|[^a-z])(cm|mm|m|in)\W*$")


@dataclass(frozen=True, slots=True)
class CountColumns:
    """Positions of the columns of a table of counts."""

    lower: int  # ends of the cells; both the column of points where there are no cells
    upper: int
    count: int  # how many people

    @property
    def are_points(self) -> bool:
        """Whether rows are points, not cells."""
        return self.lower == self.upper


class ColumnError(Exception):
    """Columns that cannot be chosen; each message is one problem.

    Attributes
    ----------
    messages : tuple of (str, str)
        Place and problem.
    """

    def __init__(self, messages: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(problem for _, problem in messages))
        self.messages = messages


def unit_in_name(column: str) -> str | None:
    """Unit that the name of a column ends with.

    Examples
    --------
    >>> unit_in_name("height_in"), unit_in_name("Height (cm)"), unit_in_name("stature")
    ('in', 'cm', None)
    """
    found = UNIT_AT_END.search(column.lower())
    return found.group(1) if found else None


def choose(
    header: tuple[str, ...], height: str | None, group: str | None, weight: str | None = None
) -> Choice:
    """Positions of the columns to read.

    Examples
    --------
    >>> choose(("family", "sex", "height_in"), None, "sex")
    Choice(height=2, group=1, cluster=0, identity=None, weight=None)
    """
    useless = _useless(header, height)
    if useless:
        raise ColumnError((useless,))
    height_at, height_problem = _height_column(header, height)
    group_at, group_problem = named_column(header, group, "group")
    weight_at, weight_problem = named_column(header, weight, "weights")
    problems = [*_twins(header), height_problem, group_problem, weight_problem]
    if weight_at is not None and weight_at in (height_at, group_at):
        problems.append(f"--weights is '{weight}', which is another column too; name two columns")
    if height_at is not None and height_at == group_at:
        problems.append(f"--height and --group are both '{height}'; name two columns")
    if any(problems) or height_at is None:
        raise ColumnError(tuple(("header", problem) for problem in problems if problem))
    return Choice(
        height=height_at,
        group=group_at,
        cluster=_first_known(header, CLUSTER_NAMES, (height_at, group_at)),
        identity=_first_known(header, IDENTITY_NAMES, (height_at, group_at)),
        weight=weight_at,
    )


def group_column(header: tuple[str, ...]) -> str | None:
    """The one column whose name everybody uses for groups.

    Its name as it stands there; None where there is none, or more than one.

    Examples
    --------
    >>> group_column(("family", "Sex", "height")), group_column(("sex", "gender"))
    ('Sex', None)
    """
    known = [name for name in header if name.lower() in GROUP_NAMES]
    return known[0] if len(known) == 1 else None


def count_columns(header: tuple[str, ...]) -> CountColumns | None:
    """Columns of a table of counts, if a header has them.

    Examples
    --------
    >>> count_columns(("lower_in", "upper_in", "count"))
    CountColumns(lower=0, upper=1, count=2)
    >>> count_columns(("length", "n")), count_columns(("sex", "height"))
    (CountColumns(lower=0, upper=0, count=1), None)
    """
    names = [name.lower() for name in header]
    counts = [i for i, name in enumerate(names) if name in COUNT_NAMES]
    lower, upper = (
        [i for i, name in enumerate(names) if name.startswith(end)] for end in ("lower", "upper")
    )
    points = [i for i, name in enumerate(names) if name in POINT_NAMES]
    if len(counts) != 1:
        return None
    if len(lower) == len(upper) == 1:
        return CountColumns(lower[0], upper[0], counts[0])
    if len(points) == 1 and len(header) == 2:
        return CountColumns(points[0], points[0], counts[0])
    return None


def looks_like_data(header: tuple[str, ...]) -> bool:
    """Whether a first row holds numbers, as a row of data does.

    Examples
    --------
    >>> looks_like_data(("male", "73.2")), looks_like_data(("sex", "height"))
    (True, False)
    """
    return any(is_number(cell) for cell in header)


def _useless(header: tuple[str, ...], height: str | None) -> tuple[str, str] | None:
    """Place and problem of a first row that is no header."""
    if not any(header):
        return "row 1", "expected a header with names of columns, got an empty row"
    numeric_name_meant = height is not None and height in header
    if looks_like_data(header) and not numeric_name_meant:
        cells = ", ".join(cell for cell in header if cell)
        return "row 1", f"the first row looks like data ({cells}); add a header with column names"
    return None


def _twins(header: tuple[str, ...]) -> list[str]:
    """Names that several columns have."""
    counts = Counter(name for name in header if name)
    return [
        f"{count} columns are named '{name}'; give each column its own name"
        for name, count in counts.items()
        if count > 1
    ]


def _height_column(header: tuple[str, ...], height: str | None) -> tuple[int | None, str]:
    """Position of the height column, or the problem."""
    if height is not None:
        return named_column(header, height, "height")
    known = [i for i, name in enumerate(header) if name.lower() in HEIGHT_NAMES]
    if len(known) == 1 or (known and len({header[i] for i in known}) == 1):  # twins: told apart
        return known[0], ""
    if known:
        names = ", ".join(header[i] for i in known)
        return None, f"several columns may be heights: {names}; choose one with --height COLUMN"
    return None, (
        f"no column is known as a height; the columns are {_listed(header)}, the known names are "
        f"{', '.join(HEIGHT_NAMES)}; name yours with --height COLUMN"
    )


def named_column(header: tuple[str, ...], name: str | None, option: str) -> tuple[int | None, str]:
    """Position of a column that was asked for, or the problem.

    Returns position: none where it is not there, or was not asked for; problem: what is wrong;
    empty if nothing is.

    Examples
    --------
    >>> named_column(("Sex", "height"), "sex", "group")
    (None, "no column 'sex'; the columns are Sex, height; did you mean 'Sex'?")
    """
    if name is None:
        return None, ""
    if name in header and name:
        return header.index(name), ""
    near = get_close_matches(name.lower(), [column.lower() for column in header if column], n=1)
    spelt = [column for column in header if near and column.lower() == near[0]]
    advice = f"did you mean '{spelt[0]}'?" if spelt else f"name one of them with --{option}"
    return None, f"no column '{name}'; the columns are {_listed(header)}; {advice}"


def _first_known(
    header: tuple[str, ...], names: tuple[str, ...], taken: tuple[int | None, ...]
) -> int | None:
    """Position of the first column of a known name that is not used otherwise."""
    hits = (i for i, name in enumerate(header) if name.lower() in names and i not in taken)
    return next(hits, None)


def _listed(header: tuple[str, ...]) -> str:
    """Names of columns, as a sentence lists them."""
    return ", ".join(name or "(blank)" for name in header)
