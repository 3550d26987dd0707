"""Fits of published data against numbers computed elsewhere, at 40 digits or printed in papers."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Estimator, Fits
from stature.estimators.fit import fit_heights, spec_of_one
from stature.estimators.plain.batch import constraints_of
from stature.estimators.plain.methods import m_step
from stature.estimators.plain.problem import Problem, certify, make_workspace

GALTON = Path(__file__).parents[2] / "data" / "galton_1886_children.csv"
CM_PER_INCH = 2.54
NAMES = ("female", "male")
SHARES = (453 / 934, 481 / 934)

with GALTON.open() as file:
    ROWS = list(csv.DictReader(file))
HEIGHTS_CM = np.array([float(row["height_in"]) for row in ROWS]) * CM_PER_INCH
LABELS = np.array([row["sex"] == "male" for row in ROWS]).astype(np.int8)


def galton(
    estimator: Estimator | str, shares: tuple[float, ...] | None = None, unit: float = 1.0
) -> Fits:
    if isinstance(estimator, str):
        estimator = CATALOGUE[estimator]
    return fit_heights(spec_of_one(estimator, NAMES, "0" * 32, shares), HEIGHTS_CM / unit, LABELS)


KNOWN_EQUAL = Estimator("known-equal", Model("none", shares="known", sds="equal"), "em")

# Estimator, known shares; log-likelihood; then share of the lower group, means, SDs, and their SEs.
HALVES = (0.5, 0.5)
GOLDEN = [
    ("em", None, -3369.79063148,
     [0.539882994, 163.238869402, 176.921903212, 5.967576754, 6.047652725],
     [0.0800364, 1.0190689, 1.2378875, 0.4819003, 0.5880208]),
    ("em-equal-sds", None, -3369.79411090,
     [0.546065742, 163.315558498, 177.016016980, 6.002989433, 6.002989433],
     [0.0291881, 0.4376295, 0.4919820, 0.2325249, 0.2325249]),
    ("em-known-shares", SHARES, -3370.00848170,
     [SHARES[0], 162.606451322, 176.113107812, 5.721668836, 6.404740662],
     [np.nan, 0.3702250, 0.4177677, 0.2785740, 0.3101134]),
    (KNOWN_EQUAL, SHARES, -3371.91252525,
     [SHARES[0], 162.804032364, 176.347968629, 6.058495213, 6.058495213],
     [np.nan, 0.3608019, 0.4025968, 0.2417994, 0.2417994]),
    ("em-known-shares", HALVES, -3369.90816977,
     [0.5, 162.775194429, 176.335731931, 5.783886265, 6.304693768],
     [np.nan, 0.3680422, 0.4181949, 0.2771838, 0.3100502]),
]  # fmt: skip
LABELLED_GOLDEN = [0.485010707, 162.824092715, 175.854602911, 5.976749834, 6.657786767]
ROWS_OF_GOLDEN = [0, 1, 4, 2, 5]


@pytest.mark.parametrize(("estimator", "shares", "ll", "values", "errors"), GOLDEN)
def test_galtons_children_with_the_sex_hidden(
    estimator: Estimator | str,
    shares: tuple[float, ...] | None,
    ll: float,
    values: list[float],
    errors: list[float],
):
    fits = galton(estimator, shares)
    assert fits.log_likelihood[0, 0] == pytest.approx(ll, rel=1e-8)
    assert_allclose(fits.estimate[0, 0, ROWS_OF_GOLDEN], values, rtol=1e-7)
    assert_allclose(fits.std_error[0, 0, ROWS_OF_GOLDEN], errors, rtol=1e-5)


def test_galtons_children_with_the_sex_seen():
    fits = galton("mle")
    assert_allclose(fits.estimate[0, 0, ROWS_OF_GOLDEN], LABELLED_GOLDEN, rtol=1e-8)


def test_inches_are_centimetres_but_for_the_constant():
    fits = galton("em", unit=CM_PER_INCH)
    assert fits.log_likelihood[0, 0] == pytest.approx(-2499.14937979, rel=1e-8)
    assert fits.estimate[0, 0, 1] == pytest.approx(163.238869402 / CM_PER_INCH, rel=1e-7)


def test_a_known_share_is_not_swapped_for_a_higher_likelihood():
    # With the shares exchanged the log-likelihood would be -3369.83738725, higher by .17.
    fits = galton(replace(CATALOGUE["em-known-shares"], starts=40, kept_starts=40), SHARES)
    assert fits.log_likelihood[0, 0] == pytest.approx(-3370.00848170, rel=1e-8)
    swapped = galton("em-known-shares", SHARES[::-1])
    assert swapped.log_likelihood[0, 0] == pytest.approx(-3369.83738725, rel=1e-8)
    means = swapped.estimate[0, 0, [1, 4]]
    assert_allclose(means, [162.946974878, 176.557248340], rtol=1e-7)


def test_six_heights_step_by_step():
    # https://github.com/mistylight/Understanding_the_EM_Algorithm, as printed there.
    x = np.array([168.0, 180, 170, 172, 178, 176])
    constraints = constraints_of(Model("none", shares="known"), 2, None)
    problem = Problem(x - 170, np.ones(6), constraints.free, True, 0)
    space = make_workspace(2, constraints.free.shape[1])
    theta = np.array([0.5, 0.5, 175 - 170, 165 - 170, 4.320493798938574, 4.320493798938574])
    values = []
    for step in range(400):
        values.append(certify(problem, theta, space)[0])
        if step == 0:
            p = [0.2551315, 0.99530776, 0.5, 0.7448685, 0.98642308, 0.96136835]
            assert_allclose(space.work[0, :6], p, atol=1e-7)
        m_step(space.sums, True, 0, problem.prior, theta)
        if step == 0:
            first = [
                175.53490824707558 - 170,
                169.6196633833455 - 170,
                3.8294259062736598,
                2.043848974622936,
            ]
            assert_allclose(theta[2:], first, rtol=1e-12, atol=1e-12)
    golden = [-19.202004988, -16.936216628, -16.340694115, -16.034286588]
    assert_allclose(values[:4], golden, rtol=1e-9)
    limit = [177.9964513842 - 170, 170.0035486158 - 170, 1.6416586126, 1.6416586126]
    assert_allclose(theta[2:], limit, rtol=1e-7, atol=1e-8)
    assert values[-1] == pytest.approx(-15.6098677496, rel=1e-9)


NIST = {
    # NIST StRD, univariate: certified mean and SD with divisor n - 1; SD with divisor n by algebra.
    "NumAcc1": ([10000001.0, 10000003.0, 10000002.0], 10000002.0, 0.816496580927726, 1e-14),
    "NumAcc2": ([1.2, *500 * [1.1, 1.3]], 1.2, 0.0999500374687773, 1e-14),
    "NumAcc3": ([1000000.2, *500 * [1000000.1, 1000000.3]], 1000000.2, 0.0999500375036845, 1e-12),
    "NumAcc4": (
        [10000000.2, *500 * [10000000.1, 10000000.3]], 10000000.2, 0.0999500380272917, 1e-12,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NIST)
def test_one_group_has_the_certified_mean_and_sd(name: str):
    values, mean, sd, error = NIST[name]
    labels = np.zeros(len(values), np.int8)
    fits = fit_heights(spec_of_one(CATALOGUE["mle"], ("all",), "0" * 32), np.array(values), labels)
    assert fits.estimate[0, 0, 1] == pytest.approx(mean, rel=1e-14)
    assert fits.estimate[0, 0, 2] == pytest.approx(sd, rel=error)
