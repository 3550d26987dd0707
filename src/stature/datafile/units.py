"""Units: those that a file may be in, and lengths that a person gives in one of them.

Only the standard library is imported, so that the command's help is quick.
"""

import re
from dataclasses import dataclass
from typing import Literal, get_args

Unit = Literal["cm", "m", "mm", "in", "none"]
UNITS: tuple[str, ...] = get_args(Unit)
UNIT_WORDS = {"cm": "cm", "m": "metres", "mm": "mm", "in": "inches", "none": "no unit"}
# International inch: exactly 2.54 cm. "none" leaves the numbers as they are.
CM_PER_UNIT: dict[str, float] = {"cm": 1.0, "m": 100.0, "mm": 0.1, "in": 2.54, "none": 1.0}
# The unit of heights that nobody named and that look like it; a warning says so.
ASSUMED_UNIT = "cm"
# Columns of such names hold heights of people, if they are in such units.
HEIGHT = re.compile(
    r"height|stature|hgt|(?:^|[^a-z]|bmx)ht(?:$|[^a-z])|taille|talla|estatura|altezza|altura|"
    r"k(?:ö|oe)rpergr(?:ö|oe)(?:ß|ss)e|рост|身高|身長|신장",
    re.IGNORECASE,
)
UNITS_OF_HEIGHT = ("cm", "m", "in")
LENGTH = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(cm|mm|m|in)?\s*")


@dataclass(frozen=True, slots=True)
class Nouns:
    """What sentences call the rows of a file, and what was measured."""

    one: str
    many: str
    value: str


PEOPLE = Nouns("person", "people", "height")
OBSERVATIONS = Nouns("observation", "observations", "value")


def nouns_of(columns: tuple[str, ...], unit: str) -> Nouns:
    """What to call the rows: people where a column says that it holds heights, else observations.

    Examples
    --------
    >>> nouns_of(("height_in",), "in").many, nouns_of(("bill_length",), "mm").many
    ('people', 'observations')
    """
    return PEOPLE if unit in UNITS_OF_HEIGHT and says_height(columns) else OBSERVATIONS


def says_height(columns: tuple[str, ...]) -> bool:
    """Whether the name of a column says that it holds heights."""
    return any(map(HEIGHT.search, columns))


@dataclass(frozen=True, slots=True)
class Length:
    """A number as a person gave it, in the unit beside it or, without one, in the file's."""

    number: float
    unit: str | None = None

    def to(self, unit: str) -> float:
        """Return it in the unit of a file."""
        if self.unit is None:
            return self.number
        return self.number * CM_PER_UNIT[self.unit] / CM_PER_UNIT.get(unit, 1.0)

    def words(self, unit: str) -> str:
        """Return it as a sentence names it, for a file in some unit."""
        return f"{self.number:.15g}{after(self.unit or unit)}"

    def __str__(self) -> str:
        """As it is typed."""
        return f"{self.number!r}".removesuffix(".0") + (self.unit or "")


def length(text: str) -> Length:
    """Read a number with or without a unit.

    Examples
    --------
    >>> length("6.5cm"), length("-.02")
    (Length(number=6.5, unit='cm'), Length(number=-0.02, unit=None))
    """
    found = LENGTH.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return Length(float(found[1]), found[2])


def in_unit(unit: str) -> str:
    """In which unit something is, in words."""
    return "without a unit" if unit == "none" else f"in {UNIT_WORDS[unit]}"


def after(unit: str) -> str:
    """A unit as it stands after a number, with a space; nothing where there is none."""
    return "" if unit == "none" else f" {unit}"
