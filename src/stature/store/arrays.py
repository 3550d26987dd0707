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


def of_numbers(values: NDArray[Any], *, nan_is_null: bool = False) -> pa.Array:
    """An Arrow array of numbers or truth values."""
    whole = np.ascontiguousarray(values)
    missing = np.isnan(whole) if nan_is_null and whole.dtype.kind == "f" else None
    # Arrow keeps truth values, and what is there at all, as bits; the first is the lowest.
    data = np.packbits(whole, bitorder="little") if whole.dtype == np.bool_ else whole
    there = None
    if missing is not None and missing.any():
        there = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(
        pa.from_numpy_dtype(whole.dtype), len(whole), [there, pa.py_buffer(data)]
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
