"""What pages of studies, tables of estimates and fits share: tables of text, embedded figures.

Quick to import: tables on a terminal are made of the same.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text."""

    title: str
    head: tuple[str, ...]  # names of the columns
    rows: tuple[tuple[str, ...], ...]  # the first column names the row


@dataclass(frozen=True, slots=True)
class Embedded:
    """A figure that a page holds."""

    address: str  # a ``data:`` address
    # share of the width of the page, so that all figures have letters of one size
    width: float = 1.0


def embedded(path: Path) -> Embedded:
    """A figure as text; as wide as the page if the file does not say how wide it is."""
    from stature.plots.style import MM, WIDE_MM

    text = path.read_bytes()
    points = re.search(rb'<svg[^>]* width="([0-9.]+)pt"', text)
    width = 1.0 if points is None else min(float(points[1]) / (72.0 * MM * WIDE_MM), 1.0)
    return Embedded("data:image/svg+xml;base64," + b64encode(text).decode("ascii"), width)


def inline(path: Path, name: str) -> str:
    """A figure as a part of a page; its names begin with its own, so that no two are one."""
    _, _, drawn = path.read_text(encoding="utf-8").partition("<svg")
    drawn = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", drawn)
    return f'<svg role="img" aria-label="{name}"{drawn}'


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
