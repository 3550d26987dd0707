"""The small tables: the registry of their kinds, written from records and read into records.

A record is a row, and its fields have the names of the columns. The registry does not import the
records, so that a job depends on the code of those alone that it reads or writes.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import signature
from itertools import accumulate, chain, pairwise
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa

from stature.store.parquet import (
    Kind,
    TableError,
    cells_of,
    given,
    kind_of,
    kind_with,
    may_lack,
    of_numbers,
    of_texts,
    values_of,
)

if TYPE_CHECKING:
    import pandas as pd

    from stature.measures.replicates import Ranked
    from stature.measures.settings import Factor, Level, Set

    Factors = Sequence[Factor]

Record = TypeVar("Record")

NAME = pa.dictionary(pa.int32(), pa.string())
INTEGER, NUMBER, TRUTH = pa.int32(), pa.float64(), pa.bool_()

DESIGN = kind_with(  # what a study measures: a scenario and size
    "design",
    1,
    may_lack(NAME, "population", "bias", "scenario"),
    may_lack(INTEGER, "size", "replicates", "blocks"),
    may_lack(pa.list_(pa.string()), "estimators"),
)
BOUNDS = kind_with(  # theory alone: a model, size and parameter of the scenario that the file names
    "bounds",
    3,
    given(NAME, "model"),
    given(INTEGER, "size"),
    given(NAME, "group", "parameter"),
    given(NUMBER, "truth"),
    may_lack(NUMBER, "limit", "bound", "limit_se", "small_sample_bias", "em_rate"),
    may_lack(NUMBER, "rival_chance"),
    given(NAME, "sampling"),
)
LESSON = kind_with(  # a point of the lesson's figure
    "lesson",
    1,
    may_lack(NAME, "panel", "series"),
    may_lack(INTEGER, "step"),
    may_lack(NUMBER, "x", "y", "z"),
)
INTERVALS = kind_with(  # an interval of a replicate, ranked among those of its estimator
    "intervals",
    1,
    given(NAME, "population", "bias", "scenario", "estimator", "group", "parameter"),
    given(INTEGER, "size", "replicate"),
    may_lack(NUMBER, "centile", "estimate", "lower", "upper"),
    given(NUMBER, "truth"),
    may_lack(TRUTH, "covers"),
)
MEASURES = kind_with(  # a measure; without a size of all sizes, without a group of whole fits
    "measures",
    1,
    given(NAME, "population", "bias", "scenario", "estimator"),
    may_lack(INTEGER, "size"),
    given(NAME, "group", "parameter", "measure", "reference", "policy"),
    may_lack(NUMBER, "value", "mcse", "lower", "upper"),
    may_lack(INTEGER, "count"),
    given(INTEGER, "replicates_used", "replicates_failed", "replicates_expected"),
    key=(
        *("population", "bias", "estimator", "size", "group", "parameter"),
        *("measure", "reference", "policy"),
    ),
)
SETTINGS = kind_with(  # a measure beside the number that a study varies, such as a bias's strength
    "settings", 1, given(NAME, "axis", "varies"), given(NUMBER, "setting"), list(MEASURES.schema)
)
NEEDED = kind_with(  # the smallest size that is enough: a scenario and estimator
    "needed",
    1,
    given(NAME, "population", "bias", "scenario", "estimator"),
    given(NUMBER, "wanted"),
    given(NAME, "bound"),
    given(NUMBER, "size"),
    may_lack(NUMBER, "mcse"),
    key=("population", "bias", "estimator"),
)
PAIRS = kind_with(  # two estimates of one mean from one sample
    "pairs",
    1,
    given(NAME, "population", "bias", "scenario"),
    given(INTEGER, "size"),
    given(NAME, "group"),
    given(NUMBER, "truth_cm"),
    given(NAME, "reference", "estimator"),
    given(INTEGER, "replicate"),
    may_lack(NUMBER, "reference_cm", "estimate_cm"),
)
ROUNDS = kind_with(  # a cell of a round, and whether it is known precisely enough
    "rounds",
    1,
    given(INTEGER, "replicates"),
    given(NAME, "scenario", "estimator"),
    given(INTEGER, "size"),
    given(NAME, "group", "parameter", "measure"),
    may_lack(NUMBER, "mcse"),
    given(NUMBER, "target"),
    given(TRUTH, "met"),
    key=("scenario", "estimator", "size", "group"),
)
CHECKS = kind_with(  # a comparison of a result with the design or with theory
    "checks",
    2,
    given(NAME, "check", "scenario", "estimator"),
    may_lack(INTEGER, "size"),
    given(NAME, "group", "parameter"),
    may_lack(NUMBER, "expected", "got", "mcse", "z"),
    may_lack(TRUTH, "passed"),  # empty: there was nothing to compare
    key=("check", "scenario", "estimator", "size", "group", "parameter"),
)

KINDS = {
    kind.name: kind
    for kind in (
        *(DESIGN, BOUNDS, LESSON, INTERVALS, MEASURES),
        *(SETTINGS, NEEDED, PAIRS, ROUNDS, CHECKS),
    )
}


def write(
    kind: Kind, path: Path, rows: Iterable[object], origin: str = "", factors: "Factors" = ()
) -> None:
    """Write records as the rows of a table, sorted by its key, and the levels of each."""
    ordered = _sorted(rows, kind)
    columns = _columns(ordered, kind.schema.names)
    levels = {factor.name: factor.column(ordered) for factor in factors}
    write_columns(kind, path, columns, origin, levels)


def write_columns(
    kind: Kind,
    path: Path,
    columns: Mapping[str, Any],
    origin: str = "",
    levels: "Mapping[str, Sequence[Level | None]] | None" = None,
) -> None:
    """Write a table from its columns; NaN in an array is an empty cell."""
    arrays = [_array(columns[field.name], field.type) for field in kind.schema]
    table = pa.Table.from_arrays(arrays, schema=kind.schema)
    for name, column in (levels or {}).items():
        of = {type(level) for level in column if level is not None}
        type_of = TRUTH if of == {bool} else pa.int64() if of == {int} else NAME
        type_of = NUMBER if of <= {int, float} and float in of else type_of
        cells = [level if type_of != NAME or level is None else str(level) for level in column]
        table = table.append_column(name, _array(cells, type_of))
    kind.write(path, table, origin)


def read(kind: Kind, path: Path, record: Callable[..., Record]) -> tuple[Record, ...]:
    """Read the rows of a table as records."""
    table = kind.read(path)
    columns = {name: cells_of(table[name]) for name in kind.schema.names}
    return tuple(map(record, *(columns.pop(name) for name in signature(record).parameters)))


def read_columns(kind: Kind, path: Path, record: Callable[..., Record]) -> Record:
    """Read the columns of a table as one record of tuples of names and arrays of numbers."""
    table = kind.read(path)
    return record(
        **{
            field.name: tuple(table[field.name].to_pylist())
            if pa.types.is_dictionary(field.type)
            else np.asarray(values_of(table[field.name]), field.type.to_pandas_dtype())
            for field in kind.schema
        }
    )


def read_all(kind: Kind, paths: Iterable[Path]) -> pa.Table:
    """Read several tables as one, in the order of the names of the files."""
    return pa.concat_tables([kind.read(path) for path in sorted(paths)]).unify_dictionaries()


def frames(paths: Iterable[Path]) -> "dict[str, pd.DataFrame]":
    """Read tables of several kinds, by the names of their kinds."""
    found: dict[str, list[Path]] = {}
    for path in paths:
        found.setdefault(kind_of(path), []).append(path)
    return {name: read_all(KINDS[name], own).to_pandas() for name, own in found.items()}


def gather(kind: Kind, paths: Sequence[Path], record: Callable[..., Record]) -> tuple[Record, ...]:
    """Rows of several tables as records, sorted by their key, each of which is there once."""
    ordered = _sorted((row for path in paths for row in read(kind, path, record)), kind)
    for place, (before, after) in enumerate(pairwise(_keys(ordered, kind)), 1):
        if before == after:
            cells = (getattr(ordered[place], name) for name in kind.key)
            row = ", ".join(str(cell) for cell in cells if cell not in (None, ""))
            raise TableError(
                f"{', '.join(map(str, paths))}: expected each row once, got two of {row}; pass "
                "each scenario's file once"
            )
    return tuple(ordered)


def to_csv(kind: Kind, rows: Iterable[object], factors: "Factors" = ()) -> str:
    """Records as CSV, the same text every time: a header, and a line for each.

    Floats are the shortest text that reads back as the same number; what is missing is empty.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*kind.schema.names, *(factor.name for factor in factors)])
    ordered = _sorted(rows, kind)
    levels = [factor.column(ordered) for factor in factors]
    # The csv module writes floats by repr, the shortest text, and None as nothing.
    cells = attrgetter(*kind.schema.names)
    for row, *own in zip(ordered, *levels, strict=True):
        writer.writerow((*cells(row), *own))
    return text.getvalue()


