"""People's own tables of estimates: which column is what, and all that is wrong with one.

Columns are named, or known by the names that the R packages rsimsum and simhelpers and many others
use; two candidates are never chosen between. Nothing is repaired: what cannot be read is a fault
with its rows, and what is missing or infinite is counted (`stature.measures.estimates`).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtri

from stature.arrays import Bools, Floats, Ints
from stature.datafile.columns import Choice, ColumnError, named_column
from stature.datafile.counting import NO_COLUMN
from stature.datafile.examinations import FileError
from stature.datafile.faults import structure_faults
from stature.datafile.sheets import SheetError, read_sheet
from stature.datafile.texts import Decimal, Kind, is_number, meant, numbers, rows_where, shown
from stature.measures.estimates import Estimates

# What a column may be, and the names by which it is known without being named.
KNOWN: dict[str, tuple[str, ...]] = {
    "estimate": (
        *("estimate", "estimates", "est", "coef", "diff", "thetahat", "theta_hat", "betahat"),
        *("beta_hat", "bhat", "b_hat", "estimand_hat"),
    ),
    "truth": ("truth", "true", "true_param", "true_value", "theta_true"),
    "se": ("se", "std_error", "stderr", "std_err", "standard_error", "se_est"),
    "variance": ("var", "variance", "var_est", "var_estimates"),
    "lower": ("lower", "lower_bound", "conf_low", "ci_lower", "ci_low", "lcl", "lb"),
    "upper": ("upper", "upper_bound", "conf_high", "ci_upper", "ci_high", "ucl", "ub"),
    "method": ("method", "methods", "estimator", "model"),
    "replicate": (
        *("replicate", "dataset", "rep", "repno", "idrep", "iteration", "iter", "i"),
        *("sim", "simulation", "trial", "run", "sample", "sampleid"),
    ),
}
# Names of a parameter are those of its estimate or, beside a known estimate, of its true value.
PARAMETERS = ("b", "beta", "theta")
NUMBERS = ("estimate", "truth", "se", "variance", "lower", "upper")
INFINITE = {"inf": np.inf, "infinity": np.inf, "-inf": -np.inf, "-infinity": -np.inf}
# The table of measures has columns of these names: a factor would be the second one.
TAKEN = ("measure", "method", "value", "mcse")

Cells = Sequence[str] | Floats
"""Cells of a column: texts, or numbers where they are known to be some."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What a person says of the columns; None: that of a known name, if there is one."""

    estimate: str | None = None
    truth: str | float | None = None  # a column, or one number for all
    se: str | None = None
    variance: str | None = None
    lower: str | None = None
    upper: str | None = None
    method: str | None = None
    replicate: str | None = None
    by: tuple[str, ...] = ()
    level: float = 0.95  # of intervals that are made from standard errors

    def number(self, header: Sequence[str]) -> float | None:
        """Return the truth as a number, where it is not a column."""
        truth = self.truth
        if isinstance(truth, str):
            is_one = truth not in header and is_number(truth)
            return float(truth.replace(",", ".")) if is_one else None
        return truth


@dataclass(frozen=True, slots=True)
class FileOfEstimates:
    """A table of estimates without faults."""

    table: Estimates
    columns: dict[str, str]  # name of the column of each part that there is
    notes: tuple[str, ...]  # what was taken for what
    sha256: str = ""  # digest of the file


def read_estimates(
    path: str | Path, asked: Columns, decimal: Decimal | None = None
) -> FileOfEstimates:
    """Read a table of estimates from CSV, Parquet, Feather or Stata."""

    def choose(header: tuple[str, ...]) -> Choice:
        places = places_of(header, asked)
        return Choice(places["estimate"], table=tuple(dict.fromkeys(places.values())))

    try:
        sheet = read_sheet(Path(path), choose, decimal)
        places = places_of(sheet.header, asked)
        of_numbers = {places[part] for part in NUMBERS if part in places}
        cells: dict[str, Cells] = {}
        faults = [*structure_faults(sheet, drop=False), sheet.unclear]
        for at, texts in zip(sheet.choice.table, sheet.table, strict=True):
            name = sheet.header[at]
            cells[name] = texts
            if at in of_numbers:
                values, kinds = numbers(texts, sheet.marks[at])
                cells[name], odd = _with_infinite(texts, values, kinds == Kind.UNREADABLE)
                first = texts[int(np.argmax(odd))] if odd.any() else ""
                words = f"expected a number, got {shown(first)}; mend it, or leave the cell empty"
                faults += _fault(name, sheet.rows, odd, words)
        if any(faults):
            raise ColumnError(*filter(None, faults))
        found = estimates_of(cells, asked, sheet.rows)
    except SheetError as error:
        raise FileError(f"{path}: {error}") from error
    except ColumnError as error:
        raise FileError(*(f"{path}: {message}" for message in error.messages)) from error
    notes = (*sheet.notes, *filter(None, [sheet.about_marks]), *found.notes)
    return replace(found, notes=notes, sha256=sheet.sha256)


