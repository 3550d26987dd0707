import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stature.arrays import Floats
from stature.kernels.sketch import (
    NODES_PER_CELL,
    Nodes,
    add_to_cells,
    covering,
    empty_cells,
    is_valid,
    keeps_all,
    nodes_of,
    sketch,
)
from stature.kernels.sums import BLOCK, POWERS, ROWS, full_pass

ORDINARY = np.array([0.5, 0.5, 163.0, 176.0, 6.5, 7.0])


def people(seed: int, n: int, gap: float = 13.0) -> Floats:
    rng = np.random.default_rng(seed)
    boys = rng.random(n) < 0.5
    return np.where(boys, rng.normal(163 + gap, 7, n), rng.normal(163, 6.5, n))


def sketched(x: Floats, width: float = 1.0) -> Nodes:
    return sketch(x, np.ones(len(x)), width)


def sums(x: Floats, w: Floats, theta: Floats, scale: float) -> Floats:
    # Centred and scaled, as every fit does.
    units = np.concatenate([theta[:2], (theta[2:4] - 170) / scale, theta[4:] / scale])
    s, v = np.empty((2, POWERS)), np.empty((2, 2, 5))
    value = full_pass((x - 170) / scale, w, units, np.empty((2 + ROWS, BLOCK)), s, v)
    return np.concatenate([[value], s[:, :3].ravel(), v[0, 1]])


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(300, 5000),
    gap=st.floats(0.5, 40.0),
    step=st.sampled_from([0.0, 0.1, 0.254, 1.0, 5.0]),
    outlier=st.sampled_from([None, 120.0, 230.5]),
    share=st.floats(0.05, 0.95),
    sds=st.tuples(st.floats(5.0, 9.0), st.floats(5.0, 9.0)),
)
def test_a_sketch_that_is_valid_loses_nothing(
    seed: int,
    n: int,
    gap: float,
    step: float,
    outlier: float | None,
    share: float,
    sds: tuple[float, float],
):
    x = people(seed, n, gap)
    if step:
        x = np.rint(x / step) * step
    if outlier is not None:
        x[0] = outlier
    theta = np.array([share, 1 - share, 163.0, 163.0 + gap, *sds])
    if not is_valid(theta, 1.0, x.min(), x.max()):
        return
    nodes, weights = sketched(x)
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(n, rel=1e-13)
    exact, brief = sums(x, np.ones(n), theta, 9.0), sums(nodes, weights, theta, 9.0)
    # The guard allows 1e-10 in the worst case; information may lose 25 times that.
    np.testing.assert_allclose(brief, exact, rtol=0, atol=3e-9 * n)


@pytest.mark.parametrize("n", [500, 5000, 100_000])
def test_at_ordinary_parameters_it_agrees_to_twelve_digits(n: int):
    x = people(1, n)
    nodes, weights = sketched(x)
    exact, brief = sums(x, np.ones(n), ORDINARY, 9.0), sums(nodes, weights, ORDINARY, 9.0)
    np.testing.assert_allclose(brief, exact, rtol=1e-12, atol=1e-12 * n)


def test_the_error_falls_as_the_theory_of_gauss_rules_says():
    # rho^(-2p) with R = 10.9 cm: cells of 8 cm have rho = 5.6 and 1e-6, cells of 4 cm 1e-8.
    x = people(2, 20_000)
    exact = sums(x, np.ones(len(x)), ORDINARY, 9.0)
    errors = []
    for width in (16.0, 8.0, 4.0):
        errors.append(np.abs(sums(*sketched(x, width), ORDINARY, 9.0) - exact).max() / len(x))
        q = 2 * 10.9 / width
        assert errors[-1] < 25 * (q + np.sqrt(q * q + 1)) ** (-2 * NODES_PER_CELL)
    assert errors[0] > 30 * errors[1] > 900 * errors[2]


def test_a_million_people_are_a_few_hundred_nodes():
    nodes, _ = sketched(people(3, 10**6))
    assert len(nodes) < 320


