"""Samples: who was measured, one row a person; `tables.sketches` has those that are sketched."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from stature.design.samples import Samples
from stature.tables import sketches, store
from stature.tables.names import coded

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


def write(path: Path, samples: Samples, origin: str = "") -> None:
    """Write samples, by replicate and person.

    Parameters
    ----------
    path : Path
        Where the table goes.
    samples : Samples
        The people, and sketches where there are some.
    origin : str
        Digest of all that they were made from.
    """
    if samples.sketches is not None:
        sketches.write(path, samples, samples.sketches, origin)
        return
    replicates, people = samples.heights_cm.shape
    columns = [
        pa.array(np.repeat(samples.replicates, people)),
        pa.array(np.tile(np.arange(people, dtype=np.int32), replicates)),
        coded(samples.group_index.ravel(), samples.group_names),
        pa.array(samples.heights_cm.ravel()),
    ]
    schema = SCHEMA
    if samples.labels is not None:
        schema = SCHEMA.append(LABEL)
        columns.append(pa.array(samples.labels.ravel()))
    store.write(path, pa.Table.from_arrays(columns, schema=schema), KIND, VERSION, origin)


def read(path: Path) -> Samples:
    """Read samples.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Samples
        The people, and sketches where there are some.

    Raises
    ------
    stature.tables.store.TableError
        If the file is not such a table.
    """
    if store.kind_of(path) == sketches.KIND:
        return sketches.read(path)
    columns = ["replicate", "group", "height_cm", LABEL.name]
    # A column that is not there is left out.
    table = store.read(path, KIND, VERSION, SCHEMA, columns, may_have=(LABEL,)).combine_chunks()
    replicate = table["replicate"].to_numpy()
    # Every replicate of a block has as many people as any other.
    replicates = np.unique(replicate)
    shape = (len(replicates), len(replicate) // max(len(replicates), 1))
    groups = table["group"].chunk(0)
    return Samples(
        replicates.astype(np.int32),
        table["height_cm"].to_numpy().reshape(shape),
        groups.indices.to_numpy().astype(np.int8).reshape(shape),
        tuple(groups.dictionary.to_pylist()),
        labels=(
            table[LABEL.name].to_numpy().reshape(shape)
            if LABEL.name in table.column_names
            else None
        ),
    )
