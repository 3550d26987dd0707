"""Names as dictionary columns: stored once, and in a fixed order, so that bytes are the same."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stature.arrays import Int8s
from stature.store.arrays import of_numbers, of_texts


def coded(codes: NDArray[np.integer], names: Sequence[str]) -> pa.DictionaryArray:
    """A dictionary column from codes."""
    indices = of_numbers(codes.astype(np.int8, copy=False))
    return pa.DictionaryArray.from_arrays(indices, of_texts(names))


def codes(column: pa.ChunkedArray, names: Sequence[str]) -> Int8s:
    """Codes of a column of names, shape (n,)."""
    whole = (
        column.combine_chunks().dictionary_encode() if column.num_chunks != 1 else column.chunk(0)
    )
    order = {name: code for code, name in enumerate(names)}
    stored = whole.dictionary.to_pylist()
    unknown = [name for name in stored if name not in order]
    if unknown:
        raise ValueError(f"expected one of {', '.join(names)}, got {unknown[0]!r}")
    translation = np.array([order[name] for name in stored], dtype=np.int8)
    return translation[whole.indices.to_numpy()]
