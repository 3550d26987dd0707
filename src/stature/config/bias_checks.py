"""Checks of biases that need more than one value: what a kind must be given, and what not.

Like `stature.config.checks` they read the config as it was loaded.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from stature.config.bias_items import FINEST_CM
from stature.config.checks import number, steps, sum_of_grids
from stature.config.source import Key, Problem
from stature.config.words import got

_NOISE = {"self-report": "sd_cm", "classes": "shift_sd_cm"}
"""Keys that are zero, or no finer than can be shown."""


def problems(config: Mapping[Any, Any]) -> list[Problem]:
    """Everything that two values of a bias disagree about."""
    found: list[Problem] = []
    for key, item in steps(config):
        is_step = "steps" in key
        if not is_step and "name" not in item:
            found.append(Problem((*key, "name"), "missing name", key))
        for word in ("name", "why"):
            if is_step and word in item:
                sentence = f"a step has no {word} of its own: the sequence has one"
                found.append(Problem((*key, word), sentence))
        match item.get("kind"):
            case "truncation":
                found += _interval(key, item, "nobody would be kept")
            case "coding":
                found += _interval(key, item, "everybody would be written down alike")
            case "heaping":
                found += sum_of_grids(key, item)
            case "contamination":
                found += _contamination(key, item)
            case "self-report" | "classes":
                found += _noise(key, item)
            case _:
                pass
    return found


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


def _noise(key: Key, item: Mapping[Any, Any]) -> Iterator[Problem]:
    """Noise that is there, or not."""
    word = _NOISE[item["kind"]]
    sd_cm = number(item.get(word))
    if sd_cm is not None and 0.0 < sd_cm < FINEST_CM:
        sentence = f"expected 0 or at least {FINEST_CM:g}, got {got(item[word])}: nobody sees it"
        yield Problem((*key, word), sentence)
