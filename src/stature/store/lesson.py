"""The table of the lesson: the points of its figure, one a row."""

from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from stature.store import store
from stature.theory.lesson import LessonRow

KIND = "lesson"
VERSION = 1

_NAME = pa.dictionary(pa.int32(), pa.string())
_SCHEMA = pa.schema(
    [
        ("panel", _NAME),
        ("series", _NAME),
        ("step", pa.int32()),
        ("x", pa.float64()),
        ("y", pa.float64()),
        ("z", pa.float64()),
    ]
)


def write(path: Path, rows: tuple[LessonRow, ...], origin: str = "") -> None:
    """Write the points of the lesson."""
    table = pa.Table.from_pylist([asdict(row) for row in rows], schema=_SCHEMA)
    store.write(path, table, KIND, VERSION, origin)


def read(path: Path) -> pa.Table:
    """Read the points of the lesson."""
    return store.read(path, KIND, VERSION, _SCHEMA)
