"""What populations, biases and estimators say about one another, and how much they ask for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stature.config import warnings as odd
from stature.config.bias_items import AnyBiasItem, SequenceItem
from stature.config.build import bias_of, estimator_of
from stature.config.checks import named, number, steps
from stature.config.model import EstimatorItem, StudyFile
from stature.config.record import Study, amount, duration
from stature.config.scopes import in_scope
from stature.config.source import Key, Problem, shortened
from stature.config.truths import Truth
from stature.config.words import advice
from stature.domain.bias import writes_labels
from stature.estimators.refusals import why_no_interval, why_refused
from stature.theory.distributions import roughly_kept

FEWEST_KEPT = 1e-4
"""Share of the people met that a bias must keep; below it drawing takes too long."""
LARGE_FITS = 10**7
"""Fits from which a study must say that it means it."""
LARGE_BYTES = 20e9
"""Bytes on disk from which it must."""
_CORES = 8


def needs_groups(config: Mapping[Any, Any], population: str) -> bool:
    """Whether an estimator or a bias needs to know who of a population belongs to which group.

    True if an estimator that is for it sees labels or is told the truth's shares or SDs, or if a
    bias names a group.
    """
    for _, item in named(config, "estimators"):
        if not in_scope(item, "populations", population):
            continue
        told = (item.get("shares"), item.get("sds"))
        sees = item.get("labels")
        if (
            sees in ("all", "recorded")
            or number(sees) is not None
            or "known" in [word for word in told if _is_text(word)]
        ):
            return True
    of_labels = ("missing-labels", "swapped-labels")
    return any("group" in step or step.get("kind") in of_labels for _, step in steps(config))


def problems(
    truths: Mapping[int, Truth],
    biases: Mapping[int, AnyBiasItem],
    estimators: Mapping[int, EstimatorItem],
    config: Mapping[Any, Any],
) -> list[Problem]:
    """What cannot go together."""
    found: list[Problem] = []
    for position, bias in biases.items():
        key = ("biases", position)
        for truth in truths.values():
            found += _bias(bias, key, truth, config)
    for position, estimator in estimators.items():
        key = ("estimators", position)
        names = estimator.populations
        its_truths = [
            truth for truth in truths.values() if not names or truth.population.name in names
        ]
        for truth in its_truths:
            found += _assumed(estimator, key, truth)
        found += _refused(estimator, key, its_truths, config)
    return found


def warnings(file: StudyFile, truths: Sequence[Truth], config: Mapping[Any, Any]) -> list[Problem]:
    """What a reader of a valid study should know.

    The warnings, in the order of the keys of the model.
    """
    sizes = sorted(file.sizes)
    estimators = [estimator_of(item) for item in file.estimators]
    found = [
        Problem((key,), "is empty: say it in a sentence, it stands in the report")
        for key in ("aims", "why")
        if key in config and not config[key].strip()
    ]
    if file.replicates == 1:
        sentence = "no mcse from one replicate: measures have no error of their own"
        found.append(Problem(("replicates",), sentence))
    found += odd.of_sketching(config, file.samples, file.sketch_from, sizes)
    found += odd.of_small_sizes(truths, estimators, file.sampling, sizes)
    for position, truth in enumerate(truths):
        found += odd.of_population(truth, ("populations", position), file.sampling, sizes)
    found += odd.of_biases(config)
    found += odd.of_estimators(config["estimators"], estimators, truths)
    return found


def too_large(study: Study) -> list[Problem]:
    """A study of so many fits, or so much disk, that somebody should mean it.

    One problem, about no key, if the study is large and does not say ``allow_large``.
    """
    counts = study.counts
    if study.allow_large or (counts.fits < LARGE_FITS and counts.bytes <= LARGE_BYTES):
        return []
    time = duration(counts.cpu_seconds / _CORES)
    sentence = (
        f"{counts.fits:,} fits, about {time} on {_CORES} cores, {amount(counts.bytes)}; "
        "set allow_large: true"
    )
    return [Problem((), sentence)]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _bias(
    item: AnyBiasItem, key: Key, truth: Truth, config: Mapping[Any, Any]
) -> Iterator[Problem]:
    """A group that is not there, labels of a sketch, and a bias that keeps almost nobody."""
    population = truth.population
    if config.get("samples") == "sketch" and writes_labels(bias_of(item)):
        yield Problem(key, "a sketch does not tell whose label is missing: use samples: keep")
        return
    of_steps = [(key, item)]
    if isinstance(item, SequenceItem):
        of_steps = [((*key, "steps", place), step) for place, step in enumerate(item.steps)]
    named_groups = [(place, getattr(step, "group", None)) for place, step in of_steps]
    if not truth.labelled and any(group is not None for _, group in named_groups):
        return  # told at the population: it names no column of groups
    unknown = False
    for place, group in named_groups:
        if group is not None and group not in population.group_names:
            names = list(population.group_names)
            sentence = (
                f"population {population.name} has no group '{shortened(group)}'; "
                f"{advice(group, names, 'it has')}"
            )
            yield Problem((*place, "group"), sentence)
            unknown = True
    if unknown:
        return
    chances = roughly_kept(truth.population, bias_of(item), truth.pool)
    stratified = config.get("sampling", "stratified") == "stratified"
    sizes = config.get("sizes")
    numbers = [number(size) for size in (sizes if isinstance(sizes, list) else [sizes])]
    largest = max((size for size in numbers if size is not None), default=0.0)
    if not stratified:
        total = sum(
            group.share * chance for group, chance in zip(population.groups, chances, strict=True)
        )
        if total < FEWEST_KEPT:
            yield Problem(key, _too_few(total, f"population {population.name}", largest))
        return
    # A stratified sample draws each group on its own, so each must be there to be drawn.
    for group, chance in zip(population.groups, chances, strict=True):
        if chance < FEWEST_KEPT:
            whose = f"group '{shortened(group.name)}' of population {population.name}"
            yield Problem(key, _too_few(chance, whose, largest * group.share))


def _too_few(chance: float, whose: str, people: float) -> str:
    """How little is kept, and what that would cost."""
    if chance <= 0.0:
        return f"keeps nobody of {whose}"
    return (
        f"keeps {chance:.1g} of {whose}: {people:.0f} people would need {people / chance:.1g} "
        f"draws; expected at least {FEWEST_KEPT:g}"
    )


def _refused(
    item: EstimatorItem, key: Key, truths: Sequence[Truth], config: Mapping[Any, Any]
) -> Iterator[Problem]:
    """Settings that no method goes with, and labels of people who are not kept."""
    estimator = estimator_of(item)
    if estimator.model.labels in ("some", "recorded") and config.get("samples") == "sketch":
        sentence = "some labels need everybody; a sketch does not tell whose: use samples: keep"
        yield Problem((*key, "labels"), sentence)
    groups = {len(truth.population.groups) for truth in truths}
    refusals = {why_no_interval(estimator, count) for count in groups}
    yield from (Problem((*key, "interval"), words) for words in sorted(refusals) if words)
    if estimator.is_compiled:
        return
    refusals = {why_refused(estimator, count) for count in groups}
    yield from (Problem(key, words) for words in sorted(refusals) if words)


def _assumed(item: EstimatorItem, key: Key, truth: Truth) -> Iterator[Problem]:
    """Assumed numbers for other groups than a population has."""
    groups = truth.population.groups
    for field, numbers in (("shares", item.shares), ("sds", item.sds)):
        if isinstance(numbers, tuple) and len(numbers) != len(groups):
            names = ", ".join(shortened(group.name) for group in groups)
            sentence = (
                f"{len(numbers)} {'number' if len(numbers) == 1 else 'numbers'}, but population "
                f"{truth.population.name} has {len(groups)} "
                f"{'group' if len(groups) == 1 else 'groups'} ({names})"
            )
            yield Problem((*key, field), sentence)
