"""What a study measures: heights of people in cm, unless it says otherwise.

Whatever it is, columns of tables are named as for heights, and the code speaks of heights; what
people read is put into the words of the quantity, here and nowhere else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from stature.domain.settings import LeftOut

HIT = 2.0
"""How far off a mean may be and still be found: near enough to tell it by eye from that of others,
in cm of height."""
NO_UNIT = "none"


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is measured, where it is not heights of people in cm."""

    name: str = "height"
    unit: str = "cm"
    tolerance: float = HIT

    @property
    def is_height(self) -> bool:
        """Whether it is heights of people in cm, which have limits that others have not."""
        return (self.name, self.unit) == ("height", "cm")

    def say(self, text: str, kept: Iterable[str] = ()) -> str:
        """Words about heights as words about the quantity; what is `kept` is somebody's own.

        Examples
        --------
        >>> length = Quantity("body length", "mm", 5.0)
        >>> length.say("Nobody's height is within 2 cm of the truth.")
        "No observation's body length is within 5 mm of the truth."
        >>> Quantity("score", "none").say("RMSE, cm: 3 cm per cm of height; a person of x cm")
        'RMSE: 3 per unit of score; an observation of x'
        """
        if self == HEIGHTS:
            return text
        own = sorted({one for one in kept if _WORDS.search(one)}, key=len, reverse=True)
        names = "|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in own) or r"(?!)"
        return re.sub(f"(?P<kept>{names})|{_WORDS.pattern}", self._other, text, flags=re.IGNORECASE)

    def _other(self, found: re.Match[str]) -> str:
        word, unit = found[0], self.unit if self.unit != NO_UNIT else ""
        if found["kept"]:
            return word
        if found["within"]:
            return found["within"] + f"{self.tolerance:g} {unit}".rstrip()
        if found["cm"]:
            lead = found["lead"] or ""
            if unit or lead.lower() == "per ":
                return lead + (unit or "unit")
            return ""
        if self.is_height:
            return word  # only the tolerance is another
        other = _OTHER.get(word.lower()) or self._named(word.lower())
        return other[0].upper() + other[1:] if word[0].isupper() else other

    def _named(self, word: str) -> str:
        """The name of the quantity where that of heights stands."""
        name = self.name
        if word.endswith("heights"):
            ending = "es" if name.endswith(("x", "ch", "sh", "ss")) else "s"
            name = name if name.endswith("s") and ending == "s" else name + ending
        return f"{'an' if name[0] in 'aeiou' else 'a'} {name}" if word.startswith("a ") else name


_OTHER = {
    "a person who": "an observation that",
    "a person": "an observation",
    "person": "observation",
    "persons": "observations",
    "people who": "observations that",
    "people": "observations",
    "those who": "those that",
    "everybody": "every observation",
    "nobody": "no observation",
    "somebody": "an observation",
    "taller": "larger",
    "tallest": "largest",
    "tall": "large",
    "shorter": "smaller",
    "shortest": "smallest",
}
_WORDS = re.compile(
    r"(?P<within>\bwithin )2 cm\b|(?P<cm>(?P<lead>, in | in |, |\bper | )?\bcm\b)"
    rf"|\b(?:{'|'.join(sorted(_OTHER, key=len, reverse=True))}|(?:a )?heights?)\b",
    re.IGNORECASE,
)
HEIGHTS = Quantity()


@dataclass(frozen=True, slots=True)
class FiguresSpec:
    """Which figures of a study are drawn, and in whose words."""

    figures: tuple[str, ...]
    order: dict[str, list[str]]  # names by what they are of, in the order of the config
    quantity: Annotated[Quantity, LeftOut(HEIGHTS)] = HEIGHTS
    kept: Annotated[tuple[str, ...], LeftOut(())] = ()  # texts that are the author's own

    def say(self, text: str) -> str:
        """A text of a figure in the words of the quantity."""
        return self.quantity.say(text, self.kept)
