from dataclasses import FrozenInstanceError

import pytest

from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import SeStatus, Status
from stature.estimators.plain import batch, problem


def test_compiled_codes_are_those_of_the_records():
    assert problem.CONVERGED == Status.CONVERGED
    assert problem.STEP_LIMIT == Status.STEP_LIMIT
    assert problem.DEGENERATE == Status.DEGENERATE
    assert problem.NONFINITE == Status.NONFINITE
    assert problem.TOO_FEW == Status.TOO_FEW
    assert problem.SWAPPED == Status.SWAPPED
    assert (batch.SE_OK, batch.SE_SINGULAR) == (SeStatus.OK, SeStatus.SINGULAR)


def test_an_estimator_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        CATALOGUE["em"].starts = 3  # pyright: ignore[reportAttributeAccessIssue]
