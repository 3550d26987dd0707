"""Facts that a correct implementation shows, and that no other test has for its reason."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from scipy.stats import chi2

from stature.arrays import Floats
from stature.design.samples import DrawSpec, Samples, draw
from stature.domain.bias import NoBias
from stature.domain.mixture import Mixture, responsibilities
from stature.domain.model import Model, Sampling, coordinates, free_coordinates, theta_at
from stature.domain.population import Group, Population
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Estimator, FitSpec, Prior, Status
from stature.estimators.fit import fit_block
from stature.estimators.general.optimise import m_step
from stature.theory.bounds import bound_covariance
from stature.theory.likelihood import likelihood, rows_of
from tests.estimators.laws import KEY, NAMES, fit, objective_of, samples
from tests.theory.schools import MIXTURES, NODES, WEIGHTS, complete_scores, five_points, unlabelled


@pytest.mark.parametrize("name", ["mle", "mle-numeric"])
def test_seven_of_ten(name: str):
    # p = 7/10, information 10 / (.7 * .3) = 47.619..., standard error .14491...
    group = (np.arange(10) >= 3).astype(np.int8)
    people = Samples(np.zeros(1, np.int32), 160.0 + 3.0 * np.arange(10.0)[None], group[None], NAMES)
    fits = fit(name, people)
    assert fits.estimate[0, 0, 3] == pytest.approx(0.7, rel=1e-12)
    assert 1 / fits.std_error[0, 0, 3] ** 2 == pytest.approx(10 / 0.21, rel=1e-12)
    assert fits.std_error[0, 0, 3] == pytest.approx(0.14491376746189438, rel=1e-12)


@pytest.mark.parametrize("mixture", MIXTURES[1:], ids=["2", "3", "4"])
def test_louis_information_is_that_of_oakes(mixture: Mixture):
    # Oakes (1999), JRSS-B 61: D2 l = D2_{t't'} Q + D2_{t't} Q at t' = t, where the derivative of
    # Q(t' | t) is the complete score at t' with the responsibilities of t.
    def slope_of_q(there: Floats, here: Floats) -> Floats:
        posterior = responsibilities(Mixture.of(theta_at(here)), NODES)
        of_groups = complete_scores(Mixture.of(theta_at(there)), NODES)
        return np.einsum("m,mk,kmp->p", WEIGHTS, posterior, of_groups)

    u = coordinates(mixture.theta)
    completed = five_points(lambda there: slope_of_q(there, u), u, 1e-3)
    missing = five_points(lambda here: slope_of_q(u, here), u, 1e-3)
    observed = unlabelled(mixture, NODES, WEIGHTS).information
    assert_allclose(completed + missing, -observed, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("mixture", MIXTURES[1:], ids=["2", "3", "4"])
def test_scaled_weights_scale_value_score_and_information(mixture: Mixture):
    u = coordinates(mixture.theta)
    once, thrice = (likelihood(u, rows_of(NODES, NODES, a * WEIGHTS)) for a in (1.0, 3.0))
    for part in ("value", "score", "information", "completed", "outer"):
        expected = 3.0 * np.asarray(getattr(once, part))
        assert_allclose(getattr(thrice, part), expected, rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_people_upside_down_have_their_groups_the_other_way_round(name: str):
    # x -> 400 - x: girls are the taller ones now, and everything else is mirrored.
    people = samples(3, 1200)
    upside_down = replace(
        people,
        heights_cm=400.0 - people.heights_cm,
        group_index=(1 - people.group_index).astype(np.int8),
    )
    model = CATALOGUE[name].model
    shares = (0.6, 0.4) if model.shares == "known" else None
    sds_cm = (7.0, 6.0) if model.sds == "known" else None
    fits = fit(name, people)
    spec = FitSpec(CATALOGUE[name], NAMES, shares, sds_cm, "random", (1200,), 0, 2, KEY, 0)
    other = fit_block(spec, upside_down)[0]
    swapped = [3, 4, 5, 0, 1, 2, 6]
    expected = fits.estimate[..., swapped].copy()
    expected[..., [1, 4]] = 400.0 - expected[..., [1, 4]]
    assert_allclose(other.estimate, expected, rtol=1e-8)
    assert_allclose(other.std_error, fits.std_error[..., swapped], rtol=1e-6)
    assert_allclose(other.log_likelihood, fits.log_likelihood, rtol=1e-11)


@pytest.mark.parametrize("sampling", ["random", "stratified"])
def test_the_spread_of_estimates_is_the_bound(sampling: Sampling):
    # 3.5 SDs apart and 4000 people, where terms of order 1/n are nothing.
    groups = Group("girls", 0.4, 160.0, 6.0), Group("boys", 0.6, 182.0, 6.5)
    population = Population("far", groups)
    replicates, size = 400, 4000
    drawn = draw(DrawSpec(population, NoBias(), sampling, 11, 0, replicates - 1, size))
    model = Model("none")
    estimator = Estimator("newton", model, "newton", 3, kept_starts=1, tolerance=1e-12)
    names = population.group_names
    spec = FitSpec(estimator, names, None, None, sampling, (size,), 0, replicates - 1, KEY, 0)
    fits = fit_block(spec, drawn)[0]
    assert (fits.status == Status.CONVERGED).all()
    covariance = bound_covariance(population, NoBias(), model, "random")
    assert covariance is not None
    random = np.diag(covariance)
    # Fixed counts take pi (1 - pi) from n Var(share), and change nothing else.
    of_shares = np.isin(np.arange(7), [0, 3])
    expected = random - np.where(of_shares & (sampling == "stratified"), 0.24, 0.0)
    ratio = size * fits.estimate[:, 0].var(axis=0, ddof=1) / expected
    # Normal estimates: the ratio is chi-squared over its degrees of freedom, two-sided 1e-5.
    low, high = chi2.ppf([5e-6, 1 - 5e-6], replicates - 1) / (replicates - 1)
    assert ((ratio > low) & (ratio < high)).all()


@pytest.mark.parametrize("groups", [2, 3])
@pytest.mark.parametrize(
    ("sds", "penalty", "prior", "sd_ratio"),
    [
        ("free", 3.0, None, 0.0),
        ("free", 0.0, Prior(shares=7.0, sd_ratio=0.1), 0.0),
        ("free", 0.0, None, 0.8),
        ("free", 2.0, None, 0.8),
        ("equal", 2.0, None, 0.0),
        ("equal", 0.0, Prior(shares=4.0), 0.0),
        ("free", 0.0, Prior("mclust"), 0.0),
        ("equal", 0.0, Prior("mclust"), 0.0),
    ],
)
def test_a_step_of_em_is_the_best_there_is(
    groups: int, sds: str, penalty: float, prior: Prior | None, sd_ratio: float
):
    rng = np.random.default_rng(groups)
    x = np.concatenate([rng.normal(2.0 * k, 0.3 + 0.4 * k, 60) for k in range(groups)])
    x = (x - x.mean()) / x.std()
    model = Model("none", sds="equal" if sds == "equal" else "free")
    free = free_coordinates(model, groups)
    settings = {"penalty": penalty * np.sqrt(len(x)), "prior": prior}
    rows = rows_of(x, x, np.ones(len(x)))
    objective = objective_of(rows, model, groups, **settings, sd_ratio=sd_ratio)
    shares = np.full(groups, 1 / groups)
    before = coordinates(np.concatenate([shares, np.linspace(-1, 1, groups), np.full(groups, 0.6)]))
    posterior = objective.evaluate(before).posterior

    def lost(u: Floats) -> float:
        """Minus the complete log-likelihood with the penalties, written down directly."""
        there = Mixture.of(theta_at(u))
        d = (x[:, None] - there.means_cm) / there.sds_cm
        joint = np.log(there.shares) - np.log(there.sds_cm) - 0.5 * d * d
        v = there.sds_cm**2
        value = np.sum(posterior * joint) - penalty * np.sum(1 / v + np.log(v) - 1)
        if prior is not None and prior.form == "ratio":
            away = np.log(there.sds_cm) - np.log(there.sds_cm).mean()
            value += prior.shares * np.log(there.shares).sum() - np.sum(
                (away / prior.sd_ratio) ** 2
            )
        elif prior is not None:
            # Means of SD sigma / sqrt(.01) about that of the sample; the variance, or each of them,
            # inverse gamma with 3 degrees of freedom and the scale of the sample over K^2.
            value -= np.sum(np.log(there.sds_cm) + 0.005 * there.means_cm**2 / v)
            each = (v[:1] if sds == "equal" else v).astype(float)
            value -= np.sum(0.5 * (3 + 2) * np.log(each) + 0.5 / groups**2 / each)
        return -float(value)

    found = m_step(posterior, before, objective)
    pairs = [(k, j) for k in range(groups) for j in range(groups) if k != j] if sd_ratio else []
    lam = 2 * groups - 1
    held = [
        {
            "type": "ineq",
            "fun": lambda w, k=k, j=j: (free @ w)[lam + k] - (free @ w)[lam + j] - np.log(sd_ratio),
        }
        for k, j in pairs
    ]
    at = np.linalg.lstsq(free, before, rcond=None)[0]
    best = minimize(
        lambda w: lost(free @ w),
        at,
        method="SLSQP",
        constraints=held,
        options={"maxiter": 500, "ftol": 1e-12},
    )
    # A function's optimum is found to rounding, its place to the root of that.
    assert lost(found) <= best.fun + 1e-8 * abs(best.fun)
    assert_allclose(found, free @ best.x, atol=1e-4)