def _with_infinite(texts: Sequence[str], values: Floats, odd: Bools) -> tuple[Floats, Bools]:
    """Numbers of cells with those that say infinite, and which cells are no numbers at all."""
    values, odd = values.copy(), odd.copy()
    for i in np.flatnonzero(odd).tolist():
        values[i] = INFINITE.get(texts[i].strip().lower().lstrip("+"), np.nan)
        odd[i] = np.isnan(values[i])
    return values, odd


def _fault(name: str, rows: Ints, bad: Bools, words: str) -> list[str]:
    """The fault of some rows of a column, if there are any."""
    return [f"column '{name}', {rows_where(rows, bad)}: {words}"] if bad.any() else []


def places_of(header: tuple[str, ...], asked: Columns) -> dict[str, int]:
    """Position of each part of a table of estimates; factors have numbers.

    Examples
    --------
    >>> places_of(("dataset", "b", "se", "size"), Columns(truth=0.5, by=("size",)))
    {'estimate': 1, 'se': 2, 'replicate': 0, 'by 1': 3}
    """
    wanted: dict[str, str | None] = {part: getattr(asked, part) for part in KNOWN}
    wanted |= {f"by {i + 1}": name for i, name in enumerate(asked.by)}
    if asked.number(header) is not None:
        wanted["truth"] = NO_COLUMN
    if asked.se is not None and asked.variance is None:
        wanted["variance"] = NO_COLUMN
    if asked.variance is not None and asked.se is None:
        wanted["se"] = NO_COLUMN
    problems: list[str] = []
    places: dict[str, int] = {}
    for part, name in wanted.items():
        needed = part == "estimate" or (part == "truth" and asked.number(header) is None)
        if name == NO_COLUMN and name not in header and not needed:
            continue
        if name is None:
            # A factor may be the truth, too.
            factors = () if part == "truth" else asked.by
            named = {one for role, one in wanted.items() if one and not role.startswith("by ")}
            at, problem = _known(header, part, named.union(factors))
        else:
            at, problem = named_column(header, name, part.partition(" ")[0])
        problems += [problem] if problem else []
        places |= {} if at is None else {part: at}
    if asked.se is None and asked.variance is None and "se" in places:
        places.pop("variance", None)
    problems += _role_problems(header, places)
    if problems:
        raise ColumnError(*(f"header: {problem}" for problem in dict.fromkeys(problems)))
    return places


def _known(header: tuple[str, ...], part: str, taken: set[str]) -> tuple[int | None, str]:
    """Position of the one column that has a known name of a part, or the problem."""
    known = KNOWN.get(part, ())
    needed = part in ("estimate", "truth")
    # A letter alone is known as it is written, and not among others: A, B and C are methods.
    letters = sum(len(name) == 1 for name in header)
    bare = [name if len(name) == 1 else _bare(name) for name in header]
    free = [i for i, name in enumerate(header) if name not in taken]
    hits = [i for i in free if bare[i] in known]
    if needed and not hits:
        alone = [i for i in free if bare[i] in PARAMETERS and (len(bare[i]) > 1 or letters == 1)]
        is_truth = any(name in KNOWN["estimate"] for name in bare)
        hits = alone if part == "estimate" or is_truth else []
    if len(hits) == 1 or not (hits or needed):
        return (hits[0] if hits else None), ""
    option = f"--{part} COLUMN" + " or NUMBER" * (part == "truth")
    if hits:
        listed = ", ".join(header[i] for i in hits)
        less = "" if needed else f", or --{part} {NO_COLUMN}"
        return None, f"several columns may be the {part}: {listed}; choose with {option}{less}"
    listed = ", ".join(name or "(blank)" for name in header)
    return None, (
        f"no column is known as the {part}; the columns are {listed}, the known names are "
        f"{', '.join((*known, *PARAMETERS) if part == 'estimate' else known)}; say {option}"
    )


