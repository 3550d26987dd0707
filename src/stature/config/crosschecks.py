"""What populations, biases and estimators say about one another, and what a reader should know."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from stature.config.checks import in_scope, named, number, steps
from stature.config.files import Truth
from stature.config.maps import kinds_of
from stature.config.messages import advice
from stature.config.model import EstimatorItem, StudyFile
from stature.config.source import Key, Problem, shortened
from stature.datafile.digits import rough
from stature.design.brought import functions_of
from stature.design.scenarios import NamedBias
from stature.domain.bias import Bias, Labelling, NoBias, writes_labels
from stature.domain.bias import Sequence as SequenceOfBiases
from stature.domain.model import Model, Sampling, parameter_rows
from stature.domain.population import Population
from stature.domain.quantity import HEIGHTS
from stature.domain.sampling import stratified_groups
from stature.estimators.estimator import OUTSIDE, Estimator, why_no_interval, why_refused
from stature.measures.matching import exchanges
from stature.theory.bounds import bound_covariance
from stature.theory.distributions import roughly_kept

FEWEST_KEPT = 1e-4  # share of the people met that a bias must keep; below it drawing takes too long
FEWEST_OF_A_GROUP = 2  # from one person nothing can be learned about a spread
SMALL_SIZE = 30
"""Below it samples without labels say nothing: a standard error exceeds the gap of the means."""
METRES = 3.0  # nobody is 3 cm tall, and nobody 3 m
INCHES = (40.0, 85.0)  # heights of grown people in inches; as cm they would be those of infants
SMALLEST_SD_CM = 0.5  # heights of people never vary so little: an SD below is one in metres
NEGATIVE_SDS = 3.0  # with fewer SDs between the mean and zero, negative heights would be drawn
_WIDEST_RATIO = 20.0
"""Groups so many times wider or farther apart than the narrowest make the quadrature long: the
bound is then left out of the warning."""
SMALLEST_SHIFT_CM = 0.05
"""Nobody reports a height that is wrong by so little: such a shift is one in metres."""
_MOST_SIZES = 5
EXCHANGED, _RARELY = 0.05, 1e-3
"""Share of samples with two groups taken for each other: above it a study is warned, and below
which two ways of matching are as good as each other."""


def needs_groups(config: Mapping[Any, Any], population: str) -> bool:
    """Whether an estimator or a bias needs to know who of a population belongs to which group.

    True if an estimator that is for it uses labels or the truth's shares or SDs, or if a bias
    names a group.
    """
    for _, item in named(config, "estimators"):
        if not in_scope(item, "populations", population):
            continue
        labels, shares, sds = (item.get(key) for key in ("labels", "shares", "sds"))
        uses_labels = labels in ("all", "recorded") or number(labels) is not None
        choose = item.get("choose")
        among = choose.get("among") if isinstance(choose, Mapping) else None
        each = [one for one in among if isinstance(one, Mapping)] if isinstance(among, list) else []
        taken = [sds, *(one.get("sds") for one in each)]
        if uses_labels or shares == "known" or "known" in taken or "ratio" in taken:
            return True
    of_labels = [*kinds_of(get_args(Labelling))]
    return any("group" in step or step.get("kind") in of_labels for _, step in steps(config))


def problems(
    truths: Mapping[int, Truth],
    biases: Mapping[int, NamedBias],
    estimators: Mapping[int, EstimatorItem],
    config: Mapping[Any, Any],
) -> list[Problem]:
    """What cannot go together."""
    found: list[Problem] = []
    for position, bias in biases.items():
        key = ("biases", position)
        for truth in truths.values():
            found += _bias(bias.bias, key, truth, config)
    for position, item in estimators.items():
        key = ("estimators", position)
        names = item.populations
        its_truths = [
            truth for truth in truths.values() if not names or truth.population.name in names
        ]
        for truth in its_truths:
            found += _assumed(item.used, key, truth)
        found += _refused(item.used, key, its_truths, config)
    return found


def warnings(file: StudyFile, truths: Sequence[Truth], config: Mapping[Any, Any]) -> list[Problem]:
    """What a reader of a valid study should know, in the order of the keys of the model."""
    sizes = sorted(file.sizes)
    estimators = [item.used for item in file.estimators]
    found = [
        Problem((key,), "is empty: say it in a sentence, it stands in the report")
        for key in ("aims", "why")
        if key in config and not config[key].strip()
    ]
    if file.replicates == 1:
        sentence = "one replicate: only rates have a Monte-Carlo standard error"
        found.append(Problem(("replicates",), sentence))
    found += _of_sketching(config, file.samples, file.sketch_from, sizes)
    found += _of_small_sizes(truths, estimators, file.sampling, sizes)
    for position, truth in enumerate(truths):
        key = ("populations", position)
        found += truth.warnings
        if truth.population.data is None and (file.quantity or HEIGHTS).is_height:
            found += _units(truth.population, key)
        alike = [*_alike(truth.population, key)]
        found += alike
        found += _few_people(truth.population, key, file.sampling, sizes)
        if not (alike or truth.population.draw):
            found += _exchanged(truth.population, (*key, "match"), file, sizes)
    found += _of_biases(config) if (file.quantity or HEIGHTS).is_height else ()
    found += _of_estimators(config["estimators"], estimators, truths)
    return found


def _bias(bias: Bias, key: Key, truth: Truth, config: Mapping[Any, Any]) -> Iterator[Problem]:
    """A group that is not there, labels of a sketch, and a bias that keeps almost nobody."""
    population = truth.population
    if functions_of(population, bias):
        if config.get("samples") == "sketch":
            yield Problem(key, "a sketch is not for people of a function: use samples: keep")
        return
    if config.get("samples") == "sketch" and writes_labels(bias):
        yield Problem(key, "a sketch does not record whose label is missing: use samples: keep")
        return
    of_steps = [(key, bias)]
    if isinstance(bias, SequenceOfBiases):
        of_steps = [((*key, "steps", place), step) for place, step in enumerate(bias.steps)]
    named_groups = [(place, getattr(step, "group", "")) for place, step in of_steps]
    if not truth.labelled and any(group for _, group in named_groups):
        return  # a problem of the population: it names no column of groups
    names = population.group_names
    unknown = [(place, group) for place, group in named_groups if group and group not in names]
    for place, group in unknown:
        sentence = f"population {population.name} has no group '{shortened(group)}'"
        yield Problem((*place, "group"), f"{sentence}; {advice(group, names, 'it has')}")
    if unknown:
        return
    chances = roughly_kept(truth.population, bias, truth.pool)
    sizes = config.get("sizes")
    known = map(number, sizes if isinstance(sizes, list) else [sizes])
    largest = max((size for size in known if size is not None), default=0.0)
    whose = f"population {population.name}"
    # A stratified sample draws each group on its own, so each must be there to be drawn.
    drawn = [
        (f"group '{shortened(group.name)}' of {whose}", group.share, chance)
        for group, chance in zip(population.groups, chances, strict=True)
    ]
    if config.get("sampling", "stratified") != "stratified":
        drawn = [(whose, 1.0, sum(share * chance for _, share, chance in drawn))]
    for whose, share, chance in drawn:
        people = largest * share
        if chance <= 0.0:
            yield Problem(key, f"keeps nobody of {whose}")
        elif chance < FEWEST_KEPT:
            sentence = (
                f"keeps {chance:.1g} of {whose}: {people:.0f} people would need "
                f"{people / chance:.1g} draws; expected at least {FEWEST_KEPT:g}"
            )
            yield Problem(key, sentence)


def _refused(
    estimator: Estimator, key: Key, truths: Sequence[Truth], config: Mapping[Any, Any]
) -> Iterator[Problem]:
    """Settings that no method goes with, and labels of people who are not kept."""
    if estimator.model.labels in ("some", "recorded") and config.get("samples") == "sketch":
        sentence = "some labels need everybody; a sketch does not record whose: use samples: keep"
        yield Problem((*key, "labels"), sentence)
    if estimator.method in OUTSIDE and config.get("samples") == "sketch":
        sentence = "an estimator from outside needs everybody: use samples: keep"
        yield Problem((*key, "method"), sentence)
    judges = [((*key, "interval"), why_no_interval)]
    judges.append((key, why_refused))
    groups = {len(truth.population.groups) for truth in truths}
    for place, why in judges:
        refusals = {why(estimator, count) for count in groups}
        yield from (Problem(place, words) for words in sorted(refusals) if words)


def _assumed(estimator: Estimator, key: Key, truth: Truth) -> Iterator[Problem]:
    """Assumed numbers for other groups than a population has."""
    groups, model = truth.population.groups, estimator.model
    for field, numbers in (("shares", model.assumed_shares), ("sds", model.assumed_sds_cm)):
        if numbers is not None and len(numbers) != len(groups):
            names = ", ".join(shortened(group.name) for group in groups)
            sentence = (
                f"{len(numbers)} {'number' if len(numbers) == 1 else 'numbers'}, but population "
                f"{truth.population.name} has {len(groups)} "
                f"{'group' if len(groups) == 1 else 'groups'} ({names})"
            )
            yield Problem((*key, field), sentence)


def _of_biases(config: Mapping[Any, Any]) -> Iterator[Problem]:
    """Shifts that look like metres."""
    for key, item in steps(config):
        shift = number(item.get("shift_cm"))
        if shift is not None and 0.0 < abs(shift) < SMALLEST_SHIFT_CM:
            sentence = f"a shift of {shift:g} cm: metres? shifts here are in cm"
            yield Problem((*key, "shift_cm"), sentence)


def _of_estimators(
    items: Sequence[Mapping[Any, Any]], estimators: Sequence[Estimator], truths: Sequence[Truth]
) -> Iterator[Problem]:
    """Settings without effect, estimators that are the same, hidden labels of one group."""
    of_one = [truth.population.name for truth in truths if len(truth.population.groups) == 1]
    for position, (item, estimator) in enumerate(zip(items, estimators, strict=True)):
        key = ("estimators", position)
        if estimator.method == "closed-form" and item.get("starts", 1) != 1:
            yield Problem((*key, "starts"), "no effect: a closed form starts nowhere")
        single = [name for name in of_one if in_scope(item, "populations", name)]
        counts = estimator.choose and any(one.groups for one in estimator.choose.among)
        if estimator.model.labels == "none" and single and not counts:
            names = ", ".join(single)
            sentence = (
                f"population {names} has one group: there are no labels to hide, and two groups "
                "are not identifiable; one normal is fitted"
            )
            yield Problem(key, sentence)
        for other in estimators[:position]:
            if replace(other, name=estimator.name) == estimator:
                yield Problem(key, f"the same as '{other.name}' in all but the name")
                break


def _of_small_sizes(
    truths: Sequence[Truth],
    estimators: Sequence[Estimator],
    sampling: Sampling,
    sizes: Sequence[int],
) -> Iterator[Problem]:
    """Sizes too small for samples without labels, once, with the smallest standard error there."""
    small = [size for size in sizes if size < SMALL_SIZE]
    hidden = [estimator for estimator in estimators if estimator.model.labels == "none"]
    several = [truth for truth in truths if len(truth.population.groups) > 1]
    if not (small and hidden and several):
        return
    sentence = f"n = {_some(small)}: too few for estimators that do not use the labels"
    drawn = several[0].population
    bound = None if drawn.draw else _standard_error_cm(drawn, sampling, small[0])
    if bound is not None:
        sentence += (
            f" (population {several[0].population.name}, all parameters free: standard error of "
            f"a mean about {rough(bound)} cm at n = {small[0]})"
        )
    yield Problem(("sizes",), sentence)


def _of_sketching(
    config: Mapping[Any, Any], samples: str, sketch_from: int, sizes: Sequence[int]
) -> Iterator[Problem]:
    """Settings of sketches that change nothing."""
    if samples == "keep" and "sketch_from" in config:
        yield Problem(("sketch_from",), "no effect: samples: keep keeps people of every size")
    if samples == "sketch" and sizes[-1] <= sketch_from:
        yield Problem(("samples",), f"no effect: no size is above sketch_from, {sketch_from}")


def _units(population: Population, key: Key) -> Iterator[Problem]:
    """Numbers that look like another unit, or that lead to negative heights."""
    for group in population.groups:
        odd = ""
        if group.mean_cm < METRES:
            odd = f"mean {group.mean_cm:g}: metres"
        elif INCHES[0] <= group.mean_cm <= INCHES[1]:
            odd = f"mean {group.mean_cm:g}: inches"
        elif group.sd_cm < SMALLEST_SD_CM:
            odd = f"SD {group.sd_cm:g}: metres"
        if odd:
            yield Problem(key, f"group '{group.name}': {odd}? heights here are in cm")
        if group.sd_cm * NEGATIVE_SDS > group.mean_cm:
            sentence = (
                f"SD {group.sd_cm:g} is more than a third of the mean {group.mean_cm:g}: "
                "negative heights would be drawn"
            )
            yield Problem(key, f"group '{group.name}': {sentence}")


def _alike(population: Population, key: Key) -> Iterator[Problem]:
    """Groups that no height distinguishes."""
    for index, group in enumerate(population.groups):
        for other in population.groups[:index]:
            if (group.mean_cm, group.sd_cm) == (other.mean_cm, other.sd_cm):
                sentence = (
                    f"groups '{other.name}' and '{group.name}' are alike in mean and SD: "
                    "the labels cannot be learned"
                )
                yield Problem(key, sentence)


def _exchanged(
    population: Population, key: Key, file: StudyFile, sizes: Sequence[int]
) -> Iterator[Problem]:
    """Groups that estimators without labels take for each other, and what tells them apart."""
    hidden = [
        item.used.model
        for item in file.estimators
        if item.used.model.labels == "none"
        if not item.populations or population.name in item.populations
    ]
    # With fewer people of a group nothing is known of its estimates, and that is said elsewhere.
    fewest = (FEWEST_OF_A_GROUP + 1) / population.shares.min()
    known = [size for size in sizes if size >= fewest]
    ways = exchanges(population, hidden, file.sampling, known)
    often = [
        place for place, one in enumerate(ways.get(population.match, ())) if one.chance > EXCHANGED
    ]
    if not often:
        return
    largest = {way: max(found[place].chance for place in often) for way, found in ways.items()}
    best = min(ways, key=lambda way: max(largest[way], _RARELY))
    own = ways[population.match][often[0]]
    remedy = "no other match is better: labels, known parameters or more people would be"
    if max(largest[best], _RARELY) < largest[population.match] / 2.0:
        remedy = f"with match: {best} in {_in_words(largest[best])}"
    others = f" (and too often at n = {_some([known[place] for place in often[1:]])})"
    yield Problem(
        key,
        f"without labels and matched by {population.match}, groups '{own.lower}' and "
        f"'{own.upper}' would be taken for each other in {_in_words(own.chance)} of the samples "
        f"at n = {known[often[0]]}{others if often[1:] else ''}, so that measures of each are of "
        f"both; {remedy}",
    )


def _in_words(chance: float) -> str:
    """A small chance, in words."""
    return "less than 0.1 %" if chance < _RARELY else f"about {rough(100.0 * chance)} %"


def _few_people(
    population: Population, key: Key, sampling: Sampling, sizes: Sequence[int]
) -> Iterator[Problem]:
    """Groups of which a sample holds nobody, or one person."""
    groups = population.groups
    for index, group in enumerate(groups):
        few: dict[int, int] = {}
        for size in sizes:
            if sampling == "stratified":
                if size * group.share >= FEWEST_OF_A_GROUP + 1:
                    continue
                people = int((stratified_groups(population.shares, size) == index).sum())
                if people < FEWEST_OF_A_GROUP:
                    few[size] = people
            elif size < FEWEST_OF_A_GROUP * len(groups):
                few[size] = int(size * group.share)
        if few:
            size, people = next(iter(few.items()))
            more = f" (and at n = {_some(list(few)[1:])} too few)" if len(few) > 1 else ""
            about = "" if sampling == "stratified" else "about "
            sentence = (
                f"group '{group.name}' has {about}{people} "
                f"{'person' if people == 1 else 'people'} at n = {size}{more}: its estimates "
                "there will have status too_few"
            )
            yield Problem(key, sentence)


def _some(sizes: Sequence[int]) -> str:
    """The first few sizes, in words."""
    more = ", …" if len(sizes) > _MOST_SIZES else ""
    return ", ".join(str(size) for size in sizes[:_MOST_SIZES]) + more


def _standard_error_cm(population: Population, sampling: Sampling, size: int) -> float | None:
    """Smallest standard error in cm of the worse mean, all parameters free, labels hidden."""
    sds_cm = population.sds_cm
    spread_cm = float(np.ptp(population.means_cm) + sds_cm.max())
    if spread_cm > _WIDEST_RATIO * sds_cm.min():
        return None
    try:
        with np.errstate(all="ignore"):
            covariance = bound_covariance(population, NoBias(), Model("none"), sampling)
    except np.linalg.LinAlgError:
        return None
    if covariance is None:
        return None
    rows = zip(parameter_rows(population.group_names), np.diag(covariance).tolist(), strict=True)
    worst = max(variance for (_, parameter), variance in rows if parameter == "mean_cm")
    return math.sqrt(worst / size) if math.isfinite(worst) and worst > 0.0 else None
