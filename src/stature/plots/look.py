"""The look of all figures in numbers: widths, sizes of text, colours and marks of estimators.

Colour means estimator, and the same one in every figure; marker and dash say it again, for print
and for the colour-blind. Black is theory: a bound is dashed, a limit dotted, a truth solid. Pages
take colours from here too, and need not load Matplotlib for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

MM = 1.0 / 25.4
"""Inches in a millimetre: Matplotlib measures figures in inches."""

NARROW_MM = 90.0
WIDE_MM = 190.0
"""The two widths of figures: one and two columns of a printed page."""

BASE_POINTS = 7.5
SMALL_POINTS = 6.5
TINY_POINTS = 5.5
"""Sizes of text, legible on a page of 190 mm and, enlarged with the figure, on a slide."""

THEORY = "black"
QUIET = "#555555"

# Okabe & Ito (2008), Color Universal Design, in the order of their contrast on white; orange and
# sky blue stand beside a marker and a label only, and their yellow is too pale for a line.
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY_BLUE = "#E69F00", "#56B4E9"
# Two more for ways to a maximum that another estimator finds too; contrast on white 8.0 and 5.4.
BROWN, GREY = "#6B4A00", "#5F6B6D"
INDIGO = "#4B2E83"  # of the estimator that is recommended; 10.5

# Written on coloured cells, which are the same on a light page and on a dark one.
PALE, DEEP = "#fefefe", "#010101"
_LEAST_CONTRAST = 4.5  # of text; WCAG 2.2, success criterion 1.4.3
_SHADES = 40  # tried between a colour and black or white
_NAMED = {"white": "#ffffff", "black": "#000000"}

Dash = str | tuple[float, tuple[float, ...]]


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, from 1 to 21, by WCAG 2.2.

    Examples
    --------
    >>> contrast("black", "white")
    21.0
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance of a colour."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), channels, strict=True))


def readable(colour: str, on: str = "white", towards: str = "black") -> str:
    """The nearest shade of a colour that can be read as text on another."""
    shade, ends = colour, [*zip(_rgb(colour), _rgb(towards), strict=True)]
    for step in range(_SHADES + 1):
        parts = [round(255 * (one + step / _SHADES * (other - one))) for one, other in ends]
        shade = "#" + bytes(parts).hex()
        if contrast(shade, on) >= _LEAST_CONTRAST:
            break
    return shade


def _rgb(colour: str) -> list[float]:
    """Red, green and blue of a colour, from 0 to 1."""
    return [part / 255 for part in bytes.fromhex(_NAMED.get(colour, colour)[1:])]


@dataclass(frozen=True, slots=True)
class Look:
    """How one estimator is drawn, in every figure."""

    colour: str  # colour of its lines, marks and label
    marker: str  # matplotlib's code of its mark
    dash: Dash  # matplotlib's code of its line

    @property
    def text(self) -> str:
        """The colour of its words: dark enough to read on white."""
        return readable(self.colour)


LOOKS: dict[str, Look] = {
    "mle": Look(BLUE, "o", "-"),
    "em": Look(VERMILION, "s", (0.0, (6.0, 1.2))),
    "em-known-shares": Look(GREEN, "^", (0.0, (4.0, 1.2, 1.2, 1.2))),
    "em-equal-sds": Look(PURPLE, "D", (0.0, (2.5, 1.0))),
    "em-known-sds": Look(ORANGE, "v", (0.0, (8.0, 1.5, 2.0, 1.5))),
    "em-map": Look(INDIGO, "*", (0.0, (7.0, 1.0, 1.0, 1.0))),
    "newton": Look(BROWN, "H", (0.0, (5.0, 1.0, 1.0, 1.0))),
    "em-squarem": Look(GREY, "d", (0.0, (3.0, 1.0, 1.0, 1.0, 1.0, 1.0))),
    "mle-numeric": Look(SKY_BLUE, "P", (0.0, (1.5, 1.0))),
}
"""The looks of the catalogue's estimators; a test gives each its own colour, marker and dash."""

# Estimators that a study names itself take these in turn, in the order of their names.
_SPARE_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY_BLUE)
_SPARE_MARKERS = ("X", "<", ">", "p", "h", "d", "8")
_SPARE_DASHES: tuple[Dash, ...] = (
    (0.0, (5.0, 2.0)),
    (0.0, (1.0, 2.0)),
    (0.0, (3.0, 1.0, 1.0, 1.0, 1.0, 1.0)),
)


def looks(estimators: Iterable[str]) -> dict[str, Look]:
    """The look of each estimator of a study.

    In their order: the catalogue's looks, and spare ones for other names.

    Examples
    --------
    >>> looks(["mle", "em-half"])["mle"].marker
    'o'
    """
    estimators = tuple(estimators)
    names = set(estimators)
    spare = sorted(name for name in names if name not in LOOKS)
    taken = {LOOKS[name].colour for name in names if name in LOOKS}
    # Colours that no estimator of the study has come first.
    colours = sorted(_SPARE_COLOURS, key=lambda colour: colour in taken)
    found = {
        name: Look(
            colours[turn % len(colours)],
            _SPARE_MARKERS[turn % len(_SPARE_MARKERS)],
            _SPARE_DASHES[turn % len(_SPARE_DASHES)],
        )
        for turn, name in enumerate(spare)
    }
    found |= {name: LOOKS[name] for name in LOOKS if name in names}
    return {name: found[name] for name in dict.fromkeys(estimators)}
