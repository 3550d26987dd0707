"""What a page carries within itself: figures, scripts as they are, and texts that it unpacks.

Figures are text that can be read, searched and printed, in the page's colours. What Matplotlib
writes for a file of its own goes: names of parts, digits that no eye sees. Colours become variables
of the page, which are others where the page is dark.
"""

import gzip
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from markupsafe import Markup

from stature.plots.look import DEEP, MM, PALE, QUIET, WIDE_MM, readable

LIGHT_PAGE, DARK_PAGE = "#ffffff", "#15181b"
_GREYS = {
    LIGHT_PAGE: DARK_PAGE,
    "#000000": "#e8e8e8",
    QUIET: "#a8a8a8",
    "#dddddd": "#3a3f44",
    "#bbbbbb": "#5c646b",
}
"""Colours without a hue, on a light page and on a dark one; what has a hue is made lighter."""

_ELEMENTS = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_ATTRIBUTES = re.compile(
    r' transform="rotate\(-0 [^"]*"| id="[\w.]+_\d+"'
    r'|font-family: [^;"]*;? ?| version="[^"]*"| xmlns(?::xlink)?="[^"]*"'
    r'| (?:width|height)="[\d.]+pt"'
)
_DIGITS = re.compile(r"(-?\d+\.\d)\d+(?=[\s\"(),])")
_VARIABLE = "--f"
_COLOUR = re.compile(rf"#(?!{PALE[1:]}|{DEEP[1:]})([0-9a-f]{{6}})\b")
_EMPTY = re.compile(r"<(g|defs)(?:/>|></\1>)")
_LINE = r'<path d="M[-\d. ]+L[-\d. ]+"'
_LINES = re.compile(rf"{_LINE}( [^>]*)/>(?:{_LINE}\1/>)+")
_GROUP = re.compile(r"(<g>|<g [^>]*[^/]>|</g>)")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure that a page holds."""

    markup: Markup  # an element ``svg``
    # share of the width of the page, so that all figures have letters of one size
    width: float = 1.0
    # declarations by the name of their class, in which the page has a variable for each colour
    styles: Mapping[str, str] = field(default_factory=dict[str, str])


def drawing(path: Path) -> Drawing:
    """A figure in a file; as wide as the page if the file does not say how wide it is."""
    text = path.read_text(encoding="utf-8")
    text = text[text.index("<svg") :]
    points = re.search(r'<svg[^>]* width="([0-9.]+)pt"', text)
    width = 1.0 if points is None else min(float(points[1]) / (72.0 * MM * WIDE_MM), 1.0)
    styles: dict[str, str] = {}
    names: dict[str, str] = {}

    def number(part: re.Match[str]) -> str:
        return part[1] + names.setdefault(part[2], f"{path.stem}-{len(names)}")

    text = _TAG.sub(lambda tag: _shorter(tag[0], styles), _ELEMENTS.sub("", text))
    text = re.sub(r'( id="|"#|url\(#)([\w.-]+)', number, text)
    text = re.sub(r">\s+<", "><", text)
    while _EMPTY.search(text):
        text = _EMPTY.sub("", text)
    text = _LINES.sub(_joined, _ungrouped(text))
    return Drawing(Markup(text), width, styles)


def _joined(lines: re.Match[str]) -> str:
    """Lines of one look, one after the other, as a single path."""
    ways = re.findall(r' d="([^"]*)', lines[0])
    return f'<path d="{"".join(ways)}"{lines[1]}/>'


def _ungrouped(text: str) -> str:
    """The same without groups that say nothing of what they hold."""
    kept, bare = list[str](), list[bool]()
    for piece in _GROUP.split(text):
        says_nothing = piece == "<g>"
        if piece.startswith("<g"):
            bare.append(says_nothing)
        elif piece == "</g>":
            says_nothing = bare.pop()
        kept += [] if says_nothing else [piece]
    return "".join(kept)


def _shorter(tag: str, styles: dict[str, str]) -> str:
    """A tag without what nobody sees."""

    def name(style: re.Match[str]) -> str:
        known = "c" + blake2b(style[1].encode(), digest_size=3).hexdigest()
        styles[known] = _COLOUR.sub(rf"var({_VARIABLE}\1)", style[1]).replace(": ", ":")
        return f' class="{known}"'

    tag = _DIGITS.sub(r"\1", _ATTRIBUTES.sub("", tag)).replace("xlink:href", "href")
    tag = re.sub(r' style="([^"]*)"', name, tag)
    tag = re.sub(r"(?<=\d)\.0(?=[\s\"(),])", "", " ".join(tag.split()))
    # A letter parts numbers, and lines follow lines without one.
    tag = re.sub(r"(?<=[MLCQz]) (?=[\d-])| (?=[\"MLCQz])", "", tag) if " d=" in tag else tag
    return re.sub(r" (?=\")", "", tag)


def palette(drawings: Iterable[Drawing]) -> dict[str, str]:
    """Styles of figures, and their colours on a light page and on a dark one."""
    styles = {name: style for one in drawings for name, style in one.styles.items()}
    rules = "".join(f".{name}{{{style}}}" for name, style in sorted(styles.items()))
    colours = [f"#{one}" for one in sorted(set(re.findall(rf"{_VARIABLE}([0-9a-f]{{6}})", rules)))]
    dark = {one: _GREYS.get(one) or readable(one, DARK_PAGE, "white") for one in colours}
    shades = {"light": dict(zip(colours, colours, strict=True)), "dark": dark}
    return {"rules": rules} | {
        page: ";".join(f"{_VARIABLE}{one[1:]}:{shown}" for one, shown in of.items())
        for page, of in shades.items()
    }


_PLAY = Path(__file__).parent / "play"


def packed(text: str) -> str:
    """A text compressed, in letters; the same each time."""
    return b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")


def charts() -> str:
    """The library that draws charts, packed: Vega-Lite's, 0.9 MB of script, packed 0.4 MB.

    `charts.js.gz` is the bundle that the package `vl-convert-python` makes, to the letter, as a
    test holds. It lies here since that package takes 84 MB, and 1.5 s of CPU a page.
    """
    return b64encode((_PLAY / "charts.js.gz").read_bytes()).decode("ascii")


def scripts(*names: str) -> Markup:
    """Files of the folder `play`, one after the other, as an element of a page holds them."""
    # They are ours, and nothing of a study is in them.
    return Markup("\n".join((_PLAY / name).read_text(encoding="utf-8") for name in names))