def write_settings(
    path: Path, rows: Sequence["Set"], origin: str = "", factors: "Factors" = ()
) -> None:
    """Write measures beside the numbers that a study varies."""
    front = [field.name for field in SETTINGS.schema if field not in MEASURES.schema]
    measures = [row.measure for row in rows]
    columns = _columns(rows, front) | _columns(measures, MEASURES.schema.names)
    levels = {factor.name: factor.column(measures) for factor in factors}
    write_columns(SETTINGS, path, columns, origin, levels)


def write_intervals(path: Path, estimators: Iterable["Ranked"], origin: str = "") -> None:
    """Write intervals of single replicates, by estimator and replicate."""
    parts: dict[str, list[Any]] = {name: [] for name in INTERVALS.schema.names}
    for one in estimators:
        covers = ((one.lower <= one.truth) & (one.truth <= one.upper)).astype(object)
        covers[np.isnan(one.lower) | np.isnan(one.upper)] = None
        for name, part in parts.items():
            values = covers if name == "covers" else getattr(one, name)
            part.append(np.broadcast_to(values, one.replicate.shape))
    columns = {name: np.concatenate(part) for name, part in parts.items()}
    write_columns(INTERVALS, path, columns, origin)


def _columns(rows: Sequence[object], names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Fields of records as columns, by their names, of which there are several."""
    cells = [*map(attrgetter(*names), rows)]
    return dict(zip(names, zip(*cells, strict=True) if cells else [()] * len(names), strict=True))


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """One column; dictionaries list their names in the order of first appearance."""
    if pa.types.is_list(kind):
        ends = np.fromiter(accumulate(map(len, values), initial=0), np.int32)
        return pa.ListArray.from_arrays(of_numbers(ends), of_texts([*chain(*values)]))
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        missing = np.isnan(values)
    else:
        missing = np.array([value is None for value in values], np.bool_)
    if pa.types.is_dictionary(kind):
        places: dict[str, int] = {}
        codes = [-1 if one is None else places.setdefault(one, len(places)) for one in values]
        indices = of_numbers(np.array(codes, np.int32), missing=missing)
        return pa.DictionaryArray.from_arrays(indices, of_texts([*places]))
    if missing.any():
        values = [0 if gone else value for gone, value in zip(missing, values, strict=True)]
    return of_numbers(np.array(values, kind.to_pandas_dtype()), missing=missing)


def _sorted(rows: Iterable[Record], kind: Kind) -> list[Record]:
    """Records in the order of the key of their table."""
    rows = list(rows)
    if not kind.key:
        return rows
    keys = _keys(rows, kind)
    return [rows[place] for place in sorted(range(len(rows)), key=keys.__getitem__)]


def _keys(rows: Sequence[object], kind: Kind) -> list[tuple[Any, ...]]:
    """Places of records in their table; what is of all sizes, and so has none, comes last."""
    columns = _columns(rows, kind.key).values()
    # By columns, since most lack nothing, and a study has a hundred thousand rows.
    places = [
        [(cell is None, cell) for cell in column] if None in column else column
        for column in columns
    ]
    return [*zip(*places, strict=True)]
