"""Figures as text that a page can hold."""

import re
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

WIDEST_POINTS = 190.0 / 25.4 * 72.0
"""Width of a figure over the whole page; those that are narrower stay so."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A figure that a page holds."""

    address: str  # a ``data:`` address
    # share of the width of the page, so that all figures have letters of one size
    width: float = 1.0


def embedded(path: Path) -> Embedded:
    """A figure as text that a page can hold.

    The figure; as wide as the page if the file does not say how wide it is.
    """
    text = path.read_bytes()
    points = re.search(rb'<svg[^>]* width="([0-9.]+)pt"', text)
    width = 1.0 if points is None else min(float(points[1]) / WIDEST_POINTS, 1.0)
    return Embedded("data:image/svg+xml;base64," + b64encode(text).decode("ascii"), width)
