from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from stature.estimators.estimator import SeStatus, Status
from stature.estimators.fit import start_uniforms
from stature.estimators.plain import batch, problem
from stature.estimators.plain.batch import SKETCH_FROM, Outcome
from stature.estimators.plain.block import fit_unlabelled, starts_of
from tests.estimators.laws import SDS_CM, samples, spec_of

SIZES_OF_FEW = (100, 200, 1000, 5000)


def outcome_of(name: str, people: int, *sizes: int, sketch_from: int = SKETCH_FROM) -> Outcome:
    spec = spec_of(name, sizes, 3)
    met = samples(3, people)
    begin_at = starts_of(spec, start_uniforms(spec))
    return fit_unlabelled(spec, met, begin_at, sketch_from)[0]


def test_known_sds_come_back_to_the_last_bit():
    assert (outcome_of("em-known-sds", 100, 100).theta[..., 4:] == SDS_CM).all()


@pytest.mark.parametrize("name", ["newton", "em-squarem", "em-known-shares", "em-equal-sds"])
def test_turning_the_sketch_off_changes_no_number_by_more_than_1e_8(name: str):
    sizes = (400, 1000, 5000)
    on, off = outcome_of(name, 5000, *sizes), outcome_of(name, 5000, *sizes, sketch_from=10_000)
    assert (on.status == off.status).all()
    assert (on.se_status == off.se_status).all()
    for number in ("theta", "log_likelihood", "observed", "sandwich"):
        first, second = getattr(on, number), getattr(off, number)
        size = np.abs(second) + (np.abs(second).max() if number in ("observed", "sandwich") else 0)
        assert (np.abs(first - second) <= 1e-8 * size).all(), number


@pytest.mark.parametrize("step_cm", [0.254, 1.0, 5.0])
def test_samples_of_few_values_are_fitted_to_them_and_their_counts(step_cm: float):
    # The observations tell whether theirs is the likelihood, and at its maximum.
    spec = spec_of("newton", SIZES_OF_FEW, 3)
    met = samples(3, SIZES_OF_FEW[-1])
    met = replace(met, heights_cm=np.rint(met.heights_cm / step_cm) * step_cm)
    begin_at = starts_of(spec, start_uniforms(spec))
    outcome, _ = fit_unlabelled(spec, met, begin_at)
    for (r, j), status in np.ndenumerate(outcome.status):
        if status == Status.CONVERGED:
            x, theta = met.heights_cm[r, : SIZES_OF_FEW[j], None], outcome.theta[r, j]
            share, mean, sd = np.split(theta, 3)
            joint = share * norm.pdf(x, mean, sd)
            density = joint.sum(axis=1)
            expected = np.log(density).sum()
            assert outcome.log_likelihood[r, j] == pytest.approx(expected, rel=1e-13)
            people = joint / density[:, None]  # of each group; at a maximum EM stays where it is
            here = people.sum(axis=0)
            np.testing.assert_allclose((people * x).sum(axis=0) / here, mean, rtol=1e-11)
            squares = (people * (x - mean) ** 2).sum(axis=0)
            np.testing.assert_allclose(np.sqrt(squares / here), sd, rtol=1e-9)
    assert (outcome.status == Status.CONVERGED).sum() > 6


def test_compiled_codes_are_those_of_the_records():
    for name in ("CONVERGED", "STEP_LIMIT", "DEGENERATE", "NONFINITE", "TOO_FEW", "SWAPPED"):
        assert getattr(problem, name) == Status[name]
    assert (batch.SE_OK, batch.SE_SINGULAR) == (SeStatus.OK, SeStatus.SINGULAR)
