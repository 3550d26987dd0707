"""The table of the lesson: the points of its figure, one a row."""

from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from stature.tables import store
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
    """Write the points of the lesson.

    Parameters
    ----------
    path : Path
        Where the file goes.
    rows : tuple of LessonRow
        The points.
    origin : str
        Digest of all that they were made from.
    """
    table = pa.Table.from_pylist([asdict(row) for row in rows], schema=_SCHEMA)
    store.write(path, table, KIND, VERSION, origin)


def read(path: Path) -> pa.Table:
    """Read the points of the lesson.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    pyarrow.Table
        Columns panel, series, step, x, y, z, as in `LessonRow`.

    Raises
    ------
    stature.tables.store.TableError
        If the file is not such a table, or of another version.
    """
    return store.read(path, KIND, VERSION, _SCHEMA)
