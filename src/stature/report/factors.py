"""What a factorial found, by its factors; and how many people each scenario of a study takes."""

from collections.abc import Mapping

from stature.config.study import Study
from stature.design.scenarios import Scenario
from stature.measures.needed import WANTED, Needed, needed
from stature.measures.settings import Factor, Level
from stature.report.tables import Lookup, Table
from stature.report.words import NOTHING, plain, with_error

_SHARE = f"{100.0 * WANTED:.0f} %"

_Found = Mapping[tuple[str, str], Needed]  # by scenario and estimator


def factors_of_scenarios(study: Study) -> list[Factor]:
    """Factors with several levels, of populations and biases."""
    return [one for one in study.factors if one.varies != "estimator" and len(one.distinct) > 1]


def by_factor(study: Study, measures: Lookup) -> list[str]:
    """How many people an estimator without labels needs at each level of each factor."""
    factors, found = factors_of_scenarios(study), _found(measures)
    estimators = [one for one in study.estimators if any(name == one.name for _, name in found)]
    hidden = [one for one in estimators if one.model.labels == "none"]
    if not factors or not estimators:
        return []
    chosen = (hidden or estimators)[0]
    groups = {len(one.groups) for one in study.populations}
    means = "the mean" if groups == {1} else "both means" if groups == {2} else "all means"
    said: list[str] = []
    for factor in factors:
        held = [one for one in factors if one != factor]
        rows = [
            (level, _at(study, [(factor, level), *_middle(held)], found))
            for level in _ordered(factor)
        ]
        each = [f"{people(by.get(chosen.name))} at {_level(level)}" for level, by in rows]
        each[0] = each[0].replace(" at ", " people at ", 1)
        others = ", ".join(f"{one.name} {_level(level)}" for one, level in _middle(held))
        at = f" (at {others})" if others else ""
        to = f"to find {means} within 2 cm in {_SHARE} of the samples, " if not said else ""
        said.append(f"By {factor.name}{at}: {to}{chosen.name} needs {', '.join(each)}.")
    ranges = [f"{one.name} {_range([*found.values()], one.name)}" for one in estimators]
    return [*said, f"Over all combinations: {'; '.join(ranges)}."]


def _found(measures: Lookup) -> _Found:
    return {(row.scenario, row.estimator): row for row in needed(measures.usual.values())}


def _ordered(factor: Factor) -> list[Level]:
    """Levels as figures have them: numbers ascending, words as they are written."""
    words = any(isinstance(level, str) for level in factor.distinct)
    return [*factor.distinct] if words else sorted(factor.distinct)


def _middle(factors: list[Factor]) -> list[tuple[Factor, Level]]:
    """The level at which each is held where another is looked at, as in figures."""
    return [(one, _ordered(one)[len(one.distinct) // 2]) for one in factors]


def _at(study: Study, levels: list[tuple[Factor, Level]], found: _Found) -> dict[str, Needed]:
    """What each estimator needs in the first scenario that has these levels."""
    for scenario in study.scenarios:
        if _has(scenario, levels):
            return {row.estimator: row for row in found.values() if row.scenario == scenario.slug}
    return {}


def _has(scenario: Scenario, levels: list[tuple[Factor, Level]]) -> bool:
    """Whether a scenario has these levels."""
    names = {"population": scenario.population.name, "bias": scenario.bias.name}
    return all(dict(one.levels).get(names[one.varies]) == level for one, level in levels)


def middle_scenario(study: Study) -> tuple[Scenario, str] | None:
    """The scenario at the middle of all factors, and which that is in words."""
    at = _middle(factors_of_scenarios(study))
    for scenario in study.scenarios if at else ():
        if _has(scenario, at):
            return scenario, ", ".join(f"{one.name} {_level(level)}" for one, level in at)
    return None


def people(row: Needed | None) -> str:
    """A number of people in a sentence."""
    if row is None:
        return NOTHING
    return _cell(row).replace("> ", "more than ").replace("< ", "fewer than ")


def _range(rows: list[Needed], estimator: str) -> str:
    """The fewest and the most people that an estimator needs anywhere."""
    own = [row for row in rows if row.estimator == estimator]
    own.sort(key=lambda row: (row.bound == ">", row.bound != "<", row.size))
    texts = [people(row).partition(" (")[0] for row in (own[0], own[-1])]
    return texts[0] if texts[0] == texts[1] else " to ".join(texts)


def _level(level: Level) -> str:
    return plain(level) if isinstance(level, float) else str(level)


def people_needed(study: Study, measures: Lookup) -> Table:
    """Smallest sizes, a row for each scenario and a column for each estimator."""
    found, factors = _found(measures), factors_of_scenarios(study)
    estimators = [
        one.name for one in study.estimators if any(one.name == name for _, name in found)
    ]
    biases = len(study.biases) > 1 and not any(one.varies == "bias" for one in factors)
    columns = {one.name: (one.varies, dict(one.levels)) for one in factors}
    rows: list[tuple[str, ...]] = []
    for scenario in study.scenarios:
        names = {"population": scenario.population.name, "bias": scenario.bias.name}
        levels = [of.get(names[varies], "") for varies, of in columns.values()]
        head = (
            [*map(_level, levels)] + [scenario.bias.name] * biases if factors else [scenario.slug]
        )
        cells = [_cell(found.get((scenario.slug, name))) for name in estimators]
        rows.append((*head, *cells))
    head = [*columns] + ["bias"] * biases if factors else ["scenario"]
    title = f"Smallest n from which all means are within 2 cm in {_SHARE} of the samples"
    return Table(title, (*head, *estimators), tuple(rows) if estimators else ())


def _cell(row: Needed | None) -> str:
    if row is None:
        return NOTHING
    if row.bound:
        return f"{row.bound} {row.size:,.0f}"
    number, bracket, error = with_error(row.size, row.mcse).partition(" (")
    return f"{float(number):,.0f}{bracket}{error}"
