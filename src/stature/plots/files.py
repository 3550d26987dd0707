"""Figures as files: SVG, PNG and PDF from one Figure, with the same bytes from run to run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from stature import writing
from stature.plots import style

PNG_DOTS_PER_INCH = 200

# Without these each format would hold the time at which it was written.
_METADATA: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None},
    ".png": {},
    ".pdf": {"CreationDate": None},
}


def save(figure: Figure, paths: Sequence[Path]) -> None:
    """Write a figure in the format of each path, whole or not at all."""
    unknown = [path.name for path in paths if path.suffix not in _METADATA]
    if unknown:
        known = ", ".join(_METADATA)
        raise ValueError(f"figures are written as {known}, got {', '.join(unknown)}; name them so")
    for path in paths:
        with writing.whole(path) as partial, style.context():
            figure.savefig(
                partial,
                format=path.suffix[1:],
                dpi=PNG_DOTS_PER_INCH,
                metadata=_METADATA[path.suffix],
            )
