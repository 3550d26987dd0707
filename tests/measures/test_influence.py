import numpy as np
import pytest

from stature.measures.influence import (
    centred,
    from_influence,
    mean_square,
    shares_of_influence,
    standard_error,
    standard_error_of_shares,
)


def test_mean_and_deviations_leave_out_what_is_not_used() -> None:
    mean, deviation, used = centred(np.array([[1.0, np.nan, 5.0], [2.0, 2.0, np.inf]]))
    # (1 + 5) / 2 = 3, and (2 + 2) / 2 = 2.
    assert mean.tolist() == [3.0, 2.0]
    assert used.tolist() == [2, 2]
    np.testing.assert_array_equal(deviation, [[-2.0, np.nan, 2.0], [0.0, 0.0, np.nan]])


def test_equal_values_have_no_spread_at_all() -> None:
    # Three times 0.1 divided by 3 is not 0.1 in doubles; about the first value nothing is lost.
    mean, deviation, _ = centred(np.full(3, 0.1))
    assert mean == 0.1
    assert deviation.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("replicates", [0, 1])
def test_no_spread_is_claimed_for_fewer_than_two_replicates(replicates: int) -> None:
    values = np.where(np.arange(3) < replicates, 7.0, np.nan)
    mean, deviation, used = centred(values)
    assert used == replicates
    assert np.isnan(mean) == (replicates == 0)
    assert np.isnan(mean_square(deviation, used - 1))
    assert np.isnan(standard_error(values))


def test_a_number_does_not_depend_on_its_neighbours_to_the_bit() -> None:
    random = np.random.default_rng(1)
    values = random.standard_normal((9, 7, 1000)) * 1e3 + 170.0
    everything, _, _ = centred(values)
    spread = standard_error(values)
    for row in np.ndindex(9, 7):
        alone, _, _ = centred(values[row])
        assert alone == everything[row]
        assert standard_error(values[row]) == spread[row]
    # Also when the replicates are not contiguous in memory.
    turned = np.moveaxis(np.ascontiguousarray(np.moveaxis(values, -1, 0)), 0, -1)
    np.testing.assert_array_equal(centred(turned)[0], everything)


def test_interval_is_value_plus_and_minus_196_errors() -> None:
    measured = from_influence(np.array(10.0), np.array([-1.0, 1.0]), np.array(2))
    # SD of -1, 1 with divisor 1 is sqrt 2, over sqrt 2 replicates: 1.
    assert measured.mcse == pytest.approx(1.0, rel=1e-15)
    assert measured.lower == pytest.approx(10.0 - 1.959963984540054, rel=1e-15)
    assert measured.upper == pytest.approx(10.0 + 1.959963984540054, rel=1e-15)


def test_one_cell_of_shares_has_the_error_of_its_influence() -> None:
    influence = np.random.default_rng(2).standard_normal(50)
    influence -= influence.mean()
    combined = standard_error_of_shares(shares_of_influence(influence))
    # sqrt(R/(R-1) sum (g/R)^2) = sqrt(sum g^2/(R-1)) / sqrt(R).
    assert combined == pytest.approx(float(standard_error(influence)), rel=1e-13)


def test_cells_on_disjoint_replicates_add_their_variances() -> None:
    influence = np.random.default_rng(3).standard_normal((2, 4000))
    influence[0, 2000:] = np.nan
    influence[1, :2000] = np.nan
    shares = shares_of_influence(influence)
    separate = standard_error(influence)
    together = standard_error_of_shares(shares[0] + shares[1])
    # R/(R-1) over 4000 differs from n/(n-1) over 2000 by 1e-4; centring by 1/n.
    assert together == pytest.approx(float(np.hypot(*separate)), rel=1e-3)
