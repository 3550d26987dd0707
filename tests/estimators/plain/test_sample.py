import numpy as np
import pytest

from stature.estimators.plain.problem import Problem
from stature.estimators.plain.sample import (
    Sample,
    everybody,
    rough_nodes,
    rough_width_cm,
    width_of_cells,
    with_nodes,
)

HEIGHTS = np.random.default_rng(4).normal(170.0, 9.0, 2000)
NONE = np.empty(0)


def sample_of(heights: np.ndarray, counts: np.ndarray = NONE) -> Sample:
    w = counts if len(counts) else np.ones(len(heights))
    centre = float(np.average(heights, weights=w))
    scale = float(np.sqrt(np.average((heights - centre) ** 2, weights=w)))
    ends = (heights.min() - centre) / scale, (heights.max() - centre) / scale
    return Sample(heights, counts, centre, scale, NONE, NONE, 0.1, *ends)


@pytest.mark.parametrize(("sd", "width"), [(6.0, 1.0), (11.9, 1.0), (5.9, 0.5), (0.09, 2**-7)])
def test_cells_are_a_sixth_to_a_twelfth_of_the_sd(sd: float, width: float):
    assert width_of_cells(sd) == width
    assert sd / 12 < width <= sd / 6


def test_everybody_is_in_units_of_the_sample():
    people = everybody(sample_of(HEIGHTS))
    assert people.width == 0.0
    assert abs(people.x.mean()) < 1e-13
    assert people.x.std() == pytest.approx(1.0)
    assert (people.w == 1.0).all()
    counts = np.arange(1.0, 2001.0)
    assert (everybody(sample_of(HEIGHTS, counts)).w == counts).all()


def test_rough_nodes_are_few_and_keep_the_moments():
    people = everybody(sample_of(HEIGHTS))
    problem = Problem(people.x, people.w, np.eye(5), False, 0)
    rough = rough_nodes(people, problem)
    assert len(rough.x) < 100
    for power in range(8):
        expected = (people.x**power).sum()
        size = (np.abs(people.x) ** power).sum()
        assert abs(rough.w @ rough.x**power - expected) < 1e-12 * size
    assert people.scale / 3 < rough_width_cm(people) <= people.scale * 2 / 3


def test_rough_nodes_of_nodes_are_those_of_their_people():
    # Wide cells lie at multiples of their width in cm, so that no narrow cell lies in two.
    people = everybody(sample_of(HEIGHTS))
    problem = Problem(people.x, people.w, np.eye(5), False, 0)
    whole = np.round(5.0 * HEIGHTS) / 5.0  # twenty values to a wide cell
    values, counts = np.unique(whole, return_counts=True)
    few = everybody(sample_of(values, counts.astype(float)))
    many = everybody(sample_of(whole))
    first = rough_nodes(few, with_nodes(problem, few.x, few.w))
    second = rough_nodes(many, with_nodes(problem, many.x, many.w))
    for power in range(8):
        size = (second.w * np.abs(second.x) ** power).sum()
        assert abs(first.w @ first.x**power - second.w @ second.x**power) < 1e-12 * size
    assert len(first.x) == len(second.x) < len(values) / 2


def test_few_people_are_their_own_rough_nodes():
    people = everybody(sample_of(HEIGHTS[:30]))
    problem = Problem(people.x, people.w, np.eye(5), False, 0)
    assert len(rough_nodes(people, problem).x) == 30
