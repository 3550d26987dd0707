"""Profile intervals against closed forms, against SciPy, and under changes of units and order."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.stats import norm

from stature.arrays import Bools, Floats
from stature.design.samples import Samples
from stature.domain.model import Model, free_coordinates
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Estimator, FitSpec, IntervalStatus
from stature.estimators.fit import fit_block
from stature.estimators.intervals.profile import (
    Coordinate,
    Data,
    extrapolate,
    maximum_with,
    profile_fit,
    restricted_model,
    set_value,
    value_of,
)
from stature.estimators.plain.batch import SKETCH_FROM, constraints_of
from stature.estimators.plain.problem import CONVERGED, certify
from tests.estimators.laws import (
    KEY,
    MODELS,
    SDS_CM,
    SHARES,
    START,
    fit,
    problem_of,
    samples,
    workspace_of,
)

CHI_95 = 3.841458820694124
FREE = replace(CATALOGUE["newton"], interval="profile")


def of_model(model: Model) -> Estimator:
    """Newton with profile intervals."""
    return replace(FREE, model=model)


def only(heights_cm: Floats, names: tuple[str, ...] = ("girls", "boys")) -> Samples:
    """One sample, whose labels nobody looks at."""
    nobody = np.zeros((1, len(heights_cm)), np.int8)
    return Samples(np.zeros(1, np.int32), heights_cm[None, :].copy(), nobody, names)


def test_one_group_has_the_closed_form() -> None:
    rng = np.random.default_rng(5)
    x, n = rng.normal(170.0, 7.0, 50), 50
    spec = FitSpec(FREE, ("all",), None, None, "random", (n,), 0, 0, KEY, 0)
    found = fit_block(spec, only(x, ("all",)))[0]
    mean, sd = x.mean(), x.std()
    # n log(1 + (mean - mu)^2 / s^2) and n (2 log(sigma / s) + s^2 / sigma^2 - 1) are the losses.
    half = sd * np.sqrt(np.expm1(CHI_95 / n))

    def loss(ratio: float) -> float:
        return n * (2.0 * np.log(ratio) + ratio**-2 - 1.0) - CHI_95

    sds = [sd * brentq(loss, 0.2, 1.0, xtol=1e-14), sd * brentq(loss, 1.0, 3.0, xtol=1e-14)]
    np.testing.assert_allclose(found.lower[0, 0, 1:], [mean - half, sds[0]], rtol=1e-9)
    np.testing.assert_allclose(found.upper[0, 0, 1:], [mean + half, sds[1]], rtol=1e-9)
    assert found.interval_status[0, 0].tolist() == [IntervalStatus.NONE, 0, 0]


def minus_likelihood(x: Floats, theta: Floats) -> float:
    """Minus the log-likelihood of shares, means and SDs, plainly."""
    shares, means, sds = np.split(theta, 3)
    return -float(np.log(norm.pdf(x[:, None], means, sds) @ shares).sum())


def theta_of(u: Floats, model: Model) -> Floats:
    """Parameters of a model from (share, means, SDs) in coordinates that SciPy may take anywhere.

    What the model knows is put in the place of what was asked for.
    """
    share = SHARES[0] if model.shares == "known" else 1.0 / (1.0 + np.exp(-u[0]))
    sds = np.exp(u[3:])
    if model.sds == "known":
        sds = np.array(SDS_CM)
    elif model.sds == "equal":
        sds = np.repeat(sds[0], 2)
    return np.array([share, 1.0 - share, u[1], u[2], *sds])


def profile_loss(x: Floats, model: Model, row: int, value: float, start: Floats) -> float:
    """Twice the loss against the best log-likelihood with a row of the fit fixed, by SciPy."""

    def at(free: Floats, fixed: bool) -> float:
        u = free.copy()
        if fixed:
            match row:
                case 0 | 3:
                    odds = np.log(value / (1.0 - value))
                    u[0] = odds if row == 0 else -odds
                case 1 | 4:
                    u[1 if row == 1 else 2] = value
                case 6:
                    u[2] = u[1] + value
                case _:
                    u[3 if row == 2 or model.sds == "equal" else 4] = np.log(value)
        return minus_likelihood(x, theta_of(u, model))

    options = {"gtol": 1e-7, "maxiter": 2000}
    best, restricted = (
        minimize(at, start, args=(fixed,), method="BFGS", options=options).fun
        for fixed in (False, True)
    )
    return 2.0 * (restricted - best)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_scipy_finds_the_same_loss_at_every_end(model: Model) -> None:
    people = samples(1, 150, gap_cm=22.0, seed=3)
    found = fit(of_model(model), people)
    estimate = found.estimate[0, 0]
    start = np.array(
        [np.log(estimate[0] / estimate[3]), *estimate[[1, 4]], *np.log(estimate[[2, 5]])]
    )
    known_rows = [0, 3] * (model.shares == "known") + [2, 5] * (model.sds == "known")
    for row in range(7):
        ends = found.lower[0, 0, row], found.upper[0, 0, row]
        if row in known_rows:
            assert found.interval_status[0, 0, row] == IntervalStatus.NONE
            assert np.isnan(ends).all()
            continue
        assert found.interval_status[0, 0, row] == IntervalStatus.OK
        assert ends[0] < estimate[row] < ends[1]
        for end in ends:
            assert profile_loss(people.heights_cm[0], model, row, end, start) == pytest.approx(
                CHI_95, abs=1e-5
            )


def hard(replicates: int, size: int = 200) -> Samples:
    """Girls and boys as in the default study: hardly two groups to the eye."""
    return samples(replicates, size, gap_cm=13.0, seed=2)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_units_move_the_ends_as_they_move_heights(model: Model) -> None:
    people = samples(4, 120)
    found = fit(of_model(model), people)
    # Known SDs stay in cm, so only the origin may move.
    a, b = (1.0, 40.0) if model.sds == "known" else (0.5, 40.0)
    moved = fit(of_model(model), replace(people, heights_cm=a * people.heights_cm + b))
    factor = np.array([1.0, a, a, 1.0, a, a, a])
    shift = np.array([0.0, b, 0.0, 0.0, b, 0.0, 0.0])
    assert (found.interval_status == moved.interval_status).all()
    for name in ("lower", "upper"):
        expected = factor * getattr(found, name) + shift
        np.testing.assert_allclose(getattr(moved, name), expected, rtol=1e-6, atol=1e-8)


def test_the_order_of_people_does_not_matter() -> None:
    people = samples(4, 120)
    found = fit(FREE, people)
    turned = fit(FREE, replace(people, heights_cm=people.heights_cm[:, ::-1].copy()))
    np.testing.assert_allclose(turned.lower, found.lower, rtol=1e-7)
    np.testing.assert_allclose(turned.upper, found.upper, rtol=1e-7)


def test_a_sketch_gives_the_ends_of_its_people() -> None:
    people = samples(1, 4000)
    found = fit(FREE, people)
    estimate = found.estimate[0, 0][:6].reshape(2, 3).T.ravel().copy()
    ends, how = np.full((7, 2), np.nan), np.zeros((7, 2), np.int8)
    x = people.heights_cm[0]
    assert len(x) > SKETCH_FROM
    constraints = constraints_of(FREE.model, 2, None)
    never_sketched = Data(x, np.ones(len(x)), 0.0, len(x) + 1)
    profile_fit(never_sketched, constraints, estimate, ends, how)
    np.testing.assert_allclose(found.lower[0, 0], ends[:, 0], rtol=1e-8)
    np.testing.assert_allclose(found.upper[0, 0], ends[:, 1], rtol=1e-8)


def test_every_interval_holds_its_estimate_and_says_what_is_odd() -> None:
    found = fit(FREE, hard(60))
    there = found.interval_status != IntervalStatus.NONE
    assert (there == np.isfinite(found.std_error)).all()
    assert (found.lower[there] <= found.estimate[there]).all()
    assert (found.estimate[there] <= found.upper[there]).all()
    assert np.isnan(found.lower[~there]).all()
    limits = np.array([[0.0, 1.0], [-np.inf, np.inf], [0.0, np.inf]])[[0, 1, 2, 0, 1, 2, 2]]
    at_limit = (found.lower == limits[:, 0]) | (found.upper == limits[:, 1])
    odd = found.interval_status == IntervalStatus.BOUNDARY
    np.testing.assert_array_equal(at_limit, odd)
    assert 0.2 < odd[there].mean() < 0.8  # hardly two groups: many ends are not bounded


def test_one_normal_group_bounds_no_share() -> None:
    # Quantiles of one normal: two groups fit hardly better than one, which is at share 0.
    x = norm.ppf((np.arange(200) + 0.5) / 200.0, 170.0, 7.0)
    x[100:] += 1e-3  # else the estimate is the saddle itself
    found = fit(FREE, only(x + np.where(x > 180.0, 1.5, 0.0)))
    low, high = found.lower[0, 0], found.upper[0, 0]
    assert (low[0], high[0]) == (0.0, 1.0)
    assert (low[3], high[3]) == (0.0, 1.0)


def test_coverage_of_groups_that_are_apart_is_nominal() -> None:
    replicates = 300
    people = samples(replicates, 200, gap_cm=28.0, seed=8)
    found = fit(FREE, people)
    truth = np.array([SHARES[0], 163.0, SDS_CM[0], SHARES[1], 191.0, SDS_CM[1], 28.0])
    covered = ((found.lower <= truth) & (truth <= found.upper)).mean(axis=(0, 1))
    # Four Monte-Carlo errors; that of a rate of .95 is .0126.
    assert (abs(covered - 0.95) < 4.0 * np.sqrt(0.05 * 0.95 / replicates)).all(), covered


SHARE, LOWER, UPPER, LOWER_SD = (Coordinate(i, -1) for i in range(4))
GAP = Coordinate(1, 2)


def fixed(*positions: int) -> Bools:
    """Flags of fixed coordinates."""
    flags = np.zeros(5, np.bool_)
    flags[list(positions)] = True
    return flags


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_a_fixed_mean_leaves_the_other_columns(model: Model) -> None:
    free = np.ascontiguousarray(free_coordinates(model, 2))
    kept = [a for a in range(free.shape[1]) if free[1, a] == 0.0]
    np.testing.assert_array_equal(restricted_model(free, fixed(1), -1), free[:, kept])


def test_two_tied_means_move_together() -> None:
    got = restricted_model(np.eye(5), fixed(), 1)
    np.testing.assert_array_equal(got[:, 1], [0.0, 1.0, 1.0, 0.0, 0.0])
    assert got.shape == (5, 4)


@pytest.mark.parametrize("coordinate", [SHARE, LOWER, UPPER, LOWER_SD, GAP])
def test_what_is_set_is_read_back(coordinate: Coordinate) -> None:
    theta = START.copy()
    set_value(theta, coordinate, 0.25, tied_sds=False)
    assert value_of(theta, coordinate) == pytest.approx(0.25, abs=1e-15)
    assert theta[:2].sum() == pytest.approx(1.0, abs=1e-15)


def test_a_line_in_u_goes_through_both_points() -> None:
    other, out = np.array([0.7, 0.3, -0.5, 1.0, 0.4, 0.9]), np.empty(6)
    for fraction, expected in ((0.0, START), (1.0, other)):
        extrapolate(START, other, fraction, out)
        np.testing.assert_allclose(out, expected, rtol=1e-14)


@pytest.mark.parametrize("coordinate", [SHARE, LOWER, UPPER, LOWER_SD, GAP])
@pytest.mark.parametrize("model", [MODELS[0], MODELS[1]], ids=lambda model: model.slug)
def test_at_the_maximum_only_the_fixed_coordinate_has_a_score(
    model: Model, coordinate: Coordinate
) -> None:
    problem = problem_of(model)
    workspace = workspace_of(problem)
    theta = START.copy()
    set_value(theta, coordinate, value_of(START, coordinate) + 0.1, tied_sds=model.sds == "equal")
    point = maximum_with(problem, coordinate, 0.0, theta)
    assert point.status == CONVERGED
    assert value_of(theta, coordinate) == pytest.approx(value_of(START, coordinate) + 0.1)
    certify(problem, theta, workspace)
    g = workspace.g.copy()
    free = np.ascontiguousarray(problem.free)
    flags = fixed(coordinate.first) if coordinate.second < 0 else fixed()
    if model.sds == "equal" and coordinate.first == LOWER_SD.first:
        flags[3:] = True
    left = restricted_model(free, flags, coordinate.first if coordinate.second >= 0 else -1)
    np.testing.assert_allclose(left.T @ g, 0.0, atol=1e-6)
    assert abs(g[coordinate.first]) > 1e-3
