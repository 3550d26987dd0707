"""Parquet files that are complete or not there, with the same bytes every time.

A table's metadata name its kind, the version of its schema and the digest of all that it was made
from; a file of another kind, version or origin is refused, never mixed in. So is a file that was
cut short or damaged: every page has a checksum.

Arrow arrays are made of NumPy arrays and back by hand: `pyarrow.array` and Arrow's own `to_numpy`
load pandas wherever it is installed, only to ask whether they were given something of its kind: two
tenths of a second, which every job of a block would spend anew. Memory is shared, not copied, as
far as the two libraries store values alike.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from stature import writing
from stature.arrays import Int8s

# What reading a file raises that is cut short, damaged, or no table.
_UNREADABLE = (pa.ArrowException, OSError, UnicodeDecodeError)


class TableError(writing.FileError):
    """A table that cannot be read as what it should be; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of table."""

    name: str
    version: int  # of its schema
    schema: pa.Schema
    may_have: tuple[pa.Field, ...] = ()  # columns that follow where there is something in them
    key: tuple[str, ...] = ()  # columns that rows are sorted by; none: they stay in their order

    @property
    def _own(self) -> list[str]:
        """Names of its columns; what else a table has are levels of the factors of a study."""
        return [*self.schema.names, *(field.name for field in self.may_have)]

    def write(self, path: Path, table: pa.Table, origin: str = "") -> None:
        """Write a table, completely or not at all."""
        metadata = {
            "stature_table": self.name,
            "stature_version": str(self.version),
            "stature_origin": origin,
        }
        if more := [name for name in table.schema.names if name not in self._own]:
            metadata["stature_levels"] = ",".join(more)
        integers = _columns(table.schema, pa.types.is_integer)
        floats = _columns(table.schema, pa.types.is_floating)
        with writing.replacing(path) as partial:
            pq.write_table(
                table.replace_schema_metadata(metadata),
                partial,
                compression="zstd",
                compression_level=1,
                use_dictionary=_columns(  # pyright: ignore[reportArgumentType]: typed as bool only
                    table.schema, pa.types.is_dictionary
                ),
                column_encoding={
                    # Measured on 10^6 people: a quarter of the time of the defaults to write, and
                    # to read, at four fifths of the size.
                    **dict.fromkeys(integers, "DELTA_BINARY_PACKED"),
                    **dict.fromkeys(floats, "BYTE_STREAM_SPLIT"),
                },
                row_group_size=4_000_000,
                store_schema=True,
                write_page_checksum=True,
            )

    def read(self, path: Path) -> pa.Table:
        """Read a table of this kind and version."""
        with self.opened(path) as file:
            table = file.read()
            # Names must be among those that their column lists.
            table.validate(full=True)
            return table

    @contextmanager
    def opened(self, path: Path) -> Generator[pq.ParquetFile]:
        """Open a table of this kind and version, to be read piece by piece."""
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                schema = file.schema_arrow
                metadata = schema.metadata or {}
                name = metadata.get(b"stature_table", b"none").decode()
                version = metadata.get(b"stature_version", b"0").decode()
                if (name, version) != (self.name, str(self.version)):
                    got = f"a table of {name}, version {version}"
                    raise _unusable(path, f"a table of {self.name}, version {self.version}", got)
                more = [field for field in self.may_have if field.name in schema.names]
                levels = metadata.get(b"stature_levels", b"").decode().split(",")
                more += [schema.field(level) for level in levels if level in schema.names]
                if not schema.equals(pa.schema([*self.schema, *more])):
                    expected = f"a table of {self.name} with {', '.join(self.schema.names)}"
                    raise _unusable(path, expected, f"one with {', '.join(schema.names)}")
                yield file
        except _UNREADABLE as error:
            raise _unusable(path, f"a table of {self.name}", _reason(error)) from error


def given(kind: pa.DataType, *names: str) -> list[pa.Field]:
    """Columns in which every cell holds something."""
    return [pa.field(name, kind, nullable=False) for name in names]


def may_lack(kind: pa.DataType, *names: str) -> list[pa.Field]:
    """Columns in which a cell may be empty."""
    return [pa.field(name, kind) for name in names]


def kind_with(name: str, version: int, *columns: list[pa.Field], **more: tuple[Any, ...]) -> Kind:
    """A kind of table from its columns."""
    return Kind(name, version, pa.schema([*chain(*columns)]), **more)


def demand(origins: Mapping[str, str]) -> None:
    """Refuse tables that were made from anything else than what they should be."""
    problems: list[str] = []
    for name, expected in origins.items():
        path = Path(name)
        try:
            got = origin_of(path)
        except TableError as error:
            problems.append(str(error))
            continue
        if got != expected:
            ours = f"a table that was made from what the study is now (origin {expected})"
            theirs = (
                f"a table of {kind_of(path)} that was made from something else (origin "
                f"{got or 'unknown'})"
            )
            problems.append(str(_unusable(path, ours, theirs)))
    if problems:
        raise TableError("\n".join(problems))


def kind_of(path: Path) -> str:
    """Name of the kind of a table; ``none`` for somebody else's file."""
    return _noted(path, "stature_table", "none")


