"""The table of checks: results against the design and against theory, one row a comparison."""

from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa

from stature.measures.check import Check
from stature.measures.checks import sort_key
from stature.store import store

KIND = "checks"
VERSION = 1

_NAME = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        pa.field("check", _NAME, nullable=False),
        pa.field("scenario", _NAME, nullable=False),
        pa.field("estimator", _NAME, nullable=False),
        pa.field("size", pa.int32()),
        pa.field("group", _NAME, nullable=False),
        pa.field("parameter", _NAME, nullable=False),
        pa.field("expected", pa.float64()),
        pa.field("got", pa.float64()),
        pa.field("mcse", pa.float64()),
        pa.field("z", pa.float64()),
        pa.field("passed", pa.bool_(), nullable=False),
    ]
)


def write(path: Path, checks: Iterable[Check], origin: str = "") -> None:
    """Write checks, passed or not."""
    ordered = sorted(checks, key=sort_key)
    columns = [
        _column([getattr(check, field.name) for check in ordered], field) for field in SCHEMA
    ]
    store.write(path, pa.Table.from_arrays(columns, schema=SCHEMA), KIND, VERSION, origin)


def read(path: Path) -> tuple[Check, ...]:
    """Read checks."""
    table = store.read(path, KIND, VERSION, SCHEMA)
    names = [field.name for field in fields(Check)]
    columns: list[list[Any]] = [table.column(name).to_pylist() for name in names]
    return tuple(Check(*row) for row in zip(*columns, strict=True))


def _column(values: list[Any], field: pa.Field) -> pa.Array:
    """One column; dictionaries list their names in the order of first appearance."""
    if pa.types.is_dictionary(field.type):
        return pa.array(values, type=pa.string()).dictionary_encode()
    return pa.array(values, type=field.type)
