"""Checks of the labelled maximum likelihood estimator against theory, as z-scores.

With the labels seen a normal group is a textbook: what its estimates do at any size is known
exactly. So z = (result - theory) / mcse, with the standard error that theory gives for this number
of replicates, tests the whole line from the streams to the measures. Under a bias the mean of the
estimates is tested against the estimator's limit.
"""

from collections.abc import Callable, Iterator
from math import exp, lgamma, log, log1p, sqrt
from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Ints
from stature.design.scenarios import Scenario
from stature.domain.bias import NoBias, writes_labels
from stature.domain.population import Group
from stature.domain.sampling import stratified_groups
from stature.measures.check import Cell, Check, ChecksSpec, Index
from stature.measures.measure import Measure
from stature.theory.labelled import expected_sd_ratio, mean_coverage

# A default study makes some 900 such comparisons. If all is right, the chance that any |z| exceeds
# 5 is at most 900 x 5.7e-7 = 0.0005 (Bonferroni); at 4.5 it would be 0.006, one study in 160.
LARGEST_Z = 5.0
# The chance that a normal variable exceeds 5 in size, for tests that are exactly binomial.
SMALLEST_CHANCE = 5.7e-7
# People of a group that the labelled estimator needs to have a mean and an SD.
ENOUGH = 2
# Counts of a random sample less likely than this change no expectation.
NEGLIGIBLE = 1e-15


class Counts(NamedTuple):
    """How many people of a group are in a sample."""

    people: Ints  # shape (m,): possible counts
    weights: Floats  # shape (m,): their probabilities

    def mean(self, values: Floats) -> float:
        """Expectation of a function of the count, given its values."""
        return float(self.weights @ values)


def group_counts(scenario: Scenario, size: int, group: int) -> Counts:
    """Law of the number of people of a group that the labelled estimator meets.

    The count of the design if it is stratified; else the binomial law, given that every group has
    the two people that the estimator needs.
    """
    shares = scenario.population.shares
    if scenario.sampling == "stratified":
        design = stratified_groups(shares, size)
        return Counts(np.array([np.sum(design == group)]), np.ones(1))
    share = float(shares[group])
    if share == 1.0:
        return Counts(np.array([size]), np.ones(1))
    people = np.arange(ENOUGH, size - ENOUGH * (len(shares) - 1) + 1)
    chances = np.array([exp(_log_binomial(size, count, share)) for count in people.tolist()])
    kept = chances > NEGLIGIBLE
    total = chances[kept].sum() if kept.any() else 1.0
    return Counts(people[kept], chances[kept] / total)


def against_theory(spec: ChecksSpec, index: Index) -> Iterator[Check]:
    """Labelled estimates of every scenario without a bias against the exact facts.

    Parameters
    ----------
    spec : ChecksSpec
        What the study should hold.
    index : Index
        What it holds.

    Yields
    ------
    Check
        In every cell: bias, EmpSE and RMSE of each mean. For normal groups also the mean
        estimated SD, the model SE and the coverage of the mean, and the slope of its RMSE.

    Notes
    -----
    Given n_k people, ``mean ~ N(mu, v / n_k)`` and ``n_k v_hat / v ~ chi2(n_k - 1)``,
    independent [1]_. In random samples the expectations run over n_k too.

    References
    ----------
    .. [1] Cramér (1946), Mathematical Methods of Statistics, 29.3.
    """
    for scenario in spec.scenarios:
        if not isinstance(scenario.bias.bias, NoBias):
            continue
        normal = scenario.population.data is None
        for place, group in enumerate(scenario.population.groups):
            counts = _counts_that_suffice(scenario, spec.sizes, place)
            for name in _labelled(spec, scenario):
                for size, count in counts.items():
                    cell = (scenario.slug, name, size, group.name, "mean_cm")
                    yield from _of_mean(index, cell, group, count)
                    if normal:
                        yield from _of_normal_group(index, cell, group, count)
                if normal:
                    cell = (scenario.slug, name, None, group.name, "mean_cm")
                    yield from _of_slope(index, cell, counts)


