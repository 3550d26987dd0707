import numpy as np
import pytest

from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.hidden import fit_hidden, settings, told
from stature.estimators.search import EM
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
    assert settings(em) == (EM, em.screening_steps, em.kept_starts, em.step_limit, em.tolerance)


def test_known_sds_come_back_to_the_last_bit():
    people = samples(2, 100)
    uniforms = np.random.default_rng(0).random((2, 10, 6))
    sizes = np.array([100], np.int32)
    outcome, _ = fit_hidden(CATALOGUE["em-known-sds"], people, sizes, uniforms, None, SDS_CM)
    assert (outcome.theta[..., 4:] == SDS_CM).all()
