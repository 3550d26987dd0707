import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stature.domain.population import Group, Population
from stature.domain.sampling import stratified_counts, stratified_groups


def test_groups_stand_in_the_order_of_their_means_whatever_the_config_says():
    girls, boys = Group("girls", 0.25, 163.0, 6.5), Group("boys", 0.75, 176.0, 7.0)
    assert Population("school", (boys, girls)) == Population("school", (girls, boys))
    school = Population("school", (boys, girls))
    assert school.group_names == ("girls", "boys")
    assert school.mean_cm == 0.25 * 163 + 0.75 * 176


@given(st.lists(st.floats(0.05, 1.0), min_size=1, max_size=5), st.integers(1, 200))
def test_groups_stray_no_more_than_rounding_and_a_longer_sample_begins_alike(
    weights: list[float], size: int
):
    shares = np.array(weights) / sum(weights)
    groups = stratified_groups(shares, size)
    assert len(groups) == size
    assert (groups == stratified_groups(shares, 3 * size)[:size]).all()
    counts = np.cumsum(np.eye(len(shares))[groups], axis=0)
    # For some T every count is share T rounded, so that n - T is at most half a person a group:
    # |count - n share| <= (1 - share) / 2 + share (K - 1) / 2.
    stray = np.abs(counts - np.outer(np.arange(1, size + 1), shares))
    assert (stray <= 0.5 + shares * (len(shares) - 2) / 2 + 1e-9).all()


@given(st.lists(st.floats(0.02, 1.0), min_size=1, max_size=5), st.integers(1, 500))
def test_people_are_counted_without_being_put_in_order(weights: list[float], size: int):
    shares = np.array(weights) / sum(weights)
    counted = np.bincount(stratified_groups(shares, size), minlength=len(shares))
    assert (stratified_counts(shares, size) == counted).all()


@given(
    st.lists(st.floats(0.02, 1.0), min_size=1, max_size=5),
    st.lists(st.integers(1, 80), min_size=1, max_size=6),
)
def test_a_sample_in_pieces_is_the_sample(weights: list[float], pieces: list[int]):
    shares = np.array(weights) / sum(weights)
    before = np.zeros(len(shares), np.int64)
    found = []
    for piece in pieces:
        found.append(stratified_groups(shares, piece, before))
        before += np.bincount(found[-1], minlength=len(shares))
    assert (np.concatenate(found) == stratified_groups(shares, sum(pieces))).all()
