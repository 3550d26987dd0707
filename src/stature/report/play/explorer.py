"""What the explorer shows: every measure of a study, in columns, and what to set them against."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from math import floor, log10
from operator import attrgetter
from typing import Any

from stature.config.study import Study
from stature.measures.catalogue import CATALOGUE
from stature.measures.measure import Measure
from stature.measures.settings import Level, Varies, axes
from stature.plots.look import looks
from stature.report.drawings import charts, packed, scripts

DIGITS = 3  # of a Monte-Carlo standard error, and of a value as far as these reach
EXACT_DIGITS = 6  # of a value without an error
THEORY = {"bias": "limit_bias", "empirical_se": "bound", "rmse": "bound", "model_se": "bound"}
"""Which theory stands beside a measure, as a line: where it goes, or what it cannot go below."""
NOMINAL = dict.fromkeys(("coverage", "bias_eliminated_coverage", "limit_coverage"), 0.95)
_Levels = tuple[str, Varies, dict[str, Level]]  # a name, what varies, and the levels that it has
_KEY = ("measure", "parameter", "group", "scenario", "estimator", "size")


def parts(study: Study, measures: Iterable[Measure]) -> dict[str, str] | None:
    """What stands in the elements of the explorer; None where there is nothing to explore."""
    rows = [row for row in measures if row.policy != "finite" and None not in (row.value, row.size)]
    tell = {row.measure for row in rows if row.value}  # what is nothing but zeros is left out
    if not tell:
        return None
    style, script = scripts("play.css"), scripts("unpack.js", "explorer.js")
    data = content(study, [row for row in rows if row.measure in tell])
    return {"data": packed(data), "charts": charts(), "style": style, "script": script}


def content(study: Study, measures: Iterable[Measure]) -> str:
    """All that the explorer shows, as JSON."""
    rows = sorted(measures, key=attrgetter(*_KEY))
    columns = {name: _coded([getattr(row, name) for row in rows]) for name in _KEY}
    numbers = [rounded(row.value or 0.0, row.mcse) for row in rows]
    look = looks(one.name for one in study.estimators)
    kinds = {kind.name: [kind.definition, kind.unit] for kind in CATALOGUE}
    content = {
        "study": study.name,
        "unit": study.quantity.unit.replace("none", ""),
        "last": study.replicates - 1,
        "columns": columns,
        "value": [value for value, _ in numbers],
        "mcse": [mcse for _, mcse in numbers],
        "used": [row.replicates_used for row in rows],
        "estimators": [[one.name, look[one.name].colour] for one in study.estimators],
        "scenarios": [one.slug for one in study.scenarios],
        "measures": {name: kinds[name] for name in kinds if name in columns["measure"]["names"]},
        "theory": THEORY,
        "nominal": NOMINAL,
        "factors": [asdict(one) for one in factors(study)],
    }
    return json.dumps(content, separators=(",", ":"), allow_nan=False)


def rounded(value: float, mcse: float | None) -> tuple[float, float | None]:
    """A value and its Monte-Carlo standard error, to the digits that the error supports.

    Examples
    --------
    >>> rounded(1.23456789, 0.0123456)
    (1.2346, 0.0123)
    >>> rounded(1.23456789, None)
    (1.23457, None)
    """
    if not mcse:
        return float(f"{value:.{EXACT_DIGITS}g}"), mcse
    digits = DIGITS - 1 - floor(log10(mcse))
    return round(value, digits), round(mcse, digits)


def _coded(cells: list[Any]) -> dict[str, list[Any]]:
    """A column as its different cells, and for each row which of them."""
    names = list(dict.fromkeys(cells))
    place = {name: index for index, name in enumerate(names)}
    return {"names": names, "codes": [place[cell] for cell in cells]}


@dataclass(frozen=True, slots=True)
class Against:
    """What the measures can be set against, besides the number of people."""

    name: str
    is_number: bool
    varies: str  # what has the levels: ``scenario`` or ``estimator``
    # those that differ in nothing else, each with its level
    families: tuple[tuple[tuple[str, Level], ...], ...]


def factors(study: Study) -> Iterator[Against]:
    """Names of biases and of populations, numbers that the study varies, factors of its design."""
    by_design: list[_Levels] = [(one.name, one.varies, dict(one.levels)) for one in study.factors]
    strengths: list[_Levels] = [
        (axis.words, axis.varies, {point.name: point.setting for point in axis.points})
        for axis in axes(study.biases, study.estimators)
    ]
    names: list[_Levels] = [
        ("bias", "bias", {one.name: one.name for one in study.biases}),
        ("population", "population", {one.name: one.name for one in study.populations}),
    ]
    for name, varies, levels in [*names, *strengths, *by_design]:
        # A bias that is varied in its strength alone is there already, beside none.
        if any(levels.keys() < known.keys() for _, _, known in strengths):
            continue
        others = [
            other
            for another, of, other in by_design
            if of == varies
            and another != name
            and name not in (varies, *(one[0] for one in strengths))
        ]
        found = _families(study, varies, levels, others)
        if any(len(family) > 1 for family in found):
            numbers = all(isinstance(level, int | float) for level in levels.values())
            owner = "estimator" if varies == "estimator" else "scenario"
            yield Against(name, numbers, owner, found)


def _families(
    study: Study, varies: Varies, levels: Mapping[str, Level], others: list[dict[str, Level]]
) -> tuple[tuple[tuple[str, Level], ...], ...]:
    """Scenarios or estimators that differ in a level alone, in the order of their levels."""
    if varies == "estimator":
        members = [(one.name, one.name, "") for one in study.estimators]
    else:
        pairs = [(one.slug, one.population.name, one.bias.name) for one in study.scenarios]
        turn = 1 if varies == "population" else -1
        members = [(slug, *pair[::turn]) for slug, *pair in pairs]
    found: dict[object, list[tuple[str, Level]]] = {}
    for member, own, beside in members:
        if own in levels:
            key = beside, *(other.get(own) for other in others)
            found.setdefault(key, []).append((member, levels[own]))
    order = [*levels.values()]
    is_number = all(isinstance(level, int | float) for level in order)
    rank = (lambda one: one[1]) if is_number else (lambda one: order.index(one[1]))
    return tuple(tuple(sorted(family, key=rank)) for family in found.values())
