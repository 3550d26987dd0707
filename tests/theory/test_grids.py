import numpy as np
import pytest
from scipy import stats

from stature.domain.bias import Contamination, Selection, SelfReport, Step, Tilt, Truncation, cap_cm
from stature.theory.distributions import start
from stature.theory.quadrature import Points, spread
from tests.domain.test_bias import SCHOOL


def points(*left: Step) -> list[Points]:
    laws, resolution_cm = spread(SCHOOL, start(SCHOOL, None), left)
    assert 0.0 < resolution_cm < 6.5 / 2
    return [law for law in laws if isinstance(law, Points)]


def test_a_grid_holds_the_moments_of_each_group():
    for law, group in zip(points(), SCHOOL.groups, strict=True):
        deviations = law.heights_cm - group.mean_cm
        np.testing.assert_allclose(law.masses.sum(), 1.0, rtol=1e-13)
        np.testing.assert_allclose(law.masses @ deviations**2, group.sd_cm**2, rtol=1e-12)


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
    for law, group in zip(points(*left), SCHOOL.groups, strict=True):
        below = law.masses[law.heights_cm < cut_cm].sum()
        expected = stats.norm.cdf(cut_cm, group.mean_cm, group.sd_cm)
        np.testing.assert_allclose(below, expected, rtol=1e-12)
