"""The table of a round: which cells are known well enough, one row a cell."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa

from stature.measures.precision import Judged
from stature.store import store

KIND = "rounds"
VERSION = 1

_NAME = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        pa.field("replicates", pa.int32(), nullable=False),
        pa.field("scenario", _NAME, nullable=False),
        pa.field("estimator", _NAME, nullable=False),
        pa.field("size", pa.int32(), nullable=False),
        pa.field("group", _NAME, nullable=False),
        pa.field("parameter", _NAME, nullable=False),
        pa.field("measure", _NAME, nullable=False),
        pa.field("mcse", pa.float64()),
        pa.field("target", pa.float64(), nullable=False),
        pa.field("met", pa.bool_(), nullable=False),
    ]
)


def write(path: Path, cells: Iterable[Judged], origin: str = "") -> None:
    """Write the cells of a round, by scenario, estimator, size and group."""
    ordered = sorted(cells, key=lambda one: (one.scenario, one.estimator, one.size, one.group))
    columns = [_column([getattr(one, field.name) for one in ordered], field) for field in SCHEMA]
    store.write(path, pa.Table.from_arrays(columns, schema=SCHEMA), KIND, VERSION, origin)


def read(paths: Sequence[Path]) -> tuple[Judged, ...]:
    """Read the cells of rounds, or of the scenarios of a round."""
    names = [field.name for field in fields(Judged)]
    found: list[Judged] = []
    for path in paths:
        table = store.read(path, KIND, VERSION, SCHEMA)
        columns: list[list[Any]] = [table.column(name).to_pylist() for name in names]
        found += [Judged(*row) for row in zip(*columns, strict=True)]
    return tuple(found)


def is_precise(path: Path) -> bool:
    """Whether every cell of a round is known well enough."""
    return all(one.met for one in read([path]))


def _column(values: list[Any], field: pa.Field) -> pa.Array:
    """One column; dictionaries list their names in the order of first appearance."""
    if pa.types.is_dictionary(field.type):
        return pa.array(values, type=pa.string()).dictionary_encode()
    return pa.array(values, type=field.type)
