"""Sentences for people: place, expected, got, advice, on one line each."""

import datetime
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from stature.config.maps import Closed, Takes, closed, kind_of, maps_in
from stature.config.model import BIAS_ITEMS, FACTORIAL, StudyFile
from stature.config.source import Key, Problem, Written, shortened
from stature.datafile.texts import meant, nearest
from stature.domain.quantity import HEIGHTS

_NUMBER = re.compile(r"[-+]?(\d[\d_]*)?\.?\d[\d_]*\.?([eE][-+]?\d+)?")
_ALWAYS = ("name", "kind", "why")
_NAME_RULE = "names are folders: use letters, digits, '-' and '_', at most 64"
_DEPTH_OF_ITEMS = 3  # a section, a position, and a key of the item there


def problems(
    error: ValidationError, config: Mapping[Any, Any], written: Mapping[Key, Written]
) -> list[Problem]:
    """What pydantic found, in our sentences."""
    found = [*_sentences(error, (), config, written)]
    # Leave out `missing x` where an unknown key in the same map is x misspelt.
    meant = {
        (*problem.key[:-1], nearest(problem.key[-1], _owner(problem.key, config).model_fields))
        for problem in found
        if problem.sentence.startswith("unknown key")
    }
    return [
        problem
        for problem in found
        if not (problem.sentence.startswith("missing") and problem.key in meant)
    ]


def _sentences(
    error: ValidationError, above: Key, config: Mapping[Any, Any], written: Mapping[Key, Written]
) -> Iterator[Problem]:
    """What is wrong with the value at a place."""
    for one in error.errors(include_url=False):
        key = _without_tags((*above, *one["loc"]), config)
        value, context = one["input"], one.get("ctx", {})
        spelt = written.get(key)
        match one["type"]:
            case "missing":
                yield _missing(key, config)
            case "extra_forbidden" | "invalid_key":
                yield Problem(key, _unknown(key, config), key[:-1])
            case "expected":
                yield Problem(key, _expected(value, context, spelt, key))
            case "empty":
                yield Problem(key, "empty list: nothing to run")
            case "word":
                yield Problem(key, _word(value, context["words"], spelt))
            case "union_tag_invalid" | "union_tag_not_found":
                kind = (*key, "kind")
                known = [*map(kind_of, _maps(key, config))]
                if one["type"] == "union_tag_invalid":
                    sentence = _word(_at(config, kind), known, written.get(kind))
                else:
                    sentence = f"missing; expected one of: {', '.join(known)}"
                yield Problem(kind, sentence)
                yield from _rest_of_bias(key, config, written)
            case _:
                yield Problem(key, f"expected a map of keys, got {got(value, spelt)}")


def _rest_of_bias(
    key: Key, config: Mapping[Any, Any], written: Mapping[Key, Written]
) -> Iterator[Problem]:
    """What else is wrong with a bias whose kind is not known."""
    if key[0] == "biases":
        item = _at(config, key)
        given = {name: item[name] for name in ("name", "why") if name in item}
        try:
            BIAS_ITEMS["none"].model_validate({"kind": "none", **given})
        except ValidationError as error:
            yield from _sentences(error, key, config, written)


def _maps(key: Key, config: Any) -> list[type[BaseModel]]:
    """Maps of which one may stand at a place."""
    maps: list[type[BaseModel]] = [closed(StudyFile)]
    for place, part in enumerate(key):
        if isinstance(part, str):
            above = _of_kind(maps, _at(config, key[:place])).model_fields.get(part)
            maps = [] if above is None else maps_in(above.annotation)
    return maps


def _of_kind(maps: Sequence[type[BaseModel]], item: Any) -> type[BaseModel]:
    """The map that an item is, by its kind; else the first."""
    kind = str(item.get("kind")) if isinstance(item, Mapping) else ""
    return next((one for one in maps if kind_of(one) == kind), maps[0] if maps else Closed)


def _owner(key: Key, config: Any) -> type[BaseModel]:
    """The map in which a key stands."""
    return _of_kind(_maps(key[:-1], config), _at(config, key[:-1]))


def _without_tags(key: Key, config: Any) -> Key:
    """Pydantic puts the kind of a map into the places below it; people do not."""
    found: Key = ()
    is_tag = False
    for part in key:
        kind = _at(config, (*found, "kind"))
        is_tag = not is_tag and part == kind and len(_maps(found, config)) > 1
        found = found if is_tag else (*found, part)
    return found


def _at(config: Any, key: Key) -> Any:
    for part in key:
        try:
            config = config[part]
        except (KeyError, IndexError, TypeError):
            return None
    return config


