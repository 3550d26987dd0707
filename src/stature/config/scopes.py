"""Scopes: which estimators a study fits to which scenarios.

An estimator is fitted to every scenario unless its item names the biases or the populations that
it is for. Names are judged in the config as it was loaded, like all that needs two values.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stature.config.checks import named
from stature.config.source import Problem, shortened
from stature.config.words import advice
from stature.design.scenarios import Scenario

SECTIONS = ("biases", "populations")
"""Lists of a study by whose names an estimator can be restricted."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an estimator is fitted to, where that is not every scenario."""

    estimator: str  # name of the estimator
    biases: tuple[str, ...] = ()  # names of those that it is for; empty: all
    populations: tuple[str, ...] = ()

    def holds(self, scenario: Scenario) -> bool:
        """Whether the estimator is fitted to a scenario.

        True if its bias and its population are both among those named.
        """
        pairs = ((self.biases, scenario.bias.name), (self.populations, scenario.population.name))
        return all(not names or name in names for names, name in pairs)


def in_scope(item: Mapping[Any, Any], section: str, name: object) -> bool:
    """Whether an estimator's item is for a bias or a population.

    True also where the item names none, or anything but a list of them.
    """
    names = item.get(section)
    return not isinstance(names, list) or name in names


def problems(config: Mapping[Any, Any]) -> list[Problem]:
    """Names that are not in the study, and scenarios to which nothing would be fitted.

    Where and what; scenarios are judged only where all names are known.
    """
    found = [*_unknown_names(config)]
    return found or [*_left_alone(config)]


def _unknown_names(config: Mapping[Any, Any]) -> Iterator[Problem]:
    """Biases and populations that the study does not have."""
    for section in SECTIONS:
        known = [
            item["name"]
            for _, item in named(config, section)
            if isinstance(item.get("name"), str) and item["name"]
        ]
        for key, item in named(config, "estimators"):
            names = item.get(section)
            if not isinstance(names, list):
                continue
            for position, name in enumerate(names):
                if known and isinstance(name, str) and name not in known:
                    noun = "bias" if section == "biases" else "population"
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


_MOST_NAMED = 5
