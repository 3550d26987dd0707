"""Parquet files that are complete or not there, with the same bytes every time.

A table's metadata name its kind, the version of its schema and the digest of all that it was made
from; a file of another kind, version or origin is refused, never mixed in. So is a file that was
cut short or damaged: every page has a checksum.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stature import writing

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

    def write(self, path: Path, table: pa.Table, origin: str = "") -> None:
        """Write a table, completely or not at all."""
        metadata = {
            "stature_table": self.name,
            "stature_version": str(self.version),
            "stature_origin": origin,
        }
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
