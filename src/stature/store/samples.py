"""Samples: who was measured, one row a person; `tables.sketches` has those that are sketched."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from stature.design.samples import Samples
from stature.store import sketches, store
from stature.store.arrays import numbers_of, of_numbers
from stature.store.names import coded

KIND = "samples"
VERSION = 1

LABEL = pa.field("label", pa.int8(), nullable=False)
"""The group as it was written down, an index into the groups in the order of their means; -1: none.
The column is there where labels may differ from groups."""
SCHEMA = pa.schema(
    [
        pa.field("replicate", pa.int32(), nullable=False),
        pa.field("person", pa.int32(), nullable=False),
        pa.field("group", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("height_cm", pa.float64(), nullable=False),
    ]
)

_READ = ["replicate", "group", "height_cm", LABEL.name]  # as far as they are there


def write(path: Path, samples: Samples, origin: str = "") -> None:
    """Write samples, by replicate and person."""
    if samples.sketches is not None:
        sketches.write(path, samples, samples.sketches, origin)
        return
    replicates, people = samples.heights_cm.shape
    columns = [
        of_numbers(np.repeat(samples.replicates, people)),
        of_numbers(np.tile(np.arange(people, dtype=np.int32), replicates)),
        coded(samples.group_index.ravel(), samples.group_names),
        of_numbers(samples.heights_cm.ravel()),
    ]
    schema = SCHEMA
    if samples.labels is not None:
        schema = SCHEMA.append(LABEL)
        columns.append(of_numbers(samples.labels.ravel()))
    store.write(path, pa.Table.from_arrays(columns, schema=schema), KIND, VERSION, origin)


def read(path: Path) -> Samples:
    """Read samples.

    The people, and sketches where there are some.
    """
    if store.kind_of(path) == sketches.KIND:
        return sketches.read(path)
    with store.opened(path, KIND, VERSION, SCHEMA, may_have=(LABEL,)) as file:
        people = file.metadata.num_rows
        replicate = np.empty(people, np.int32)
        height_cm = np.empty(people)
        group = np.empty(people, np.int8)
        label = np.empty(people, np.int8) if LABEL.name in file.schema_arrow.names else None
        names: tuple[str, ...] = ()
        # Piece by piece: a block may be most of what a job holds, and need not be held twice.
        done = 0
        for piece in file.iter_batches(columns=_READ, use_threads=False):
            piece.validate(full=True)
            here = slice(done, done := done + piece.num_rows)
            replicate[here] = numbers_of(piece["replicate"])
            height_cm[here] = numbers_of(piece["height_cm"])
            group[here] = numbers_of(piece["group"].indices)
            names = tuple(piece["group"].dictionary.to_pylist())
            if label is not None:
                label[here] = numbers_of(piece[LABEL.name])
    # Rows are ordered by replicate, and every replicate of a block has as many people.
    each = int(np.searchsorted(replicate, replicate[0], side="right"))
    return Samples(
        replicate[::each].copy(),
        height_cm.reshape(-1, each),
        group.reshape(-1, each),
        names,
        labels=None if label is None else label.reshape(-1, each),
    )
