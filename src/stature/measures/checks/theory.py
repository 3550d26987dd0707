"""Checks of estimates against theory, as z-scores.

With labels a normal group is a textbook: what its estimates do at any size is known exactly. So
z = (result - theory) / mcse, with the standard error that theory gives for this number of
replicates, tests everything from the streams to the measures. Under a bias the mean of the labelled
estimates is tested against the estimator's limit at every size. Of every other estimator theory
knows the limit, the standard error around it and the first term of the bias, of order 1/n. Where
that term is small beside the error, it is what the mean of the estimates must show.

References
----------
.. [1] Cramér (1946), Mathematical Methods of Statistics, 29.3.
.. [2] The same, 27.4.
"""

from collections.abc import Callable, Iterator
from math import sqrt
from typing import NamedTuple

import numpy as np
from scipy.special import bdtr, bdtrc

from stature.arrays import Floats, Ints
from stature.design.scenarios import Scenario
from stature.domain.bias import NoBias, writes_labels
from stature.domain.model import parameter_rows
from stature.domain.population import Group
from stature.domain.sampling import stratified_groups
from stature.estimators.estimator import Estimator
from stature.measures.cells import ends_at_its_limit
from stature.measures.checks.check import (
    Cell,
    Check,
    ChecksSpec,
    Index,
    absent,
    exact,
    row_of,
    scored,
    value_of,
)
from stature.theory.labelled import expected_sd_ratio, mean_coverage

# The chance that a normal variable exceeds `LARGEST_Z` in size, for tests that are exactly
# binomial.
SMALLEST_CHANCE = 5.7e-7
# People of a group that the labelled estimator needs to have a mean and an SD.
ENOUGH = 2
# Counts of a random sample less likely than this change no expectation.
NEGLIGIBLE = 1e-15
# ASSUME [theory] the next term of the bias is smaller than the first while the first is under a
# tenth of a standard error: both come from the nonlinearity of the estimator.
SMALL_BIAS = 0.1
# ASSUME [theory] the variance has terms of order 1/n of up to so many times the squared ratio of
# the first bias to the error: with one label in twenty and 200 people they are 14 times that.
OF_VARIANCE = 20.0
# Where one sample in so many has its highest maximum ten standard errors away, the standard
# deviation of the estimates moves by 0.5 %: below the Monte-Carlo error of 10,000 replicates.
RIVAL_CHANCE = 1e-4


class Counts(NamedTuple):
    """How many people of a group are in a sample."""

    people: Ints  # shape (m,): possible counts
    weights: Floats  # shape (m,): their probabilities

    def mean(self, values: Floats) -> float:
        """Expectation of a function of the count, given its values."""
        return float(self.weights @ values)

    def mean_of(self, function: Callable[[int], float]) -> float:
        """Expectation of a function of the count."""
        return self.mean(np.array([function(people) for people in self.people.tolist()]))


def group_counts(scenario: Scenario, size: int, group: int) -> Counts:
    """Distribution of the number of people of a group that the labelled estimator meets.

    The count of the design if it is stratified; else binomial, given that every group has the two
    people that the estimator needs.
    """
    shares = scenario.population.shares
    if scenario.sampling == "stratified":
        design = stratified_groups(shares, size)
        return Counts(np.array([np.sum(design == group)]), np.ones(1))
    if shares[group] == 1.0:
        return Counts(np.array([size]), np.ones(1))
    from scipy.stats import binom  # half a second, which most studies need not spend

    people = np.arange(ENOUGH, size - ENOUGH * (len(shares) - 1) + 1)
    chances = binom.pmf(people, size, shares[group])
    kept = chances > NEGLIGIBLE
    return Counts(people[kept], chances[kept] / chances[kept].sum())


