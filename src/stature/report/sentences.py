"""Sentences: what a study found, computed from its measures.

A sentence is left out where its estimator, bias or size is not in the study; none is ever made up.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from math import hypot

from scipy.special import ndtr, stdtrit

from stature.config.study import Study
from stature.design.scenarios import Scenario
from stature.domain.observation import Exact
from stature.estimators.estimator import OUTSIDE, Estimator
from stature.measures.measure import Measure, wald_sibling
from stature.measures.replicates import SHOWN_PARAMETER, shown_size
from stature.report.tables import Lookup
from stature.report.words import (
    is_none,
    listed,
    number_of_people,
    only,
    per_cent,
    phrase,
    supported,
    with_error,
)
from stature.theory.lesson import LessonRow

_NO_LIMIT_CM = 1e-3
"""A large-sample limit as near to the truth is the truth: quadrature knows it no better."""
_SAME_ERROR = 1e-3
"""Errors whose ratio is as near to 1 are the same."""
_SHOWS = 2.0
"""A difference below so many Monte-Carlo standard errors is not shown to be there."""


WITH, WITHOUT, BY = " with labels", " without labels by ", " by "
WITH_SHARES = " if only the shares are known"
COVERED = "; the 95 % interval"
NO_HELP = "more people do not help"

_NOMINAL = 0.95
_NEARLY_ALL = 0.9995  # would be written as all of it
_SAME = 1e-6  # numbers of a lesson that differ by less are the same to every digit that is shown
_MOST_NAMED = 3
"""Populations or biases up to which a question names each."""


def question(study: Study) -> str:
    """What a study asks that does not say so itself: of whom, from what, and under which biases."""
    named = [f"{listed([*one.group_names])} ({one.name})" for one in study.populations]
    counts = sorted({len(one.groups) for one in study.populations})
    whose = f"of {listed(named)}"
    if len(named) > _MOST_NAMED:
        of = " or ".join(map(str, counts))
        whose = f"of {len(named)} populations of {of} {'group' if counts == [1] else 'groups'}"
    low, high = study.sizes[0], study.sizes[-1]
    people = f"{low:,} to {high:,} people" if low < high else f"{low:,} people"
    what = "mean and SD" if counts == [1] and len(named) == 1 else "means and SDs"
    parts = [f"How well can the {what} {whose} be learned from samples of {people}"]
    if counts != [1]:
        known = {one.model.labels for one in study.estimators}
        ways = [words for labels, words in _LABELS.items() if labels & known]
        parts.append(listed(ways))
    biased = [named for named in study.biases if not is_none(named.bias)]
    if biased:
        phrases = [f"{phrase(one.bias)[:1].lower()}{phrase(one.bias)[1:]}" for one in biased]
        some = listed([*dict.fromkeys(phrases)])
        under = some if len(biased) <= _MOST_NAMED else f"{len(biased)} biases"
        unbiased = "without bias and " if len(biased) < len(study.biases) else ""
        parts.append(f"{unbiased}under {under}")
    return f"{', '.join(parts)}?"


_LABELS = {
    frozenset({"all"}): "with everybody's label",
    frozenset({"some", "recorded"}): "with some of the labels",
    frozenset({"none"}): "without labels",
}


def labelled(estimators: Iterable[Estimator]) -> Estimator | None:
    """The estimator that uses the labels and has a closed form, if one of them does.

    ``mle`` if it is among several, else the first by name.
    """
    chosen = [one for one in estimators if one.method == "closed-form"]
    return min(chosen, key=lambda one: (one.name != "mle", one.name), default=None)


def hidden(
    estimators: Iterable[Estimator], shares: str = "free", iterates: bool = False
) -> Estimator | None:
    """The first estimator without labels and with free SDs of such a model, if there is one."""
    for one in estimators:
        model = one.model
        assumed = model.assumed_shares is not None or model.assumed_sds_cm is not None
        is_meant = (model.labels, model.shares, model.sds) == ("none", shares, "free")
        is_meant = is_meant and one.method not in OUTSIDE
        if is_meant and not assumed and (one.ends_at_maximum or not iterates):
            return one
    return None


def from_heights(estimators: Iterable[Estimator]) -> list[Estimator]:
    """The estimators that know nothing but heights: neither labels nor any parameter."""
    return [
        one
        for one in estimators
        if one.model.labels == "none" and "known" not in (one.model.shares, one.model.sds)
        if not one.oracle
    ]


@dataclass(frozen=True, slots=True)
class About:
    """A scenario that sentences are about."""

    study: Study
    scenario: Scenario
    measures: Lookup

    @property
    def estimators(self) -> tuple[Estimator, ...]:
        """Estimators that are fitted to it."""
        return self.study.estimators_of(self.scenario.slug)

    @property
    def groups(self) -> int:
        """Number of groups."""
        return len(self.scenario.population.groups)

    @property
    def size(self) -> int:
        """Number of people in sentences."""
        return shown_size(self.study.sizes)

    @property
    def best(self) -> Estimator | None:
        """What finds the means more often than the first estimator from heights alone, if any."""
        first = hidden(self.estimators)
        rates = {
            one.name: (one, row.value or 0.0, row.mcse or 0.0)
            for one in from_heights(self.estimators)
            if (row := self.get("within_2cm", one.name, self.size))
        }
        if not rates:
            return None
        best, rate, error = max(rates.values(), key=lambda one: one[1])
        if first is not None and first.name in rates:
            _, other, its_error = rates[first.name]
            return best if rate - other > _SHOWS * hypot(error, its_error) else None
        return best

    @property
    def ways(self) -> list[tuple[Estimator, str]]:
        """Estimators with labels, without (the first, and a better one), and with known shares."""
        if self.groups == 1:
            found = [(labelled(self.estimators), "")]
        else:
            first, best = hidden(self.estimators), self.best
            found = [
                (labelled(self.estimators), WITH),
                *[
                    (one, (BY if turn else WITHOUT) + one.name)
                    for turn, one in enumerate(filter(None, (first, best)))
                ],
                (hidden(self.estimators, shares="known"), WITH_SHARES),
            ]
        return [(one, words) for one, words in found if one is not None]

    def get(self, name: str, estimator: str, size: int, group: str = "") -> Measure | None:
        """A measure of the whole fit, or of a group's mean."""
        parameter = SHOWN_PARAMETER if group else ""
        return self.measures.get(name, self.scenario.slug, estimator, size, group, parameter)

    def of_means(self, name: str, estimator: Estimator | None, size: int) -> list[Measure]:
        """A measure of the mean of each group; empty if one of them has none."""
        if estimator is None:
            return []
        groups = self.scenario.population.group_names
        rows = [self.get(name, estimator.name, size, group) for group in groups]
        kept = [row for row in rows if row is not None]
        return kept if len(kept) == len(rows) else []


