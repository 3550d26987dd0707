from dataclasses import replace

import numpy as np
import pytest

from stature.domain.population import Group, Population
from stature.estimators.estimator import Fits, Status
from stature.measures.cells import cells, wald_interval


def test_errors_are_estimates_minus_the_truth_of_the_population(
    school: Population, fits: dict[str, Fits]
) -> None:
    laid_out = cells(fits["mle"], school)
    truth = [0.5, 163.0, 6.5, 0.5, 176.0, 7.0, 13.0]
    assert laid_out.truth.tolist() == truth
    assert laid_out.available[1, 4, 17] == fits["mle"].estimate[17, 1, 4] - 176.0


def test_a_fit_that_failed_is_finite_but_not_available(
    school: Population, fits: dict[str, Fits]
) -> None:
    status = fits["mle"].status.copy()
    status[5, 2] = Status.STEP_LIMIT
    laid_out = cells(replace(fits["mle"], status=status), school)
    assert np.isnan(laid_out.available[2, :, 5]).all()
    assert np.isnan(laid_out.lower[2, :, 5]).all()
    assert np.isfinite(laid_out.finite[2, :, 5]).all()
    assert laid_out.converged.sum() == status.size - 1


def test_a_number_found_twice_with_other_rounding_has_no_spread(
    school: Population, fits: dict[str, Fits]
) -> None:
    estimate = fits["mle"].estimate.copy()
    estimate[:, 0, 0] = 1.0 / 3.0
    estimate[::2, 0, 0] *= 1.0 + 2.0**-52
    error = cells(replace(fits["mle"], estimate=estimate), school).available[0, 0]
    assert np.ptp(error) == 0.0
    # What chance moved stays as it was.
    estimate[0, 0, 0] += 1e-9
    error = cells(replace(fits["mle"], estimate=estimate), school).available[0, 0]
    assert np.ptp(error) > 1e-10


def test_fits_of_other_groups_are_refused(school: Population, fits: dict[str, Fits]) -> None:
    other = Population("birds", (Group("a", 0.5, 1.0, 1.0), Group("b", 0.5, 2.0, 1.0)))
    with pytest.raises(ValueError, match="expected those of population 'birds'"):
        cells(fits["mle"], other)
    twice = replace(fits["mle"], replicates=np.zeros_like(fits["mle"].replicates))
    with pytest.raises(ValueError, match="hold a replicate twice"):
        cells(twice, school)


def test_wald_intervals_are_symmetric_in_their_coordinate() -> None:
    estimate = np.array([0.2, 163.0, 6.5, 0.8, 176.0, 7.0, 13.0]).reshape(1, 7, 1)
    std_error = np.full_like(estimate, 0.1)
    lower, upper = (end[0, :, 0] for end in wald_interval(estimate, std_error, ("a", "b")))
    z = 1.959963984540054

    def logit(share: float) -> float:
        return float(np.log(share / (1 - share)))

    # By the delta method the SE of a logit is SE / (p (1 - p)), that of a log is SE / sd.
    assert logit(upper[0]) - logit(0.2) == pytest.approx(z * 0.1 / 0.16)
    assert logit(0.2) - logit(lower[0]) == pytest.approx(z * 0.1 / 0.16)
    assert np.log(upper[2] / 6.5) == pytest.approx(z * 0.1 / 6.5)
    assert np.log(6.5 / lower[2]) == pytest.approx(z * 0.1 / 6.5)
    assert upper[1] - 163.0 == pytest.approx(z * 0.1)
    assert 13.0 - lower[6] == pytest.approx(z * 0.1)


def test_missing_and_impossible_standard_errors_give_no_interval() -> None:
    estimate = np.array([1.0, 163.0, 6.5, 0.0, np.nan, 7.0, 13.0]).reshape(1, 7, 1)
    std_error = np.array([0.1, np.nan, np.inf, 0.1, 1.0, 1e9, 1.0]).reshape(1, 7, 1)
    lower, upper = wald_interval(estimate, std_error, ("a", "b"))
    assert np.isnan(lower[0, :6]).all()
    assert np.isnan(upper[0, :6]).all()
    assert np.isfinite(lower[0, 6])
