"""What a page carries within itself: scripts as they are, and packed texts that it unpacks.

The charts of the explorer are Vega-Lite's: 0.9 MB of script, packed 0.4 MB. `charts.js.gz` is the
bundle that the package `vl-convert-python` makes, to the letter, as a test holds. It lies here
since that package takes 84 MB, and 1.5 s of CPU a page.
"""

import gzip
from base64 import b64encode
from pathlib import Path

from markupsafe import Markup

_FOLDER = Path(__file__).parent


def packed(text: str) -> str:
    """A text compressed, in letters; the same each time."""
    return b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")


def charts() -> str:
    """The library that draws charts, packed."""
    return b64encode((_FOLDER / "charts.js.gz").read_bytes()).decode("ascii")


def scripts(*names: str) -> Markup:
    """Files of this folder, one after the other, to stand in an element of a page as they are."""
    # They are ours, and nothing of a study is in them.
    return Markup("\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names))
