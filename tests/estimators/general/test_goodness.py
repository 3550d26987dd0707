"""Goodness of fit: Macdonell's men, and the joining of cells."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from stature.domain.observation import Truncated
from stature.estimators.general.goodness import (
    FEWEST_EXPECTED,
    goodness,
    in_one_cell,
    joined_edges,
    probabilities,
)

FILE = Path(__file__).parents[3] / "data/macdonell_1902_heights_binned.csv"
LOWER, UPPER, COUNT = np.loadtxt(FILE, delimiter=",", skiprows=1).T
# The fit on closed cells, in inches, computed for this project at 40 digits.
NORMAL = np.array([1.0, 65.5355040489, 2.5409988765])


def test_macdonells_men_are_normal() -> None:
    found = goodness(NORMAL, LOWER, UPPER, COUNT, free=2)
    # All below 58.5625 in and all above 72.5625 in are joined: 16 cells with open tails.
    assert (found.cells, found.freedom) == (16, 13)
    assert found.chi_square == pytest.approx(9.504097, abs=1e-6)
    assert found.p_value == pytest.approx(0.73389, abs=1e-5)


def test_expected_counts_are_those_of_the_normal_law() -> None:
    found = goodness(NORMAL, LOWER, UPPER, COUNT, free=2)
    by_law = 3000 * np.diff(norm.cdf([*LOWER, UPPER[-1]], *NORMAL[1:]))
    np.testing.assert_allclose(found.expected, by_law, rtol=1e-9)


def test_below_a_cut_nobody_is_expected() -> None:
    cut = Truncated(below_cm=float(LOWER[7]))
    found = goodness(NORMAL, LOWER[7:], UPPER[7:], COUNT[7:], 2, cut)
    # Those above the table, 77.5625 in, are 1e-6 of the men.
    assert found.expected.sum() == pytest.approx(COUNT[7:].sum(), rel=1e-5)


def test_joined_cells_expect_five_people_each() -> None:
    edges = joined_edges(NORMAL, np.append(LOWER, UPPER[-1]), (-np.inf, np.inf), 3000.0)
    assert (3000 * probabilities(NORMAL, edges[:-1], edges[1:]) >= FEWEST_EXPECTED).all()
    assert set(edges[1:-1]) <= set(UPPER)


def test_too_few_cells_give_no_test() -> None:
    found = goodness(NORMAL, LOWER, UPPER, COUNT / 200, free=2)
    # Of 15 people no three cells of whole inches expect five each.
    assert found.cells < 3
    assert found.freedom == found.cells - 3
    assert np.isnan(found.p_value)


def test_a_group_in_one_cell_is_seen_as_such() -> None:
    lower, upper = np.array([150.0, 160.0, 170.0]), np.array([160.0, 170.0, 180.0])
    # Five cm are 4.5 SDs of 1.1 cm, 7e-6 outside, and 5 SDs of 1 cm, 6e-7 outside.
    for sd, inside in ((1.1, False), (1.0, True)):
        theta = np.array([0.5, 0.5, 165.0, 165.0, sd, 7.0])
        assert in_one_cell(theta, lower, upper) == inside
    assert not in_one_cell(np.full(6, np.nan), lower, upper)
