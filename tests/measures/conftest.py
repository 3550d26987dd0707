"""Fits to measure: labelled estimates of simulated people, worked out without the estimators."""

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any, NamedTuple

import numpy as np
import pytest

from stature.arrays import Floats
from stature.design.scenarios import NamedBias, Scenario
from stature.domain.bias import NoBias
from stature.domain.model import Model
from stature.domain.population import Group, Population
from stature.domain.sampling import stratified_groups
from stature.estimators.estimator import Estimator, Fits
from stature.measures.checks.check import ChecksSpec
from stature.measures.measure import Measure, MeasureSpec, measure, measure_spec
from stature.theory.bounds import Bounds, BoundsSpec, derive

SIZES = (20, 50, 100)
REPLICATES = 200
Z = 1.959963984540054

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))
Rows = tuple[Measure, ...]


def influences(statistic: Callable[[Floats], float], replicates: int) -> Floats:
    """Derivative of a statistic of weighted replicates by the weight of each, all being even."""
    even, step = np.full(replicates, 1 / replicates), 1e-5
    return np.array(
        [
            (statistic(even + step * towards) - statistic(even - step * towards)) / (2 * step)
            for towards in np.eye(replicates) - even
        ]
    )


def doctored(
    measures: Iterable[Measure], change: Callable[[Measure], Measure], **key: object
) -> Rows:
    """The measures, those with these columns changed."""
    return tuple(change(row) if _has(row, key) else row for row in measures)


def without(measures: Iterable[Measure], **key: object) -> Rows:
    """The measures that do not have these columns."""
    return tuple(row for row in measures if not _has(row, key))


def _has(row: Measure, key: dict[str, object]) -> bool:
    return all(getattr(row, name) == value for name, value in key.items())


# No estimator of these has a constraint, and no table keeps covariances.
OTHERWISE = ("sizes", "group_names", "at_constraint", "search", "covariance")
PER_REPLICATE = [
    field.name
    for field in fields(Fits)
    if field.name not in OTHERWISE and "quantities" not in field.name
]


def some(fits: Fits, rows: Any) -> Fits:
    """Some replicates of the fits, in a given order."""
    changes: dict[str, Any] = {name: getattr(fits, name)[rows] for name in PER_REPLICATE}
    return replace(fits, **changes)


def labelled_fits(sizes: tuple[int, ...], replicates: int, seed: int) -> Fits:
    """Labelled MLE of nested stratified samples of the school."""
    chance = np.random.default_rng(seed).standard_normal((replicates, max(sizes)))
    order = stratified_groups(SCHOOL.shares, max(sizes))
    heights = SCHOOL.means_cm[order] + SCHOOL.sds_cm[order] * chance
    estimate = np.zeros((replicates, len(sizes), 7))
    std_error = np.full_like(estimate, np.nan)
    for at, size in enumerate(sizes):
        for group in range(2):
            people = heights[:, :size][:, order[:size] == group]
            n, sd = people.shape[1], people.std(axis=1)
            estimate[:, at, 3 * group] = n / size
            estimate[:, at, 3 * group + 1] = people.mean(axis=1)
            estimate[:, at, 3 * group + 2] = sd
            std_error[:, at, 3 * group + 1] = sd / np.sqrt(n)
            std_error[:, at, 3 * group + 2] = sd / np.sqrt(2 * n)
        estimate[:, at, 6] = estimate[:, at, 4] - estimate[:, at, 1]
        std_error[:, at, 6] = np.hypot(std_error[:, at, 4], std_error[:, at, 1])
    return _fits(sizes, estimate, std_error)


def _fits(sizes: tuple[int, ...], estimate: Floats, std_error: Floats) -> Fits:
    cells = estimate.shape[:2]
    return Fits(
        replicates=np.arange(cells[0], dtype=np.int32),
        sizes=np.array(sizes, dtype=np.int32),
        group_names=SCHOOL.group_names,
        estimate=estimate,
        std_error=std_error,
        robust_std_error=std_error,
        lower=estimate - Z * std_error,
        upper=estimate + Z * std_error,
        interval_status=np.zeros(estimate.shape, dtype=np.int8),
        status=np.zeros(cells, dtype=np.int8),
        se_status=np.zeros(cells, dtype=np.int8),
        log_likelihood=np.zeros(cells),
        decrement=np.zeros(cells),
        passes=np.arange(cells[0] * cells[1], dtype=np.int32).reshape(cells),
        steps=np.ones(cells, dtype=np.int32),
        starts=np.ones(cells, dtype=np.int16),
        starts_agreeing=np.ones(cells, dtype=np.int16),
        suspect=np.zeros(cells, dtype=np.bool_),
        near_tie=np.zeros(cells, dtype=np.bool_),
        resamples_failed=np.zeros(cells, dtype=np.int32),
    )


class Study(NamedTuple):
    """Fits of three estimators in one scenario, and what is made of them."""

    spec: MeasureSpec
    fits: dict[str, Fits]
    bounds: Bounds
    measures: Rows
    checks: ChecksSpec

    def of(self, fits: dict[str, Fits]) -> Rows:
        """Measures of other fits of some estimators."""
        return measure(self.spec, self.fits | fits, self.bounds)


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return Scenario(SCHOOL, NamedBias("none", NoBias()), "stratified")


@pytest.fixture(scope="session")
def study(scenario: Scenario) -> Study:
    """The fits of em are the labelled ones with ten times the error."""
    estimators = (
        Estimator("em", Model("none"), "em"),
        Estimator("mle", Model("all"), "closed-form"),
        Estimator("mle-numeric", Model("all"), "newton"),
    )
    models = tuple(estimator.model for estimator in estimators)
    bounds = derive(BoundsSpec(SCHOOL, NoBias(), "stratified", SIZES, models))
    mle = labelled_fits(SIZES, REPLICATES, 20261122)
    random = np.random.default_rng(7)
    scale = np.array([0.1, 5, 4, 0.1, 5, 4, 8]) * np.sqrt(20 / np.array(SIZES))[:, None]
    estimate = mle.estimate + scale * random.standard_normal(mle.estimate.shape)
    em = _fits(SIZES, estimate, np.broadcast_to(scale, estimate.shape))
    numeric = replace(mle, estimate=mle.estimate * (1 + 1e-13))
    fits = {"em": em, "mle": mle, "mle-numeric": numeric}
    spec = measure_spec(scenario, estimators)
    checks = ChecksSpec((scenario,), SIZES, REPLICATES, estimators)
    return Study(spec, fits, bounds, measure(spec, fits, bounds), checks)


@pytest.fixture(scope="session")
def fits(study: Study) -> dict[str, Fits]:
    return study.fits


@pytest.fixture(scope="session")
def measures(study: Study) -> Rows:
    return study.measures
