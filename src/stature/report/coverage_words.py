"""Sentences on intervals: whether they hold the truth as often as they claim."""

from collections.abc import Iterator

from stature.config.study import Study
from stature.design.scenarios import Scenario
from stature.measures.measure import Measure, wald_sibling
from stature.measures.replicates import SHOWN_PARAMETER, shown_size
from stature.report.digits import per_cent, supported, with_error
from stature.report.lookup import Lookup

SHOWS = 2.0
"""A difference below so many Monte-Carlo standard errors is not shown to be there."""


def coverage_sentences(study: Study, scenario: Scenario, found: Lookup) -> Iterator[str]:
    """Whether the coverage of other intervals is nearer to 95 % than that of Wald's."""
    size, group = shown_size(study.sizes), scenario.population.group_names[0]
    estimators = study.estimators_of(scenario.slug)
    for estimator in estimators:
        wald = wald_sibling(estimator, estimators)
        if wald is None:
            continue
        at = size, group, SHOWN_PARAMETER
        base = found.get("coverage", scenario.slug, wald.name, *at)
        own = found.get("coverage", scenario.slug, estimator.name, *at)
        nearer = found.get("closer_to_nominal", scenario.slug, estimator.name, *at)
        if base is None or own is None or nearer is None:
            continue
        yield (
            f"At n = {size:,} the 95 % interval of the mean of {group} holds the truth in "
            f"{per_cent(base.value, base.mcse)} of the samples with {wald.name} and in "
            f"{per_cent(own.value, own.mcse)} with {estimator.name}: {_verdict(nearer)}."
        )


def _verdict(nearer: Measure) -> str:
    """Which of the two is nearer to what it claims, if that is shown."""
    points, mcse = 100.0 * (nearer.value or 0.0), 100.0 * (nearer.mcse or 0.0)
    if abs(points) <= SHOWS * mcse:
        return (
            f"{nearer.estimator} is not shown to be nearer to 95 % (by "
            f"{with_error(points, mcse)} points)"
        )
    direction = "nearer to" if points > 0.0 else "farther from"
    error = with_error(abs(points), mcse).partition(" ")[2]
    by = f"{supported(abs(points), mcse)} {error}".strip()
    return f"{nearer.estimator} is {direction} 95 % by {by} points"
