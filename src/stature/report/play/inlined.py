"""What a page carries within itself: scripts as they are, and packed texts that it unpacks.

The charts of the explorer are Vega-Lite's, in the bundle of `vl-convert`: 0.9 MB of script, packed
0.4 MB. Observable Plot would be 0.2 MB packed, but no package of the Python index holds it but one
that brings widgets of notebooks with it.
"""

import gzip
from base64 import b64encode
from functools import cache
from pathlib import Path

import vl_convert
from markupsafe import Markup

_FOLDER = Path(__file__).parent


def packed(text: str) -> str:
    """A text compressed, in letters; the same each time."""
    return b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")


@cache
def charts() -> str:
    """The library that draws charts, packed."""
    return packed(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def scripts(*names: str) -> Markup:
    """Files of this folder, one after the other, to stand in an element of a page as they are."""
    # They are ours, and nothing of a study is in them.
    return Markup("\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names))
