"""Blocks of fits: they depend on nothing else, and on labels as these were written down."""

from dataclasses import replace

import numpy as np
import pytest

from stature.design.samples import DrawSpec, Samples, draw
from stature.domain.bias import NO_LABEL, Bias, MissingLabels
from stature.domain.model import Model, Sampling
from stature.domain.population import Group, Population
from stature.estimators.catalogue import CATALOGUE, GENERAL
from stature.estimators.estimator import Estimator, Fits, FitSpec, SeStatus, Status, Stop
from stature.estimators.fit import fit_block
from tests.estimators.laws import KEY, fit, samples

SCHOOL = Population("school", (Group("girls", 0.4, 163.0, 6.5), Group("boys", 0.6, 176.0, 7.0)))
ONLY = Model("recorded", unlabelled="ignored")


PEOPLE = samples(3, 120)


def people(bias: Bias, replicates: int, size: int, sampling: Sampling = "random") -> Samples:
    return draw(DrawSpec(SCHOOL, bias, sampling, 3, 0, replicates - 1, size))


def newton(model: Model, drawn: Samples, sampling: Sampling = "random", **settings: object) -> Fits:
    """Fits of all people by Newton."""
    estimator = replace(
        Estimator("one", model, "newton", 4, 5, 3, tolerance=1e-12),
        **settings,  # pyright: ignore[reportArgumentType]: settings of an estimator
    )
    replicates, size = drawn.heights_cm.shape
    given = None, None, sampling, (size,), 0, replicates - 1, KEY, 0
    return fit_block(FitSpec(estimator, SCHOOL.group_names, *given), drawn)[0]


@pytest.mark.parametrize("sampling", ["random", "stratified"])
def test_all_labels_are_those_that_were_written_down(sampling: Sampling):
    drawn = people(MissingLabels(0.6, 0.05), 2, 400, sampling)
    there = drawn.written_labels != NO_LABEL
    ignoring = newton(ONLY, drawn, sampling)
    mle = replace(CATALOGUE["mle"], name="one")
    given = None, None, sampling, (400,), 0, 1, KEY, 0
    closed = fit_block(FitSpec(mle, SCHOOL.group_names, *given), drawn)[0]
    np.testing.assert_allclose(ignoring.estimate, closed.estimate, rtol=1e-12)
    np.testing.assert_allclose(ignoring.std_error, closed.std_error, rtol=1e-9)
    np.testing.assert_allclose(ignoring.log_likelihood, closed.log_likelihood, rtol=1e-12)
    for row in range(2):
        girls = drawn.heights_cm[row][there[row] & (drawn.group_index[row] == 0)]
        # The means of those who have a label, and their SDs with the divisor n.
        np.testing.assert_allclose(closed.estimate[row, 0, 1:3], [girls.mean(), girls.std()])


def test_everybody_recorded_is_the_closed_form_and_nobody_is_newton():
    drawn = people(MissingLabels(0.0), 3, 500)
    closed = newton(Model("all"), drawn)
    np.testing.assert_allclose(
        newton(Model("recorded"), drawn).estimate, closed.estimate, rtol=1e-12
    )
    nobody = replace(drawn, labels=np.full_like(drawn.group_index, NO_LABEL))
    hidden = newton(Model("none"), drawn, kept_starts=4)
    found = newton(Model("recorded"), nobody, kept_starts=4)
    np.testing.assert_allclose(found.estimate, hidden.estimate, rtol=1e-9)
    assert (newton(Model("all"), nobody).status == Status.TOO_FEW).all()
    assert (newton(ONLY, nobody).status == Status.TOO_FEW).all()


@pytest.mark.parametrize("sampling", ["random", "stratified"])
def test_labels_missing_by_height_leave_the_likelihood_right(sampling: Sampling):
    # Odds of no label are 1 at 170.8 cm and double every 8.7 cm: the tall have none.
    drawn = people(MissingLabels(0.5, 0.08), 40, 1500, sampling)
    recorded, only = newton(Model("recorded"), drawn, sampling), newton(ONLY, drawn, sampling)
    truth = np.array([0.4, 163.0, 6.5, 0.6, 176.0, 7.0, 13.0])
    assert (recorded.status == Status.CONVERGED).all()
    for fits, right in ((recorded, True), (only, False)):
        error = fits.estimate[:, 0] - truth
        means = [1, 4]
        z = error.mean(axis=0)[means] / (error.std(axis=0, ddof=1)[means] / np.sqrt(40))
        # 4 standard errors, and without the unlabelled those who have a label are short:
        # -b v = -.08 * 42 * (chance of none) is some -1.5 cm.
        assert (np.abs(z) < 4).all() if right else (z < -8).all()
    errors = recorded.estimate[:, 0, 1] - 163.0
    inside = np.abs(errors) < 1.96 * recorded.std_error[:, 0, 1]
    assert inside.mean() > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 40)


