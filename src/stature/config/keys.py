"""What `keys.yaml` says of the keys of a study file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

NAME = "a name"
"""What a text takes that becomes part of paths, or names something."""
GROUP = "a name of a group"
"""What a text takes that stands in tables, figures and pages, and in no path."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is said of a key."""

    about: str
    takes: str = ""
    wide: str = ""
    each: str = NAME
    instead: tuple[str, str] | None = None
    page: str = ""
    editor: dict[str, Any] = field(default_factory=dict[str, Any])


@cache
def _said() -> Mapping[str, Mapping[str, Any]]:
    text = (files("stature.config") / "keys.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@dataclass(frozen=True, slots=True)
class Words:
    """What pages say of a bias."""

    phrase: str = ""
    formula: str = ""


@cache
def settings_of(record: str) -> Mapping[str, Setting]:
    """Settings of a record, by the names of its fields."""
    return {
        key: Setting(**said) if isinstance(said, dict) else Setting(said)
        for key, said in _said().get(record, {}).items()
        if key not in Words.__slots__
    }


@cache
def words_of(record: str) -> Words:
    """Words of the record of a bias."""
    return Words(**{key: _said()[record][key] for key in Words.__slots__})
