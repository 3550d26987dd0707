"""Samples of which sketches are kept: one row a person, or a node that stands for many.

The people of the largest size that is kept as people come first in each replicate; the samples of
smaller sizes are the first of them. Then come the nodes of each larger size, group by group.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa

from stature.design.samples import Samples
from stature.design.sketches import Sketches
from stature.store import store
from stature.store.arrays import numbers_of, of_numbers
from stature.store.names import coded

KIND = "sketched_samples"
VERSION = 1
NOBODY = -1  # in the place of a person's number: the row is a node

SCHEMA = pa.schema(
    [
        pa.field("replicate", pa.int32(), nullable=False),
        pa.field("size", pa.int32(), nullable=False),
        pa.field("person", pa.int32(), nullable=False),
        pa.field("group", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("height_cm", pa.float64(), nullable=False),
        pa.field("weight", pa.float64(), nullable=False),
        pa.field("width_cm", pa.float64(), nullable=False),
    ]
)


def write(path: Path, samples: Samples, sketches: Sketches, origin: str = "") -> None:
    """Write samples and their sketches, by replicate, size and person."""
    people = samples.heights_cm.shape[1]
    counts = np.diff(sketches.ends.ravel(), prepend=0).reshape(sketches.ends.shape)
    per_size = np.column_stack([np.full(len(samples.replicates), people), counts])
    rows = per_size.sum(axis=1)
    sizes = np.array([people, *sketches.sizes], np.int32)
    place = np.arange(rows.sum()) - np.repeat(np.cumsum(rows) - rows, rows)
    is_person = place < people

    def both(of_people: np.ndarray, of_nodes: np.ndarray) -> np.ndarray:
        joined = np.empty(len(place), of_people.dtype)
        joined[is_person], joined[~is_person] = of_people.ravel(), of_nodes
        return joined

    person = np.where(is_person, place, NOBODY).astype(np.int32)
    columns = [
        of_numbers(np.repeat(samples.replicates, rows)),
        of_numbers(np.repeat(np.tile(sizes, len(rows)), per_size.ravel())),
        of_numbers(person),
        coded(both(samples.group_index, sketches.group_index), samples.group_names),
        of_numbers(both(samples.heights_cm, sketches.node_cm)),
        of_numbers(both(np.ones(samples.heights_cm.shape), sketches.weight)),
        of_numbers(np.where(is_person, 0.0, sketches.width_cm)),
    ]
    store.write(path, pa.Table.from_arrays(columns, schema=SCHEMA), KIND, VERSION, origin)


def read(path: Path) -> Samples:
    """Read samples and their sketches."""
    table = store.read(path, KIND, VERSION, SCHEMA).combine_chunks()
    replicate, size, person, height_cm, weight, width_cm = (
        numbers_of(table[name].chunk(0))
        for name in ("replicate", "size", "person", "height_cm", "weight", "width_cm")
    )
    groups = table["group"].chunk(0)
    group_index = numbers_of(groups.indices)
    is_person = person != NOBODY
    is_node = ~is_person
    replicates = np.unique(replicate).astype(np.int32)
    sizes = np.unique(size[is_node])
    # Rows are ordered by replicate and size, so that the nodes of a sample lie together.
    sample = np.searchsorted(replicates, replicate[is_node]) * len(sizes)
    sample += np.searchsorted(sizes, size[is_node])
    counts = np.bincount(sample, minlength=len(replicates) * len(sizes))
    shape = (len(replicates), int(is_person.sum()) // len(replicates))
    return Samples(
        replicates,
        height_cm[is_person].reshape(shape),
        group_index[is_person].reshape(shape),
        tuple(groups.dictionary.to_pylist()),
        Sketches(
            tuple(sizes.tolist()),
            float(width_cm[is_node][0]),
            np.cumsum(counts).reshape(len(replicates), len(sizes)),
            group_index[is_node],
            height_cm[is_node],
            weight[is_node],
        ),
    )