def _price(about: About) -> Iterator[str]:
    """By how much hiding the labels multiplies the error, and what known shares save."""
    if about.groups == 1:
        return  # there are no labels to hide
    free, known = hidden(about.estimators), hidden(about.estimators, shares="known")
    paid = about.of_means("price_of_hidden_labels", free, about.size)
    if free is not None and paid:
        price = f"multiplies the error of the mean by {_each(paid)}"
        if all(row.value and abs(row.value - 1.0) < _SAME_ERROR for row in paid):
            price = "costs nothing: the errors of the means are the same"
        yield (
            f"Hiding the labels {price} at n = {about.size:,} ({free.name} against the labelled "
            "estimator on the same samples)."
        )
    best = about.best
    less = about.of_means("price_of_hidden_labels", best, about.size)
    if best is not None and best != free and less:
        yield (
            f"With {best.name}, which finds the means most often without labels, the factor is "
            f"{_each(less)}."
        )
    saved = about.of_means("price_of_hidden_labels", known, about.size)
    if known is not None and saved:
        words = "With the share of each group known"
        # More than half of what hidden labels cost is saved, for every group.
        if paid and all(
            (less.value or 0.0) - 1.0 < ((more.value or 0.0) - 1.0) / 2.0
            for less, more in zip(saved, paid, strict=True)
        ):
            words = "Known shares make up for most of the loss: with them"
        yield f"{words}, the factor is {_each(saved)} ({known.name})."


def _worth(about: About) -> Iterator[str]:
    """How many unlabelled heights are worth the shown number of labelled ones."""
    if about.groups == 1:
        return
    free, largest = hidden(about.estimators), about.study.sizes[-1]
    needed = about.of_means("hidden_equivalent", free, about.size)
    if free is not None and needed:
        yield (
            f"To learn the mean as well as from {about.size:,} labelled heights, {free.name} takes "
            f"{_each(needed, 'unlabelled ones')}."
        )
    worth = about.of_means("labelled_equivalent", free, largest)
    if free is not None and worth and largest > about.size:
        yield (
            f"{largest:,} unlabelled heights are worth {_each(worth, 'labelled ones')} "
            f"({free.name})."
        )


