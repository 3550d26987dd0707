from dataclasses import replace

import numpy as np
import pytest

from stature.arrays import Floats
from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Status
from stature.estimators.plain.batch import constraints_of
from stature.estimators.plain.methods import (
    NEWTON_EM_STEPS,
    NO_EM_STEPS,
    STEPS_BETWEEN_CERTIFICATES,
    iterate_em,
    iterate_newton,
    run_em,
)
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    NONFINITE,
    STEP_LIMIT,
    SWAPPED,
    Problem,
    Sample,
    certify,
    rough_nodes,
    with_nodes,
)
from stature.estimators.plain.search import (
    EM,
    NEWTON,
    SQUAREM,
    Ends,
    Screened,
    Settings,
    admissible,
    approach,
    distance,
    fill_ranks,
    follow,
    is_better,
    optimise,
)
from stature.kernels.observations import Observations
from stature.kernels.sketch import is_valid, sketch
from tests.estimators.laws import START, fit, problem_of, read_only, samples, workspace_of

PROBLEM = problem_of(Model("none"), n=4000)
SPACE = workspace_of(PROBLEM)
KEPT_STARTS = 4


def settings(method: int) -> Settings:
    return Settings(method, 5, KEPT_STARTS, 50_000, 1e-12 if method == NEWTON else 1e-10, 300)


def sample_of(nodes: Problem, width: float = 0.0) -> Sample:
    x = PROBLEM.x
    observations = Observations(read_only(x), PROBLEM.w, 0.0, 1.0)
    return Sample(observations, nodes.x, nodes.w, width, float(x.min()), float(x.max()))


def follow_from(starts: Floats, value: Floats) -> Ends:
    people = sample_of(PROBLEM)
    rough = rough_nodes(people, PROBLEM)
    screened = Screened(starts, value, np.argsort(-value, kind="stable"))
    return follow(people, PROBLEM, rough, screened, settings(EM), SPACE)[0]


def model_of(model: Model) -> Problem:
    known, nothing = constraints_of(model, 2, (6.0, 7.0)), np.empty(0)
    return Problem(nothing, nothing, known.free, known.shares_known, known.sds_rule)


def test_more_starts_never_find_a_lower_maximum():
    people = samples(60, 60, gap_cm=10.0)
    few = fit(replace(CATALOGUE["em"], starts=4, kept_starts=1), people)
    many = fit(replace(CATALOGUE["em"], starts=20, kept_starts=20), people)
    both = (few.status == Status.CONVERGED) & (many.status == Status.CONVERGED)
    assert both.sum() > 20
    assert (many.log_likelihood - few.log_likelihood)[both].min() > -1e-6


def test_starts_that_agree_are_counted_among_those_that_ran():
    fits = fit("em", samples(20, 400, gap_cm=30.0))
    assert (fits.starts_agreeing >= 1).all()
    assert (fits.starts_agreeing <= fits.starts).all()
    assert (fits.starts <= CATALOGUE["em"].kept_starts).all()


def test_a_method_that_runs_out_of_steps_says_so():
    # Newton knows the maximum; EM has not reached it, and does not borrow it.
    short = replace(CATALOGUE["em"], step_limit=6)
    fits = fit(short, samples(5, 400, gap_cm=12.0))
    assert (fits.status == Status.STEP_LIMIT).all()
    assert not (fits.decrement < 1e-8).any()


@pytest.mark.parametrize("method", [EM, NEWTON, SQUAREM])
def test_all_methods_are_to_be_had_by_their_settings(method: int):
    best, theta = START.copy(), START.copy()
    iterate_newton(PROBLEM, best, NEWTON_EM_STEPS, 1e-12, 100, SPACE)
    end, _ = optimise(sample_of(PROBLEM), PROBLEM, theta, settings(method), NO_EM_STEPS, SPACE)
    assert end.status == CONVERGED
    np.testing.assert_allclose(theta, best, atol=1e-5)


def test_em_takes_its_steps_on_rough_nodes_and_ends_on_all():
    rough = rough_nodes(sample_of(PROBLEM), PROBLEM)
    assert 4 * len(rough.x) < len(PROBLEM.x)
    alone, theta = START.copy(), START.copy()
    direct = iterate_em(PROBLEM, alone, 1e-10, 50_000, SPACE)
    steps = approach(rough, PROBLEM, theta, settings(EM), SPACE)
    rest = iterate_em(PROBLEM, theta, 1e-10, 50_000, SPACE)
    # Both are within 1e-5 standard errors of the maximum, on one side of it.
    np.testing.assert_allclose(theta, alone, atol=1e-6)
    assert abs(steps + rest.steps - direct.steps) <= 2 * STEPS_BETWEEN_CERTIFICATES
    assert steps > 0.9 * direct.steps


def test_steps_on_rough_nodes_that_lead_nowhere_were_not_taken():
    rough, theta = rough_nodes(sample_of(PROBLEM), PROBLEM), START.copy()
    few = settings(EM)._replace(step_limit=3)
    assert approach(rough, PROBLEM, theta, few, SPACE) == 0
    assert approach(PROBLEM, PROBLEM, theta, settings(EM), SPACE) == 0
    assert theta.tolist() == START.tolist()


