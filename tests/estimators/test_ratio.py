"""The bootstrap test of the number of groups: its statistic, its p-value, and its streams."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from stature.domain.mixture import Mixture
from stature.domain.model import Model
from stature.estimators.ratio import Null, ratio_test

FREE, EQUAL = Model("none"), Model("none", sds="equal")


def normal(values: np.ndarray) -> Mixture:
    return Mixture(np.ones(1), np.array([values.mean()]), np.array([values.std()]))


def test_the_statistic_is_twice_the_difference_of_two_maxima() -> None:
    values = np.random.default_rng(1).normal(0.0, 1.0, 80)
    values[:40] += 2.5

    def minus(u: np.ndarray) -> float:
        share, sd = 1.0 / (1.0 + np.exp(-u[0])), np.exp(u[3])
        f = share * norm.pdf(values, u[1], sd) + (1.0 - share) * norm.pdf(values, u[2], sd)
        return -float(np.log(f).sum())

    two = minimize(minus, [0.0, 0.0, 2.5, 0.0], method="Nelder-Mead", options={"fatol": 1e-10})
    one = norm.logpdf(values, values.mean(), values.std()).sum()
    found = ratio_test(values, Null(normal(values), EQUAL), "0123456789abcdef" * 2, 19)
    assert found.statistic == pytest.approx(2.0 * (-two.fun - one), abs=1e-5)
    assert (found.groups, found.model, found.resamples, found.failed) == (1, "equal", 19, 0)


def test_groups_far_apart_leave_the_smallest_p_value_and_its_error() -> None:
    values = np.random.default_rng(2).normal(0.0, 1.0, 100)
    values[:50] += 8.0
    found = ratio_test(values, Null(normal(values), EQUAL, step=0.1), "0123456789abcdef" * 2, 39)
    # No sample is as extreme: (1 + 0) / (39 + 1).
    assert found.p_value == 1 / 40
    assert found.mcse == pytest.approx(np.sqrt(1 / 40 * 39 / 40 / 39))


@pytest.mark.parametrize("model", [FREE, EQUAL])
def test_a_true_null_has_p_values_that_are_not_small(model: Model) -> None:
    rng = np.random.default_rng(3)
    found = [
        ratio_test(values, Null(normal(values), model), f"{i:032x}", 19).p_value
        for i, values in enumerate(rng.normal(170.0, 7.0, (24, 60)))
    ]
    # Uniform on 1/20 ... 20/20, with mean .525 and SD .288: four standard errors of 24 are .235.
    assert abs(np.mean(found) - 0.525) < 0.235
    # As small as 1/20 with probability 1/20: of 24, seven or more have a chance of 1e-4.
    assert sum(p <= 0.05 for p in found) < 7


def test_two_groups_are_tested_against_three_whatever_the_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(4)
    values = np.concatenate([rng.normal(mean, 1.0, 40) for mean in (0.0, 6.0, 12.0)])
    null = Mixture(np.array([0.33, 0.67]), np.array([0.0, 9.0]), np.array([1.0, 3.2]))
    found = []
    for cores in (1, 3):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        found.append(ratio_test(values, Null(null, FREE), "0123456789abcdef" * 2, 19))
    assert found[0] == found[1]
    assert (found[0].groups, found[0].p_value) == (2, 1 / 20)
