"""What a row says of a group, against quadrature and SciPy; sums are tested with the likelihood."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats
from scipy.stats import norm

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
from stature.kernels.rows import PARTS, Groups, log_normal_cdf, write_anybody, write_cell
from stature.theory.likelihood import Rows, heaps_of, rows_of, selection_of, summed

MEANS, SDS = np.array([163.0, 176.0]), np.array([6.5, 7.0])
SHARES = np.array([0.4, 0.6])
MIXTURE = Groups(SHARES, np.log(SHARES), MEANS, 1 / SDS, np.log(SDS))
U = np.concatenate([[np.log(0.4 / 0.6)], MEANS, np.log(SDS)])
CONDITIONS: list[Conditional] = [
    Truncated(160.0), Truncated(155.0, 190.0), Selected(0.1, 170.0), Selected(3.0, 170.0),
    Selected(-0.1, 170.0), Tilted(0.05), SizeBiased(), MiddleSelected(170.0, 9.0),
]  # fmt: skip


def test_the_normal_tail_is_scipys():
    for z in (-1e3, -300.0, -38.0, -20.001, -19.999, -5.0, -0.1, 0.0, 0.7, 6.0, 30.0):
        assert_allclose(log_normal_cdf(z), norm.logcdf(z), rtol=1e-13)
    assert (log_normal_cdf(-np.inf), log_normal_cdf(np.inf)) == (-np.inf, 0.0)


def part_of(a: float, b: float) -> np.ndarray:
    part = np.empty(PARTS)
    write_cell(a, b, part)
    return part


def expected_part(log_mass: float, moments: list[float]) -> list[float]:
    z1, z2, z3, z4 = moments
    return [log_mass, z1, z2 - 1, z2, z3 - z1, z4 - 2 * z2 + 1, 1.0, 2 * z1, 2 * z2]


@pytest.mark.parametrize("width", [1e-5, 1e-3, 0.1, 2.0, 2.9, 3.1, 6.5, 12.0])
@pytest.mark.parametrize("low", [-9.0, -1.0, 0.3, 8.0])
def test_a_cell_has_the_moments_of_a_cut_normal(low: float, width: float):
    part = part_of(low, low + width)
    nodes, weights = np.polynomial.legendre.leggauss(80)
    width = low + width - low  # as it is after rounding
    z = low + width * (nodes + 1) / 2
    mass = weights * norm.pdf(z) * width / 2
    moments = [float(mass @ z**power / mass.sum()) for power in range(1, 5)]
    # In the tail the moments cancel in those of the scores.
    tolerance = 1e-10 * max(1.0, abs(moments[3]))
    assert_allclose(part, expected_part(np.log(mass.sum()), moments), rtol=1e-11, atol=tolerance)


def test_a_far_cell_has_a_probability():
    # Computed at 40 digits.
    assert_allclose([part_of(30.0, 31.0)[0], part_of(-31.0, -30.0)[0]], -454.3212439563, rtol=1e-12)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_an_open_cell_is_the_tail_beyond_its_end(end: float):
    part, mirrored = part_of(end, np.inf), part_of(-np.inf, -end)
    hazard = norm.pdf(end) / norm.sf(end)
    expected = [norm.logsf(end), hazard, 1 + end * hazard]
    assert_allclose(part[[0, 1, 3]], expected, rtol=1e-13)
    assert_allclose(mirrored[[0, 1, 3]], part[[0, 1, 3]] * [1, -1, 1], rtol=1e-13)


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_closed_forms_of_selection_are_those_of_quadrature(condition: Conditional):
    parts = np.empty((2, PARTS))
    write_anybody(selection_of(rows_of(MEANS, MEANS, SDS, condition), 2), MIXTURE, parts)
    for k in range(2):

        def density(x: float, k: int = k) -> float:
            chance = np.exp(log_chance(condition, np.array([x])))[0]
            return float(chance * norm.pdf(x, MEANS[k], SDS[k]))

        def mean(power: int, k: int = k) -> float:
            ends = [100.0, 155.0, 160.0, 170.0, 190.0, 240.0]
            return sum(
                integrate.quad(
                    lambda x: ((x - MEANS[k]) / SDS[k]) ** power * density(x), a, b, epsabs=1e-12
                )[0]
                for a, b in pairwise(ends)
            )

        total = mean(0)
        moments = [mean(power) / total for power in range(1, 5)]
        # The bell and the factor of a tilt are chances up to a constant, the same for both groups.
        assert_allclose(parts[k], expected_part(np.log(total), moments), rtol=1e-6, atol=1e-8)


def test_people_of_whom_next_to_nobody_is_selected_have_a_chance():
    # Far below the centre the chance is exp(slope (x - centre)): a tilt of a normal.
    parts, alone = np.empty((2, PARTS)), rows_of(MEANS, MEANS, SDS, Selected(0.5, 900.0))
    write_anybody(selection_of(alone, 2), MIXTURE, parts)
    assert_allclose(parts[:, 0], 0.5 * (MEANS - 900.0) + 0.125 * SDS**2, rtol=1e-12)
    assert_allclose(parts[:, 6], 1.0)


def densities(rows: Rows) -> np.ndarray:
    """Density or probability of each row, from its log-likelihood."""
    return np.exp(summed(U, rows).values)


def test_student_groups_have_scipys_density():
    x = np.array([150.0, 170.0, 199.0])
    for freedom in (4.0, 1e8):
        rows = Rows(
            x, x, np.ones(3), np.ones(3), np.full(3, -1), np.ones(3, np.bool_), None, freedom
        )
        expected = stats.t.pdf(x[:, None], freedom, MEANS, SDS) @ SHARES
        assert_allclose(densities(rows), expected, rtol=1e-6 if freedom > 5 else 1e-13)


def heaped(x: np.ndarray, *grids: Grid) -> Rows:
    rows = rows_of(x, x, np.ones(len(x)))
    heaps = heaps_of(Heaped(grids), x, 1.0)
    return Rows(x, x, rows.weight, rows.square, rows.group, rows.informs, None, None, heaps)


def test_a_height_on_a_grid_is_the_sum_of_its_cells():
    # 165: a cell of 5 cm of three tenths and one of 2.5 of two; 162.5 one of 2.5; 161 is exact.
    def mass(low: float, high: float) -> float:
        return float((norm.cdf(high, MEANS, SDS) - norm.cdf(low, MEANS, SDS)) @ SHARES)

    got = densities(heaped(np.array([165.0, 162.5, 161.0]), Grid(5.0, 0.3), Grid(2.5, 0.2)))
    both = 0.3 * mass(162.5, 167.5) + 0.2 * mass(163.75, 166.25)
    exact = float(norm.pdf(161.0, MEANS, SDS) @ SHARES)
    assert_allclose(got, [both, 0.2 * mass(161.25, 163.75), exact], rtol=1e-12)


def test_one_grid_of_everybody_is_rounding():
    x = np.array([165.0, 162.5])
    one = summed(U, heaped(x, Grid(2.5, 1.0)))
    other = summed(U, rows_of(x - 1.25, x + 1.25, np.ones(2)))
    for name in ("value", "score", "information", "completed", "scores"):
        assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-11, atol=1e-12)