def test_from_starts_of_few_people_iterations_end_where_newton_alone_ends():
    # So few that they are their own rough nodes; without the iterations on these, nothing differs.
    starts = np.array([START, [0.9, 0.1, 0.0, 1.0, 1.0, 0.05], [0.5, 0.5, -1.0, 1.0, 0.02, 0.5]])
    for seed in range(20):
        x = np.random.default_rng(seed).standard_normal(20)
        x = (x - x.mean()) / x.std()
        people = problem_of(Model("none"), n=20)._replace(x=x, w=np.ones(20))
        sample = sample_of(people)._replace(smallest=float(x.min()), largest=float(x.max()))
        rough = rough_nodes(sample, people)
        assert len(rough.x) == 20
        value = np.array([3.0, 2.0, 1.0])
        screened = Screened(starts, value, np.argsort(-value, kind="stable"))
        ends, _ = follow(sample, people, rough, screened, settings(EM), SPACE)
        for run in range(ends.run):
            theta = starts[ends.start[run]].copy()
            alone = iterate_newton(people, theta, NEWTON_EM_STEPS, 1e-8, 200, SPACE)
            assert ends.status[run] == admissible(alone.status, theta, people)
            if alone.status == CONVERGED:
                np.testing.assert_allclose(ends.theta[run], theta, rtol=1e-6, atol=1e-9)
                assert ends.value[run] == pytest.approx(alone.log_likelihood, abs=1e-9)


def test_where_the_guard_fails_finer_nodes_or_the_observations_decide():
    exact = START.copy()
    iterate_newton(PROBLEM, exact, NEWTON_EM_STEPS, 1e-12, 100, SPACE)
    for width in (0.0625, 0.5, 2.0):
        nodes = sketch(PROBLEM.x, PROBLEM.w, width)
        sample = sample_of(with_nodes(PROBLEM, *nodes), width)
        valid = is_valid(exact, width, sample.smallest, sample.largest)
        assert valid == (width < 0.2)
        for em_steps in (NO_EM_STEPS, NEWTON_EM_STEPS):
            theta, newton = START.copy(), settings(NEWTON)
            run_em(PROBLEM, theta, NEWTON_EM_STEPS, SPACE)
            end, serving = optimise(sample, PROBLEM, theta, newton, em_steps, SPACE)
            assert end.status == CONVERGED
            assert (serving.width == width) == valid
            assert is_valid(theta, serving.width, sample.smallest, sample.largest)
            np.testing.assert_allclose(theta, exact, atol=1e-8)


def test_iterations_from_near_starts_meet_at_one_certified_maximum():
    starts = np.tile(START, (3, 1))
    starts[1, 2], starts[2, 3] = -1.0, 1.1
    ends = follow_from(starts, np.array([-3.0, -1.0, -2.0]))
    assert ends.run == 3
    assert ends.start[:3].tolist() == [1, 2, 0]
    assert (ends.status[:3] == CONVERGED).all()
    np.testing.assert_allclose(ends.value[:3], ends.value[0], atol=1e-8)
    _, decrement = certify(PROBLEM, ends.theta[ends.best], SPACE)
    assert decrement < 1e-12


def test_a_start_that_comes_to_the_place_of_another_is_not_followed_twice():
    ends = follow_from(np.tile(START, (3, 1)), np.zeros(3))
    assert ends.run == 1


def test_starts_that_lead_nowhere_are_not_followed():
    starts = np.tile(START, (3, 1))
    starts[:, 2] += np.array([0.0, 0.1, 0.2])
    assert follow_from(starts, np.array([-np.inf, -1.0, -np.inf])).run == 1
    assert follow_from(starts, np.full(3, -np.inf)).run == 0


def test_no_more_starts_are_followed_than_are_to_be_kept():
    starts = np.tile(START, (8, 1))
    starts[:, 2] -= 0.05 * np.arange(8)
    assert follow_from(starts, -np.arange(8.0)).run == KEPT_STARTS


def test_free_groups_are_relabelled_by_their_means():
    theta = np.array([0.2, 0.8, 1.0, -1.0, 0.5, 0.7])
    assert admissible(DEGENERATE, theta.copy(), model_of(Model("none"))) == DEGENERATE
    assert admissible(CONVERGED, theta, model_of(Model("none"))) == CONVERGED
    assert theta.tolist() == [0.8, 0.2, -1.0, 1.0, 0.7, 0.5]


@pytest.mark.parametrize("model", [Model("none", shares="known"), Model("none", sds="known")])
def test_what_is_known_of_a_group_stays_with_it(model: Model):
    theta = np.array([0.2, 0.8, 1.0, -1.0, 0.5, 0.7])
    assert admissible(CONVERGED, theta, model_of(model)) == SWAPPED
    assert theta.tolist() == [0.2, 0.8, 1.0, -1.0, 0.5, 0.7]


def test_equal_known_shares_do_not_distinguish_the_groups():
    theta = np.array([0.5, 0.5, 1.0, -1.0, 0.5, 0.7])
    assert admissible(CONVERGED, theta, model_of(Model("none", shares="known"))) == CONVERGED
    assert theta[2:4].tolist() == [-1.0, 1.0]


def test_a_ranking_is_that_of_a_stable_sort():
    values = np.array([3.0, 1.0, 2.0, 1.0, np.inf, -np.inf, 2.0])
    rank = np.empty(len(values), np.int64)
    fill_ranks(values, rank)
    assert (rank == np.argsort(-values, kind="stable")).all()


def test_a_distance_is_the_largest_difference_or_infinite():
    assert distance(np.array([1.0, 2.0]), np.array([1.5, 1.0])) == 1.0
    assert distance(np.array([np.nan, 2.0]), np.array([1.5, 1.0])) == np.inf
    assert distance(np.array([np.inf, 2.0]), np.array([1.5, 1.0])) == np.inf


def test_certified_ends_come_first_then_higher_ones():
    best_first = (CONVERGED, STEP_LIMIT, SWAPPED, DEGENERATE, NONFINITE)
    for position, status in enumerate(best_first):
        assert is_better(status, 1.0, status, 0.0)
        assert not is_better(status, 1.0, status, 1.0)
        for worse in best_first[position + 1 :]:
            assert is_better(status, -9.0, worse, 9.0)
            assert not is_better(worse, 9.0, status, -9.0)