def against_limits(spec: ChecksSpec, index: Index) -> Iterator[Check]:
    """Mean labelled estimates of every scenario against the limits of the estimator.

    Parameters
    ----------
    spec : ChecksSpec
        What the study should hold.
    index : Index
        What it holds.

    Yields
    ------
    Check
        ``limit``: for each mean, and in stratified samples each SD; `expected` is the point
        nearest to the result that theory allows.

    Notes
    -----
    The mean of a group has expectation mu* exactly, at any size. Its SD is below its limit s* by
    O(1/n), and by how much is bounded without assuming normal heights. With m people,
    ``y = v_hat / v* - 1`` has ``E y = -1/m`` and
    ``E y^2 = (m-1)((m-1) kappa - (m-3)) / m^3 + 1/m^2`` [1]_, kappa the kurtosis; as
    ``1 + y/2 - y^2/2 <= sqrt(1 + y)`` for all ``y >= -1``, and by Jensen,

    ``- 1/(2m) - E y^2 / 2 <= E sd / s* - 1 <= sqrt((m-1)/m) - 1``.

    The limit's standard error gives the kurtosis: ``SE^2 = v* (kappa - 1) / (4 m)``. The error of
    the result is the larger of that of theory and the measured one.

    References
    ----------
    .. [1] Cramér (1946), Mathematical Methods of Statistics, 27.4.
    """
    for scenario in spec.scenarios:
        stratified = scenario.sampling == "stratified"
        for place, group in enumerate(scenario.population.groups):
            for name in _labelled(spec, scenario):
                for size in spec.sizes:
                    cell = (scenario.slug, name, size, group.name, "mean_cm")
                    yield from _of_limit(index, cell, 0.0, 0.0)
                    if not stratified or writes_labels(scenario.bias.bias):
                        continue
                    cell = (scenario.slug, name, size, group.name, "sd_cm")
                    people = int(group_counts(scenario, size, place).people[0])
                    theory = _theory(index, cell)
                    if theory is None or people < ENOUGH:
                        continue
                    limit_cm = group.sd_cm + theory[0]
                    low, high = sd_shift(people, limit_cm, theory[1])
                    yield from _of_limit(index, cell, low, high)


def sd_shift(people: int, limit_cm: float, limit_se_cm: float) -> tuple[float, float]:
    """Where the mean of the estimated SD of a group lies below its limit.

    Parameters
    ----------
    people : int
        People in the group, m.
    limit_cm, limit_se_cm : float
        Limit of the SD, and its standard error for m people, in cm.

    Returns
    -------
    low, high : float
        Bounds on ``E sd - limit`` in cm; the formula stands in `against_limits`.
    """
    m = people
    kurtosis = 1.0 + 4.0 * m * (limit_se_cm / limit_cm) ** 2
    variance = (m - 1) * ((m - 1) * kurtosis - (m - 3)) / m**3
    low = -0.5 / m - 0.5 * (variance + 1.0 / m**2)
    return low * limit_cm, (sqrt((m - 1) / m) - 1.0) * limit_cm


def scored(check: str, cell: Cell, expected: float, got: float, mcse: float) -> Check:
    """Check by a z-score; without any chance the two must be equal."""
    if mcse == 0.0:
        return Check(check, *cell, expected, got, mcse, None, passed=got == expected)
    z = (got - expected) / mcse
    return Check(check, *cell, expected, got, mcse, z, passed=abs(z) <= LARGEST_Z)


def _counts_that_suffice(
    scenario: Scenario, sizes: tuple[int, ...], group: int
) -> dict[int, Counts]:
    """Counts of a group at the sizes at which the labelled estimator has an answer."""
    every = {size: group_counts(scenario, size, group) for size in sizes}
    return {
        size: count
        for size, count in every.items()
        if count.people.size and count.people.min() >= ENOUGH
    }


def _labelled(spec: ChecksSpec, scenario: Scenario) -> tuple[str, ...]:
    """Names of a scenario's estimators that see the labels and estimate everything."""
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
    # ASSUME means of people from a data file are normal enough for the error of their RMSE.
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
    yield _binomial(index, cell, count.mean(_each(mean_coverage, count)))
    ratio = count.mean(_each(expected_sd_ratio, count))
    spread = sqrt(count.mean((n - 1.0) / n) - ratio**2)
    of_sd = (*cell[:4], "sd_cm")
    yield _normal(index, of_sd, "bias", group.sd_cm * (ratio - 1.0), group.sd_cm * spread)


