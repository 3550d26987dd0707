import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stature.domain.sampling import stratified_groups


@given(st.floats(0.01, 0.99), st.integers(1, 400))
def test_two_groups_never_stray_half_a_person_from_their_shares(share: float, size: int):
    groups = stratified_groups(np.array([share, 1 - share]), size)
    counts = np.cumsum(groups == 0)
    assert np.abs(counts - share * np.arange(1, size + 1)).max() <= 0.5 + 1e-9


@given(st.lists(st.floats(0.05, 1.0), min_size=1, max_size=5), st.integers(1, 200))
def test_groups_never_stray_a_person_and_a_longer_sample_begins_alike(
    weights: list[float], size: int
):
    shares = np.array(weights) / sum(weights)
    groups = stratified_groups(shares, size)
    assert len(groups) == size
    assert (groups == stratified_groups(shares, 3 * size)[:size]).all()
    counts = np.cumsum(np.eye(len(shares))[groups], axis=0)
    # Webster's method may leave the quota by less than a person in rare cases of many groups.
    assert np.abs(counts - np.outer(np.arange(1, size + 1), shares)).max() < 1.5


@pytest.mark.parametrize("size", [2, 20, 200, 10_000])
def test_even_shares_give_equal_halves(size: int):
    assert np.bincount(stratified_groups(np.array([0.5, 0.5]), size)).tolist() == [size // 2] * 2
