"""The table of measures: one row a scenario, estimator, size, parameter and measure.

`value` and `mcse` are in the unit of the parameter unless the measure has its own. A size that is
null means over all sizes; an empty group and parameter mean the whole fit.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

from stature.measures.measure import Measure, sort_key
from stature.store import store

KIND = "measures"
VERSION = 1

_NAME = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        pa.field("population", _NAME, nullable=False),
        pa.field("bias", _NAME, nullable=False),
        pa.field("scenario", _NAME, nullable=False),
        pa.field("estimator", _NAME, nullable=False),
        pa.field("size", pa.int32()),
        pa.field("group", _NAME, nullable=False),
        pa.field("parameter", _NAME, nullable=False),
        pa.field("measure", _NAME, nullable=False),
        pa.field("reference", _NAME, nullable=False),
        pa.field("policy", _NAME, nullable=False),
        pa.field("value", pa.float64()),
        pa.field("mcse", pa.float64()),
        pa.field("lower", pa.float64()),
        pa.field("upper", pa.float64()),
        pa.field("count", pa.int32()),
        pa.field("replicates_used", pa.int32(), nullable=False),
        pa.field("replicates_failed", pa.int32(), nullable=False),
        pa.field("replicates_expected", pa.int32(), nullable=False),
    ]
)
COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Measure))


def to_table(measures: Iterable[Measure]) -> pa.Table:
    """Measures as an Arrow table, in the order of their key."""
    columns = columns_of(sorted(measures, key=sort_key))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def columns_of(measures: Sequence[Measure]) -> list[pa.Array]:
    """Measures as Arrow columns, in the order given."""
    return [
        _column([getattr(measure, field.name) for measure in measures], field) for field in SCHEMA
    ]


def from_table(table: pa.Table) -> tuple[Measure, ...]:
    """Measures of an Arrow table, in the order of its rows."""
    columns: list[list[Any]] = [table.column(name).to_pylist() for name in COLUMNS]
    return tuple(Measure(*row) for row in zip(*columns, strict=True))


def write(path: Path, measures: Iterable[Measure], origin: str = "") -> None:
    """Write measures, in the order of their key."""
    store.write(path, to_table(measures), KIND, VERSION, origin)


def read(path: Path) -> tuple[Measure, ...]:
    """Read measures."""
    return from_table(read_table(path))


def read_table(path: Path) -> pa.Table:
    """Read measures as an Arrow table, as plots want it."""
    return store.read(path, KIND, VERSION, SCHEMA)


def gather(paths: Sequence[Path]) -> tuple[Measure, ...]:
    """Measures of several files as one.

    All measures, in the order of their key, whatever the order of the files.
    """
    ordered = sorted((measure for path in paths for measure in read(path)), key=sort_key)
    for before, after in pairwise(ordered):
        if sort_key(before) == sort_key(after):
            raise store.TableError(
                f"{', '.join(map(str, paths))}: expected each measure once, got "
                f"{after.measure} of {after.estimator} in {after.scenario} twice; "
                "pass each scenario's file once"
            )
    return tuple(ordered)


def to_csv(measures: Iterable[Measure]) -> str:
    """Measures as CSV, the same text every time.

    A header and one line a measure. Floats are the shortest text that reads back as the same
    number; what is missing is empty.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    # The csv module writes floats by repr, the shortest text, and None as nothing.
    for measure in sorted(measures, key=sort_key):
        writer.writerow([getattr(measure, name) for name in COLUMNS])
    return text.getvalue()


def _column(values: list[Any], field: pa.Field) -> pa.Array:
    """One column; dictionaries list their names in the order of first appearance."""
    if pa.types.is_dictionary(field.type):
        return pa.array(values, type=pa.string()).dictionary_encode()
    return pa.array(values, type=field.type)
