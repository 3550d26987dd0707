"""The smallest size that is enough: against the truth where it is known."""

from collections.abc import Mapping
from dataclasses import replace
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from stature.measures.measure import Measure
from stature.measures.needed import WANTED, needed, smallest

SIZES = (8, 14, 30, 60)
SD_CM = 7.0
# One mean is within 2 cm in 80 % of the samples where 2 / (7 / sqrt n) is the 90 % quantile.
ENOUGH = (norm.ppf(0.9) * SD_CM / 2.0) ** 2


def rated(rates: Mapping[int, Any], replicates: int) -> list[Measure]:
    """Rates of hits, with binomial errors."""
    blank = Measure(
        *("p", "none", "p.none", "mle", 10, "", "", "within_2cm", "", "available"),
        *(0.0, 0.0, None, None, None, replicates, 0, replicates),
    )  # fmt: skip
    return [
        replace(blank, size=n, value=rate, mcse=sqrt(rate * (1.0 - rate) / replicates))
        for n, rate in rates.items()
    ]


def test_between_two_sizes_the_logit_is_interpolated_in_log_n() -> None:
    # logit .5 = 0, logit .9 = log 9, logit .8 = log 4: log 4 / log 9 of the way from 100 to 1000.
    found = smallest(rated({10: 0.1, 100: 0.5, 1000: 0.9}, 100))
    assert found[0] == ""
    assert found[1] == pytest.approx(100.0 * 10.0 ** (log(4.0) / log(9.0)), rel=1e-12)


def test_near_the_truth_it_is_the_truth() -> None:
    exact = {n: 2.0 * norm.cdf(2.0 * sqrt(n) / SD_CM) - 1.0 for n in (18, 20, 22)}
    bound, size, _ = smallest(rated(exact, 10**6))
    assert bound == ""
    assert size == pytest.approx(ENOUGH, rel=1e-3)


def test_its_error_is_that_of_repeated_studies_whose_samples_are_nested() -> None:
    chance, replicates, studies = np.random.default_rng(5), 500, 2000
    exact = [2.0 * norm.cdf(2.0 * sqrt(n) / SD_CM) - 1.0 for n in SIZES]
    # Sums of the first n people of each replicate, from the people who come on top at each size.
    more = np.sqrt(np.diff(SIZES, prepend=0)) * chance.standard_normal((studies, replicates, 4))
    errors_cm = SD_CM * more.cumsum(axis=-1) / np.array(SIZES)
    drawn = (np.abs(errors_cm) < 2.0).mean(axis=1)
    every = [smallest(rated(dict(zip(SIZES, row, strict=True)), replicates)) for row in drawn]
    sizes, errors = (np.array([one[at] for one in every], float) for at in (1, 2))
    # A standard deviation from 2,000 draws is known to 1 / sqrt(4000) of itself: 4 of these, and
    # as much again because the error is one of first order. Hits of 14 and 30 people correlate by
    # less than 14 / 30, so that it may be too large, by less than sqrt(1 + 14 / 30) = 1.21.
    assert sizes.std() < np.sqrt((errors**2).mean()) * (1.0 + 8.0 / sqrt(4000.0))
    assert sizes.std() > np.sqrt((errors**2).mean()) / 1.21
    # The mean is that of the interpolation of the exact rates, to within 4 of its errors and the
    # curvature, of second order in an error of 4 % of the size.
    middle = smallest(rated(dict(zip(SIZES, exact, strict=True)), replicates))[1]
    assert sizes.mean() == pytest.approx(middle, abs=4.0 * sizes.std() / sqrt(studies) + 0.1)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ({10: 0.85, 20: 0.9}, ("<", 10.0, None)),
        ({10: 0.1, 20: 0.79}, (">", 20.0, None)),
        ({10: 0.9, 20: 0.7}, (">", 20.0, None)),  # not from there on
    ],
)
def test_what_lies_outside_the_sizes_is_no_number(
    rates: dict[int, float], expected: tuple[str, float, None]
) -> None:
    assert smallest(rated(rates, 100)) == expected


def test_from_the_last_crossing_on_it_is_enough() -> None:
    _, size, _ = smallest(rated({10: 0.7, 20: 0.9, 50: 0.7, 100: 0.9}, 100))
    assert 50.0 < size < 100.0


def test_a_rate_of_all_or_nothing_is_half_a_replicate_away() -> None:
    # With 50 replicates logits are those of .01 and .99: (log 4 + log 99) / (2 log 99) of the way.
    _, size, mcse = smallest(rated({10: 0.0, 100: 1.0}, 50))
    part = (log(4.0) + log(99.0)) / (2.0 * log(99.0))
    assert size == pytest.approx(10.0 * exp(part * log(10.0)), rel=1e-12)
    # Both logits have a variance of 1 / .5 + 1 / 50.5; one sample holds a tenth of the other.
    slope = size * log(10.0) / (2.0 * log(99.0))
    parts = part**2 + (1.0 - part) ** 2 + 2.0 * 0.1 * part * (1.0 - part)
    expected = slope * sqrt(parts * (2.0 + 1.0 / 50.5))
    assert mcse == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("replicates", [1, 2, 3])
def test_few_replicates_tell_a_size_too(replicates: int) -> None:
    # Half of one replicate would be .5 on either side; .1 and .9 are half way to 0 and 1 from .8.
    _, size, _ = smallest(rated({10: 0.0, 100: 1.0}, replicates))
    low = min(0.5 / replicates, 0.1)
    part = (log(4.0) + log((1.0 - low) / low)) / (2.0 * log((1.0 - low) / low))
    assert size == pytest.approx(10.0 * 10.0**part, rel=1e-12)
    assert 10.0 < size < 100.0


def test_each_scenario_and_estimator_has_its_own() -> None:
    rows = rated({10: 0.5, 100: 0.9}, 100)
    other = [replace(row, estimator="em", value=0.1) for row in rows]
    silent = [replace(row, scenario="q.none", value=None) for row in rows]
    mle, em = needed([*rows, *other, *silent])
    assert (mle.estimator, mle.bound, em.estimator, em.bound) == ("mle", "", "em", ">")
    assert mle.wanted == em.wanted == WANTED
