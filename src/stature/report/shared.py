"""What pages of studies, tables of estimates and fits share: tables of text, and templates.

Quick to import: tables on a terminal are made of the same.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text."""

    title: str
    head: tuple[str, ...]  # names of the columns
    rows: tuple[tuple[str, ...], ...]  # the first column names the row
    # of a scenario: the address of one of its replicates, how many there are, and how many stand
    # behind each row
    replay: str = ""
    replicates: int = 0
    used: tuple[int, ...] = ()


def environment() -> "Environment":
    """Templates of pages, into which nothing goes unescaped or undefined."""
    # Tables on a terminal need none.
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=PackageLoader("stature.report", "."),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