def origin_of(path: Path) -> str:
    """Digest of all that a table was made from; empty for somebody else's file."""
    return _noted(path, "stature_origin", "")


def _noted(path: Path, name: str, otherwise: str) -> str:
    """What is noted in a file beside its rows, under a name."""
    try:
        metadata = pq.read_schema(path).metadata or {}
        return metadata.get(name.encode(), otherwise.encode()).decode()
    except _UNREADABLE as error:
        raise _unusable(path, "a table", _reason(error)) from error


def _columns(schema: pa.Schema, is_chosen: Callable[[pa.DataType], bool]) -> list[str]:
    """Names of the columns of a type."""
    return [field.name for field in schema if is_chosen(field.type)]


def _unusable(path: Path, expected: str, got: str) -> TableError:
    """The error of a file that is not what it should be."""
    return TableError(
        f"{path}: expected {expected}, got {got}; delete this file and run the same command again, "
        "which writes it anew"
    )


def _reason(error: Exception) -> str:
    """What is wrong with a file, on one line."""
    if isinstance(error, FileNotFoundError):
        return "no file"
    first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"a file that is damaged or none of ours ({first_line.rstrip('.')})"


def of_numbers(
    values: NDArray[Any], *, nan_is_null: bool = False, missing: NDArray[np.bool_] | None = None
) -> pa.Array:
    """An Arrow array of numbers or truth values, without those that are missing."""
    values = np.ascontiguousarray(values)
    # Arrow keeps truth values, and what is there at all, as bits; the first is the lowest.
    data = np.packbits(values, bitorder="little") if values.dtype == np.bool_ else values
    there = None
    if nan_is_null and values.dtype.kind == "f":
        missing = np.isnan(values)
    if missing is not None and missing.any():
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


def values_of(column: pa.ChunkedArray) -> NDArray[Any]:
    """Numbers or truth values of a column, shape (n,); a number that is missing is NaN."""
    values, there = _parts(_joined(column))
    return values if there is None else np.where(there, values, np.nan)


def cells_of(column: pa.ChunkedArray) -> list[Any]:
    """Cells of a column, as Python has them; those that are missing are None."""
    array = _joined(column)
    if pa.types.is_dictionary(array.type):
        codes, there = _parts(array.indices)
        names = np.array([*array.dictionary.to_pylist(), None], object)
        return names[codes if there is None else np.where(there, codes, -1)].tolist()
    if not pa.types.is_primitive(array.type):
        return array.to_pylist()
    values, there = _parts(array)
    if there is None:
        return values.tolist()
    cells = values.astype(object)
    cells[~there] = None
    return cells.tolist()


def _joined(column: pa.ChunkedArray) -> Any:
    """A column in one piece."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _parts(array: Any) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Numbers or truth values of an array, and which of them are there, if some are not."""
    there, data = array.buffers()
    part = slice(array.offset, array.offset + len(array))
    if pa.types.is_boolean(array.type):
        values = _bits(data)[part]
    else:
        values = np.frombuffer(data, array.type.to_pandas_dtype())[part]
    return values, _bits(there)[part] if array.null_count else None


def _bits(buffer: pa.Buffer) -> NDArray[np.bool_]:
    """Truth values of a buffer of bits."""
    return np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little").astype(np.bool_)


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
    return np.array([order[name] for name in stored], np.int8)[numbers_of(joined.indices)]
