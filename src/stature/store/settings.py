"""The table of settings: measures beside the number that a study varies, such as a bias's strength.

One row is a measure, as in the table of measures, with what varies (`axis`, `varies`) and the
number (`setting`) in front.
"""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from stature.measures.settings import Set
from stature.store import measures, store

KIND = "settings"
VERSION = 1

_NAME = pa.dictionary(pa.int32(), pa.string())
_FRONT = (
    pa.field("axis", _NAME, nullable=False),
    pa.field("varies", _NAME, nullable=False),
    pa.field("setting", pa.float64(), nullable=False),
)
SCHEMA = pa.schema([*_FRONT, *measures.SCHEMA])


def write(path: Path, rows: Iterable[Set], origin: str = "") -> None:
    """Write measures against settings."""
    ordered = list(rows)
    front = [
        pa.array([row.axis for row in ordered], type=pa.string()).dictionary_encode(),
        pa.array([row.varies for row in ordered], type=pa.string()).dictionary_encode(),
        pa.array([row.setting for row in ordered], type=pa.float64()),
    ]
    columns = measures.columns_of([row.measure for row in ordered])
    store.write(
        path, pa.Table.from_arrays([*front, *columns], schema=SCHEMA), KIND, VERSION, origin
    )


def read_table(path: Path) -> pa.Table:
    """Read measures against settings, as plots want them."""
    return store.read(path, KIND, VERSION, SCHEMA)
