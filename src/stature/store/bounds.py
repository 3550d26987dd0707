"""Bounds: limits, smallest standard errors and EM rates, from theory alone.

One row is a scenario x model x size x parameter; the scenario is the name of the file.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa

from stature.arrays import Floats
from stature.store import store
from stature.theory.bounds import Bounds

KIND = "bounds"
VERSION = 3

_name = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        pa.field("model", _name, nullable=False),
        pa.field("size", pa.int32(), nullable=False),
        pa.field("group", _name, nullable=False),
        pa.field("parameter", _name, nullable=False),
        pa.field("truth", pa.float64(), nullable=False),
        pa.field("limit", pa.float64()),
        pa.field("bound", pa.float64()),
        pa.field("limit_se", pa.float64()),
        pa.field("small_sample_bias", pa.float64()),
        pa.field("em_rate", pa.float64()),
        pa.field("rival_chance", pa.float64()),
        pa.field("sampling", _name, nullable=False),
    ]
)


def write(path: Path, bounds: Bounds, origin: str = "") -> None:
    """Write bounds, in the order of their key: model, size, parameter."""
    columns = [
        pa.array(getattr(bounds, field.name), type=pa.string()).dictionary_encode()
        if pa.types.is_dictionary(field.type)
        else pa.array(getattr(bounds, field.name), type=field.type, from_pandas=True)
        for field in SCHEMA
    ]
    store.write(path, pa.Table.from_arrays(columns, schema=SCHEMA), KIND, VERSION, origin)


def read(path: Path) -> Bounds:
    """Read bounds."""
    table = store.read(path, KIND, VERSION, SCHEMA)

    def names(column: str) -> tuple[str, ...]:
        return tuple(table.column(column).cast(pa.string()).to_pylist())

    def numbers(column: str) -> Floats:
        return np.asarray(table.column(column).to_numpy(), dtype=np.float64)

    return Bounds(
        model=names("model"),
        size=np.asarray(table.column("size").to_numpy(), dtype=np.int32),
        group=names("group"),
        parameter=names("parameter"),
        truth=numbers("truth"),
        limit=numbers("limit"),
        bound=numbers("bound"),
        limit_se=numbers("limit_se"),
        small_sample_bias=numbers("small_sample_bias"),
        em_rate=numbers("em_rate"),
        rival_chance=numbers("rival_chance"),
        sampling=names("sampling"),
    )
