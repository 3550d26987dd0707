"""Sheets from Parquet files; apart from the text ones, because the library is slow to import."""

import hashlib
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stature.datafile.cells import Kind, numbers, weights_of
from stature.datafile.sheets import Choose, Rows, Sheet, SheetError

HASH_BYTES = 1 << 20


def parquet_sheet(file: BinaryIO, choose: Choose) -> Sheet:
    """Read the columns of a Parquet file that a caller chooses from its header.

    The columns; a row number is the position plus 2, as if there were a header line.
    """
    digest = hashlib.sha256()
    while chunk := file.read(HASH_BYTES):
        digest.update(chunk)
    file.seek(0)
    try:
        with pq.ParquetFile(file) as table_file:
            header = tuple(str(name) for name in table_file.schema_arrow.names)
            choice = choose(header)
            wanted = (choice.height, choice.group, choice.cluster, choice.identity, choice.weight)
            table = table_file.read(columns=[header[i] for i in wanted if i is not None])
    except pa.ArrowInvalid as error:
        raise SheetError("a damaged Parquet file; write it again") from error
    column = table.column(header[choice.height])
    rows = np.arange(2, 2 + len(column), dtype=np.int64)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        values = column.cast(pa.float64()).fill_null(float("nan")).to_numpy()
        kinds = np.where(np.isnan(values), Kind.MISSING, Kind.NUMBER).astype(np.int8)
        kinds[np.isinf(values)] = Kind.UNREADABLE
        texts = [str(value) for value in values[kinds == Kind.UNREADABLE]]
    else:
        cells = ["" if cell is None else str(cell) for cell in column.to_pylist()]
        values, kinds = numbers(cells)
        texts = [cells[i] for i in np.flatnonzero(kinds == Kind.UNREADABLE)]
    bad_rows = rows[kinds == Kind.UNREADABLE].tolist()
    labels, label_texts = np.zeros(len(rows), np.int32), ()
    if choice.group is not None:
        encoded = _texts(table.column(header[choice.group])).combine_chunks().dictionary_encode()
        labels = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
        label_texts = tuple(encoded.dictionary.to_pylist())
    weights, bad_weights = None, Rows()
    if choice.weight is not None:
        cells = _texts(table.column(header[choice.weight])).to_pylist()
        weights, bad = weights_of(cells)
        where = np.flatnonzero(bad)
        texts_of_bad = (cells[i] for i in where)
        bad_weights = Rows().and_also(rows[where].tolist(), texts_of_bad, len(where))
    return Sheet(
        header=header,
        delimiter="parquet",
        sha256=digest.hexdigest(),
        rows=rows,
        values=values,
        kinds=kinds,
        labels=labels,
        label_texts=label_texts,
        unreadable=Rows().and_also(bad_rows, texts, len(bad_rows)),
        ragged=Rows(),
        repeated_identities=_repeats(table, header, choice.identity),
        clusters=0
        if choice.cluster is None
        else len(table.column(header[choice.cluster]).unique()),
        weights=weights,
        bad_weights=bad_weights,
    )


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells as text; a null is a blank cell."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return pc.fill_null(column.cast(pa.string()), "")


def _repeats(table: pa.Table, header: tuple[str, ...], position: int | None) -> int:
    """How many cells of a column stood there before."""
    if position is None:
        return 0
    return table.num_rows - len(table.column(header[position]).unique())
