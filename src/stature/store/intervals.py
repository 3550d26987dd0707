"""Intervals: those of single replicates, ranked, one row an estimator and replicate."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from stature.measures.ranked import Ranked
from stature.store import store

KIND = "intervals"
VERSION = 1

NAMES = ("population", "bias", "scenario", "estimator", "group", "parameter")
VALUES = ("centile", "estimate", "lower", "upper")

_name = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        *(pa.field(name, _name, nullable=False) for name in NAMES),
        pa.field("size", pa.int32(), nullable=False),
        pa.field("replicate", pa.int32(), nullable=False),
        *(pa.field(name, pa.float64()) for name in VALUES),
        pa.field("truth", pa.float64(), nullable=False),
        pa.field("covers", pa.bool_()),
    ]
)


def write(path: Path, intervals: Iterable[Ranked], origin: str = "") -> None:
    """Write intervals, by estimator and replicate."""
    whole = pa.concat_tables([_table(ranked) for ranked in intervals])
    store.write(path, whole.unify_dictionaries().combine_chunks(), KIND, VERSION, origin)


def read_all(paths: Sequence[Path]) -> pa.Table:
    """Read the intervals of several scenarios as one table.

    The rows, in the order of the names of the files.
    """
    return pa.concat_tables(
        [store.read(path, KIND, VERSION, SCHEMA) for path in sorted(paths)]
    ).unify_dictionaries()


def _table(ranked: Ranked) -> pa.Table:
    """Rows of one estimator."""
    count = len(ranked.replicate)
    there = ~np.isnan(ranked.lower) & ~np.isnan(ranked.upper)
    covers = (ranked.lower <= ranked.truth) & (ranked.truth <= ranked.upper)
    columns = [
        *(pa.array([getattr(ranked, name)] * count).dictionary_encode() for name in NAMES),
        pa.array(np.full(count, ranked.size, np.int32)),
        pa.array(ranked.replicate),
        *(pa.array(getattr(ranked, name), from_pandas=True) for name in VALUES),
        pa.array(np.full(count, ranked.truth)),
        pa.array(covers, mask=~there),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)
