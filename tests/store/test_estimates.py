from dataclasses import replace

import numpy as np
import pytest

from stature.domain.population import Group, Population
from stature.estimators.estimator import Fits, Status
from stature.store.estimates import estimates

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))


@pytest.fixture
def fits() -> Fits:
    """Two replicates at two sizes, in the wrong order; the second failed at size 50."""
    numbers = np.arange(2 * 2 * 7, dtype=np.float64).reshape(2, 2, 7)
    nothing = np.zeros((2, 2))
    status = np.zeros((2, 2), dtype=np.int8)
    status[1, 1] = Status.STEP_LIMIT
    small = np.ones((2, 2), dtype=np.int16)
    return Fits(
        replicates=np.array([7, 3], dtype=np.int32),
        sizes=np.array([20, 50], dtype=np.int32),
        group_names=("girls", "boys"),
        estimate=numbers,
        std_error=numbers + 100.0,
        robust_std_error=numbers,
        lower=numbers,
        upper=numbers,
        interval_status=np.zeros(numbers.shape, np.int8),
        status=status,
        se_status=status,
        log_likelihood=nothing,
        decrement=nothing,
        passes=small.astype(np.int32),
        steps=small.astype(np.int32),
        starts=small,
        starts_agreeing=small,
        suspect=small == 0,
        near_tie=small == 0,
        resamples_failed=np.zeros((2, 2), np.int32),
    )


def test_each_estimate_stands_beside_its_truth(fits: Fits) -> None:
    rows = estimates({"mle": fits, "em": fits}, SCHOOL).to_pylist()
    assert len(rows) == 2 * 2 * 2 * 7
    assert [row["method"] for row in rows] == ["em"] * 28 + ["mle"] * 28
    # Boys' mean is the fifth parameter: in replicate 7 at size 50 the number 7 + 4.
    boys = [row for row in rows[:28] if (row["group"], row["parameter"]) == ("boys", "mean_cm")]
    assert [(row["n"], row["dataset"]) for row in boys] == [(20, 3), (20, 7), (50, 3), (50, 7)]
    assert (boys[3]["est"], boys[3]["se"], boys[3]["true"]) == (11.0, 111.0, 176.0)


def test_a_fit_that_failed_has_no_estimate_but_a_row(fits: Fits) -> None:
    rows = estimates({"em": fits}, SCHOOL).to_pylist()
    missing = [row for row in rows if row["est"] is None]
    assert {(row["dataset"], row["n"], row["se"]) for row in missing} == {(3, 50, None)}
    assert len(missing) == 7


def test_fits_of_other_groups_are_refused(fits: Fits) -> None:
    with pytest.raises(ValueError, match="fits of em have the groups"):
        estimates({"em": replace(fits, group_names=("a", "b"))}, SCHOOL)
