"""Arrow arrays of NumPy arrays and back, for the tables of a block.

`pyarrow.array` and Arrow's own `to_numpy` load pandas wherever it is installed, only to ask whether
they were given something of its kind: two tenths of a second, which every job of a block would
spend anew. Memory is shared, not copied, as far as the two libraries store values alike.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stature.arrays import Int8s


def of_numbers(values: NDArray[Any], *, nan_is_null: bool = False) -> pa.Array:
    """An Arrow array of numbers or truth values."""
    values = np.ascontiguousarray(values)
    # Arrow keeps truth values, and what is there at all, as bits; the first is the lowest.
    data = np.packbits(values, bitorder="little") if values.dtype == np.bool_ else values
    there = None
    if nan_is_null and values.dtype.kind == "f" and (missing := np.isnan(values)).any():
        there = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(
        pa.from_numpy_dtype(values.dtype), len(values), [there, pa.py_buffer(data)]
    )


def of_texts(texts: Sequence[str]) -> pa.StringArray:
    """An Arrow array of texts."""
    encoded = [text.encode() for text in texts]
    ends = np.fromiter(accumulate(map(len, encoded), initial=0), np.int32, len(encoded) + 1)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)


def numbers_of(column: pa.Array) -> NDArray[Any]:
    """Numbers of an Arrow array without nulls, shape (n,)."""
    is_number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    if column.null_count or not is_number:
        raise TypeError(
            f"expected numbers without nulls, got {column.type} with {column.null_count} nulls"
        )
    return np.from_dlpack(column)


def of_names(codes: NDArray[np.integer], names: Sequence[str]) -> pa.DictionaryArray:
    """A column of names from their codes: stored once and in a fixed order, for equal bytes."""
    indices = of_numbers(codes.astype(np.int8, copy=False))
    return pa.DictionaryArray.from_arrays(indices, of_texts(names))


def codes_of(column: pa.ChunkedArray, names: Sequence[str]) -> Int8s:
    """Codes of a column of names, shape (n,)."""
    joined = (
        column.combine_chunks().dictionary_encode() if column.num_chunks != 1 else column.chunk(0)
    )
    order = {name: code for code, name in enumerate(names)}
    stored = joined.dictionary.to_pylist()
    unknown = [name for name in stored if name not in order]
    if unknown:
        raise ValueError(f"expected one of {', '.join(names)}, got {unknown[0]!r}")
    return np.array([order[name] for name in stored], np.int8)[joined.indices.to_numpy()]