def _of_slope(index: Index, cell: Cell, counts: dict[int, Counts]) -> Iterator[Check]:
    """Slope of log RMSE of a mean on log size: -1/2 if every n_k is n pi_k.

    The law of log RMSE about its own logarithm is the same at every size, so the expected slope
    is that of ``-log(n_k) / 2``. With nested sizes n < m the squared errors have correlation
    n / m, and ``Cov(log RMSE_n, log RMSE_m) = (n / m) / (2 R)``.
    """
    sizes = np.array(sorted(counts), dtype=np.float64)
    if sizes.size < 2:
        return
    x = np.log(sizes)
    weights = (x - x.mean()) / np.sum((x - x.mean()) ** 2)
    inverse = [counts[int(size)].mean(1.0 / counts[int(size)].people) for size in sizes]
    expected = float(weights @ (0.5 * np.log(inverse)))
    correlation = np.minimum.outer(sizes, sizes) / np.maximum.outer(sizes, sizes)
    yield _normal(index, cell, "rate", expected, sqrt(0.5 * weights @ correlation @ weights))


def _of_limit(index: Index, cell: Cell, low: float, high: float) -> Iterator[Check]:
    """Mean estimate minus limit against the interval that theory allows."""
    theory = _theory(index, cell)
    row = index.get(cell, {}).get(("bias_to_limit", "", "available"))
    if theory is None or row is None or row.value is None:
        return
    of_theory = theory[1] / sqrt(max(row.replicates_used, 1))
    mcse = max(of_theory, row.mcse or 0.0)
    yield scored("limit", cell, float(np.clip(row.value, low, high)), row.value, mcse)


def _theory(index: Index, cell: Cell) -> tuple[float, float] | None:
    """Limit minus truth, and standard error of the limit, of a cell; None: there is none."""
    rows = index.get(cell, {})
    shift, spread = rows.get(("limit_bias", "", "")), rows.get(("limit_se", "", ""))
    if shift is None or spread is None or shift.value is None or spread.value is None:
        return None
    return shift.value, spread.value


def _found(index: Index, cell: Cell, measure: str) -> Measure | None:
    """A measure of a cell that has a value."""
    row = index.get(cell, {}).get((measure, "", "available"))
    return None if row is None or row.value is None else row


def _normal(index: Index, cell: Cell, measure: str, expected: float, spread: float) -> Check:
    """Check of a measure with a nearly normal error of `spread` over the root of replicates."""
    row = _found(index, cell, measure)
    if row is None or row.value is None:
        return Check(f"theory_{measure}", *cell, expected, None, None, None, passed=False)
    mcse = spread / sqrt(row.replicates_used)
    return scored(f"theory_{measure}", cell, expected, row.value, mcse)


def _binomial(index: Index, cell: Cell, chance: float) -> Check:
    """Check of the coverage of an interval by the exact binomial law of the hits."""
    row = _found(index, cell, "coverage")
    if row is None or row.value is None or row.count is None:
        return Check("theory_coverage", *cell, chance, None, None, None, passed=False)
    n = row.replicates_used
    mcse = sqrt(chance * (1.0 - chance) / n)
    z = (row.value - chance) / mcse
    hits = np.arange(row.count + 1) if z < 0.0 else np.arange(row.count, n + 1)
    tail = sum(exp(_log_binomial(n, count, chance)) for count in hits.tolist())
    passed = 2.0 * tail >= SMALLEST_CHANCE
    return Check("theory_coverage", *cell, chance, row.value, mcse, z, passed=passed)


def _log_binomial(number: int, count: int, chance: float) -> float:
    """Log of the binomial probability of a count."""
    ways = lgamma(number + 1) - lgamma(count + 1) - lgamma(number - count + 1)
    return ways + count * log(chance) + (number - count) * log1p(-chance)


def _each(fact: Callable[[int], float], count: Counts) -> Floats:
    """A fact of theory for each possible count."""
    return np.array([fact(people) for people in count.people.tolist()])