def _bare(name: str) -> str:
    """A name as names are compared: ``Std. Error`` is ``std_error``."""
    return re.sub(r"[\W_]+", "_", name.lower()).strip("_")


def _role_problems(header: tuple[str, ...], places: Mapping[str, int]) -> list[str]:
    """Ends without their other end, and columns that are named for two parts."""
    problems: list[str] = []
    if ("lower" in places) != ("upper" in places):
        there, lacking = ("lower", "upper") if "lower" in places else ("upper", "lower")
        name = header[places[there]]
        problems.append(
            f"'{name}' is one end of an interval, and the other is not known; name it with "
            f"--{lacking} COLUMN, or leave both out with --lower {NO_COLUMN} --upper {NO_COLUMN}"
        )
    # A factor may be the truth: its levels then say what the cells are.
    uses = Counter(at for part, at in places.items() if part != "truth")
    problems += [
        f"column '{header[at]}' is named for {count} parts; name a column for each"
        for at, count in uses.items()
        if count > 1
    ]
    problems += [
        f"--by {header[at]}: the table of measures has a column of that name; give it another one"
        for part, at in places.items()
        if part.startswith("by ") and header[at] in TAKEN
    ]
    return problems


def reference_of(table: Estimates, name: str | None) -> str:
    """The method that others are compared with: the one that is named, or else the first."""
    if name is not None and name not in table.methods:
        listed, advice = ", ".join(table.methods), meant(name, table.methods)
        raise ColumnError(f"--reference: expected one of {listed}, got '{name}'; {advice}")
    return table.methods[0] if name is None else name


def estimates_of(cells: Mapping[str, Cells], asked: Columns, rows: Ints) -> FileOfEstimates:
    """Make a table of estimates of its columns, or raise a `ColumnError` with all its faults."""
    header = tuple(cells)
    places = places_of(header, asked)
    names = {part: header[at] for part, at in places.items()}
    number = {part: np.asarray(cells[names[part]], float) for part in NUMBERS if part in names}
    count, faults = len(rows), list[str]()
    for part in ("se", "variance"):
        if part in number:
            words = "expected 0 or more of a standard error"
            faults += _fault(names[part], rows, number[part] < 0.0, f"{words}; mend them")
    if "lower" in number:
        crossed = number["lower"] > number["upper"]
        words = f"expected ends below those of '{names['upper']}'; are they swapped?"
        faults += _fault(names["lower"], rows, crossed, words)
    estimates = number["estimate"]
    if asked.estimate is None and count > 1 and (estimates == estimates[0]).all():
        faults.append(
            f"column '{names['estimate']}': all estimates are {estimates[0]:g}; is it the truth? "
            "name the column of estimates with --estimate COLUMN"
        )
    by = tuple(names[part] for part in names if part.startswith("by "))
    levels, cell = _cells_of([_texts(cells[name]) for name in by], count)
    method_texts = (
        _texts(cells[names["method"]]) if "method" in names else [names["estimate"]] * count
    )
    codes, named = pd.factorize(np.array(method_texts, object))
    methods, method = tuple(named), codes.astype(np.int64)
    truth, truth_faults = _truths(number.get("truth"), asked.number(header), cell, len(levels))
    faults += [
        f"column '{names['truth']}': {words}" if "truth" in names else words
        for words in truth_faults
    ]
    notes: list[str] = []
    replicate, paired = _by_turns(cell, method, len(methods))
    if "replicate" in names:
        replicate, paired = _numbered(_texts(cells[names["replicate"]]), cell), True
        faults += _twins(names, rows, np.stack([cell, method, replicate]), bool(by))
    elif len(methods) > 1:
        notes.append(_pairing(paired))
    if faults:
        raise ColumnError(*faults)
    if asked.truth is None and _bare(names["truth"]) in PARAMETERS:
        notes.append(f"the truth is column '{names['truth']}'; say --truth if it is not")
    std_error = number.get("se")
    if "variance" in number:
        std_error = np.sqrt(number["variance"])
        notes.append(f"standard errors are the roots of column '{names['variance']}'")
    lower, upper = number.get("lower"), number.get("upper")
    if lower is None and std_error is not None:
        half = float(ndtri(0.5 + 0.5 * asked.level))
        with np.errstate(invalid="ignore"):
            lower, upper = (number["estimate"] + sign * half * std_error for sign in (-1.0, 1.0))
        notes.append(
            f"intervals are estimate ± {half:.6g} standard errors (level {asked.level:g}, normal)"
        )
    table = Estimates(
        number["estimate"], std_error, lower, upper, truth, methods, method,
        by, levels, cell, replicate, paired,
    )  # fmt: skip
    return FileOfEstimates(table, names, tuple(notes))


