import numpy as np
import pytest
from numba import njit

from stature.arrays import Floats
from stature.kernels.gauss import (
    LANES,
    MOMENTS,
    NODES_PER_CELL,
    ROOT,
    WEIGHT,
    add_moments,
    gauss_rules,
    make_table,
)


def rules(places: list[Floats]) -> list[tuple[Floats, Floats]]:
    """Nodes in their order, and weights, of a table of cells."""
    table = make_table()
    rows = table.reshape(-1, LANES)
    for lane, y in enumerate(places):
        rows[:MOMENTS, lane] = [(y**m).sum() for m in range(MOMENTS)]
    gauss_rules(table, len(places))
    found: list[tuple[Floats, Floats]] = []
    for lane in range(len(places)):
        y = rows[ROOT : ROOT + NODES_PER_CELL, lane].copy()
        w = rows[WEIGHT : WEIGHT + NODES_PER_CELL, lane].copy()
        order = np.argsort(y)
        found.append((y[order], w[order]))
    return found


def places_of(seed: int) -> Floats:
    """Places of some observations in a cell: evenly, crowded, or a few among many who agree."""
    rng = np.random.default_rng(seed)
    y = rng.uniform(-1, 1, rng.integers(5, 60))
    if seed % 3 == 1:
        y = np.clip(rng.choice([-0.9, 0.2, 0.97]) + 0.02 * rng.standard_normal(len(y)), -1, 1)
    if seed % 3 == 2:
        y[4:] = y[4] + rng.choice([0.0, 1e-6, 1e-3]) * rng.random(len(y) - 4)
        y = np.clip(y, -1, 1)
    return y


@pytest.mark.parametrize("first", range(0, 960, LANES))
def test_rules_keep_eight_moments_with_positive_weights_inside_the_cell(first: int):
    places = [places_of(seed) for seed in range(first, first + LANES)]
    for y, (nodes, weights) in zip(places, rules(places), strict=True):
        assert (weights >= 0).all()
        assert (np.abs(nodes) <= 1).all()
        for m in range(MOMENTS):
            assert abs(weights @ nodes**m - (y**m).sum()) < 1e-12 * len(y), m


def test_the_rule_of_an_even_measure_is_that_of_legendre():
    y, w = np.polynomial.legendre.leggauss(NODES_PER_CELL)
    table = make_table()
    table.reshape(-1, LANES)[:MOMENTS, 0] = [w @ y**m for m in range(MOMENTS)]
    gauss_rules(table, 1)
    rows = table.reshape(-1, LANES)
    np.testing.assert_allclose(rows[ROOT : ROOT + NODES_PER_CELL, 0], y, atol=1e-15)
    np.testing.assert_allclose(rows[WEIGHT : WEIGHT + NODES_PER_CELL, 0], w, rtol=1e-14)


@pytest.mark.parametrize("places", [[0.3], [-0.5, 0.7], [-1.0, 0.1, 1.0], [-0.9, -0.2, 0.3, 0.8]])
def test_observations_at_a_few_places_are_found_there(places: list[float]):
    counts = np.arange(2, 2 + len(places))
    nodes, weights = rules([np.repeat(places, counts)])[0]
    nodes, weights = nodes[weights > 0], weights[weights > 0]
    np.testing.assert_allclose(nodes, places, atol=1e-7)
    np.testing.assert_allclose(weights, counts, atol=1e-6)


def test_a_cell_has_the_same_rule_whatever_its_neighbours_are():
    places = [places_of(seed) for seed in range(LANES)]
    together = rules(places)
    for y, (nodes, weights) in zip(places, together, strict=True):
        alone = rules([y])[0]
        assert (alone[0] == nodes).all()
        assert (alone[1] == weights).all()


@njit
def add(table: np.ndarray, rows: np.ndarray, y: np.ndarray, w: np.ndarray) -> None:
    for i in range(len(rows)):
        add_moments(table, rows[i], y[i], w[i])


def test_eight_moments_are_added_to_the_row_that_is_named():
    rng = np.random.default_rng(0)
    rows, y, w = rng.integers(0, 5, 400), rng.uniform(-1, 1, 400), rng.uniform(0, 3, 400)
    table = np.zeros((5, MOMENTS))
    add(table, rows, y, w)
    for row in range(5):
        here = rows == row
        expected = (w[here, None] * y[here, None] ** np.arange(MOMENTS)).sum(axis=0)
        np.testing.assert_allclose(table[row], expected, rtol=1e-13, atol=1e-13)