@pytest.mark.parametrize("step", [0.254, 1.0, 5.0])
def test_rounded_heights_are_kept_with_their_counts(step: float):
    x = np.rint(people(4, 5000) / step) * step
    values, counts = np.unique(x, return_counts=True)
    nodes, weights = sketched(x)
    order = np.argsort(nodes)
    assert (nodes[order] == values).all()
    assert (weights[order] == counts).all()


@pytest.mark.parametrize("few", [True, False])
def test_four_values_of_a_cell_are_kept_and_a_fifth_is_not(few: bool):
    cells = empty_cells(160.0, 180.0, 1.0)
    add_to_cells(cells, np.repeat([160.1, 160.2, 160.4, 160.8, 170.0], 3), np.empty(0))
    add_to_cells(cells, np.array([160.2 if few else 160.9]), np.empty(0))
    assert keeps_all(cells) == few


def test_a_longer_prefix_continues_the_sketch_of_a_shorter_one():
    x = people(5, 3000)
    cells = empty_cells(x.min(), x.max(), 1.0)
    for first, last in ((0, 10), (10, 700), (700, 3000)):
        add_to_cells(cells, x[first:last], np.ones(last - first))
        nodes, weights = nodes_of(cells)
        alone_nodes, alone_weights = sketched(x[:last])
        assert (nodes == alone_nodes).all()
        assert (weights == alone_weights).all()


@pytest.mark.parametrize(
    ("theta", "width", "valid"),
    [
        (ORDINARY, 1.0, True),
        ([0.5, 0.5, 163, 176, 1.9, 7.0], 1.0, False),  # an SD under two cells
        ([0.5, 0.5, 163, 176, 3.0, 3.0], 1.0, False),  # R = pi 9 / 13 = 2.2 cm
        ([0.5, 0.5, 163, 176, 3.0, 3.0], 0.25, True),
        ([0.5, 0.5, 163, 176, 6.0, 6.0], 1.0, True),  # R = pi 36 / 13 = 8.7 cm
    ],
)
def test_the_guard_tells_where_a_sketch_serves(theta: list[float], width: float, valid: bool):
    assert is_valid(np.array(theta, dtype=float), width, 140.0, 200.0) == valid


def test_the_guard_fires_before_anything_is_lost():
    x = people(7, 20_000)
    for sd in (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0):
        theta = np.array([0.5, 0.5, 163.0, 176.0, sd, 7.0])
        nodes, weights = sketched(x)
        exact, brief = sums(x, np.ones(len(x)), theta, 9.0), sums(nodes, weights, theta, 9.0)
        if np.abs(brief - exact).max() > 3e-9 * len(x):
            assert not is_valid(theta, 1.0, x.min(), x.max())


@settings(deadline=None)  # the first call may compile
@given(
    st.lists(st.lists(st.floats(-50, 250), min_size=1, max_size=30), min_size=1, max_size=6),
    st.sampled_from([0.25, 1.0, 8.0]),
)
def test_cells_that_grew_are_those_that_were_large_enough(pieces: list[list[float]], width: float):
    heights = [np.array(piece) for piece in pieces]
    everybody = np.concatenate(heights)
    enough = empty_cells(everybody.min(), everybody.max(), width)
    for piece in heights:
        add_to_cells(enough, piece, np.ones(len(piece)))
    cells = empty_cells(heights[0][0], heights[0][0], width)
    for piece in heights:
        cells = covering(cells, piece.min(), piece.max())
        add_to_cells(cells, piece, np.ones(len(piece)))
    grown, expected = nodes_of(cells), nodes_of(enough)
    assert (grown.x == expected.x).all()
    assert (grown.w == expected.w).all()


def test_cells_that_cover_are_left_as_they_are():
    cells = empty_cells(150.0, 190.0, 1.0)
    assert covering(cells, 150.0, 190.9) is cells
    assert covering(cells, 150.0, 191.0) is not cells
    assert len(cells.distinct) == 41
