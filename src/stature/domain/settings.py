"""Settings: what a key of a study file takes, said beside the field of the record that it fills.

`stature.config` makes the check of a study file, its messages, the schema for editors and
`config/README.md` of it. Jobs read records that were checked, and check nothing again.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import Field
from pydantic.fields import FieldInfo

NAME = "a name"
"""What a text takes that becomes part of paths, or names something."""
GROUP = "a name of a group"
"""What a text takes that stands in tables, figures and pages, and in no path."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a field takes beyond its type, and what it means; a field without one is no key."""

    about: str  # what it means, in a sentence
    # limits of a number, and in brackets what it is, with its unit: ``> 0 (step in cm)``,
    # ``from 0 to 1``; of a text or a list, what it is
    takes: str = ""
    # what the number is, in words, where it makes a bias stronger, and the number at which there
    # is no bias; None: there is no such number
    strength: str = ""
    none: float | None = None
    # the field that takes the number, or the list of numbers, that may stand instead of a word,
    # and the word that this one then has
    instead: tuple[str, str] | None = None
    # the limits of a number in a study of another quantity than heights, where these are others
    wide: str = ""


def left_out(usual: object) -> FieldInfo:
    """Mark a field that the JSON of its record leaves out where it has its usual value.

    What was made before the record had the field is then still what its spec says.
    """

    def is_usual(value: Any) -> bool:
        return value == usual

    return Field(exclude_if=is_usual)
