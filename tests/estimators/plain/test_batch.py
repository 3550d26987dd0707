import numpy as np
import pytest

from stature.estimators.estimator import SeStatus, Status
from stature.estimators.fit import start_uniforms
from stature.estimators.plain import batch, problem
from stature.estimators.plain.batch import SKETCH_FROM, Outcome
from stature.estimators.plain.block import fit_unlabelled, starts_of
from tests.estimators.laws import SDS_CM, samples, spec_of


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


def test_compiled_codes_are_those_of_the_records():
    for name in ("CONVERGED", "STEP_LIMIT", "DEGENERATE", "NONFINITE", "TOO_FEW", "SWAPPED"):
        assert getattr(problem, name) == Status[name]
    assert (batch.SE_OK, batch.SE_SINGULAR) == (SeStatus.OK, SeStatus.SINGULAR)
