"""Nodes for expectations: exact for normals, in one piece and in many."""

import numpy as np
import pytest
from scipy import stats

from stature.domain.mixture import Mixture
from stature.theory.quadrature import panels, strip_cm, trapezoid


def test_strip_is_pi_variance_over_gap_for_equal_sds() -> None:
    mixture = Mixture(np.array([0.3, 0.7]), np.array([163.0, 176.0]), np.array([6.75, 6.75]))
    np.testing.assert_allclose(strip_cm(mixture), np.pi * 6.75**2 / 13, rtol=1e-12)


def test_strip_ends_where_the_density_is_zero() -> None:
    mixture = Mixture(np.array([0.5, 0.5]), np.array([163.0, 176.0]), np.array([6.5, 7.0]))
    # The value in the mathematics of the project: 10.9 cm at the height problem.
    assert round(strip_cm(mixture), 1) == 10.9
    same = Mixture(np.array([0.5, 0.5]), np.array([163.0, 163.0]), np.array([6.5, 6.5]))
    assert strip_cm(same) == np.inf


def test_trapezoid_integrates_the_density_to_one() -> None:
    mixture = Mixture(np.array([0.9, 0.1]), np.array([163.0, 176.0]), np.array([6.5, 1.5]))
    nodes_cm, step_cm = trapezoid(mixture)
    density = 0.9 * stats.norm.pdf(nodes_cm, 163, 6.5) + 0.1 * stats.norm.pdf(nodes_cm, 176, 1.5)
    np.testing.assert_allclose(step_cm * density.sum(), 1.0, rtol=1e-14)


@pytest.mark.parametrize("edges_cm", [[], [160.0], [159.99, 160.0, 160.01, 400.0]])
def test_panels_integrate_a_cut_normal(edges_cm: list[float]) -> None:
    nodes_cm, weights_cm = panels(100.0, 240.0, 3.0, edges_cm)
    density = stats.norm.pdf(nodes_cm, 165.0, 6.0)
    np.testing.assert_allclose(weights_cm @ density, 1.0, rtol=1e-14)
    assert (np.diff(nodes_cm) > 0).all()
    if edges_cm:
        below = weights_cm @ (density * (nodes_cm < 160.0))
        np.testing.assert_allclose(below, stats.norm.cdf(160.0, 165.0, 6.0), rtol=1e-13)
