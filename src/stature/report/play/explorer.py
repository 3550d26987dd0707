"""What the explorer shows: every measure of a study, in columns, and the axes to set it against."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from math import floor, log10
from typing import Any

from markupsafe import Markup

from stature.config.study import Study
from stature.measures.catalogue import CATALOGUE
from stature.measures.measure import Measure
from stature.measures.settings import axes
from stature.plots.style import looks
from stature.report.play.inlined import charts, packed, scripts

DIGITS = 3  # of a Monte-Carlo standard error, and of a value as far as these reach
EXACT_DIGITS = 6  # of a value without an error
THEORY = {"bias": "limit_bias", "empirical_se": "bound", "rmse": "bound", "model_se": "bound"}
"""Which theory stands beside a measure, as a line: where it goes, or what it cannot go below."""
_COLUMNS = ("scenario", "estimator", "size", "group", "parameter", "measure")
_RATES = {"coverage": 0.95, "bias_eliminated_coverage": 0.95, "limit_coverage": 0.95}


@dataclass(frozen=True, slots=True)
class Factor:
    """What the measures can be set against, besides the number of people."""

    name: str  # what varies
    is_number: bool
    varies: str  # what has the levels: ``scenario`` or ``estimator``
    # those that differ in nothing else, each with its level
    families: tuple[tuple[tuple[str, float | str], ...], ...]


def factors(study: Study) -> Iterator[Factor]:
    """Biases and populations by name, then what is varied as a number."""
    names = [(one.population.name, one.bias.name, one.slug) for one in study.scenarios]
    populations, biases = (
        list(dict.fromkeys(every)) for every in list(zip(*names, strict=True))[:2]
    )
    by_population = tuple(
        tuple((slug, bias) for one, bias, slug in names if one == name) for name in populations
    )
    by_bias = tuple(
        tuple((slug, population) for population, one, slug in names if one == name)
        for name in biases
    )
    if len(biases) > 1:
        yield Factor("bias", False, "scenario", by_population)
    if len(populations) > 1:
        yield Factor("population", False, "scenario", by_bias)
    for axis in axes(study.biases, study.estimators):
        levels = {point.name: point.setting for point in axis.points}
        if axis.varies == "bias":
            families = tuple(
                tuple(
                    sorted(
                        ((slug, levels[bias]) for slug, bias in family if bias in levels),
                        key=_level,
                    )
                )
                for family in by_population
            )
        else:
            families = (tuple(sorted(levels.items(), key=_level)),)
        yield Factor(
            axis.words, True, "scenario" if axis.varies == "bias" else "estimator", families
        )


def _level(member: tuple[str, Any]) -> Any:
    return member[1]


@dataclass(frozen=True, slots=True)
class Parts:
    """What stands in the elements of the explorer."""

    data: str
    charts: str
    style: Markup
    script: Markup


def parts(study: Study, measures: Iterable[Measure]) -> Parts | None:
    """The explorer of a study; None where there is nothing to explore."""
    data = content(study, measures)
    if not data:
        return None
    style, script = scripts("play.css"), scripts("unpack.js", "explorer.js")
    return Parts(data, charts(), style, script)


def content(study: Study, measures: Iterable[Measure]) -> str:
    """All that the explorer shows, packed; empty where no measure has a value."""
    rows = [
        row
        for row in measures
        if row.policy != "finite" and row.value is not None and row.size is not None
    ]
    if not rows:
        return ""
    tell = {row.measure for row in rows if row.value}  # what is nothing but zeros is left out
    rows = sorted(
        (row for row in rows if row.measure in tell),
        key=lambda row: (
            row.measure,
            row.parameter,
            row.group,
            row.scenario,
            row.estimator,
            row.size,
        ),
    )
    columns: dict[str, Any] = {
        name: _coded([getattr(row, name) for row in rows]) for name in _COLUMNS
    }
    numbers = [rounded(row.value or 0.0, row.mcse) for row in rows]
    named = looks(one.name for one in study.estimators)
    return packed(
        json.dumps(
            {
                "study": study.name,
                "last": study.replicates - 1,
                "columns": columns,
                "value": [value for value, _ in numbers],
                "mcse": [mcse for _, mcse in numbers],
                "used": [row.replicates_used for row in rows],
                "estimators": [[one.name, named[one.name].colour] for one in study.estimators],
                "scenarios": [one.slug for one in study.scenarios],
                "measures": {
                    kind.name: [kind.definition, kind.unit]
                    for kind in CATALOGUE
                    if kind.name in tell
                },
                "theory": THEORY,
                "nominal": _RATES,
                "factors": [asdict(one) for one in factors(study)],
            },
            separators=(",", ":"),
            allow_nan=False,
        )
    )


def rounded(value: float, mcse: float | None) -> tuple[float, float | None]:
    """A value and its Monte-Carlo standard error, to the digits that the error supports.

    Examples
    --------
    >>> rounded(1.23456789, 0.0123456)
    (1.2346, 0.0123)
    >>> rounded(1.23456789, None)
    (1.23457, None)
    """
    if mcse is None or mcse <= 0.0:
        return float(f"{value:.{EXACT_DIGITS}g}"), mcse
    digits = DIGITS - 1 - floor(log10(mcse))
    return round(value, digits), round(mcse, digits)


def _coded(cells: list[Any]) -> dict[str, list[Any]]:
    """A column as its different cells, and for each row which of them."""
    names = list(dict.fromkeys(cells))
    place = {name: index for index, name in enumerate(names)}
    return {"names": names, "codes": [place[cell] for cell in cells]}
