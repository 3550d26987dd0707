import numpy as np
import pytest

from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.plain.batch import SKETCH_FROM
from stature.estimators.plain.climb import EM
from stature.estimators.plain.hidden import fit_hidden, settings, told
from tests.estimators.laws import MODELS, SDS_CM, samples


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_a_model_is_told_as_flags_and_a_matrix(model: Model):
    facts = told(model, 2, SDS_CM if model.sds == "known" else None)
    assert facts.shares_known == (model.shares == "known")
    assert facts.free.shape[0] == 5
    assert facts.free.flags.c_contiguous
    assert facts.known_sds_cm.tolist() == (list(SDS_CM) if model.sds == "known" else [1, 1])


def test_settings_are_those_of_the_estimator():
    em = CATALOGUE["em"]
    limits = em.screening_steps, em.kept_starts, em.step_limit, em.tolerance
    assert settings(em) == (EM, *limits, SKETCH_FROM)


def test_known_sds_come_back_to_the_last_bit():
    people = samples(2, 100)
    uniforms = np.random.default_rng(0).random((2, 10, 6))
    sizes = np.array([100], np.int32)
    outcome, _ = fit_hidden(CATALOGUE["em-known-sds"], people, sizes, uniforms, None, SDS_CM)
    assert (outcome.theta[..., 4:] == SDS_CM).all()


@pytest.mark.parametrize("name", ["newton", "em-squarem", "em-known-shares", "em-equal-sds"])
def test_turning_the_sketch_off_changes_no_number_by_more_than_1e_8(name: str):
    estimator, people = CATALOGUE[name], samples(3, 5000)
    uniforms = np.random.default_rng(0).random((3, 10, 6))
    sizes = np.array([400, 1000, 5000], np.int32)
    shares = (0.5, 0.5) if estimator.model.shares == "known" else None
    told = estimator, people, sizes, uniforms, shares, None
    (on, _), (off, _) = fit_hidden(*told), fit_hidden(*told, sketch_from=10_000)
    assert (on.status == off.status).all()
    assert (on.se_status == off.se_status).all()
    for number in ("theta", "log_likelihood", "observed", "sandwich"):
        first, second = getattr(on, number), getattr(off, number)
        size = np.abs(second) + (np.abs(second).max() if number in ("observed", "sandwich") else 0)
        assert (np.abs(first - second) <= 1e-8 * size).all(), number
