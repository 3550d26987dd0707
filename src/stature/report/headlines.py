"""Headlines: what a study found, in sentences that are computed from its measures.

A sentence is left out where its estimator, bias or size is not in the study; none is ever made up.
"""

from collections.abc import Iterator

from stature.config.study import Study
from stature.design.scenarios import Scenario
from stature.domain.bias import NoBias
from stature.estimators.estimator import Estimator
from stature.measures.measure import Measure
from stature.measures.replicates import shown_size
from stature.report import bias_words
from stature.report.coverage_words import coverage_sentences
from stature.report.digits import per_cent, supported, with_error
from stature.report.lookup import Lookup

_SHOWS = 2.0
"""A bias below so many Monte-Carlo standard errors is not shown to be there."""


def headlines(study: Study, found: Lookup) -> dict[str, list[str]]:
    """What a study found."""
    told = {population.name: list[str]() for population in study.populations}
    for scenario in sorted(study.scenarios, key=lambda one: not isinstance(one.bias.bias, NoBias)):
        sentences = told[scenario.population.name]
        if isinstance(scenario.bias.bias, NoBias):
            sentences += _price(study, scenario, found)
            sentences += _worth(study, scenario, found)
            sentences += _hits(study, scenario, found)
            sentences += coverage_sentences(study, scenario, found)
            sentences += _passes(study, scenario, found)
        else:
            sentences += _plateau(study, scenario, found)
    return {name: sentences for name, sentences in told.items() if sentences}


def labelled(study: Study) -> Estimator | None:
    """The estimator that sees the labels and has a closed form, if the study has one.

    ``mle`` if it is among several, else the first by name.
    """
    chosen = [one for one in study.estimators if one.method == "closed-form"]
    return min(chosen, key=lambda one: (one.name != "mle", one.name), default=None)


def hidden(study: Study, shares: str = "free", sds: str = "free") -> Estimator | None:
    """The first estimator of hidden labels with such a model, if the study has one."""
    for one in study.estimators:
        model = one.model
        assumed = model.assumed_shares is not None or model.assumed_sds_cm is not None
        if (model.labels, model.shares, model.sds, assumed) == ("none", shares, sds, False):
            return one
    return None


def _price(study: Study, scenario: Scenario, found: Lookup) -> Iterator[str]:
    """By how much hiding the labels multiplies the error, and what known shares save."""
    size = shown_size(study.sizes)
    free, told = hidden(study), hidden(study, shares="known")
    paid = _of_means("price_of_hidden_labels", scenario, free, size, found)
    if paid:
        yield (
            f"Hiding the labels multiplies the error of the mean by {_each(paid)} at "
            f"n = {size:,} ({_name(free)} against the labelled estimator, same samples)."
        )
    saved = _of_means("price_of_hidden_labels", scenario, told, size, found)
    if saved:
        words = "Told how many people belong to each group"
        if _most(paid, saved):
            words = f"Known shares rescue most of it: {words[0].lower()}{words[1:]}"
        yield f"{words}, the factor is {_each(saved)} ({_name(told)})."


def _worth(study: Study, scenario: Scenario, found: Lookup) -> Iterator[str]:
    """How many unlabelled heights are worth the shown number of labelled ones."""
    size, largest = shown_size(study.sizes), study.sizes[-1]
    free = hidden(study)
    needed = _of_means("hidden_equivalent", scenario, free, size, found)
    if needed:
        yield (
            f"It takes {_each(needed)} heights without labels to learn the mean as well as from "
            f"{size:,} with labels."
        )
    worth = _of_means("labelled_equivalent", scenario, free, largest, found)
    if worth and largest > size:
        yield (
            f"{largest:,} heights without labels are worth {_each(worth)} with labels "
            f"({_name(free)})."
        )


def _hits(study: Study, scenario: Scenario, found: Lookup) -> Iterator[str]:
    """How often all means are within 2 cm of the truth."""
    size = shown_size(study.sizes)
    rates: list[str] = []
    for estimator, words in (
        (labelled(study), "labels seen"),
        (hidden(study), "labels hidden"),
        (hidden(study, shares="known"), "labels hidden but shares known"),
    ):
        if estimator is not None:
            rate = found.get("within_2cm", scenario.slug, estimator.name, size)
            if rate is not None:
                rates.append(f"{per_cent(rate.value, rate.mcse)} with {words}")
    if rates:
        first = rates[0].replace(" with ", " of the samples with ", 1)
        yield (
            f"At n = {size:,} all means lie within 2 cm of the truth in "
            f"{_listed([first, *rates[1:]])}."
        )


