from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats
from scipy.stats import norm

from stature.domain.model import Model
from stature.domain.observation import (
    Conditional,
    Grid,
    Heaped,
    MiddleSelected,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    log_chance,
)
from stature.estimators.estimator import Estimator, Status
from stature.estimators.fit import spec_of_one
from stature.estimators.general.solve import People, solve
from stature.estimators.plain.starts import starts
from stature.theory.likelihood import HIDDEN, Rows, likelihood, rows_of
from stature.theory.terms import (
    heaps_of,
    log_interval,
    log_normal_cdf,
    of_cells,
    of_condition,
    of_heaps,
    of_points,
    of_t_points,
)
from tests.theory.schools import five_points

MEANS, SDS = np.array([163.0, 176.0]), np.array([6.5, 7.0])
CONDITIONS: list[Conditional] = [
    Truncated(160.0), Truncated(155.0, 190.0), Selected(0.1, 170.0), Selected(3.0, 170.0),
    Tilted(0.05), SizeBiased(), MiddleSelected(170.0, 9.0),
]  # fmt: skip
HEAPED = Heaped((Grid(5.0, 0.3), Grid(2.5, 0.2)))
X = np.array([165.0, 162.5, 161.0, 170.0, 177.5, 181.3])
# eta, mu, lambda of shares .4 and .6.
U = np.concatenate([[np.log(0.4 / 0.6)], MEANS, np.log(SDS)])
TWO = starts(np.random.default_rng(3).random((1, 6, 6)), None, 2)[0]


def test_the_normal_tail_is_that_of_scipy():
    z = np.array([-1e3, -40.0, -20.001, -19.999, -5.0, -1.0, 0.0, 1.0, 5.0, 9.0])
    assert_allclose(log_normal_cdf(z), stats.norm.logcdf(z), rtol=1e-13)
    assert log_normal_cdf(np.array([-np.inf, np.inf])).tolist() == [-np.inf, 0.0]


def test_a_far_interval_has_a_probability():
    # Computed at 40 digits.
    far = log_interval(np.array([30.0, -31.0]), np.array([31.0, -30.0]))
    assert_allclose(far, -454.3212439563, rtol=1e-12)


def test_a_half_normal_has_its_moments():
    terms = of_cells(np.zeros(1), np.full(1, np.inf), np.zeros(1), np.ones(1))
    # first = (E z, E z^2 - 1), E z = sqrt(2/pi), E z^2 = 1
    assert_allclose(terms.first[0, 0], [np.sqrt(2 / np.pi), 0.0], atol=1e-15)


@pytest.mark.parametrize("width", [1e-5, 1e-3, 0.1, 2.0, 2.9, 3.1, 12.0])
@pytest.mark.parametrize("low", [-9.0, -1.0, 0.3, 8.0])
def test_moments_of_cells_are_those_of_quadrature(low: float, width: float):
    terms = of_cells(np.array([low]), np.array([low + width]), np.zeros(1), np.ones(1))
    nodes, weights = np.polynomial.legendre.leggauss(80)
    width = low + width - low  # as it is after rounding
    z = low + width * (nodes + 1) / 2
    mass = weights * stats.norm.pdf(z) * width / 2
    log_mass = np.log(mass.sum())
    mass /= mass.sum()
    assert_allclose(terms.log_mass[0, 0], log_mass, rtol=1e-12)
    assert_allclose(terms.first[0, 0, 0], mass @ z, rtol=1e-11, atol=1e-12)
    assert_allclose(terms.outer[0, 0, 2], mass @ (z**2 - 1) ** 2, rtol=1e-10, atol=1e-14)


def test_narrow_cells_are_points():
    x = np.array([150.0, 170.0, 199.0])
    cells, points = of_cells(x - 1e-7, x + 1e-7, MEANS, SDS), of_points(x, MEANS, SDS)
    assert_allclose(cells.log_mass - np.log(2e-7), points.log_mass, atol=2e-7)
    assert_allclose(cells.first, points.first, rtol=1e-7)
    assert_allclose(cells.outer, points.outer, rtol=1e-6)


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_closed_forms_of_selection_are_those_of_quadrature(condition: Conditional):
    terms = of_condition(condition, MEANS, SDS)
    for k in range(2):

        def density(x: float, k: int = k) -> float:
            chance = np.exp(log_chance(condition, np.array([x])))[0]
            return float(chance * stats.norm.pdf(x, MEANS[k], SDS[k]))

        def mean(power: int, k: int = k) -> float:
            ends = [100.0, 155.0, 160.0, 170.0, 190.0, 240.0]
            return sum(
                integrate.quad(
                    lambda x: ((x - MEANS[k]) / SDS[k]) ** power * density(x), a, b, epsabs=1e-12
                )[0]
                for a, b in pairwise(ends)
            )

        total = mean(0)
        # The bell and the factor of a tilt are chances up to a constant, the same for both groups.
        assert_allclose(terms.log_mass[0, k], np.log(total), rtol=1e-8)
        moments = [mean(power) / total for power in range(1, 5)]
        assert_allclose(terms.first[0, k], [moments[0], moments[1] - 1], rtol=1e-6, atol=1e-8)
        assert_allclose(terms.outer[0, k, 2], moments[3] - 2 * moments[1] + 1, rtol=1e-6)