def _missing(key: Key, config: Any) -> Problem:
    """What a key that is not there would take."""
    if key[-1] == "name":
        return Problem(key, "missing name", key[:-1])
    takes = _owner(key, config).model_fields[key[-1]].metadata
    heights = {"name": HEIGHTS.name, "unit": HEIGHTS.unit}
    stated = config.get("quantity")
    said = heights | (dict(stated) if isinstance(stated, Mapping) else {})
    of_heights = {name: said[name] for name in heights} == heights
    for one in takes:
        if isinstance(one, Takes):
            full = one.full if of_heights or one.wide is None else one.wide.full
            return Problem(key, f"missing; expected {full}")
    return Problem(key, "missing; expected a value")


def _unknown(key: Key, config: Any) -> str:
    """A key that is not known, with the one that is meant."""
    model = _owner(key, config)
    is_item = key[0] in ("populations", "biases", "estimators") and len(key) == _DEPTH_OF_ITEMS
    known = [*model.model_fields, *(FACTORIAL if is_item else ())]
    name, keys = shortened(str(key[-1])), _at(config, key[:-1])
    # Pydantic may have made text of a key.
    is_text = isinstance(key[-1], str) and isinstance(keys, Mapping) and key[-1] in keys
    head = f"unknown key '{name}'" if is_text else f"unknown key {name}"
    if "kind" in known and not nearest(key[-1], known):
        own = [field for field in known if field not in (*_ALWAYS, *FACTORIAL)]
        kind = _at(config, (*key[:-1], "kind"))
        return f"{head}; kind {kind} takes: {', '.join(own) or 'nothing more'}"
    return f"{head}; {advice(key[-1], known)}"


def _expected(value: Any, phrases: Mapping[str, Any], spelt: Written | None, key: Key) -> str:
    """A value that is not what its key takes."""
    short, full = phrases["short"], phrases["full"]
    numeric = short in ("a whole number", "a number")
    if isinstance(value, bool):
        hint = ""
        if short == "a name":
            word = spelt.text if spelt and spelt.text else ("yes" if value else "no")
            hint = f": quote it, '{shortened(word)}'"
        return f"expected {short}, got {got(value)}{hint}"
    if numeric and isinstance(value, float) and not math.isfinite(value):
        return f"expected a finite number, got {got(value, spelt)}"
    if numeric and isinstance(value, str):
        return _text_for_number(value, short, full, spelt)
    if short in ("a name", "text"):
        if isinstance(value, datetime.date):
            return f"expected {short}, got a date: quote it"
        if isinstance(value, int | float):
            return f"expected {short}, got the number {got(value, spelt)}: quote it"
        if short == "a name" and isinstance(value, str):
            more = "; other words go into title or why" if key == ("study",) else ""
            rule = f"expected {full}" if "any script" in full else _NAME_RULE
            return f"{rule}, got {got(value)}{more}"
    if short == "a list" and isinstance(value, str) and key == ("sizes",):
        return (
            f"expected {full}, got the text {got(value)}; in a file write [10, 20], on the "
            "command line --config 'sizes=[10,20]'"
        )
    return f"expected {full}, got {got(value, spelt)}{_meant(value, phrases.get('words', ()))}"


def _text_for_number(value: str, short: str, full: str, spelt: Written | None) -> str:
    """A text where a number belongs; YAML makes texts of some numbers."""
    plain = value.strip()
    text = f"the text {got(value)}"
    try:
        number = float(plain.replace("_", "")) if _NUMBER.fullmatch(plain) else None
    except ValueError:
        number = None
    if number is None:
        return f"expected {full}, got {text}"
    better = respelt(number, short)
    if spelt is not None and not spelt.quoted:
        reads = f"YAML reads {shortened(plain)} as text"
        return f"expected {short}, got {text}: {reads}; write {better}"
    return f"expected {full}, got {text}: write {better}, without quotes"


def respelt(number: float, short: str) -> str:
    """A number in a spelling that YAML reads as one, or the words ``its digits``."""
    most = 1e15  # whole numbers up to here are exact and still readable
    if number.is_integer() and abs(number) < most:
        return str(int(number))
    if not math.isfinite(number) or short == "a whole number":
        return "its digits"
    digits = f"{number:g}"
    mantissa, mark, exponent = digits.partition("e")
    mantissa = mantissa if "." in mantissa else f"{mantissa}.0"
    return mantissa if not mark else f"{mantissa}e{int(exponent):+d}"


def _word(value: Any, words: Sequence[str], spelt: Written | None) -> str:
    """A word that is not on its list."""
    return f"expected one of: {', '.join(words)}; got {got(value, spelt)}{_meant(value, words)}"


def _meant(value: Any, words: Sequence[str]) -> str:
    """The word that is meant, as a question; YAML makes a number of `0`, and false of `no`."""
    hint = meant("none" if value == 0 and "none" in words else value, words, "")
    return f"; {hint}" if hint else ""


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


def advice(word: Any, words: Sequence[str], all_words: str = "known here") -> str:
    """``did you mean 'x'?`` when a known word is near, else the list of known words."""
    return meant(word, words, f"{all_words}: {', '.join(words)}")
