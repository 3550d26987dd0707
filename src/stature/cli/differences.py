"""Differences: which values of two configs or specs differ, and where they stand."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stature.config.source import Key, shortened

ABSENT = object()
"""Stands for a value that is not there."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs."""

    key: Key  # where it stands: keys of maps, and names of items in lists of named items
    old: Any  # its values; `ABSENT` where there is none
    new: Any

    @property
    def sentence(self) -> str:
        """Where, and what became of it."""
        if self.old is ABSENT:
            return f"{self.place}: new"
        if self.new is ABSENT:
            return f"{self.place}: taken out"
        return f"{self.place}: {shown(self.old)} -> {shown(self.new)}"

    @property
    def place(self) -> str:
        """The key as people write it, such as ``biases[none].kind``."""
        return place_of(self.key)


def place_of(key: Key) -> str:
    """A place as people write it.

    Examples
    --------
    >>> place_of(("populations", "school", "groups", "boys", "sd_cm"))
    'populations[school].groups[boys].sd_cm'
    """
    words = ""
    for position, part in enumerate(key):
        below_list = position > 0 and key[position - 1] in _LISTS
        words += f"[{part}]" if below_list else f"{'.' if words else ''}{part}"
    return words


_LISTS = ("populations", "biases", "estimators", "groups")


def differences(old: Any, new: Any, key: Key = ()) -> Iterator[Difference]:
    """Values in which two trees of builtin types differ."""
    before, after = _map_of(old), _map_of(new)
    if before is None or after is None:
        if old != new:
            yield Difference(key, old, new)
        return
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name, ABSENT), after.get(name, ABSENT)
        if ABSENT in (one, other):
            yield Difference((*key, name), one, other)
        else:
            yield from differences(one, other, (*key, name))


def _map_of(value: Any) -> Mapping[str, Any] | None:
    """A map, or a list of named items by their names; None for all else."""
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return None
    if not all(isinstance(item, Mapping) and item.get("name") for item in value):
        return None
    return {str(item["name"]): item for item in value}


def shown(value: Any) -> str:
    """A value on one short line.

    Examples
    --------
    >>> shown([20, 50]), shown("keep"), shown(None)
    ('[20, 50]', 'keep', 'nothing')
    """
    if value is None:
        return "nothing"
    return shortened(
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    )
