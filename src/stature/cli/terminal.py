"""Terminals: how wide lines are, warnings that wrap there, and bars for what takes long."""

import os
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, TextIO, TypeVar

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from stature.report.shared import Table as Rows

Thing = TypeVar("Thing")
PLAIN_WIDTH = 100
WRONG_USE = 2
NARROWEST = 40  # below, words are cut anyway


def width(*streams: TextIO) -> int | None:
    """Columns of the first stream that is a terminal; None if none is."""
    for stream in streams:
        # What is not a file, or not a terminal, has no size.
        with suppress(OSError, ValueError):
            return max(os.get_terminal_size(stream.fileno()).columns, NARROWEST)
    return None


def open_console(long_lines: bool = False, most: int = PLAIN_WIDTH) -> "Console":
    """What prints for people: as wide as the terminal, which may be seen only by what is piped.

    There at most so wide.

    With long lines, what nobody sees on a terminal is not wrapped.
    """
    from rich.console import Console

    at_terminal, seen = sys.stdout.isatty(), width(sys.stderr)
    return Console(
        # Names come from a file: nothing in them is markup.
        markup=False,
        highlight=False,
        emoji=False,
        width=None if at_terminal else min(seen or most, most),
        soft_wrap=long_lines and not at_terminal and seen is None,
    )


def wrapped(line: str, columns: int | None, indent: int) -> str:
    """A line in as many as it needs, the later ones indented; as it is without a width."""
    if columns is None:
        return line
    return textwrap.fill(
        line,
        columns,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def warn(lines: Iterable[str], kind: str) -> None:
    """Print warnings or notes on standard error."""
    for line in lines:
        print(wrapped(f"{kind}: {line}", width(sys.stderr), 2), file=sys.stderr)


def begin(warnings: Iterable[str], notes: Iterable[str], most: int = PLAIN_WIDTH) -> "Console":
    """Print warnings and notes; what the rest is printed with."""
    warn(warnings, "warning")
    warn(notes, "note")
    return open_console(most=most)


def ruled(first: str, *others: str) -> "Table":
    """A table with a column of names and columns of numbers."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for title in others:
        table.add_column(title, justify="right")
    return table


def print_rows(console: "Console", rows: "Rows") -> None:
    """Print a table of texts, below an empty line."""
    console.print()
    console.print(rows.title, style="bold")
    drawn = ruled(*rows.head)
    for row in rows.rows:
        drawn.add_row(*row)
    # Numbers of many digits are not cut into lines to spare the width of sentences.
    open_console().print(drawn)


def refuse(command: str, error: Exception) -> int:
    """Print what is wrong, a line each; the exit code of wrong use."""
    for message in getattr(error, "messages", str(error).splitlines()):
        print(f"stature {command}: {message}", file=sys.stderr)
    return WRONG_USE


def while_working(words: str) -> AbstractContextManager[object]:
    """Say what is done while it lasts, on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(words)


def shown_progress(things: Mapping[str, Thing]) -> Iterator[Thing]:
    """Go through what is fitted, with a bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield from things.values()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Fit", total=len(things))
        for name, thing in things.items():
            progress.update(task, description=f"Fit {name}")
            yield thing
            progress.advance(task)
