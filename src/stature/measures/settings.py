"""Settings: measures against a number that a study varies, all else being equal.

Such a number is the strength of a bias, or the share of people who have a label. The table of
measures knows names alone; here the numbers behind the names come in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from stature.design.scenarios import NamedBias
from stature.domain.bias import Bias, NoBias, Strength, strength_of
from stature.domain.model import Model
from stature.domain.settings import LeftOut
from stature.estimators.estimator import OUTSIDE, Estimator
from stature.measures.measure import Measure
from stature.measures.replicates import PairsSpec

SHOWN = ("bias", "rmse", "limit_bias", "bound", "truth")  # measures set against numbers
FEWEST = 2  # so many biases, or shares of labels, make a series

Varies = Literal["population", "bias", "estimator"]
Level = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Factor:
    """What the populations, biases or estimators of a study differ in, by its design."""

    name: str  # of the column of its levels
    varies: Varies  # what has it
    levels: tuple[tuple[str, Level], ...]  # names of those that have it, and their levels

    @property
    def distinct(self) -> tuple[Level, ...]:
        """Its levels, in the order of the config."""
        return tuple(dict.fromkeys(level for _, level in self.levels))

    def column(self, rows: Iterable[object]) -> list[Level | None]:
        """The level of each row of a table; None where it has none."""
        level_of = dict(self.levels)
        return [level_of.get(getattr(row, self.varies)) for row in rows]


@dataclass(frozen=True, slots=True)
class Point:
    """A number that was set, and the bias or estimator that has it."""

    name: str  # name of the bias or of the estimator
    setting: float  # the number


@dataclass(frozen=True, slots=True)
class Axis:
    """A number that a study varies."""

    words: str  # what the number is, with its unit; different for every axis of a study
    varies: Varies  # what has it
    points: tuple[Point, ...]  # the numbers, ascending


@dataclass(frozen=True, slots=True)
class GatherSpec:
    """What the tables of a study depend on, besides those of its scenarios."""

    axes: tuple[Axis, ...]  # the numbers that the study varies
    pairs: PairsSpec  # the estimates that are set against each other
    # what is varied by design; left out of the JSON where nothing is
    factors: Annotated[tuple[Factor, ...], LeftOut(())] = ()


@dataclass(frozen=True, slots=True)
class Set:
    """A measure with the number that was set."""

    axis: str  # what the number is
    varies: Varies  # what has it
    setting: float  # the number
    measure: Measure  # the measure


def axes(
    biases: tuple[NamedBias, ...],
    estimators: tuple[Estimator, ...],
    factors: tuple[Factor, ...] = (),
) -> tuple[Axis, ...]:
    """Numbers that a study varies.

    Strengths of biases, then shares of labels; each where at least two biases, or two shares
    between none and all, differ in nothing else. Then factors by design that are numbers.
    """
    found = [*_strengths(biases), *_shares_of_labels(estimators), *_of_factors(factors)]
    counted: dict[str, int] = {}
    named: list[Axis] = []
    for axis in found:
        number = counted[axis.words] = counted.get(axis.words, 0) + 1
        words = axis.words if number == 1 else f"{axis.words} [{number}]"
        named.append(replace(axis, words=words))
    return tuple(named)


def against(axes: Iterable[Axis], measures: Iterable[Measure]) -> tuple[Set, ...]:
    """Measures against the numbers that a study varies."""
    shown = [
        row
        for row in measures
        if row.measure in SHOWN and row.size is not None and row.policy != "finite"
    ]
    return tuple(
        Set(axis.words, axis.varies, point.setting, row)
        for axis in axes
        for point in axis.points
        for row in shown
        if point.name == getattr(row, axis.varies)
    )


def _strengths(biases: tuple[NamedBias, ...]) -> Iterator[Axis]:
    """Families of biases that differ in their strength."""
    families: dict[Bias, list[tuple[str, Strength]]] = {}
    for named in biases:
        strength = strength_of(named.bias)
        if strength is not None:
            families.setdefault(strength.family, []).append((named.name, strength))
    unbiased = [named.name for named in biases if isinstance(named.bias, NoBias)]
    for members in families.values():
        numbers = {strength.value: name for name, strength in reversed(members)}
        if len(numbers) < FEWEST:
            continue
        first = members[0][1]
        if first.none is not None and unbiased:
            numbers.setdefault(first.none, unbiased[0])
        points = tuple(Point(numbers[value], value) for value in sorted(numbers))
        yield Axis(first.words, "bias", points)


def _of_factors(factors: tuple[Factor, ...]) -> Iterator[Axis]:
    """Factors that are numbers."""
    for factor in factors:
        numbers = [(name, level) for name, level in factor.levels if not isinstance(level, str)]
        if len({level for _, level in numbers}) >= FEWEST:
            points = sorted((float(level), name) for name, level in numbers)
            yield Axis(factor.name, factor.varies, tuple(Point(name, x) for x, name in points))


def _shares_of_labels(estimators: tuple[Estimator, ...]) -> Iterator[Axis]:
    """Families of estimators that differ in the share of labels that they use."""
    families: dict[Model, dict[float, str]] = {}
    shares = {"none": 0.0, "all": 1.0}
    for one in estimators:
        model = one.model
        others = ("hard-em", "moments", *OUTSIDE)
        extras = one.is_penalised or one.stop is not None or one.method in others
        if extras or model.labels not in (*shares, "some"):
            continue
        share = shares.get(model.labels, model.labelled_share)
        family = replace(model, labels="none", labelled_share=0.0)
        families.setdefault(family, {}).setdefault(share, one.name)
    for family, members in families.items():
        if sum(0.0 < share < 1.0 for share in members) < FEWEST:
            continue
        points = tuple(Point(members[share], share) for share in sorted(members))
        words = "share of people with a label"
        if family.unlabelled == "ignored":
            words += ", the others left out"
        yield Axis(words, "estimator", points)