def _hits(about: About) -> Iterator[str]:
    """How often all means are within 2 cm of the truth."""
    one_group = about.groups == 1
    rates: list[str] = []
    for estimator, words in about.ways:
        rate = about.get("within_2cm", estimator.name, about.size)
        if rate:
            of = "" if rates else " of the samples"
            rates.append(f"{per_cent(rate.value, rate.mcse)}{of}{words}")
    if rates:
        subject = "the mean lies" if one_group else "all means lie"
        yield f"At n = {about.size:,} {subject} within 2 cm of the truth in {listed(rates)}."


def _intervals(about: About) -> Iterator[str]:
    """Whether the coverage of other intervals is nearer to 95 % than that of Wald's."""
    group = about.scenario.population.group_names[0]
    for estimator in about.estimators:
        wald = wald_sibling(estimator, about.estimators)
        if wald is None:
            continue
        base = about.get("coverage", wald.name, about.size, group)
        own = about.get("coverage", estimator.name, about.size, group)
        nearer = about.get("closer_to_nominal", estimator.name, about.size, group)
        if base is None or own is None or nearer is None:
            continue
        points, mcse = 100.0 * (nearer.value or 0.0), 100.0 * (nearer.mcse or 0.0)
        by = f"by {with_error(abs(points), mcse)} percentage points"
        verdict = f"{estimator.name} is {'nearer to' if points > 0.0 else 'farther from'} 95 % {by}"
        if abs(points) <= _SHOWS * mcse:
            verdict = f"it is not shown which of them is nearer to 95 %: they differ {by}"
        yield (
            f"At n = {about.size:,} the 95 % interval of the mean of {group} contains the truth in "
            f"{per_cent(base.value, base.mcse)} of the samples with {wald.name} and in "
            f"{per_cent(own.value, own.mcse)} with {estimator.name}; {verdict}."
        )


def _evaluations(about: About) -> Iterator[str]:
    """How many likelihood evaluations estimators need that iterate without labels to a maximum."""
    counts: list[str] = []
    for shares in ("free", "known") if about.groups > 1 else ():
        estimator = hidden(about.estimators, shares, iterates=True)
        row = estimator and about.get("passes_median", estimator.name, about.size)
        if estimator and row:
            number = supported(row.value, row.mcse)
            unit = "" if counts else f" likelihood evaluation{'' if number == '1' else 's'}"
            counts.append(
                f"{estimator.name}{'' if counts else ' needs a median of'} {number}{unit}"
            )
    if counts:
        yield f"To converge, {listed(counts)} (all starts together, n = {about.size:,})."


def _starts(about: About) -> Iterator[str]:
    """How often more starts would have moved the answer, at the smallest size and the shown one."""
    estimator, shares = hidden(about.estimators, iterates=True), list[str]()
    moved = 0.0
    for size in dict.fromkeys((about.study.sizes[0], about.size)):
        row = estimator and about.get("moved_by_a_start", estimator.name, size)
        if row:
            of = "" if shares else " of the samples"
            shares.append(f"{per_cent(row.value, row.mcse)}{of} at n = {size:,}")
            moved += row.value or 0.0
    if estimator is None or estimator.starts == 1 or not shares or about.groups == 1:
        return  # one start, or a single normal, for which there is no search
    if moved == 0.0:
        yield (
            f"In every sample at least two starts of {estimator.name} reached its best maximum, so "
            "that another start would hardly lead to a better one."
        )
    else:
        yield (
            f"Another start would lead {estimator.name} to a better maximum in at most "
            f"{listed(shares)}."
        )


def plateau(about: About) -> Iterator[str]:
    """What a bias leaves of an estimator, with however many people: with labels, if there is one.

    More people do not help where the limit is not the truth. Then estimators follow that say how
    heights were recorded.
    """
    size = about.study.sizes[-1]
    for estimator in filter(None, (labelled(about.estimators), *about.estimators)):
        biases = about.of_means("bias", estimator, size)
        limits = about.of_means("limit_bias", estimator, size)
        if biases and limits:
            break
    else:
        return
    pairs = [(bias, limit.value or 0.0) for bias, limit in zip(biases, limits, strict=True)]
    worst, limit = max(pairs, key=lambda pair: abs(pair[1]))
    mcse, group = worst.mcse or 0.0, only(about.scenario.bias.bias)
    subject = phrase(about.scenario.bias.bias)
    subject += f" ({about.scenario.bias.name}{f', {group} only' if group else ''})"
    if abs(limit) <= max(_SHOWS * mcse, _NO_LIMIT_CM):
        worst, _ = max(pairs, key=lambda pair: abs(pair[0].value or 0.0))
        seen = "a" if _is_shown(worst, len(pairs)) else "no"
        yield (
            f"{subject}: {seen} bias of the means by {estimator.name} is detected at "
            f"n = {size:,}; the largest, that of {worst.group}, is "
            f"{with_error(worst.value, worst.mcse)} cm."
        )
        return
    covered = about.get("coverage", estimator.name, size, worst.group)
    covering = (
        f"{COVERED} contains the truth in {per_cent(covered.value, covered.mcse)} of the samples"
        if covered is not None
        else ""
    )
    off = worst.value or 0.0
    yield (
        f"{subject}: {NO_HELP}. With {size:,} people the mean of {worst.group} by "
        f"{estimator.name} lies {with_error(abs(off), worst.mcse)} cm "
        f"{'above' if off > 0.0 else 'below'} the truth (large-sample limit: "
        f"{supported(abs(limit), worst.mcse)} cm){covering}."
    )
    for one, row in allowing(about):
        yield (
            f"{one.name}, for which heights are {one.model.observation.kind}, has a bias of "
            f"{with_error(row.value, row.mcse)} cm there (mean of {row.group})."
        )