def _passes(study: Study, scenario: Scenario, found: Lookup) -> Iterator[str]:
    """How often EM reads the data."""
    size = shown_size(study.sizes)
    counts: list[str] = []
    for estimator in (hidden(study), hidden(study, shares="known")):
        if estimator is not None:
            passes = found.get("passes_median", scenario.slug, estimator.name, size)
            if passes is not None:
                counts.append(f"{supported(passes.value, passes.mcse)} for {estimator.name}")
    if counts:
        yield (
            f"Until the maximum is certified the data are read {_listed(counts)} times (median, "
            f"all starts, n = {size:,})."
        )


def _plateau(study: Study, scenario: Scenario, found: Lookup) -> Iterator[str]:
    """What a bias leaves of the labelled estimator, with however many people."""
    estimator, size = labelled(study), study.sizes[-1]
    biases = _of_means("bias", scenario, estimator, size, found)
    limits = _of_means("limit_bias", scenario, estimator, size, found)
    if estimator is None or not biases or len(limits) != len(biases):
        return
    worst, limit = max(zip(biases, limits, strict=True), key=lambda pair: abs(pair[1].value or 0.0))
    covered = found.get(
        "coverage", scenario.slug, estimator.name, size, worst.group, worst.parameter
    )
    sign = "above" if (worst.value or 0.0) > 0.0 else "below"
    if abs(worst.value or 0.0) < _SHOWS * (worst.mcse or 0.0):
        yield (
            f"{_bias_words(scenario)} leaves no bias of the labelled means that "
            f"{study.replicates:,} replicates could show at n = {size:,}; the largest, of "
            f"{worst.group}, is {with_error(worst.value, worst.mcse)} cm."
        )
        return
    covering = (
        f"; the 95 % interval holds the truth in {per_cent(covered.value, covered.mcse)} of the "
        "samples"
        if covered is not None
        else ""
    )
    yield (
        f"{_bias_words(scenario)}: more people do not help. With {size:,} labelled people the mean "
        f"of {worst.group} lies {_magnitude(worst)} cm {sign} the truth, and its limit "
        f"{supported(abs(limit.value or 0.0), worst.mcse)} cm{covering}."
    )


def _of_means(
    name: str, scenario: Scenario, estimator: Estimator | None, size: int, found: Lookup
) -> list[Measure]:
    """A measure of the mean of each group; empty if one of them has none."""
    if estimator is None:
        return []
    rows = [
        found.get(name, scenario.slug, estimator.name, size, group, "mean_cm")
        for group in scenario.population.group_names
    ]
    kept = [row for row in rows if row is not None]
    return kept if len(kept) == len(rows) else []


def _most(paid: list[Measure], saved: list[Measure]) -> bool:
    """Whether more than half of what hidden labels cost is saved, for every group."""
    return bool(paid) and all(
        (less.value or 0.0) - 1.0 < ((more.value or 0.0) - 1.0) / 2.0
        for less, more in zip(saved, paid, strict=True)
    )


def _each(rows: list[Measure]) -> str:
    """A measure of each group in words."""
    return _listed([f"{with_error(row.value, row.mcse)} for {row.group}" for row in rows])


def _magnitude(row: Measure) -> str:
    """A measure without its sign."""
    return with_error(abs(row.value or 0.0), row.mcse)


def _listed(parts: list[str]) -> str:
    """Parts of a sentence: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _name(estimator: Estimator | None) -> str:
    """Name of an estimator in a sentence."""
    return "" if estimator is None else estimator.name


def _bias_words(scenario: Scenario) -> str:
    """A bias in words, at the beginning of a sentence."""
    bias = scenario.bias.bias
    group = bias_words.only(bias)
    concerned = f", {group} only" if group else ""
    return f"{bias_words.phrase(bias)} ({scenario.bias.name}{concerned})"
