"""Words of messages: places, values as people wrote them, and the word that was meant."""

import datetime
import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stature.config.source import Key, Written, shortened

_NEAR = 0.6
"""How alike two words are, from 0 to 1, for one to be suggested for the other."""


def place(key: Key, config: Any) -> str:
    """Name a place: keys, and items by their names.

    Such as ``populations[school].groups[boys].sd_cm``, or ``sizes: item 2``.

    Examples
    --------
    >>> place(("biases", 0, "kind"), {"biases": [{"name": "none"}]})
    'biases[none].kind'
    """
    words, value = "", config
    for part in key:
        if isinstance(part, int) and isinstance(value, list | tuple):
            value = value[part] if part < len(value) else None
            name = value.get("name") if isinstance(value, Mapping) else None
            if isinstance(name, str) and name:
                words += f"[{shortened(name)}]"
            else:
                words += f": item {part + 1}"
        else:
            value = value.get(part) if isinstance(value, Mapping) else None
            joint = "" if not words else ": " if ": item" in words[-12:] else "."
            words += joint + shortened(str(part))
    return words


def got(value: Any, written: Written | None = None) -> str:
    """A value as people wrote it.

    Examples
    --------
    >>> got(None), got(True), got("a b"), got([1]), got(-5)
    ('nothing', 'true', "'a b'", 'a list', '-5')
    """
    spelling = written.text if written else ""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{shortened(value)}'"
        case datetime.date():
            return f"a date ({shortened(spelling)})" if spelling else "a date"
        case Mapping():
            return shortened(spelling) or "a map"
        case list() | tuple():
            return shortened(spelling) or "a list"
        case float() if not math.isfinite(value):
            return shortened(spelling) or (".nan" if math.isnan(value) else f"{value}")
        case int() | float():
            return shortened(spelling or _digits(value))
        case _:
            return shortened(spelling) or "something else"


def _digits(value: float) -> str:
    try:
        return f"{value:.10g}" if isinstance(value, float) else str(value)
    except ValueError:  # Python refuses to write out integers of thousands of digits
        return "a whole number of thousands of digits"


def nearest(word: Any, words: Iterable[str]) -> str:
    """The one of some known words that is meant by a word, or an empty text.

    The known word that is equal but for case and hyphens, or begins with `word`, or is the
    beginning or the end of it, or else looks alike; empty if there is none.

    Examples
    --------
    >>> nearest("SD", ["mean_cm", "sd_cm"]), nearest("height", ["share"])
    ('sd_cm', '')
    """
    known = list(words)
    if not isinstance(word, str) or not word:
        return ""
    simple = word.casefold().replace("-", "_").strip()
    forms = {other.casefold().replace("-", "_"): other for other in known}
    if simple in forms:
        return forms[simple]
    for form, other in forms.items():
        # sd for sd_cm, sample_sizes for sizes: a word that is a part of the other.
        if form.startswith(f"{simple}_") or simple.startswith(f"{form}_"):
            return other
        if simple.endswith(f"_{form}"):
            return other
    close = difflib.get_close_matches(simple, forms, 1, _NEAR)
    return forms[close[0]] if close else ""


def advice(word: Any, words: Sequence[str], all_words: str = "known here") -> str:
    """``did you mean 'x'?`` when a known word is near, else the list of known words."""
    near = nearest(word, words)
    return f"did you mean '{near}'?" if near else f"{all_words}: {', '.join(words)}"
