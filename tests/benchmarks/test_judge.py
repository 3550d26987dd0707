import numpy as np
import pytest
from scipy.optimize import approx_fprime

from benchmarks import scipy_bfgs
from benchmarks.judge import (
    NEAR,
    judge,
    look,
    median_split,
    packed,
    people_of,
    steps_needed,
    unconstrained,
    unsketched,
)
from benchmarks.problems import EASY, heights_cm

U = np.array([0.3, 163.0, 175.0, 1.9, 1.8])


def test_score_and_information_are_the_derivatives_of_the_log_likelihood() -> None:
    people = unsketched(heights_cm(EASY, 1, 300)[0])
    here = look(people, U)
    score = approx_fprime(U, lambda u: look(people, u).log_likelihood, 1e-6)
    bend = np.asarray(approx_fprime(U, lambda u: look(people, u).score, 1e-6))
    # Forward differences of step 1e-6: errors of 1e-6 of the second and third derivatives, in
    # sums over 300 people.
    assert here.score == pytest.approx(score, abs=1e-2)
    assert here.information == pytest.approx(-bend, abs=1e-2)


def test_coordinates_go_to_parameters_and_back() -> None:
    assert unconstrained(packed(U)) == pytest.approx(U, rel=1e-14)


def test_nodes_stand_for_many_people() -> None:
    heights = heights_cm(EASY, 1, 3_000)[0]
    nodes, people = look(people_of(heights), U), look(unsketched(heights), U)
    assert nodes.log_likelihood == pytest.approx(people.log_likelihood, rel=1e-12)


def test_em_steps_needed_are_the_first_that_are_enough() -> None:
    heights = heights_cm(EASY, 1, 300)[0]
    theta = median_split(heights)
    needed = steps_needed(heights, theta)
    u = unconstrained(theta)
    gaps: list[float] = []
    for _ in range(needed + 1):
        gaps.append(judge(heights, packed(u)).gap)
        people = unsketched(heights)
        shares, means, sds = np.split(packed(u), 3)
        joint = (
            np.log(shares / sds)[:, None] - ((people.x - means[:, None]) / sds[:, None]) ** 2 / 2
        )
        r = np.exp(joint - np.logaddexp(*joint))
        counts = r.sum(axis=1)
        means = r @ people.x / counts
        variances = (r * (people.x - means[:, None]) ** 2).sum(axis=1) / counts
        u = unconstrained(np.concatenate([counts / len(heights), means, np.sqrt(variances)]))
    assert gaps[needed - 1] > NEAR
    assert gaps[needed] <= NEAR + 1e-10


def test_a_degenerate_end_is_nowhere() -> None:
    heights = heights_cm(EASY, 1, 300)[0]
    assert np.isnan(judge(heights, np.full(6, np.nan)).gap)


def test_gradient_of_the_rival_is_that_of_its_objective() -> None:
    x = np.random.default_rng(3).standard_normal(500)
    value = scipy_bfgs.objective(x)
    u = np.array([0.3, -0.5, 0.9, -0.3, -0.5])
    numeric = approx_fprime(u, lambda u: value(u)[0], 1e-6)
    assert value(u)[1] == pytest.approx(numeric, abs=1e-5)
    ours = look(unsketched(x), u)
    assert -value(u)[0] * len(x) == pytest.approx(ours.log_likelihood, rel=1e-12)


def test_the_rival_reaches_the_maximum() -> None:
    heights = heights_cm(EASY, 1, 300)[0]
    theta_cm, _ = scipy_bfgs.fit(heights, None)
    assert judge(heights, theta_cm).gap < NEAR