def against_exact_theory(spec: ChecksSpec, index: Index) -> Iterator[Check]:
    """Labelled estimates of every scenario without a bias against exact theory.

    In every cell: bias, EmpSE and RMSE of each mean. For normal groups also the mean estimated SD,
    the model SE and the coverage of the mean, and the slope of its RMSE. Given n_k people, ``mean ~
    N(mu, v / n_k)`` and ``n_k v_hat / v ~ chi2(n_k - 1)``, independent [1]_. In random samples the
    expectations run over n_k too.
    """
    for scenario in spec.scenarios:
        if not isinstance(scenario.bias.bias, NoBias) or scenario.population.draw:
            continue
        normal = scenario.population.data is None
        for place, group in enumerate(scenario.population.groups):
            every = {size: group_counts(scenario, size, place) for size in spec.sizes}
            # The labelled estimator has an answer where the group has people enough.
            counts = {
                size: count
                for size, count in every.items()
                if count.people.size and count.people.min() >= ENOUGH
            }
            for name in _labelled(spec, scenario):
                for size, count in counts.items():
                    cell = (scenario.slug, name, size, group.name, "mean_cm")
                    yield from _of_mean(index, cell, group, count)
                    if normal:
                        yield from _of_normal_group(index, cell, group, count)
                if normal and len(counts) > 1:
                    cell = (scenario.slug, name, None, group.name, "mean_cm")
                    yield _of_slope(index, cell, counts)


def _labelled(spec: ChecksSpec, scenario: Scenario) -> tuple[str, ...]:
    """Names of a scenario's estimators that use all labels and estimate everything."""
    return tuple(
        estimator.name
        for estimator in spec.estimators_of(scenario.slug)
        if (estimator.model.labels, estimator.model.shares, estimator.model.sds)
        == ("all", "free", "free")
        and estimator.is_compiled
        and estimator.ends_at_maximum
    )


def _of_mean(index: Index, cell: Cell, group: Group, count: Counts) -> Iterator[Check]:
    """Bias, EmpSE and RMSE of a group's mean."""
    # ASSUME [files] means of people from a data file are normal enough for the error of their RMSE.
    n = count.people.astype(np.float64)
    variance = group.sd_cm**2 * count.mean(1.0 / n)
    fourth = 3.0 * group.sd_cm**4 * count.mean(1.0 / n**2)
    spread = sqrt(variance)
    of_root = sqrt(fourth - variance**2) / (2.0 * spread)
    yield _normal(index, cell, "bias", 0.0, spread)
    yield _normal(index, cell, "empirical_se", spread, of_root)
    yield _normal(index, cell, "rmse", spread, of_root)


def _of_normal_group(index: Index, cell: Cell, group: Group, count: Counts) -> Iterator[Check]:
    """Model SE and coverage of the mean, and the mean of the estimated SD."""
    n = count.people.astype(np.float64)
    v = group.sd_cm**2
    # The squared SE is v_hat / n, with E v_hat = v (n-1)/n and Var v_hat = 2 v^2 (n-1)/n^2.
    square = count.mean(v * (n - 1.0) / n**2)
    fourth = count.mean(v**2 * ((n - 1.0) ** 2 + 2.0 * (n - 1.0)) / n**4)
    of_root = sqrt(fourth - square**2) / (2.0 * sqrt(square))
    yield _normal(index, cell, "model_se", sqrt(square), of_root)
    yield _of_coverage(index, cell, count.mean_of(mean_coverage))
    ratio = count.mean_of(expected_sd_ratio)
    spread = sqrt(count.mean((n - 1.0) / n) - ratio**2)
    of_sd = (*cell[:4], "sd_cm")
    yield _normal(index, of_sd, "bias", group.sd_cm * (ratio - 1.0), group.sd_cm * spread)