def test_student_with_many_degrees_of_freedom_is_normal():
    x = np.array([150.0, 170.0, 199.0])
    student, normal = of_t_points(x, MEANS, SDS, 1e8), of_points(x, MEANS, SDS)
    assert_allclose(student.log_mass, normal.log_mass, rtol=1e-5)
    assert_allclose(student.curvature, normal.curvature, rtol=1e-5)
    four = of_t_points(x, MEANS, SDS, 4.0).log_mass[:, 1]
    assert_allclose(four, stats.t.logpdf(x, 4, MEANS[1], SDS[1]), rtol=1e-13)


def rows(x: np.ndarray, heaped: Heaped) -> Rows:
    return replace(rows_of(x, x, np.ones(len(x))), heaps=heaps_of(heaped, x, 1.0))


def test_a_height_on_a_grid_is_the_sum_of_its_cells():
    # 165: a cell of 5 cm of three tenths and one of 2.5 of two; 162.5 one of 2.5; 161 is exact.
    def mass(low: float, high: float) -> np.ndarray:
        return norm.cdf((high - MEANS) / SDS) - norm.cdf((low - MEANS) / SDS)

    found = np.exp(of_heaps(X[:2], heaps_of(HEAPED, X[:2], 1.0), MEANS, SDS).log_mass)
    both = 0.3 * mass(162.5, 167.5) + 0.2 * mass(163.75, 166.25)
    assert_allclose(found, [both, 0.2 * mass(161.25, 163.75)], rtol=1e-12)
    value = likelihood(U, rows(X[:3], HEAPED)).value
    share = np.array([0.4, 0.6])
    exact = share @ (norm.pdf((161.0 - MEANS) / SDS) / SDS)
    expected = np.log(share @ both) + np.log(share @ found[1]) + np.log(exact)
    assert_allclose(value, expected, rtol=1e-12)


def test_one_grid_of_everybody_is_rounding():
    heaps = heaps_of(Heaped((Grid(2.5, 1.0),)), X[:2], 1.0)
    one, other = (
        of_heaps(X[:2], heaps, MEANS, SDS),
        of_cells(X[:2] - 1.25, X[:2] + 1.25, MEANS, SDS),
    )
    for part, expected in zip(one, other, strict=True):
        assert_allclose(part, expected, rtol=1e-12)


def test_score_and_information_of_heaps_are_differences_of_the_likelihood():
    people = rows(X, HEAPED)
    at = likelihood(U, people)
    slope = five_points(lambda u: np.array(likelihood(u, people).value), U, 1e-3)
    bend = five_points(lambda u: likelihood(u, people).score, U, 1e-3)
    assert_allclose(at.score, slope, rtol=1e-8, atol=1e-9)
    assert_allclose(at.information, -bend, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("labels", [True, False])
def test_modelled_heaps_mend_the_sds_that_they_widen(labels: bool):
    # Half the people round to 10 cm: ignored, that adds some .5 * 100 / 12 to a variance of 30.
    rng = np.random.default_rng(2)
    group = np.repeat([0, 1], 4000)
    x = np.array([160.0, 185.0])[group] + 5.5 * rng.standard_normal(8000)
    x = np.where(rng.random(8000) < 0.5, np.rint(x / 10.0) * 10.0, x)
    seen = group if labels else np.full(8000, HIDDEN)
    people = People(x, np.ones(8000), seen)

    def fitted(model: Model) -> np.ndarray:
        estimator = Estimator("one", model, "newton", 4, 5, 2, tolerance=1e-12)
        found = solve(people, spec_of_one(estimator, ("a", "b"), "0" * 32), TWO[:4])
        assert found.status == Status.CONVERGED
        return np.concatenate([found.theta, np.sqrt(np.diag(found.observed))])

    heaped = fitted(Model("all" if labels else "none", observation=Heaped((Grid(10.0, 0.5),))))
    naive = fitted(Model("all" if labels else "none"))
    # 4 standard errors of an SD, which are those of its logarithm times the SD.
    errors = 4 * heaped[-2:] * 5.5
    assert (np.abs(heaped[4:6] - 5.5) < errors).all()
    assert (naive[4:6] - 5.5 > 2 * errors / 4).all()
