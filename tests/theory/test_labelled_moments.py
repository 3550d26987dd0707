"""Labelled samples in the large: errors against the general sandwich, and against simulation."""

import numpy as np
import pytest

from stature.domain.bias import (
    Bias,
    NoBias,
    Rounding,
    Selection,
    Truncation,
    keep_probability,
    recorded_cm,
)
from stature.domain.model import Model, Sampling, free_coordinates
from stature.domain.population import Group, Population
from stature.theory.coordinates import parameter_jacobian
from stature.theory.distributions import recorded_distribution
from stature.theory.labelled_moments import labelled_limit, labelled_std_errors
from stature.theory.scores import complete_information, complete_scores

SCHOOL = Population("school", (Group("girls", 0.4, 163.0, 6.5), Group("boys", 0.6, 176.0, 7.0)))
LABELLED = [
    Model("all"),
    Model("all", sds="equal"),
    Model("all", shares="known"),
    Model("all", sds="known"),
    Model("all", shares="known", sds="known"),
]
BIASES = [NoBias(), Selection(0.1), Truncation(below_cm=160.0), Rounding(5.0)]


@pytest.mark.parametrize("bias", BIASES, ids=str)
@pytest.mark.parametrize("sampling", ["stratified", "random"])
@pytest.mark.parametrize("model", LABELLED, ids=lambda model: model.slug)
def test_errors_are_the_sandwich_of_the_complete_scores(
    bias: Bias, sampling: Sampling, model: Model
) -> None:
    # With counts in exact proportion, closed forms and A^-1 B A^-1 of the labelled scores agree.
    law = recorded_distribution(SCHOOL, bias, sampling)
    limit = labelled_limit(model, law, law.shares, SCHOOL.sds_cm)
    masses = law.shares[:, None] * law.masses
    score = complete_scores(limit, law.nodes_cm)
    spread = np.einsum("km,kmp,kmq->pq", masses, score, score)
    if sampling == "stratified":
        means = np.einsum("km,kmp->kp", law.masses, score)
        spread -= means.T @ (law.shares[:, None] * means)
    free = free_coordinates(model, 2)
    turn = parameter_jacobian(limit) @ free
    information = free.T @ complete_information(limit, law.nodes_cm, masses) @ free
    influence = np.linalg.solve(information, turn.T)
    expected = np.diag(influence.T @ free.T @ spread @ free @ influence) / 200
    got = labelled_std_errors(model, law, 200 * law.shares, sampling)
    np.testing.assert_allclose(got**2, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("bias", BIASES[1:], ids=str)
def test_simulated_groups_go_to_the_limit(bias: Bias) -> None:
    # 200 samples of 500 people of a group, kept and written down as the bias says. Means to 4
    # MCSEs; the SD's own bias is of order 1/n, so variances with n - 1 are compared.
    generator = np.random.default_rng(20261122)
    law = recorded_distribution(SCHOOL, bias, "stratified")
    limit = labelled_limit(Model("all"), law, SCHOOL.shares, SCHOOL.sds_cm)
    ses = labelled_std_errors(Model("all"), law, np.array([500.0, 500.0]), "stratified")
    for k, group in enumerate(SCHOOL.groups):
        met = generator.normal(group.mean_cm, group.sd_cm, 600_000)
        kept = generator.random(len(met)) < keep_probability(bias, met, group.name, SCHOOL)
        people = recorded_cm(bias, met[kept][:100_000]).reshape(200, 500)
        means, variances = people.mean(axis=1), people.var(axis=1, ddof=1)
        mean_mcse = means.std(ddof=1) / np.sqrt(200)
        assert abs(means.mean() - limit.means_cm[k]) < 4 * mean_mcse
        variance_mcse = variances.std(ddof=1) / np.sqrt(200)
        assert abs(variances.mean() - limit.sds_cm[k] ** 2) < 4 * variance_mcse
        # The MCSE of an empirical SE of R estimates is SE / sqrt(2 (R - 1)).
        relative = 1 / np.sqrt(2 * 199)
        assert abs(means.std(ddof=1) / ses[3 * k + 1] - 1) < 4 * relative
        sds = np.sqrt(variances)
        assert abs(sds.std(ddof=1) / ses[3 * k + 2] - 1) < 4 * relative


def test_a_group_without_people_has_no_standard_error() -> None:
    law = recorded_distribution(SCHOOL, NoBias(), "stratified")
    ses = labelled_std_errors(Model("all"), law, np.array([0.0, 3.0]), "stratified")
    assert np.isnan(ses[[1, 2, 6]]).all()
    np.testing.assert_allclose(ses[4], 7.0 / np.sqrt(3), rtol=1e-12)
