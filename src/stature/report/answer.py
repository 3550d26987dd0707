"""The answer of a study: what it found by figure, the three findings that matter, what to do."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stature.config.specs import MOST_PANELS
from stature.config.study import Study
from stature.domain.bias import NoBias
from stature.measures.needed import Needed, needed
from stature.measures.replicates import SHOWN_PARAMETER, shown_size
from stature.measures.settings import Axis, axes
from stature.report.factors import by_factor, middle_scenario, people
from stature.report.sentences import (
    COVERED,
    ESTIMATES,
    NO_HELP,
    WITH,
    WITH_SHARES,
    WITHOUT,
    About,
    errors,
    labelled,
    listed,
    plateau,
)
from stature.report.tables import Lookup
from stature.report.words import per_cent, phrase, with_error

_ERROR = "Monte-Carlo standard error"
_MIXED = (
    "Groups are taken for each other (see the warnings): whatever is said here of a single group "
    "and of estimators without labels is of a mixture of groups."
)
_MATTERS = ("needed", "answer", "price", "biases", "coverage", "errors")
"""Figures by how much the findings that they show matter."""
_THREE = 3


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
    found = [Finding("", "needed", text) for text in by_factor(study, measures)]
    several = {one.name for one in study.populations}
    if found and len(several) > MOST_PANELS:
        several -= varied
    biases = sorted(study.biases, key=lambda one: not isinstance(one.bias, NoBias))
    shown = biases[0].name
    for scenario in sorted(study.scenarios, key=lambda one: one.bias.name != shown):
        name, bias = scenario.population.name, scenario.bias
        if name not in several:
            continue
        about = About(study, scenario, measures)
        here: list[tuple[str, str]] = []
        if bias.name == shown:
            under = "" if isinstance(bias.bias, NoBias) else f"{phrase(bias.bias)} ({shown}): "
            for figure, of in ESTIMATES.items():
                texts = (f"{text[0].lower()}{text[1:]}" if under else text for text in of(about))
                here += [(figure, under + text) for text in texts]
        if not isinstance(bias.bias, NoBias):
            here += [("biases", text) for text in plateau(about)]
        here = here or [("errors", text) for text in errors(about)]
        own = any(f": populations[{name}].match: " in one for one in study.warnings)
        if here and (own or name in mixed) and name not in {one.population for one in found}:
            here.insert(0, ("", _MIXED))
        found += [Finding(name, figure, text) for figure, text in here]
    return found + [Finding("", figure, text) for figure, text in _of_study(study, measures)]


def answer(found: Sequence[Finding]) -> list[str]:
    """The three findings that a page opens with; the first error in brackets says what it is."""
    name = next((one.population for one in found if one.population), "")
    first = [one for one in found if one.population in ("", name)]
    chosen = [one for one in first if not one.figure]
    for figure in _MATTERS:
        chosen += sorted(
            (one for one in first if one.figure == figure), key=lambda one: NO_HELP not in one.text
        )[:1]
    kept = chosen[:_THREE]
    kept += [one for one in first if one not in kept and one.figure][: _THREE - len(kept)]
    texts = [
        f"{one.text.partition(COVERED)[0].rstrip('.')}." if one.figure == "biases" else one.text
        for one in kept
    ]
    return explained(texts)


def explained(sentences: list[str]) -> list[str]:
    """Sentences of which the first error in brackets says what it is."""
    for number, sentence in enumerate(sentences):
        changed = re.sub(r" \(([0-9.]+)\)", f" ({_ERROR} \\1)", sentence, count=1)
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
    first = min(study.scenarios, key=lambda one: not isinstance(one.bias.bias, NoBias))
    shown, middle = middle_scenario(study) or (first, "")
    about = About(study, shown, measures)
    rows = {
        row.estimator: row for row in needed(measures.usual.values()) if row.scenario == shown.slug
    }
    by = {
        words: rows[one.name] for one, words in about.ways if one is not None and one.name in rows
    }
    counts = [_few(row) + words for words, row in by.items()]
    what = "the mean" if about.groups == 1 else "all means"
    first, *others = counts or [""]
    first = first if about.groups == 1 else first.replace(" with", " people with", 1)
    title = f"To find {what} within 2 cm in 80 % of the samples takes {listed([first, *others])}"
    title = f"{title}{' people' if about.groups == 1 else ''}" if counts else ""
    title = f"{title} (at {middle})." if title and middle else f"{title}." if title else ""
    do: list[str] = []
    with_labels, without, shares = (by.get(words) for words in (WITH, WITHOUT, WITH_SHARES))
    best = rows.get(about.better.name) if about.better else None
    least = min(filter(None, (without, best)), key=_size, default=None)
    if with_labels and least and with_labels.size < least.size:
        by_which = f" ({least.estimator})" if least is best else ""
        do.append(
            f"Record who belongs to which group: {_few(with_labels)} people with labels do what "
            f"takes {_few(least)} without{by_which}."
        )
        if shares and shares.size < least.size:
            do.append(
                f"Where labels are lost, find out the shares of the groups: then {_few(shares)} do."
            )
    priors = {one.name for one in study.estimators if one.prior and one.model.labels == "none"}
    helped = min((rows[name] for name in priors & set(rows)), key=_size, default=None)
    if helped and without and helped.size < without.size:
        do.append(
            f"Where neither is known, say beforehand that shares and SDs are not far apart "
            f"({helped.estimator}): then {_few(helped)} do."
        )
    biased = [one for one in study.scenarios if not isinstance(one.bias.bias, NoBias)]
    if any(NO_HELP in text for one in biased for text in plateau(About(study, one, measures))):
        do.append(
            "Find out how people came into the sample, and take an estimator that allows for it: "
            "more people do not cure a bias."
        )
    return Advice(title, tuple(do))


def _size(row: Needed) -> tuple[float, str]:
    """By what rows are put in order, the same in every run."""
    return row.size, row.estimator


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
    failed = {
        key: (1.0 - (row.value or 0.0)) + ((flag.value or 0.0) if flag else 0.0)
        for key, row in measures.usual.items()
        if row.measure == "converged" and row.value is not None
        for flag in (measures.usual.get((*key[:-1], "suspect")),)
    }
    if failed and max(failed.values()) > 0.0:
        (scenario, estimator, size, *_), share = max(failed.items(), key=lambda one: one[1])
        where = f"{estimator} in {scenario} at n = {size:,}"
        yield (
            "failures",
            f"Fits fail or are suspect most often with {where}: in "
            f"{per_cent(min(share, 1.0), None)} of the samples.",
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
