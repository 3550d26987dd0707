"""Checks that need more than one value: doubled names, sums of shares, kinds, methods and scopes.

They read the config as it was loaded, not the model, so that one wrong value does not hide
another: whatever is not of the form that a check needs is left to the model's own errors.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from stature.config.maps import checked_as, number, numbers
from stature.config.messages import advice, got
from stature.config.source import Key, Problem, shortened
from stature.domain.quantity import HEIGHTS, NO_UNIT, Quantity
from stature.estimators.estimator import OUTSIDE
from stature.measures.measure import FIRST_ROUND

SHARES_TOLERANCE = 1e-9
"""How far a sum of shares may be from 1: rounding of decimals, not of people."""
_QUANTITY: TypeAdapter[Quantity] = TypeAdapter(checked_as(Quantity))
SECTIONS = ("populations", "biases", "estimators")
_MOST_NAMED = 5
_CAUSES = {"groups": "both would be one group", "truths": "a quantity has one truth"}
_TAKEN = (
    *("share", "mean_cm", "sd_cm", "shares", "means_cm", "sds_cm", "gap_cm"),
    *("replicate", "size", "group"),
)
_CLAIMS = ("_se", "_lower", "_upper")


def problems(config: Mapping[Any, Any]) -> list[Problem]:
    """Everything that two values of a config disagree about."""
    found = [*_sizes(config), *_precision(config)]
    for section in SECTIONS:
        found += _doubled_names((section,), config.get(section))
    for key, item in named(config, "populations"):
        found += _population(key, item)
        found += _unit(key, item, quantity_of(config))
    found += _unreturned(config)
    for key, item in steps(config):
        found += _bias(key, item)
    for key, item in named(config, "estimators"):
        found += _estimator(key, item)
    # Scenarios are judged only where all names are known.
    return found + ([*_unknown_names(config)] or [*_left_alone(config)])


def quantity_of(config: Mapping[Any, Any]) -> Quantity:
    """What a study measures; heights as long as it does not say something else that is valid."""
    stated = config.get("quantity")
    try:
        return _QUANTITY.validate_python(stated) if isinstance(stated, Mapping) else HEIGHTS
    except ValidationError:
        return HEIGHTS


def without_units(config: Mapping[Any, Any]) -> dict[Any, Any]:
    """The config of another quantity than heights, whose data files need not say their unit."""
    stated = config.get("populations")
    items = stated if isinstance(stated, list | tuple) else []
    of_files = [
        {"unit": NO_UNIT, **item} if isinstance(item, Mapping) and "file" in item else item
        for item in items
    ]
    return {**config, "populations": of_files} if items else dict(config)


def named(config: Mapping[Any, Any], section: str) -> Iterator[tuple[Key, Mapping[Any, Any]]]:
    """Items of a list that are maps, with their places; nothing where the section is no list."""
    yield from _maps((section,), config.get(section))


def steps(config: Mapping[Any, Any]) -> Iterator[tuple[Key, Mapping[Any, Any]]]:
    """Biases, and the steps of those that have some, with their places."""
    for key, item in named(config, "biases"):
        yield key, item
        yield from _maps((*key, "steps"), item.get("steps"))


def _sum_of_shares(key: Key, shares: Iterable[float]) -> Iterator[Problem]:
    """Shares that do not sum to 1."""
    total = math.fsum(shares)
    if abs(total - 1.0) > SHARES_TOLERANCE:
        yield Problem(key, f"shares sum to {total:.10g}, not 1")


def _sum_of_grids(key: Key, item: Mapping[Any, Any]) -> Iterator[Problem]:
    """Shares of grids that sum to more than everybody."""
    shares = [number(grid.get("share")) for _, grid in _maps((), item.get("grids"))]
    total = sum(share for share in shares if share is not None)
    if total > 1.0 + SHARES_TOLERANCE:
        yield Problem((*key, "grids"), f"shares sum to {total:.10g}; expected 1 or less")


def _maps(key: Key, value: Any) -> Iterator[tuple[Key, Mapping[Any, Any]]]:
    if isinstance(value, list | tuple):
        for position, item in enumerate(value):
            if isinstance(item, Mapping):
                yield (*key, position), item


def _precision(config: Mapping[Any, Any]) -> Iterator[Problem]:
    """Rounds that end before they begin, and traces of replicates that may never be drawn."""
    item = config.get("precision")
    if not isinstance(item, Mapping) or (first := number(item.get("min", FIRST_ROUND))) is None:
        return
    most = number(item.get("max", config.get("replicates")))
    traced = number(config.get("traced", 0))
    if most is not None and first > most:
        named = "max" if "max" in item else "replicates"
        sentence = f"expected at most {named}, {most:g}, got {first:g}"
        yield Problem(("precision", "min"), sentence)
    if traced is not None and traced > first:
        sentence = f"expected at most precision.min, {first:g}, got {traced:g}"
        yield Problem(("traced",), sentence)


def _doubled(values: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, str]]:
    """Positions of values that stand there already, and which two items they are, in words."""
    first: dict[Any, int] = {}
    for position, value in values:
        if value is not None and first.setdefault(value, position) != position:
            yield position, f"(items {first[value] + 1} and {position + 1})"


def _sizes(config: Mapping[Any, Any]) -> Iterator[Problem]:
    """The same size twice."""
    stated = config.get("sizes")
    sizes = stated if isinstance(stated, list | tuple) else ()
    for position, items in _doubled(enumerate(map(number, sizes))):
        sentence = f"duplicate {got(sizes[position])} {items}; leave one out"
        yield Problem(("sizes", position), sentence)


def _doubled_names(key: Key, value: Any) -> Iterator[Problem]:
    """Two items of one name; names that differ only in case are one folder on some machines."""
    names = {place[-1]: item.get("name") for place, item in _maps(key, value)}
    folded = ((i, name.casefold()) for i, name in names.items() if isinstance(name, str))
    cause = _CAUSES.get(key[-1], "both would write the same files")
    for position, items in _doubled(folded):
        sentence = f"duplicate name '{shortened(str(names[position]))}' {items}: {cause}"
        yield Problem((*key, position), sentence)


def _population(key: Key, item: Mapping[Any, Any]) -> Iterator[Problem]:
    """Groups or a file, and shares that sum to 1."""
    if ("groups" in item) == ("file" in item):
        yield Problem(key, "give either groups or file")
    if "file" not in item:
        for column in ("height", "unit", "group"):
            if column in item and "groups" in item:
                yield Problem((*key, column), f"{column} goes with file, not with groups")
    if "draw" in item and "groups" not in item:
        sentence = "expected groups beside it: the truth that estimates are compared with"
        yield Problem((*key, "draw"), sentence)
    groups = item.get("groups")
    yield from _doubled_names((*key, "groups"), groups)
    if not isinstance(groups, list | tuple) or not groups:
        return
    shares = [number(group.get("share")) for _, group in _maps((), groups)]
    for place, group in _maps((*key, "groups"), groups):
        if number(group.get("share")) == 0.0:
            name = got(group.get("name"))
            yield Problem((*place, "share"), f"group {name} has share 0: leave it out")
    known = [share for share in shares if share is not None and 0.0 <= share <= 1.0]
    if len(known) == len(groups):
        yield from _sum_of_shares((*key, "groups"), known)


def _unit(key: Key, item: Mapping[Any, Any], quantity: Quantity) -> Iterator[Problem]:
    """A unit of heights, or none of something else."""
    if quantity.is_height and item.get("unit") == NO_UNIT:
        yield Problem((*key, "unit"), "expected one of: cm, m, mm, in; got 'none'")
    elif not quantity.is_height and item.get("unit", NO_UNIT) != NO_UNIT:
        sentence = f"expected none: numbers are in {quantity.unit} as they are"
        yield Problem((*key, "unit"), f"{sentence}, got {got(item['unit'])}")


def _bias(key: Key, item: Mapping[Any, Any]) -> Iterator[Problem]:
    """What a bias, or a step of one, must be given, and what not."""
    is_step = "steps" in key
    if not is_step and "name" not in item:
        yield Problem((*key, "name"), "missing name", key)
    for name in ("name", "why"):
        if is_step and name in item:
            sentence = f"a step has no {name} of its own: the sequence has one"
            yield Problem((*key, name), sentence)
    match item.get("kind"):
        case "truncation":
            yield from _interval(key, item, "nobody would be kept")
        case "coding":
            yield from _interval(key, item, "everybody would be recorded alike")
        case "heaping":
            yield from _sum_of_grids(key, item)
        case "contamination":
            yield from _contamination(key, item)
        case _:
            pass


def _interval(key: Key, item: Mapping[Any, Any], otherwise: str) -> Iterator[Problem]:
    """Cuts or limits that leave an interval."""
    kind = item["kind"]
    if "below_cm" not in item and "above_cm" not in item:
        sentence = f"kind {kind} takes: below_cm, above_cm; give one of them, or both"
        yield Problem(key, sentence)
    below, above = number(item.get("below_cm")), number(item.get("above_cm"))
    if below is not None and above is not None and below >= above:
        sentence = (
            f"expected below_cm < above_cm, got {got(item['below_cm'])} and "
            f"{got(item['above_cm'])}: {otherwise}"
        )
        yield Problem((*key, "below_cm"), sentence)


def _contamination(key: Key, item: Mapping[Any, Any]) -> Iterator[Problem]:
    """A factor, or other people with mean and SD."""
    others = [word for word in ("mean_cm", "sd_cm") if word in item]
    if ("factor" in item) == bool(others):
        yield Problem(key, "kind contamination takes: either factor, or mean_cm and sd_cm")
    elif len(others) == 1:
        missing = "sd_cm" if others == ["mean_cm"] else "mean_cm"
        yield Problem((*key, missing), f"missing; expected it beside {others[0]}")


def _estimator(key: Key, item: Mapping[Any, Any]) -> Iterator[Problem]:
    """Methods that go with their labels, and lists of numbers that are possible."""
    labels, method = item.get("labels"), item.get("method")
    if labels == "none" and method == "closed-form":
        yield Problem((*key, "method"), "closed form needs labels: all; for labels: none use em")
    elif labels == "all" and method == "squarem":
        sentence = "squarem needs labels: none; with all labels EM is the closed form"
        yield Problem((*key, "method"), sentence)
    for key_of, of in (("function", "python"), ("command", "command")):
        if (key_of in item) != (method == of):
            sentence = f"{key_of} goes with method: {of}, and with nothing else"
            yield Problem((*key, key_of if key_of in item else "method"), sentence)
    for own in ("files", "batched", "format", "seconds", "memory_mb", "quantities"):
        if own in item and method not in OUTSIDE:
            yield Problem((*key, own), f"{own} goes with method: python or command")
    yield from _quantities((*key, "quantities"), item.get("quantities"))
    if item.get("batched") and method == "command":
        yield Problem((*key, "batched"), "a command is always given a block: leave it out")
    if "bootstrap_samples" in item and item.get("interval") != "bootstrap":
        sentence = "bootstrap_samples goes with interval: bootstrap, and with nothing else"
        yield Problem((*key, "bootstrap_samples"), sentence)
    match observation := item.get("observation"):
        case {"kind": "truncated"}:
            yield from _interval((*key, "observation"), observation, "nobody would be kept")
        case {"kind": "heaped"}:
            yield from _sum_of_grids((*key, "observation"), observation)
        case _:
            pass
    kept, starts = number(item.get("kept_starts")), number(item.get("starts"))
    if kept is not None and starts is not None and 1.0 <= starts < kept:
        sentence = f"expected at most starts, {starts:g}, got {got(item['kept_starts'])}"
        yield Problem((*key, "kept_starts"), sentence)
    shares = numbers(item.get("shares"))
    if any(not 0.0 < share <= 1.0 for share in shares):
        sentence = f"expected shares > 0 and ≤ 1, got {got(item['shares'])}"
        yield Problem((*key, "shares"), sentence)
    elif shares:
        yield from _sum_of_shares((*key, "shares"), shares)
    sds = numbers(item.get("sds"))
    if any(sd <= 0.0 for sd in sds):
        yield Problem((*key, "sds"), "expected SDs > 0 (in cm): every one of the list")
    if shares and sds and len(shares) != len(sds):
        sentence = f"{len(sds)} SDs and {len(shares)} shares: expected one of each for every group"
        yield Problem((*key, "sds"), sentence)


def _quantities(key: Key, names: Any) -> Iterator[Problem]:
    """Names that are taken, or that could be read as something else."""
    stated = list(names) if isinstance(names, list | tuple) else []
    for position, name in enumerate(stated):
        place = (*key, position)
        if name in _TAKEN or name in stated[:position]:
            yield Problem(place, f"the name {got(name)} is taken: choose another")
        elif isinstance(name, str) and name.endswith(_CLAIMS):
            endings = ", ".join(_CLAIMS)
            sentence = f"{got(name)} ends like what is claimed of a quantity ({endings})"
            yield Problem(place, f"{sentence}: choose another name")


def _unreturned(config: Mapping[Any, Any]) -> Iterator[Problem]:
    """Truths of quantities that no estimator returns, and two of the same."""
    returned = [
        name
        for _, item in named(config, "estimators")
        for name in (item["quantities"] if isinstance(item.get("quantities"), list) else [])
    ]
    for key, item in named(config, "populations"):
        yield from _doubled_names((*key, "truths"), item.get("truths"))
        for place, truth in _maps((*key, "truths"), item.get("truths")):
            name = truth.get("name")
            if isinstance(name, str) and name not in returned:
                hint = advice(name, returned, "they return") if returned else "they return none"
                sentence = f"no estimator returns a quantity '{shortened(name)}'"
                yield Problem((*place, "name"), f"{sentence}; {hint}")


def in_scope(item: Mapping[Any, Any], section: str, name: object) -> bool:
    """Whether an estimator's item is for a bias or a population.

    True also where the item names none, or anything but a list of them.
    """
    names = item.get(section)
    return not isinstance(names, list) or name in names


def _unknown_names(config: Mapping[Any, Any]) -> Iterator[Problem]:
    """Biases and populations that the study does not have."""
    for section, noun in (("biases", "bias"), ("populations", "population")):
        names = [item.get("name") for _, item in named(config, section)]
        known = [name for name in names if isinstance(name, str) and name]
        for key, item in named(config, "estimators") if known else ():
            meant = item.get(section)
            for position, name in enumerate(meant if isinstance(meant, list) else []):
                if isinstance(name, str) and name not in known:
                    sentence = f"no {noun} '{shortened(name)}' in this study"
                    hint = advice(name, known, "it has")
                    yield Problem((*key, section, position), f"{sentence}; {hint}")


def _left_alone(config: Mapping[Any, Any]) -> Iterator[Problem]:
    """Scenarios that no estimator is for."""
    estimators = [item for _, item in named(config, "estimators")]
    if not estimators:
        return
    alone = [
        f"{population.get('name')}.{bias.get('name')}"
        for _, population in named(config, "populations")
        for _, bias in named(config, "biases")
        if not any(
            in_scope(item, "biases", bias.get("name"))
            and in_scope(item, "populations", population.get("name"))
            for item in estimators
        )
    ]
    if alone:
        some = ", ".join(shortened(slug) for slug in alone[:_MOST_NAMED])
        more = f" and {len(alone) - _MOST_NAMED} more" if len(alone) > _MOST_NAMED else ""
        sentence = f"none is for {some}{more}: leave out biases or populations of one of them"
        yield Problem(("estimators",), sentence)