def allowing(about: About) -> Iterator[tuple[Estimator, Measure]]:
    """Estimators that say how heights were recorded, each with its largest bias of a mean."""
    for one in about.estimators:
        own = about.of_means("bias", one, about.study.sizes[-1])
        if own and not isinstance(one.model.observation, Exact):
            yield one, max(own, key=lambda each: abs(each.value or 0.0))


def errors(about: About) -> list[str]:
    """How far off estimates are, where there is nothing to compare: of one estimator, and all."""
    found = [
        (one.name, row)
        for one in about.estimators
        if (
            row := about.get("rmse", one.name, about.size, about.scenario.population.group_names[0])
        )
    ]
    if not found:
        return []
    bias = about.scenario.bias
    biased = "" if is_none(bias.bias) else f" and under {bias.name}"
    each = [f"{with_error(row.value, row.mcse)} cm by {name}" for name, row in found[:_MOST_NAMED]]
    return [
        f"At n = {about.size:,}{biased} the root mean squared error of the mean of "
        f"{found[0][1].group} is {listed(each)}."
    ]


def _each(rows: list[Measure], unit: str = "") -> str:
    """A measure of each group in words, the unit (of a number of people) after the first number."""
    written = number_of_people if unit else with_error
    parts = [written(row.value or 0.0, row.mcse) for row in rows]
    parts[0] += f" {unit}" if unit else ""
    return listed([f"{part} for {row.group}" for part, row in zip(parts, rows, strict=True)])


def _falls(about: About) -> Iterator[str]:
    """How the error of one mean falls as people are added, with labels and without."""
    first, last = about.study.sizes[0], about.study.sizes[-1]
    group = about.scenario.population.group_names[0]
    each: list[str] = []
    for estimator in dict.fromkeys(one for one, _ in about.ways):
        ends = [about.get("rmse", estimator.name, size, group) for size in (first, last)]
        if first < last and all(ends):
            few, many = (with_error(row.value, row.mcse) for row in ends if row)
            each.append(f"from {few} to {many} cm by {estimator.name}")
    if each:
        yield (
            f"From {first:,} to {last:,} people the root mean squared error of the mean of {group} "
            f"goes {listed(each)}."
        )


def _coverages(about: About) -> Iterator[str]:
    """Which interval misses the truth most often, and at which size."""
    group = about.scenario.population.group_names[0]
    rows = [
        row
        for one in about.estimators
        for size in about.study.sizes
        if (row := about.get("coverage", one.name, size, group))
    ]
    if rows:
        worst = min(rows, key=lambda row: row.value or 0.0)
        covered = per_cent(worst.value, worst.mcse)
        of = f"{worst.estimator} at n = {worst.size:,}"
        if _NOMINAL - (worst.value or 0.0) <= _SHOWS * (worst.mcse or 0.0):
            yield (
                f"No 95 % interval of the mean of {group} is shown to miss the truth too often; "
                f"the lowest coverage, that of {of}, is {covered}."
            )
        else:
            yield (
                f"The 95 % interval of the mean of {group} contains the truth least often with "
                f"{of}: in {covered} of the samples."
            )


def _misses(about: About) -> Iterator[str]:
    """How many intervals miss, with labels and without."""
    group = about.scenario.population.group_names[0]
    each: list[str] = []
    for estimator in dict.fromkeys(one for one, _ in about.ways):
        row = about.get("coverage", estimator.name, about.size, group)
        if row:
            each.append(f"{per_cent(1.0 - (row.value or 0.0), row.mcse)} by {estimator.name}")
    if each:
        yield (
            f"Of the intervals of the mean of {group} at n = {about.size:,}, {listed(each)} miss "
            "the truth; 5 % should."
        )


