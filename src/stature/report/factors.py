"""What a factorial found, by its factors; and how many people each scenario of a study takes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from stature.config.study import Study
from stature.design.scenarios import Scenario
from stature.estimators.estimator import Estimator
from stature.measures.needed import HITS, WANTED, Needed, needed
from stature.measures.replicates import SHOWN_PARAMETER
from stature.measures.settings import Factor, Level
from stature.report.tables import Lookup, Table
from stature.report.words import NOTHING, listed, number_of_people, plain, with_error

_SHARE = f"{100.0 * WANTED:.0f} %"

_Found = Mapping[tuple[str, str], Needed]  # by scenario and estimator


def factors_of_scenarios(study: Study) -> list[Factor]:
    """Factors with several levels, of populations and biases."""
    return [one for one in study.factors if one.varies != "estimator" and len(one.distinct) > 1]


def by_factor(study: Study, measures: Lookup) -> list[str]:
    """How many people an estimator without labels needs at each level of each factor."""
    found = _found(measures)
    estimators = [one for one in study.estimators if any(name == one.name for _, name in found)]
    if not study.factors or not estimators:
        return []
    to = f"to find {_means(study)} within 2 cm in {_SHARE} of the samples, "
    said: list[str] = []
    for factor, at, places in _levels(study):
        chosen = _chosen(estimators, found.values()).name
        sizes = [people(found.get((slug, name or chosen))) for _, slug, name in places]
        each = [
            f"{size} at {_level(level)}" for size, (level, *_) in zip(sizes, places, strict=True)
        ]
        each = [f"{sizes[0]} at each level"] if len({*sizes}) == 1 else each
        each[0] = each[0].replace(" at ", " people at ", 1)
        who = chosen if factor.varies != "estimator" else "it"
        said.append(f"By {factor.name}{at}: {'' if said else to}{who} needs {listed(each)}.")
    ranges = [f"{one.name} {_range([*found.values()], one.name)}" for one in estimators]
    return [*said, f"Over all combinations: {'; '.join(ranges)}."]


def _means(study: Study) -> str:
    """What is to be found."""
    groups = {len(one.groups) for one in study.populations}
    return "the mean" if groups == {1} else "both means" if groups == {2} else "all means"


def errors_by_factor(study: Study, measures: Lookup) -> Iterator[str]:
    """The error of the worse mean at the largest size at each level of each factor."""
    size, chosen = study.sizes[-1], _chosen(study.estimators).name
    for factor, at, places in _levels(study):
        each: list[str] = []
        for level, slug, name in places:
            groups = study.scenario(slug).population.group_names
            rows = [
                measures.get("rmse", slug, name or chosen, size, group, SHOWN_PARAMETER)
                for group in groups
            ]
            if all(rows):
                worst = max(filter(None, rows), key=lambda row: row.value or 0.0)
                each.append(f"{with_error(worst.value, worst.mcse)} cm at {_level(level)}")
        if each:
            by = f" by {chosen}" if factor.varies != "estimator" else ""
            yield (
                f"By {factor.name}{at}: at n = {size:,} the root mean squared error of the mean "
                f"that is farthest off{by} is {listed(each)}."
            )


def over_all(study: Study, measures: Lookup) -> Iterator[str]:
    """In how many combinations of sizes and factors each estimator finds all means."""
    rates: dict[str, list[bool]] = {one.name: [] for one in study.estimators}
    for row in measures.usual.values():
        if row.measure == HITS and row.value is not None:
            rates.setdefault(row.estimator, []).append(row.value >= WANTED)
    each = [f"{sum(of)} of {len(of)} by {name}" for name, of in rates.items() if of]
    if each and factors_of_scenarios(study):
        yield (
            f"Of all combinations of n and the factors, all means are within 2 cm in {_SHARE} of "
            f"the samples or more in {listed(each)}."
        )


def _chosen(estimators: Sequence[Estimator], found: Iterable[Needed] = ()) -> Estimator:
    """The estimator that is followed: without labels, and of these where most sizes are known."""
    inside = Counter(row.estimator for row in found if not row.bound)
    hidden = [one for one in estimators if one.model.labels == "none"]
    return max(hidden or estimators, key=lambda one: inside[one.name])


_Places = list[tuple[Level, str, str]]  # a level, its scenario, and its estimator if that has it


def _levels(study: Study) -> Iterator[tuple[Factor, str, _Places]]:
    """Each factor, at which levels of others it is looked at, and where its own levels are."""
    factors = factors_of_scenarios(study)
    for factor in study.factors:
        if len(factor.distinct) < 2:
            continue
        held = _middle([one for one in factors if one != factor])
        others = ", ".join(f"{one.name} {_level(level)}" for one, level in held)
        if factor.varies == "estimator":
            slug = _scenario(study, held)
            named = {level: name for name, level in reversed(factor.levels)}
            places = [(level, slug, named[level]) for level in _ordered(factor)]
        else:
            ordered = (
                (level, _scenario(study, [(factor, level), *held])) for level in _ordered(factor)
            )
            places = [(level, slug, "") for level, slug in ordered]
        yield factor, f" (at {others})" if others else "", [one for one in places if one[1]]


def _found(measures: Lookup) -> _Found:
    return {(row.scenario, row.estimator): row for row in needed(measures.usual.values())}


def _ordered(factor: Factor) -> list[Level]:
    """Levels as figures have them: numbers ascending, words as they are written."""
    words = any(isinstance(level, str) for level in factor.distinct)
    return [*factor.distinct] if words else sorted(factor.distinct)


def _middle(factors: list[Factor]) -> list[tuple[Factor, Level]]:
    """The level at which each is held where another is looked at, as in figures."""
    return [(one, _ordered(one)[len(one.distinct) // 2]) for one in factors]


def _scenario(study: Study, levels: list[tuple[Factor, Level]]) -> str:
    """The first scenario that has these levels; empty where they were left out."""
    return next((one.slug for one in study.scenarios if _has(one, levels)), "")


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
    means = "the mean is" if _means(study) == "the mean" else "all means are"
    title = f"Smallest n from which {means} within 2 cm in {_SHARE} of the samples"
    return Table(title, (*head, *estimators), tuple(rows) if estimators else ())


def _cell(row: Needed | None) -> str:
    if row is None:
        return NOTHING
    if row.bound:
        return f"{row.bound} {row.size:,.0f}"
    return number_of_people(row.size, row.mcse)
