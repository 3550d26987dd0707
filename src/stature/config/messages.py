"""Sentences for people: place, expected, got, advice, on one line each."""

import datetime
import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from stature.config.model import (
    BIAS_ITEMS,
    FACTORIAL,
    OBSERVATION_ITEMS,
    STEP_ITEMS,
    EstimatorItem,
    PopulationItem,
    StudyFile,
)
from stature.config.records import Closed, Takes, closed
from stature.config.source import Key, Problem, Written, shortened
from stature.domain.observation import Grid
from stature.domain.population import Group, Stated
from stature.domain.quantity import HEIGHTS, Quantity
from stature.estimators.estimator import Stop
from stature.measures.measure import Precision

_NUMBER = re.compile(r"[-+]?(\d[\d_]*)?\.?\d[\d_]*\.?([eE][-+]?\d+)?")
_ALWAYS = ("name", "kind", "why")
_NAME_RULE = "names are folders: use letters, digits, '-' and '_', at most 64"
_DEPTH_OF_ITEMS = 3  # a section, a position, and a key of the item there
_NEAR = 0.6  # how alike two words are, from 0 to 1, for one to be suggested for the other


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
        key = (*above, *_without_tag(one["loc"]))
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
                known = _kinds(key)
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


def _owner(key: Key, config: Any) -> type[BaseModel]:
    """The map in which a key stands."""
    kind = str(_at(config, (*key[:-1], "kind")))
    match key[:-1]:
        case ("precision",):
            return closed(Precision)
        case ("quantity",):
            return closed(Quantity)
        case ("populations", int()):
            return closed(PopulationItem)
        case ("populations", int(), "groups", int()):
            return closed(Group)
        case ("populations", int(), "truths", int()):
            return closed(Stated)
        case ("biases", int(), *_, "grids", int()) | ("estimators", int(), _, "grids", int()):
            return closed(Grid)
        case ("biases", int()) | ("biases", int(), "steps", int()):
            return BIAS_ITEMS.get(kind, BIAS_ITEMS["none"])
        case ("estimators", int()):
            return closed(EstimatorItem)
        case ("estimators", int(), "observation"):
            return OBSERVATION_ITEMS.get(kind, Closed)
        case ("estimators", int(), "stop"):
            return closed(Stop)
        case _:
            return closed(StudyFile)


def _kinds(key: Key) -> list[str]:
    """Kinds that there are at a place: of a bias, a step of one, or an observation."""
    if key[0] == "estimators":
        return list(OBSERVATION_ITEMS)
    return list(STEP_ITEMS if "steps" in key else BIAS_ITEMS)


def _without_tag(key: Key) -> Key:
    """Pydantic puts the kind of a bias into its places; people do not."""
    match key:
        case ("biases", *_):
            # A kind is a tag where it comes right after a position, and something comes after it.
            return tuple(
                part
                for i, part in enumerate(key)
                if not (i + 1 < len(key) and isinstance(key[i - 1], int) and part in BIAS_ITEMS)
            )
        case ("estimators", int(), "observation", kind, *_) if kind in OBSERVATION_ITEMS:
            return (*key[:3], *key[4:])
        case _:
            return key


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
    near = "none" if value == 0 and "none" in words else nearest(value, words)
    return f"; did you mean '{near}'?" if near else ""


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

    It is equal but for case and hyphens, or one is a part of the other, or they look alike.

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