def _biased(about: About) -> Iterator[str]:
    """Which mean is estimated with the largest bias where samples have none."""
    size = about.study.sizes[-1]
    if not is_none(about.scenario.bias.bias):
        return
    rows = [row for one in about.estimators for row in about.of_means("bias", one, size)]
    shown = [row for row in rows if _is_shown(row, len(rows))]
    if rows:
        worst = max(shown or rows, key=lambda row: abs(row.value or 0.0))
        largest = (
            "the largest bias of an estimator that chance does not explain"
            if shown
            else "no estimator is shown to be biased; the largest difference from the truth"
        )
        yield (
            f"Without a bias of the sample {largest} at n = {size:,} is that of {worst.estimator} "
            f"for the mean of {worst.group}: {with_error(worst.value, worst.mcse)} cm."
        )


def _is_shown(row: Measure, among: int) -> bool:
    """Whether chance does not explain a mean that is not 0, the farthest off among so many.

    By Student's t, whose error of few replicates is itself uncertain; one shows nothing.
    """
    chance = 2.0 * ndtr(-_SHOWS) / among  # Bonferroni
    limit = -stdtrit(row.replicates_used - 1, chance / 2.0)
    return row.mcse is not None and abs(row.value or 0.0) > limit * row.mcse


def _scatters(about: About) -> Iterator[str]:
    """Which estimator scatters most widely, and which least, of those without labels."""
    size = min(about.study.sizes, key=lambda one: abs(one - 1000))
    group = about.scenario.population.group_names[0]
    rows = [
        row
        for one in about.estimators
        if one.model.labels != "all"
        if (row := about.get("empirical_se", one.name, size, group))
    ]
    if len(rows) > 1:
        least, most = (of(rows, key=lambda row: row.value or 0.0) for of in (min, max))
        low, high = (f"{with_error(row.value, row.mcse)} cm" for row in (least, most))
        apart = (most.value or 0.0) - (least.value or 0.0)
        how = "is not shown to scatter more by one estimator than by another: the SD is "
        how += f"{low} by {least.estimator} and {high} by {most.estimator}"
        if apart > _SHOWS * hypot(least.mcse or 0.0, most.mcse or 0.0):
            how = f"scatters least by {least.estimator} (SD {low}) and most by {most.estimator} "
            how += f"({high})"
        yield f"At n = {size:,} the estimated mean of {group} {how}."


ESTIMATES: dict[str, Callable[[About], Iterator[str]]] = {
    "price": lambda about: chain(_price(about), _worth(about)),
    "answer": _hits,
    "coverage": lambda about: chain(_intervals(about), _coverages(about)),
    "errors": _falls,
    "biases": _biased,
    "zip": _misses,
    "scatter": _scatters,
    "passes": _evaluations,
    "convergence": _starts,
}
"""Sentences of the scenario that figures of estimates show, by figure."""


def of_lesson(rows: Iterable[LessonRow]) -> Iterator[tuple[str, str]]:
    """What the figures of the lesson show, each sentence with its figure."""
    series: dict[tuple[str, str], list[LessonRow]] = {}
    for row in sorted(rows, key=lambda row: row.step):
        series.setdefault((row.panel, row.series), []).append(row)
    if ("balls", "climb") in series and ("boys", "climb") in series:
        first, ball, boy = (
            series["balls", "climb"][0], series["balls", "climb"][-1], series["boys", "climb"][-1],
        )  # fmt: skip
        counted, closed = series["balls", "counting"][0], series["boys", "closed-form"][0]
        apart = max(abs(ball.x - counted.x), abs(boy.x - closed.x), abs(boy.y - closed.y))
        same = "give the same numbers" if apart < _SAME else f"differ by up to {apart:.2g}"
        yield (
            "lesson",
            f"From {first.x:g} Newton's method reaches a share of {ball.x:.4g} in {ball.step} "
            f"steps, and from a distant start the boys' mean of {boy.x:.2f} cm and SD of "
            f"{boy.y:.2f} cm in {boy.step}; counting and the closed form {same}.",
        )
    path = series.get(("pupils", "log-likelihood"), [])
    if len(path) > 2:
        start, few, end = path[0], path[len(path) // 2], path[-1]
        gained = (few.y - start.y) / (end.y - start.y)
        most = f"{100.0 * gained:.1f} %" if gained < _NEARLY_ALL else "nearly all"
        low, high = (f"{one.y:,.1f}".replace("-", "−") for one in (start, end))
        yield (
            "steps",
            f"In {end.step:,} steps EM raises the log-likelihood of these heights from {low} to "
            f"{high}; the first {few.step} steps bring {most} of that.",
        )
