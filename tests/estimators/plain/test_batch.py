import numpy as np
import pytest

from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.fit import start_uniforms
from stature.estimators.plain.batch import (
    SKETCH_FROM,
    Outcome,
    constraints_of,
    empty_outcome,
    settings_of,
)
from stature.estimators.plain.block import fit_unlabelled, starts_of
from stature.estimators.plain.search import EM
from tests.estimators.laws import MODELS, SDS_CM, samples, spec_of


def outcome_of(name: str, people: int, *sizes: int, sketch_from: int = SKETCH_FROM) -> Outcome:
    spec = spec_of(name, sizes, 3)
    met = samples(3, people)
    begin_at = starts_of(spec, start_uniforms(spec))
    return fit_unlabelled(spec, met, begin_at, sketch_from)[0]


def test_an_empty_outcome_says_nothing():
    outcome = empty_outcome(2, 3, 2)
    assert outcome.theta.shape == (2, 3, 6)
    assert np.isnan(outcome.theta).all()
    assert np.isnan(outcome.observed).all()
    assert (outcome.status == 0).all()


def test_a_size_is_fitted_alike_whatever_other_sizes_there_are():
    sizes = (50, 200, 700, 3000)
    together = outcome_of("newton", 3000, *sizes)
    for column, size in enumerate(sizes):
        alone = outcome_of("newton", 3000, size)
        for number in ("theta", "observed", "sandwich", "log_likelihood", "passes"):
            first, second = getattr(together, number)[:, column], getattr(alone, number)[:, 0]
            np.testing.assert_array_equal(first, second, err_msg=number)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_a_model_becomes_flags_and_a_matrix(model: Model):
    constraints = constraints_of(model, 2, SDS_CM if model.sds == "known" else None)
    assert constraints.shares_known == (model.shares == "known")
    assert constraints.free.shape[0] == 5
    assert constraints.free.flags.c_contiguous
    assert constraints.known_sds_cm.tolist() == (list(SDS_CM) if model.sds == "known" else [1, 1])


def test_settings_are_those_of_the_estimator():
    em = CATALOGUE["em"]
    limits = em.screening_steps, em.kept_starts, em.step_limit, em.tolerance
    assert settings_of(em) == (EM, *limits, SKETCH_FROM)


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