def test_of_labels_that_a_design_fixed_nothing_is_learned_of_the_shares():
    # Labelled people half and half, unlabelled ones four to one: the design asked as many girls
    # as boys for their group. The shares are those of the unlabelled.
    rng = np.random.default_rng(1)
    size, asked = 4000, 400
    group = np.where(
        np.arange(size) < asked, np.arange(size) % 2, (rng.random(size) < 0.2).astype(int)
    ).astype(np.int8)[None]
    heights_cm = np.array([160.0, 190.0])[group] + 6.0 * rng.standard_normal((1, size))
    drawn = Samples(np.zeros(1, np.int32), heights_cm, group, SCHOOL.group_names)
    model = Model("some", labelled_share=0.1)
    designed, chance = newton(model, drawn, "stratified"), newton(model, drawn, "random")
    boys = group[0, asked:].mean()
    # 30 cm apart with SDs of 6 a hidden label is known but for one in a hundred.
    assert abs(designed.estimate[0, 0, 3] - boys) < 0.005
    # Where labels are chance all people count: 200 + 3600 * .2 of 4000.
    assert abs(chance.estimate[0, 0, 3] - group.mean()) < 0.005
    only = newton(replace(model, unlabelled="ignored"), drawn, "stratified")
    assert only.estimate[0, 0, 3] == 0.5
    assert np.isnan(only.std_error[0, 0, 3])
    assert only.se_status[0, 0] == SeStatus.OK


def test_the_unlabelled_are_worth_something():
    drawn = people(MissingLabels(0.8), 20, 500)
    recorded, only = newton(Model("recorded"), drawn), newton(ONLY, drawn)
    means = [1, 4, 6]
    ratio = recorded.std_error[:, 0, means].mean(axis=0) / only.std_error[:, 0, means].mean(axis=0)
    assert (ratio < 0.9).all()


def test_a_fit_does_not_depend_on_its_block():
    estimator = GENERAL["mixture-truncated"]
    fits, first = fit(estimator, PEOPLE, 60, 120), fit(estimator, PEOPLE, 60)
    np.testing.assert_array_equal(fits.estimate[:, :1], first.estimate)


def test_an_oracle_begins_at_the_truth():
    drawn = people(MissingLabels(0.0), 20, 300)
    estimator = Estimator("oracle", Model("none"), "newton", 1, tolerance=1e-12, oracle=True)
    truth = (0.4, 0.6, 163.0, 176.0, 6.5, 7.0)
    spec = FitSpec(
        estimator, SCHOOL.group_names, None, None, "random", (100, 300), 0, 19, KEY, 0, truth
    )
    found = fit_block(spec, drawn)[0]
    # From the truth there is one path; where it ends no other start may do better than it does.
    assert set(np.unique(found.starts)) == {1}
    searched = newton(Model("none"), drawn, kept_starts=4)
    both = (found.status[:, 1] == Status.CONVERGED) & (searched.status[:, 0] == Status.CONVERGED)
    assert both.sum() > 10
    assert (found.log_likelihood[both, 1] <= searched.log_likelihood[both, 0] + 1e-7).mean() > 0.8
    with pytest.raises(ValueError, match="the truth goes with a start"):
        fit_block(replace(spec, oracle=None), drawn)
    # Stopped at once it has not moved: a step of EM from the truth is what EM makes of the truth.
    one_step = replace(estimator, method="em", stop=Stop("total", 1e9), screening_steps=1)
    first = fit_block(replace(spec, estimator=one_step), drawn)[0]
    assert (np.abs(first.estimate[:, 1, [1, 4]] - [163.0, 176.0]) < 2.0).all()
