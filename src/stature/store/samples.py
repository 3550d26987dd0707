"""Samples: one row a person, or where sketches are kept also a node that stands for many.

In a sketched table the people of the largest size that is kept as people come first in each
replicate; the samples of smaller sizes are the first of them. Then come the nodes of each larger
size, group by group.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa

from stature.design.samples import Samples, Sketches
from stature.store.parquet import given, kind_of, kind_with, numbers_of, of_names, of_numbers

# The group as it was written down, an index into the groups in the order of their means; -1: none.
# The column is there where labels may differ from groups.
LABEL = pa.field("label", pa.int8(), nullable=False)
_name = pa.dictionary(pa.int8(), pa.string())
SAMPLES = kind_with(
    "samples",
    1,
    given(pa.int32(), "replicate", "person"),
    given(_name, "group"),
    given(pa.float64(), "height_cm"),
    may_have=(LABEL,),
)
SKETCHED = kind_with(
    "sketched_samples",
    1,
    given(pa.int32(), "replicate", "size", "person"),
    given(_name, "group"),
    given(pa.float64(), "height_cm", "weight", "width_cm"),
)
NOBODY = -1  # in the place of a person's number: the row is a node


def write(path: Path, samples: Samples, origin: str = "") -> None:
    """Write samples, by replicate and person."""
    if samples.sketches is not None:
        _write_sketched(path, samples, samples.sketches, origin)
        return
    replicates, people = samples.heights_cm.shape
    columns = [
        of_numbers(np.repeat(samples.replicates, people)),
        of_numbers(np.tile(np.arange(people, dtype=np.int32), replicates)),
        of_names(samples.group_index.ravel(), samples.group_names),
        of_numbers(samples.heights_cm.ravel()),
    ]
    schema = SAMPLES.schema
    if samples.labels is not None:
        schema = schema.append(LABEL)
        columns.append(of_numbers(samples.labels.ravel()))
    SAMPLES.write(path, pa.Table.from_arrays(columns, schema=schema), origin)


_kept = dict[object, Samples]()


def keep(path: Path) -> None:
    """Have the samples of a file at hand, and no others, also in processes that are forked now."""
    if (file := _version(path)) not in _kept:
        _kept.clear()
        _kept[file] = read(path)


def _version(path: Path) -> tuple[str, int, int, int] | None:
    """What is another where a file has been written anew; None where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path.absolute()), found.st_ino, found.st_mtime_ns, found.st_size


def read(path: Path) -> Samples:
    """Read samples, with sketches where there are some."""
    if _kept and (kept := _kept.get(_version(path))):
        return kept
    if kind_of(path) == SKETCHED.name:
        return _read_sketched(path)
    with SAMPLES.opened(path) as file:
        people = file.metadata.num_rows
        replicate = np.empty(people, np.int32)
        height_cm = np.empty(people)
        group = np.empty(people, np.int8)
        label = np.empty(people, np.int8) if LABEL.name in file.schema_arrow.names else None
        names: tuple[str, ...] = ()
        # Piece by piece: a block may be most of what a job holds, and need not be held twice.
        done = 0
        read = ["replicate", "group", "height_cm", LABEL.name]  # as far as they are there
        for piece in file.iter_batches(columns=read, use_threads=False):
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


def _write_sketched(path: Path, samples: Samples, sketches: Sketches, origin: str = "") -> None:
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
        of_names(both(samples.group_index, sketches.group_index), samples.group_names),
        of_numbers(both(samples.heights_cm, sketches.node_cm)),
        of_numbers(both(np.ones(samples.heights_cm.shape), sketches.weight)),
        of_numbers(np.where(is_person, 0.0, sketches.width_cm)),
    ]
    SKETCHED.write(path, pa.Table.from_arrays(columns, schema=SKETCHED.schema), origin)


def _read_sketched(path: Path) -> Samples:
    """Read samples and their sketches."""
    table = SKETCHED.read(path).combine_chunks()
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
