"""Nodes for expectations: exact for normals, in one piece and in many."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from stature.arrays import Floats
from stature.domain.bias import (
    Classes,
    Contamination,
    Rounding,
    Selection,
    SelfReport,
    Step,
    Tilt,
    Truncation,
    cap_cm,
)
from stature.domain.mixture import Mixture
from stature.domain.population import Group, Population
from stature.theory.distributions import start
from stature.theory.quadrature import Points, blurs, gap_at, noise_cm, panels, spread, zeros
from tests.domain.test_bias import SCHOOL


def test_strip_is_pi_variance_over_gap_for_equal_sds() -> None:
    mixture = Mixture(np.array([0.3, 0.7]), np.array([163.0, 176.0]), np.array([6.75, 6.75]))
    assert_allclose(np.abs(zeros(mixture).imag).min(), np.pi * 6.75**2 / 13, rtol=1e-12)


def test_strip_ends_where_the_density_is_zero() -> None:
    mixture = Mixture(np.array([0.5, 0.5]), np.array([163.0, 176.0]), np.array([6.5, 7.0]))
    # The value in the mathematics of the project: 10.9 cm at the height problem.
    assert round(np.abs(zeros(mixture).imag).min(), 1) == 10.9
    shares, means_cm, sds_cm = np.array([0.3, 0.7]), mixture.means_cm, np.array([6.0, 9.0])
    for x in zeros(Mixture(shares, means_cm, sds_cm)):
        one, other = shares / sds_cm * np.exp(-0.5 * ((x - means_cm) / sds_cm) ** 2)
        assert abs(one + other) < 1e-12 * abs(one)
    same = Mixture(np.array([0.5, 0.5]), np.array([163.0, 163.0]), np.array([6.5, 6.5]))
    assert not len(zeros(same))


@pytest.mark.parametrize("unit", [1.0, 0.01])
@pytest.mark.parametrize("edges_cm", [[], [160.0], [159.99, 160.0, 160.01, 400.0]])
def test_panels_integrate_a_cut_normal_in_every_unit(edges_cm: list[float], unit: float) -> None:
    edges = [unit * edge for edge in edges_cm]
    nodes, weights = panels(100.0 * unit, 240.0 * unit, 3.0 * unit, edges)
    density = stats.norm.pdf(nodes, 165.0 * unit, 6.0 * unit)
    assert_allclose(weights @ density, 1.0, rtol=1e-14)
    assert (np.diff(nodes) > 0).all()
    if edges:
        below = weights @ (density * (nodes < 160.0 * unit))
        assert_allclose(below, stats.norm.cdf(160.0, 165.0, 6.0), rtol=1e-13)


def points(*left: Step) -> list[Points]:
    laws, resolution_cm = spread(SCHOOL, start(SCHOOL, None), left)
    assert 0.0 < resolution_cm < 6.5 / 2
    return [recorded for recorded in laws if isinstance(recorded, Points)]


def test_a_grid_holds_the_moments_of_each_group():
    for recorded, group in zip(points(), SCHOOL.groups, strict=True):
        deviations = recorded.heights_cm - group.mean_cm
        assert_allclose(recorded.masses.sum(), 1.0, rtol=1e-13)
        assert_allclose(recorded.masses @ deviations**2, group.sd_cm**2, rtol=1e-12)


@pytest.mark.parametrize("left", [(), (Truncation(above_cm=171.05),), (Selection(0.3),)])
def test_few_nodes_are_enough_for_something_narrow_beside_something_wide(left: tuple[Step, ...]):
    groups = Group("a", 0.3, 170.0, 40.0), Group("b", 0.5, 171.0, 0.1), Group("c", 0.2, 200.0, 2.0)
    population = Population("odd", groups)
    recorded, _ = spread(population, start(population, None), left)
    some = [one for one in recorded if isinstance(one, Points)]
    x, masses = some[0].heights_cm, population.shares @ np.array([one.masses for one in some])

    def density(x: Floats) -> Floats:
        return sum((g.share * stats.norm.pdf(x, g.mean_cm, g.sd_cm) for g in groups), 0.0 * x)

    # Five nodes to the SD of .1 and 24 SDs of 40 make 48,000; these are one in 1e-3 cm.
    assert len(x) < 3000
    even = np.linspace(-310.0, 650.0, 960_001)
    expected, likely = 1e-3 * density(even), masses > 0.0
    entropy = masses[likely] @ np.log(density(x[likely]))
    possible = expected > 0.0
    assert_allclose(entropy, expected[possible] @ np.log(density(even[possible])), rtol=1e-12)
    below = sum(g.share * stats.norm.cdf(171.05, g.mean_cm, g.sd_cm) for g in groups)
    cut = any(isinstance(step, Truncation) for step in left)
    assert_allclose(masses[x < 171.05].sum(), below, rtol=1e-12 if cut else 0.1)


def test_a_steep_selection_asks_for_a_finer_grid():
    assert len(points(Selection(10.0))[0].heights_cm) > 2 * len(points()[0].heights_cm)


@pytest.mark.parametrize(
    ("left", "cut_cm"),
    [
        ((Truncation(below_cm=165.0),), 165.0),
        # What is cut at 165 once 2 cm are added is cut at 163 now; once doubled, at 82.5 and 165.
        ((SelfReport(2.0, 0.0), Truncation(below_cm=165.0)), 163.0),
        ((Contamination(0.1, 0.9), Truncation(below_cm=153.0)), 170.0),
        ((Tilt(-0.05),), cap_cm(Tilt(-0.05), SCHOOL)),
    ],
)
def test_a_grid_is_cut_where_a_later_step_jumps(left: tuple[Step, ...], cut_cm: float):
    for recorded, group in zip(points(*left), SCHOOL.groups, strict=True):
        below = recorded.masses[recorded.heights_cm < cut_cm].sum()
        expected = stats.norm.cdf(cut_cm, group.mean_cm, group.sd_cm)
        assert_allclose(below, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("step", "of_girls", "of_boys", "spreads"),
    [
        (SelfReport(1.0, 2.0), (1.0, 2.0), (1.0, 2.0), True),
        (SelfReport(1.0, 2.0, "boys"), (0.0, 0.0), (1.0, 2.0), True),
        (SelfReport(1.0, 0.0), (1.0, 0.0), (1.0, 0.0), False),
        (Classes(25, 3.0), (0.0, 3.0), (0.0, 3.0), True),
        (Classes(25, 0.0), (0.0, 0.0), (0.0, 0.0), False),
        (Rounding(1.0), (0.0, 0.0), (0.0, 0.0), False),
    ],
    ids=str,
)
def test_noise_is_of_the_group_that_is_concerned(
    step: Step, of_girls: tuple[float, float], of_boys: tuple[float, float], spreads: bool
):
    assert (noise_cm(step, "girls"), noise_cm(step, "boys")) == (of_girls, of_boys)
    assert blurs(step) == spreads


# Nodes on both sides of (5.5, 8.5), of (1, 3), and of what is beyond the nodes.
@pytest.mark.parametrize(("mean", "sd", "gap"), [(7, 1.5, 4), (2, 1, 5), (-9, 1, 0), (20, 1, 0)])
def test_a_gap_is_the_widest_that_reaches_into_an_sd(mean: float, sd: float, gap: float):
    assert gap_at(mean, sd, np.array([0.0, 5.0, 6.0, 8.0, 12.0, 17.0])) == gap
