"""The answer of a study: what it found by figure, the three findings that matter, what to do."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, fsum, hypot, log, sqrt

from stature.config.specs import MOST_PANELS
from stature.config.study import Study
from stature.datafile.digits import rough
from stature.measures.needed import Needed, needed
from stature.measures.replicates import SHOWN_PARAMETER, shown_size
from stature.measures.settings import Axis, axes
from stature.report.factors import by_factor, errors_by_factor, middle_scenario, over_all, people
from stature.report.sentences import (
    BY,
    COVERED,
    ESTIMATES,
    NO_HELP,
    WITH,
    WITH_SHARES,
    WITHOUT,
    About,
    allowing,
    errors,
    from_heights,
    hidden,
    labelled,
    plateau,
)
from stature.report.tables import Lookup
from stature.report.words import is_none, listed, per_cent, phrase, with_error

_ERROR = "Monte-Carlo standard error"
_MIXED = (
    "Groups are taken for each other (see the warnings): whatever is said here of a single group "
    "and of estimators without labels is of a mixture of groups."
)
_MATTERS = ("needed", "answer", "price", "biases", "coverage", "errors")
"""Figures by how much the findings that they show matter."""
_THREE = 3
_SHOWS = 2.0  # a bias below so many Monte-Carlo standard errors is not shown to be there


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence on what a study found."""

    population: str  # what it is about; empty: the whole study
    figure: str  # name of the figure that shows it
    text: str


def findings(study: Study, measures: Lookup) -> list[Finding]:
    """What a study found: without bias first, and a population at a time.

    A factorial answers by factor, and of many populations in no other way.
    """
    varied = {name for one in study.factors for name, _ in one.levels if one.varies == "population"}
    mixed = {name for name in varied if any("].match: " in one for one in study.warnings)}
    factorial = {"needed": by_factor, "factors": errors_by_factor, "loop": over_all}
    found = [
        Finding("", figure, text)
        for figure, of in factorial.items()
        for text in of(study, measures)
    ]
    several = {one.name for one in study.populations}
    if found and varied:
        middle = middle_scenario(study)
        kept = {middle[0].population.name} if middle and len(several) <= MOST_PANELS else set()
        several -= varied - kept
    biases = sorted(study.biases, key=lambda one: not is_none(one.bias))
    shown = biases[0].name
    for scenario in sorted(study.scenarios, key=lambda one: one.bias.name != shown):
        name, bias = scenario.population.name, scenario.bias
        if name not in several:
            continue
        about = About(study, scenario, measures)
        here: list[tuple[str, str]] = []
        if bias.name == shown:
            under = "" if is_none(bias.bias) else f"{phrase(bias.bias)} ({shown}): "
            for figure, of in ESTIMATES.items():
                texts = (f"{text[0].lower()}{text[1:]}" if under else text for text in of(about))
                here += [(figure, under + text) for text in texts]
        if not is_none(bias.bias):
            here += [("biases", text) for text in plateau(about)]
        here = here or [("errors", text) for text in errors(about)]
        own = any(f": populations[{name}].match: " in one for one in study.warnings)
        if here and (own or name in mixed) and name not in {one.population for one in found}:
            here.insert(0, ("", _MIXED))
        found += [Finding(name, figure, text) for figure, text in here]
    return found + [Finding("", figure, text) for figure, text in _of_study(study, measures)]


def answer(found: Sequence[Finding], several: bool = False) -> list[str]:
    """The three findings that a page opens with, of several populations with the name of theirs.

    The first error in brackets says what it is.
    """
    name = next((one.population for one in found if one.population), "")
    first = [one for one in found if one.population in ("", name)]
    chosen = [one for one in first if not one.figure]
    for figure in _MATTERS:
        chosen += sorted(
            (one for one in first if one.figure == figure), key=lambda one: NO_HELP not in one.text
        )[:1]
    kept = chosen[:_THREE]
    kept += [one for one in first if one not in kept and one.figure][: _THREE - len(kept)]
    texts: list[str] = []
    for one in kept:
        text = one.text
        if one.figure == "biases":
            text = f"{text.partition(COVERED)[0].rstrip('.')}."
        if several and one.population and one.figure:
            text = f"{one.population}: {text[0].lower()}{text[1:]}"
        texts.append(text)
    return explained(texts)


