from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from stature.domain.observation import (
    Conditional,
    MiddleSelected,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    log_chance,
)
from stature.theory.terms import (
    log_interval,
    log_normal_cdf,
    of_cells,
    of_condition,
    of_points,
    of_t_points,
)

MEANS, SDS = np.array([163.0, 176.0]), np.array([6.0, 7.0])
CONDITIONS: list[Conditional] = [
    Truncated(160.0), Truncated(155.0, 190.0), Selected(0.1, 170.0), Selected(3.0, 170.0),
    Tilted(0.05), SizeBiased(), MiddleSelected(170.0, 9.0),
]  # fmt: skip


def test_the_normal_tail_is_that_of_scipy():
    z = np.array([-1e3, -40.0, -20.001, -19.999, -5.0, -1.0, 0.0, 1.0, 5.0, 9.0])
    np.testing.assert_allclose(log_normal_cdf(z), stats.norm.logcdf(z), rtol=1e-13)
    assert log_normal_cdf(np.array([-np.inf, np.inf])).tolist() == [-np.inf, 0.0]


def test_a_far_interval_has_a_probability():
    # Computed at 40 digits.
    far = log_interval(np.array([30.0, -31.0]), np.array([31.0, -30.0]))
    np.testing.assert_allclose(far, -454.3212439563, rtol=1e-12)


def test_a_half_normal_has_its_moments():
    seen = of_cells(np.zeros(1), np.full(1, np.inf), np.zeros(1), np.ones(1))
    # first = (E z, E z^2 - 1), E z = sqrt(2/pi), E z^2 = 1
    np.testing.assert_allclose(seen.first[0, 0], [np.sqrt(2 / np.pi), 0.0], atol=1e-15)


@pytest.mark.parametrize("width", [1e-5, 1e-3, 0.1, 2.0, 2.9, 3.1, 12.0])
@pytest.mark.parametrize("low", [-9.0, -1.0, 0.3, 8.0])
def test_moments_of_cells_are_those_of_quadrature(low: float, width: float):
    seen = of_cells(np.array([low]), np.array([low + width]), np.zeros(1), np.ones(1))
    nodes, weights = np.polynomial.legendre.leggauss(80)
    width = low + width - low  # as it is after rounding
    z = low + width * (nodes + 1) / 2
    mass = weights * stats.norm.pdf(z) * width / 2
    log_mass = np.log(mass.sum())
    mass /= mass.sum()
    np.testing.assert_allclose(seen.log_mass[0, 0], log_mass, rtol=1e-12)
    np.testing.assert_allclose(seen.first[0, 0, 0], mass @ z, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(seen.outer[0, 0, 2], mass @ (z**2 - 1) ** 2, rtol=1e-10, atol=1e-14)


def test_narrow_cells_are_points():
    x = np.array([150.0, 170.0, 199.0])
    cells, points = of_cells(x - 1e-7, x + 1e-7, MEANS, SDS), of_points(x, MEANS, SDS)
    np.testing.assert_allclose(cells.log_mass - np.log(2e-7), points.log_mass, atol=2e-7)
    np.testing.assert_allclose(cells.first, points.first, rtol=1e-7)
    np.testing.assert_allclose(cells.outer, points.outer, rtol=1e-6)


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_closed_forms_of_selection_are_those_of_quadrature(condition: Conditional):
    seen = of_condition(condition, MEANS, SDS)
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
        np.testing.assert_allclose(seen.log_mass[0, k], np.log(total), rtol=1e-8)
        moments = [mean(power) / total for power in range(1, 5)]
        np.testing.assert_allclose(
            seen.first[0, k], [moments[0], moments[1] - 1], rtol=1e-6, atol=1e-8
        )
        np.testing.assert_allclose(seen.outer[0, k, 2], moments[3] - 2 * moments[1] + 1, rtol=1e-6)


def test_student_with_many_degrees_of_freedom_is_normal():
    x = np.array([150.0, 170.0, 199.0])
    student, normal = of_t_points(x, MEANS, SDS, 1e8), of_points(x, MEANS, SDS)
    np.testing.assert_allclose(student.log_mass, normal.log_mass, rtol=1e-5)
    np.testing.assert_allclose(student.curvature, normal.curvature, rtol=1e-5)
    four = of_t_points(x, MEANS, SDS, 4.0).log_mass[:, 1]
    np.testing.assert_allclose(four, stats.t.logpdf(x, 4, MEANS[1], SDS[1]), rtol=1e-13)