def _texts(cells: Cells) -> list[str]:
    """Cells as names."""
    if isinstance(cells, np.ndarray):
        return [f"{value:.17g}" for value in cells.tolist()]
    return [text.strip() for text in cells]


def _ordered(texts: Sequence[str]) -> list[str]:
    """Distinct names: numbers by size, others in the order of the table."""
    found = list(dict.fromkeys(texts))
    return sorted(found, key=float) if all(map(is_number, found)) else found


def _in_order(texts: list[str]) -> "pd.Categorical[str]":
    """Names as numbers of their order."""
    return pd.Categorical(texts, _ordered(texts), ordered=True)


def _cells_of(factors: list[list[str]], count: int) -> tuple[tuple[tuple[str, ...], ...], Ints]:
    """Levels of each cell that there is, and the cell of each row."""
    if not factors:
        return ((),), np.zeros(count, np.int64)
    frame = pd.DataFrame(dict(enumerate(map(_in_order, factors))))
    columns = [*frame.columns]
    found = frame.drop_duplicates().sort_values(columns).astype(str)
    cell = np.asarray(frame.groupby(columns, observed=True).ngroup(), np.int64)
    return tuple(map(tuple, found.to_numpy().tolist())), cell


def _truths(
    column: Floats | None, number: float | None, cell: Ints, cells: int
) -> tuple[Floats, list[str]]:
    """The truth of each cell, and what is wrong with it."""
    if column is None:
        truth = np.nan if number is None else number
        words = f"truth: expected a finite number, got {truth:g}"
        return np.full(cells, truth), [] if np.isfinite(truth) else [words]
    low, high = np.full(cells, np.inf), np.full(cells, -np.inf)
    np.fmin.at(low, cell, column)
    np.fmax.at(high, cell, column)
    faults = list[str]()
    if not np.isfinite(column).all():
        missing = int((~np.isfinite(column)).sum())
        faults.append(f"expected a number in every row, got none in {missing}; fill them in")
    differ = np.flatnonzero(high > low)
    if len(differ):
        ends = f"{low[differ[0]]:g} and {high[differ[0]]:g}"
        faults.append(
            f"expected one truth for all rows that are measured together, got {ends}; name the "
            "columns that it depends on with --by"
        )
    return low, faults


def _numbered(texts: list[str], cell: Ints) -> Ints:
    """Number of each data set among those of its cell, in the order of their names."""
    place = pd.Series(_in_order(texts).codes)
    return np.asarray(place.groupby(cell).rank("dense"), np.int64) - 1


def _by_turns(cell: Ints, method: Ints, methods: int) -> tuple[Ints, bool]:
    """Number of each row among those of its cell and method, and whether all have as many."""
    rows = pd.Series(0, range(len(cell))).groupby([cell, method])
    each = pd.Series(rows.size()).unstack(fill_value=0)
    paired = bool((each.nunique(axis=1) == 1).all() and len(each.columns) == methods)
    return np.asarray(rows.cumcount(), np.int64), paired


def _pairing(paired: bool) -> str:
    """What is said where no column numbers the data sets."""
    if paired:
        return (
            "no column numbers the data sets (--replicate COLUMN): row i of each method is taken "
            "to be of data set i"
        )
    return (
        "methods have different numbers of rows, and no column numbers the data sets (--replicate "
        "COLUMN): methods cannot be compared in pairs, so that there is no gain in precision"
    )


def _twins(names: Mapping[str, str], rows: Ints, keys: Ints, has_by: bool) -> list[str]:
    """The fault of rows of one method and one data set."""
    _, first, counts = np.unique(keys, axis=1, return_index=True, return_counts=True)
    if not (counts > 1).any():
        return []
    one = int(first[counts > 1][0])
    twins = rows[(keys == keys[:, [one]]).all(axis=0)]
    more = "other columns" if has_by else "columns"
    return [
        f"rows {twins[0]} and {twins[1]}: expected one row for a method and data set (column "
        f"'{names['replicate']}'), got {len(twins)}; name the {more} that tell them apart with "
        "--by, or number the data sets with --replicate"
    ]