def _of_slope(index: Index, cell: Cell, counts: dict[int, Counts]) -> Check:
    """Slope of log RMSE of a mean on log size: -1/2 if every n_k is n pi_k.

    The distribution of log RMSE about its own logarithm is the same at every size, so the expected
    slope is that of ``-log(n_k) / 2``. With nested sizes n < m the squared errors have correlation
    n / m, and ``Cov(log RMSE_n, log RMSE_m) = (n / m) / (2 R)``.
    """
    sizes = np.array(sorted(counts), dtype=np.float64)
    x = np.log(sizes)
    weights = (x - x.mean()) / np.sum((x - x.mean()) ** 2)
    inverse = [counts[size].mean(1.0 / counts[size].people) for size in sorted(counts)]
    expected = float(weights @ (0.5 * np.log(inverse)))
    correlation = np.minimum.outer(sizes, sizes) / np.maximum.outer(sizes, sizes)
    return _normal(index, cell, "rate", expected, sqrt(0.5 * weights @ correlation @ weights))


def _normal(index: Index, cell: Cell, measure: str, expected: float, spread: float) -> Check:
    """Check of a measure with a nearly normal error of `spread` over the root of replicates."""
    row = row_of(index, cell, measure, "available")
    if row is None:
        return exact("rows", cell, 1.0, 0.0)
    if row.value is None:
        return absent(f"theory_{measure}", cell, expected)
    mcse = spread / sqrt(row.replicates_used)
    return scored(f"theory_{measure}", cell, expected, row.value, mcse)


def _of_coverage(index: Index, cell: Cell, chance: float) -> Check:
    """Check of the coverage of an interval by the exact binomial distribution of the hits."""
    row = row_of(index, cell, "coverage", "available")
    if row is None:
        return exact("rows", cell, 1.0, 0.0)
    if row.value is None or row.count is None:
        return absent("theory_coverage", cell, chance)
    n = row.replicates_used
    mcse = sqrt(chance * (1.0 - chance) / n)
    z = (row.value - chance) / mcse
    tail = bdtr(row.count, n, chance) if z < 0.0 else bdtrc(row.count - 1, n, chance)
    passed = bool(2.0 * tail >= SMALLEST_CHANCE)
    return Check("theory_coverage", *cell, chance, row.value, mcse, z, passed=passed)


def against_limits(spec: ChecksSpec, index: Index) -> Iterator[Check]:
    """Mean labelled estimates of every scenario against the limits of the estimator.

    ``limit``: for each mean, and in stratified samples each SD; `expected` is the point nearest to
    the result that theory allows.

    The mean of a group has expectation mu* exactly, at any size. Its SD is below its limit s* by
    O(1/n), and by how much is bounded without assuming normal heights. With m people,
    ``y = v_hat / v* - 1`` has ``E y = -1/m`` and
    ``E y^2 = (m-1)((m-1) kappa - (m-3)) / m^3 + 1/m^2`` [2]_, kappa the kurtosis; as
    ``1 + y/2 - y^2/2 <= sqrt(1 + y)`` for all ``y >= -1``, and by Jensen,

    ``- 1/(2m) - E y^2 / 2 <= E sd / s* - 1 <= sqrt((m-1)/m) - 1``.

    The limit's standard error gives the kurtosis: ``SE^2 = v* (kappa - 1) / (4 m)``. The error of
    the result is the larger of that of theory and the measured one.
    """
    for scenario in spec.scenarios:
        of_sds = scenario.sampling == "stratified" and not writes_labels(scenario.bias.bias)
        for place, group in enumerate(scenario.population.groups):
            for name in _labelled(spec, scenario):
                for size in spec.sizes:
                    cell = (scenario.slug, name, size, group.name, "mean_cm")
                    yield from _of_limit(index, cell, 0.0, 0.0)
                    if not of_sds:
                        continue
                    cell = (scenario.slug, name, size, group.name, "sd_cm")
                    people = int(group_counts(scenario, size, place).people[0])
                    shift, spread = (value_of(index, cell, it) for it in ("limit_bias", "limit_se"))
                    if shift is None or spread is None or people < ENOUGH:
                        continue
                    limit_cm = group.sd_cm + shift
                    # Where all of a group are written down alike there is no kurtosis.
                    if limit_cm > 0.0:
                        yield from _of_limit(index, cell, *sd_shift(people, limit_cm, spread))


