"""Names as dictionary columns: stored once, and in a fixed order, so that bytes are the same."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stature.tables.arrays import of_numbers, of_texts


def coded(codes: NDArray[np.integer], names: Sequence[str]) -> pa.DictionaryArray:
    """A dictionary column from codes.

    Parameters
    ----------
    codes : array of int, shape (n,)
        Indices into `names`.
    names : sequence of str
        The names, all of them, whether used or not.

    Returns
    -------
    pyarrow.DictionaryArray
        The column, with indices of 8 bits.
    """
    indices = of_numbers(codes.astype(np.int8, copy=False))
    return pa.DictionaryArray.from_arrays(indices, of_texts(names))


def codes(column: pa.ChunkedArray, names: Sequence[str]) -> NDArray[np.int8]:
    """Codes of a column of names.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        A dictionary column.
    names : sequence of str
        The names in the order of their codes.

    Returns
    -------
    array of int8, shape (n,)
        Indices into `names`.

    Raises
    ------
    ValueError
        If the column holds another name.
    """
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
