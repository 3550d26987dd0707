import numpy as np
import pytest

from stature.arrays import Floats
from stature.estimators.plain.problem import (
    Problem,
    Sample,
    everybody,
    is_faithful,
    refined,
    rough_nodes,
    rough_width_cm,
    serves,
    through_cells,
    weighted_sample,
    width_of_cells,
    with_nodes,
)
from stature.kernels.observations import Observations
from stature.kernels.sketch import add_to_cells, empty_cells, is_valid
from tests.estimators.laws import read_only

HEIGHTS = np.random.default_rng(4).normal(170.0, 9.0, 2000)
NONE = np.empty(0)


def sample_of(heights: Floats, counts: Floats = NONE) -> Sample:
    w = counts if len(counts) else np.ones(len(heights))
    centre = float(np.average(heights, weights=w))
    scale = float(np.sqrt(np.average((heights - centre) ** 2, weights=w)))
    ends = (heights.min() - centre) / scale, (heights.max() - centre) / scale
    return everybody(Observations(read_only(heights), counts, centre, scale), *ends)


def seen_through(heights: Floats, width: float) -> Sample:
    people = sample_of(heights)
    cells = empty_cells(float(heights.min()), float(heights.max()), width)
    add_to_cells(cells, heights, NONE)
    return through_cells(people.observations, people.smallest, people.largest, cells)


@pytest.mark.parametrize(("sd", "width"), [(6.0, 1.0), (11.9, 1.0), (5.9, 0.5), (0.09, 2**-7)])
def test_cells_are_a_sixth_to_a_twelfth_of_the_sd(sd: float, width: float):
    assert width_of_cells(sd) == width
    assert sd / 12 < width <= sd / 6


def test_everybody_is_in_units_of_the_sample():
    people = sample_of(HEIGHTS)
    assert people.width == 0.0
    assert abs(people.x.mean()) < 1e-13
    assert people.x.std() == pytest.approx(1.0)
    assert (people.w == 1.0).all()
    counts = np.arange(1.0, 2001.0)
    assert (sample_of(HEIGHTS, counts).w == counts).all()


def test_rough_nodes_are_few_and_keep_the_moments():
    people = sample_of(HEIGHTS)
    problem = Problem(people.x, people.w, np.eye(5), False, 0)
    rough = rough_nodes(people, problem)
    assert len(rough.x) < 100
    for power in range(8):
        expected = (people.x**power).sum()
        size = (np.abs(people.x) ** power).sum()
        assert abs(rough.w @ rough.x**power - expected) < 1e-12 * size
    scale = people.observations.scale
    assert scale / 3 < rough_width_cm(scale) <= scale * 2 / 3


def test_rough_nodes_of_nodes_are_those_of_their_people():
    # Wide cells lie at multiples of their width in cm, so that no narrow cell lies in two.
    people = sample_of(HEIGHTS)
    problem = Problem(people.x, people.w, np.eye(5), False, 0)
    rounded = np.round(5.0 * HEIGHTS) / 5.0  # twenty values to a wide cell
    values, counts = np.unique(rounded, return_counts=True)
    few = sample_of(values, counts.astype(float))
    many = sample_of(rounded)
    first = rough_nodes(few, with_nodes(problem, few.x, few.w))
    second = rough_nodes(many, with_nodes(problem, many.x, many.w))
    for power in range(8):
        size = (second.w * np.abs(second.x) ** power).sum()
        assert abs(first.w @ first.x**power - second.w @ second.x**power) < 1e-12 * size
    assert len(first.x) == len(second.x) < len(values) / 2


def test_few_people_are_their_own_rough_nodes():
    people = sample_of(HEIGHTS[:30])
    problem = Problem(people.x, people.w, np.eye(5), False, 0)
    assert len(rough_nodes(people, problem).x) == 30


def test_a_sample_is_seen_through_its_nodes_only_where_they_are_fewer():
    weighted = weighted_sample(sample_of(HEIGHTS, np.ones(2000)).observations, 0.1)
    assert weighted.width == 1.0 / weighted.observations.scale
    assert weighted.w.sum() == pytest.approx(2000.0)
    assert seen_through(HEIGHTS, 1.0).width == weighted.width
    assert seen_through(HEIGHTS, 0.01).width == 0.0
    assert len(seen_through(HEIGHTS, 0.01).x) == 2000


@pytest.mark.parametrize(("step", "kept"), [(5.0, True), (0.254, True), (0.1, False)])
def test_a_sample_of_few_values_is_these_with_their_counts(step: float, kept: bool):
    # Of cells of a centimetre, each has at most four values at steps of a tenth of an inch.
    rounded = np.round(HEIGHTS / step) * step
    sample = seen_through(rounded, 1.0)
    assert (sample.width == 0.0) == kept
    if kept:
        _, _, centre, scale = sample.observations
        values, counts = np.unique((rounded - centre) / scale, return_counts=True)
        order = np.argsort(sample.x)
        assert (sample.x[order] == values).all()
        assert (sample.w[order] == counts).all()


@pytest.mark.parametrize("sd", [3.0, 2.0, 1.5, 1.0])
def test_cells_are_as_narrow_as_the_groups_ask_for_and_no_narrower(sd: float):
    sample = seen_through(HEIGHTS, 1.0)
    theta = np.array([0.5, 0.5, -0.5, 0.5, sd / sample.observations.scale, 1.0])
    ends = sample.smallest, sample.largest
    assert not is_valid(theta, sample.width, *ends)
    finer = refined(sample, theta)
    assert is_valid(theta, finer.width, *ends)
    assert 0.0 < finer.width < sample.width
    assert finer.width == 0.5 * sample.width or not is_valid(theta, 2.0 * finer.width, *ends)
    assert finer.w.sum() == pytest.approx(2000.0)


@pytest.mark.parametrize("sd", [0.1, 0.0, np.nan])
def test_groups_too_narrow_for_cells_are_seen_in_the_observations(sd: float):
    sample = seen_through(HEIGHTS, 1.0)
    finer = refined(sample, np.array([0.5, 0.5, -0.5, 0.5, sd, sd]) / sample.observations.scale)
    assert finer.width == 0.0
    assert (finer.x == sample_of(HEIGHTS).x).all()
    assert serves(finer, np.full(6, np.nan))


def test_finer_cells_of_rounded_heights_keep_every_value():
    sample = seen_through(np.round(HEIGHTS, 1), 1.0)
    assert sample.width > 0.0
    finer = refined(sample, np.array([0.5, 0.5, 0.0, 0.0, 0.05, 1.0]))
    assert finer.width == 0.0
    values, counts = np.unique(np.round(HEIGHTS, 1), return_counts=True)
    assert (finer.w[np.argsort(finer.x)] == counts).all()
    assert len(finer.x) == len(values)


def test_nodes_are_not_faithful_to_groups_narrower_than_their_cells():
    # Half the people are within a millimetre: on half-centimetre cells nobody can tell how wide.
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(170.03, 0.02, 500), rng.normal(165.0, 6.5, 500)])
    theta = np.array([0.5, 0.5, 165.0, 170.03, 6.5, 0.02])
    assert not is_faithful(theta, x, np.full(1000, 1.5), 0.5)
    assert is_faithful(theta, x, np.full(1000, 1.5), 0.001)
    assert is_faithful(theta, x, np.full(1000, 2.0), 0.5)  # counts of people: nothing replaced