def sd_shift(people: int, limit_cm: float, limit_se_cm: float) -> tuple[float, float]:
    """Bounds in cm on how far the mean of the estimated SD of a group lies from its limit.

    The formula for m people stands in `against_limits`; the standard error of the limit is that for
    m people.
    """
    m = people
    kurtosis = 1.0 + 4.0 * m * (limit_se_cm / limit_cm) ** 2
    variance = (m - 1) * ((m - 1) * kurtosis - (m - 3)) / m**3
    low = -0.5 / m - 0.5 * (variance + 1.0 / m**2)
    return low * limit_cm, (sqrt((m - 1) / m) - 1.0) * limit_cm


def _of_limit(index: Index, cell: Cell, low: float, high: float) -> Iterator[Check]:
    """Mean estimate minus limit against the interval that theory allows."""
    row, spread = (
        row_of(index, cell, "bias_to_limit", "available"),
        value_of(index, cell, "limit_se"),
    )
    if row is None or row.value is None or spread is None:
        return
    mcse = max(spread / sqrt(row.replicates_used), row.mcse or 0.0)
    yield scored("limit", cell, float(np.clip(row.value, low, high)), row.value, mcse)


def at_the_largest_size(spec: ChecksSpec, index: Index) -> Iterator[Check]:
    """Mean and spread of the estimates at the largest size against theory.

    ``plateau``: mean estimate minus limit; `expected` is the point nearest to the result between
    nothing and twice the first term of the bias. ``spread``: the standard deviation of the
    estimates against the standard error of theory, where its own terms of order 1/n are below the
    Monte-Carlo error. Neither where n is too small for the limit, where theory has none, where some
    samples have another highest maximum than the limit's, or where a fit failed: the mean of those
    that are left is another thing.
    """
    size = max(spec.sizes)
    for scenario in spec.scenarios:
        for estimator in spec.estimators_of(scenario.slug):
            elsewhere = value_of(
                index, (scenario.slug, estimator.name, size, "", ""), "rival_chance"
            )
            if not _has_known_bias(estimator) or (elsewhere or 0.0) > RIVAL_CHANCE:
                continue
            cells: list[Cell] = [
                (scenario.slug, estimator.name, size, *row)
                for row in parameter_rows(scenario.population.group_names)
            ]
            yield from _of_fit(index, cells)


def _has_known_bias(estimator: Estimator) -> bool:
    """Whether the first term of the bias is all of order 1/n that moves an estimator.

    A prior, and bounds on the ratio of SDs that some samples meet, move estimates by
    order 1/n too.
    """
    return ends_at_its_limit(estimator) and not (
        estimator.prior
        or estimator.choose
        or estimator.sd_ratio
        or estimator.estimate == "posterior"
    )


def _of_fit(index: Index, cells: list[Cell]) -> Iterator[Check]:
    """Checks of all parameters of one estimator."""
    theory: dict[Cell, tuple[float, float]] = {}
    for cell in cells:
        first, spread = (value_of(index, cell, it) for it in ("small_sample_bias", "limit_se"))
        if first is None or spread is None:
            return
        theory[cell] = first, spread
    ratio = max((abs(first) / spread for first, spread in theory.values() if spread), default=0.0)
    if ratio > SMALL_BIAS:
        return
    for cell, (first, spread) in theory.items():
        away = row_of(index, cell, "bias_to_limit", "available")
        got = row_of(index, cell, "empirical_se", "available")
        if not spread or away is None or away.value is None or away.replicates_failed:
            continue
        used = away.replicates_used
        mcse = max(spread / sqrt(used), away.mcse or 0.0)
        low, high = min(0.0, 2.0 * first), max(0.0, 2.0 * first)
        expected = min(max(away.value, low), high)
        yield scored("plateau", cell, expected, away.value, mcse)
        of_spread = 1.0 / sqrt(2.0 * used)
        if got is None or got.value is None or OF_VARIANCE * ratio**2 > of_spread:
            continue
        yield scored("spread", cell, spread, got.value, max(spread * of_spread, got.mcse or 0.0))