def explained(sentences: list[str]) -> list[str]:
    """Sentences of which the first error in brackets says what it is."""
    for number, sentence in enumerate(sentences):
        changed = re.sub(r" \(([0-9.,]+)\)", f" ({_ERROR} \\1)", sentence, count=1)
        if changed != sentence:
            return [*sentences[:number], changed, *sentences[number + 1 :]]
    return sentences


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, by what a study found."""

    title: str  # how many people it takes, in a line
    do: tuple[str, ...]


def advice(study: Study, measures: Lookup) -> Advice:
    """How many people it takes in the first population, and what to do about labels and bias."""
    first = min(study.scenarios, key=lambda one: not is_none(one.bias.bias))
    shown, middle = middle_scenario(study) or (first, "")
    about = About(study, shown, measures)
    rows = {
        row.estimator: row for row in needed(measures.usual.values()) if row.scenario == shown.slug
    }
    with_labels, plain, shares = (
        rows.get(one.name) if one else None
        for one in (
            labelled(about.estimators),
            hidden(about.estimators),
            hidden(about.estimators, shares="known"),
        )
    )
    blind = {one.name for one in from_heights(about.estimators)} & set(rows)
    best = min((rows[name] for name in blind), key=_size, default=None)
    plain = plain or best
    one_group = about.groups == 1
    counts = {"" if one_group else WITH: with_labels}
    if not one_group and plain and best:
        counts |= {WITHOUT + plain.estimator: plain}
        counts |= {BY + best.estimator: best} if _fewer(best, plain) else {}
        counts |= {WITH_SHARES: shares}
    texts = [_few(row) + words for words, row in counts.items() if row]
    title = ""
    if texts:
        texts[0] = re.sub(r"(?<=\d)(?= |$)", " people", texts[0], count=1)
        what, at = "the mean" if one_group else "all means", f" (at {middle})" if middle else ""
        title = f"To find {what} within 2 cm in 80 % of the samples takes {listed(texts)}{at}."
    do: list[str] = []
    if with_labels and best and _fewer(with_labels, best):
        by = f"even by the best estimator here ({best.estimator})"
        by = f", {'by any estimator here' if best.bound == '>' else by}" if len(blind) > 1 else ""
        do.append(
            f"Record who belongs to which group: {_few(with_labels)} people with labels do what "
            f"takes {_few(best)} without them{by}."
        )
        if shares and _fewer(shares, best):
            do.append(
                f"Where labels are lost, find out the shares of the groups: then {_few(shares)} do."
            )
    priors = {one.name for one in study.estimators if one.prior} & blind
    if plain and best and _fewer(best, plain):
        way = (
            f"say beforehand that shares and SDs are not far apart ({best.estimator})"
            if best.estimator in priors
            else f"estimate by {best.estimator}, not by {plain.estimator}"
        )
        do.append(f"Where neither is known, {way}: then {_few(best)} do.")
    do += _nearest(study, measures)
    biased = [About(study, one, measures) for one in study.scenarios if not is_none(one.bias.bias)]
    cured = [one for one in biased if any(NO_HELP in text for text in plateau(one))]
    if cured:
        such = [
            one.name
            for where in cured
            for one, row in allowing(where)
            if abs(row.value or 0.0) <= _SHOWS * (row.mcse or 0.0)
        ]
        named = f", here {listed([*dict.fromkeys(such)])}" if such else ""
        do.append(
            f"Find out how people came into the sample, and take an estimator that allows for "
            f"it{named}: more people do not cure a bias."
        )
    return Advice(title, tuple(do))


def _nearest(study: Study, measures: Lookup) -> Iterator[str]:
    """Which estimator to take where nothing is known, and what it costs where another is better.

    By the error of all means together, over that of the best of these estimators in each scenario
    without bias; where there are three of each at least.
    """
    size = shown_size(study.sizes)
    errors: dict[str, dict[str, tuple[float, float]]] = {}
    for one in study.estimators:
        if (one.model.labels, one.model.shares) != ("none", "free") or one.takes_sds:
            continue
        for scenario in study.scenarios:
            names = scenario.population.group_names
            at = ((scenario.slug, one.name, size, name, SHOWN_PARAMETER) for name in names)
            rows = [measures.get("rmse", *each) for each in at]
            if is_none(scenario.bias.bias) and len(rows) > 1 and all(rows):
                mse = sum(row.value**2 for row in rows if row and row.value)
                spread = sum(
                    (row.value * (row.mcse or 0.0)) ** 2 for row in rows if row and row.value
                )
                errors.setdefault(one.name, {})[scenario.slug] = sqrt(mse), sqrt(spread) / mse
    everywhere = {
        name: of for name, of in errors.items() if len(of) == max(map(len, errors.values()))
    }
    scenarios = next(iter(everywhere.values()), {})
    if min(len(everywhere), len(scenarios)) < _THREE:
        return
    best = {slug: min(of[slug] for of in everywhere.values()) for slug in scenarios}
    over = {
        name: {slug: of[slug][0] / best[slug][0] for slug in scenarios}
        for name, of in everywhere.items()
    }
    mean, taken = min((fsum(map(log, of.values())) / len(of), name) for name, of in over.items())
    worst, safest = min((max(of.values()), name) for name, of in over.items())
    where = max(over[taken], key=over[taken].__getitem__)
    cost = over[taken][where]
    mcse = cost * hypot(everywhere[taken][where][1], best[where][1])
    yield (
        f"If you do not know which of these populations yours is like, take {taken}: with {size:,} "
        f"people its error of the means is on average {exp(mean):.2f} times that of the best of "
        f"{len(over)} estimators, which is not the same one everywhere, and at worst "
        f"{with_error(cost, mcse)} times ({where})."
    )
    if safest != taken:
        at_worst = f"at worst {rough(worst)} times that of the best"
        yield f"Where that is too much, take {safest}: {at_worst}."


def _size(row: Needed) -> tuple[int, float, str]:
    """By what rows are put in order: fewer than the smallest size, interpolated, more; by name."""
    return ("<", "", ">").index(row.bound), row.size, row.estimator


def _fewer(one: Needed, other: Needed) -> bool:
    """Whether one is shown to need fewer people than the other."""
    return other.size - one.size > _SHOWS * hypot(one.mcse or 0.0, other.mcse or 0.0)


def _few(row: Needed) -> str:
    """A number of people without its error."""
    return people(row).partition(" (")[0]


def _of_study(study: Study, measures: Lookup) -> Iterator[tuple[str, str]]:
    """Sentences over all scenarios, each with the figure that shows it."""
    last = study.sizes[-1]
    means = [
        row
        for row in measures.usual.values()
        if (row.measure, row.parameter) == ("rmse", SHOWN_PARAMETER)
        if row.size == last and row.value is not None
    ]
    if means and len(study.scenarios) > 1:
        worst = max(means, key=lambda row: row.value or 0.0)
        whose = f"{worst.group} by {worst.estimator} in {worst.scenario}"
        yield (
            "overview",
            f"With {last:,} people the mean that is farthest off is that of {whose}: by "
            f"{with_error(worst.value, worst.mcse)} cm.",
        )
    failed = [
        (min((1.0 - (row.value or 0.0)) + ((flag.value or 0.0) if flag else 0.0), 1.0), row)
        for key, row in measures.usual.items()
        if row.measure == "converged" and row.value is not None
        for flag in (measures.usual.get((*key[:-1], "suspect")),)
    ]
    share, row = max(failed, key=lambda one: one[0], default=(0.0, None))
    if row is not None and share > 0.0:
        error = sqrt(share * (1.0 - share) / max(row.replicates_expected, 1))
        yield (
            "failures",
            f"Fits fail or are suspect most often with {row.estimator} in {row.scenario} at "
            f"n = {row.size:,}: in {per_cent(share, error)} of the samples.",
        )
    for axis in axes(study.biases, study.estimators):
        yield from _over(axis, study, measures)


def _over(axis: Axis, study: Study, measures: Lookup) -> Iterator[tuple[str, str]]:
    """What a number that the study varies does to the mean of the first group, from end to end."""
    of_bias, scenario = axis.varies == "bias", study.scenarios[0]
    population, group = scenario.population.name, scenario.population.group_names[0]
    estimators = study.estimators_of(scenario.slug)
    shown = labelled(estimators) or estimators[0]
    size = study.sizes[-1] if of_bias else shown_size(study.sizes)
    each: list[str] = []
    for point in (axis.points[0], axis.points[-1]):
        bias, name = (point.name, shown.name) if of_bias else (scenario.bias.name, point.name)
        at = f"{population}.{bias}", name, size, group, SHOWN_PARAMETER
        row = measures.get("bias" if of_bias else "rmse", *at)
        if row:
            each.append(f"{with_error(row.value, row.mcse)} cm at {point.setting:g} ({point.name})")
    if len(each) > 1:
        what = f"bias of {shown.name}" if of_bias else "root mean squared error"
        yield (
            "strength" if of_bias else "labels",
            f"{axis.words[0].upper()}{axis.words[1:]}: at n = {size:,} the {what} for the mean of "
            f"{group} is {listed(each)}.",
        )
