"""Fits to measure: labelled estimates of simulated people, worked out without the estimators."""

from collections.abc import Callable, Iterable
from dataclasses import replace

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

FitsMaker = Callable[[Population, tuple[int, ...], int, int], Fits]


def doctored(
    measures: Iterable[Measure], change: Callable[[Measure], Measure], **key: object
) -> tuple[Measure, ...]:
    """The measures, those with these columns changed."""
    return tuple(change(row) if _has(row, key) else row for row in measures)


def without(measures: Iterable[Measure], **key: object) -> tuple[Measure, ...]:
    """The measures that do not have these columns."""
    return tuple(row for row in measures if not _has(row, key))


def _has(row: Measure, key: dict[str, object]) -> bool:
    return all(getattr(row, name) == value for name, value in key.items())


@pytest.fixture(scope="session")
def school() -> Population:
    return Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))


@pytest.fixture(scope="session")
def labelled_fits() -> FitsMaker:
    """Labelled MLE of nested stratified samples: (population, sizes, replicates, seed) -> Fits."""
    return _labelled_fits


def _labelled_fits(
    population: Population, sizes: tuple[int, ...], replicates: int, seed: int
) -> Fits:
    random = np.random.default_rng(seed)
    order = stratified_groups(population.shares, max(sizes))
    heights = population.means_cm[order] + population.sds_cm[order] * random.standard_normal(
        (replicates, max(sizes))
    )
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
    return _fits(population, sizes, estimate, std_error)


def _fits(
    population: Population,
    sizes: tuple[int, ...],
    estimate: Floats,
    std_error: Floats,
) -> Fits:
    cells = estimate.shape[:2]
    return Fits(
        replicates=np.arange(cells[0], dtype=np.int32),
        sizes=np.array(sizes, dtype=np.int32),
        group_names=population.group_names,
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


@pytest.fixture(scope="session")
def estimators() -> tuple[Estimator, ...]:
    return (
        Estimator("em", Model("none"), "em"),
        Estimator("mle", Model("all"), "closed-form"),
        Estimator("mle-numeric", Model("all"), "newton"),
    )


@pytest.fixture(scope="session")
def scenario(school: Population) -> Scenario:
    return Scenario(school, NamedBias("none", NoBias()), "stratified")


@pytest.fixture(scope="session")
def spec(scenario: Scenario, estimators: tuple[Estimator, ...]) -> MeasureSpec:
    return measure_spec(scenario, estimators)


@pytest.fixture(scope="session")
def bounds(school: Population, estimators: tuple[Estimator, ...]) -> Bounds:
    models = tuple(estimator.model for estimator in estimators)
    return derive(BoundsSpec(school, NoBias(), "stratified", SIZES, models))


@pytest.fixture(scope="session")
def fits(school: Population, labelled_fits: FitsMaker) -> dict[str, Fits]:
    """Fits of three estimators; those of em are the labelled ones with ten times the error."""
    mle = labelled_fits(school, SIZES, REPLICATES, 20261122)
    random = np.random.default_rng(7)
    scale = np.array([0.1, 5, 4, 0.1, 5, 4, 8]) * np.sqrt(20 / np.array(SIZES))[:, None]
    estimate = mle.estimate + scale * random.standard_normal(mle.estimate.shape)
    em = _fits(school, SIZES, estimate, np.broadcast_to(scale, estimate.shape))
    return {"em": em, "mle": mle, "mle-numeric": replace(mle, estimate=mle.estimate * (1 + 1e-13))}


@pytest.fixture(scope="session")
def measures(spec: MeasureSpec, fits: dict[str, Fits], bounds: Bounds) -> tuple[Measure, ...]:
    return measure(spec, fits, bounds)


@pytest.fixture(scope="session")
def checks_spec(scenario: Scenario, estimators: tuple[Estimator, ...]) -> ChecksSpec:
    return ChecksSpec((scenario,), SIZES, REPLICATES, estimators)
