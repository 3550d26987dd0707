from dataclasses import replace

import numpy as np
import pytest

from stature.domain.model import Model
from stature.domain.population import Group, Population
from stature.estimators.estimator import Estimator, Fits, Status, Stop
from stature.measures.cells import cells, ends_at_its_limit, theory_cells, theory_name
from tests.measures.conftest import SCHOOL, Study

MLE = Estimator("mle", Model("all"), "closed-form")


def test_errors_are_estimates_minus_the_truth_of_the_population(fits: dict[str, Fits]) -> None:
    laid_out = cells(fits["mle"], SCHOOL)
    assert laid_out.truth.tolist() == [[0.5, 163.0, 6.5, 0.5, 176.0, 7.0, 13.0]] * 3
    assert laid_out.error[1, 4, 17] == fits["mle"].estimate[17, 1, 4] - 176.0


def test_a_fit_that_failed_is_finite_but_not_available(fits: dict[str, Fits]) -> None:
    status = fits["mle"].status.copy()
    status[5, 2] = Status.STEP_LIMIT
    laid_out = cells(replace(fits["mle"], status=status), SCHOOL)
    assert np.isnan(laid_out.error[2, :, 5]).all()
    assert np.isnan(laid_out.lower[2, :, 5]).all()
    assert np.isfinite(laid_out.finite[2, :, 5]).all()
    assert laid_out.converged.sum() == status.size - 1


def test_a_number_computed_twice_with_other_rounding_has_no_spread(fits: dict[str, Fits]) -> None:
    estimate = fits["mle"].estimate.copy()
    estimate[:, 0, 0] = 1.0 / 3.0
    estimate[::2, 0, 0] *= 1.0 + 2.0**-52
    error = cells(replace(fits["mle"], estimate=estimate), SCHOOL).error[0, 0]
    assert np.ptp(error) == 0.0
    # A 2^-46 of it is a hundred times the rounding of a double, 2^-52; then it is the middle.
    for scale in (1.0, 128.0):
        for ulps, spread in ((62, False), (66, True)):
            estimate[:, 0, 0] = scale
            estimate[::2, 0, 0] += ulps * scale * 2.0**-52
            error = cells(replace(fits["mle"], estimate=estimate), SCHOOL).error[0, 0]
            assert (np.ptp(error) > 0.0) == spread
            if not spread:
                assert error[0] == scale * (1.0 + 31 * 2.0**-52) - 0.5
    # What chance moved stays as it was.
    estimate[0, 0, 0] += 1e-9
    error = cells(replace(fits["mle"], estimate=estimate), SCHOOL).error[0, 0]
    assert np.ptp(error) > 1e-10


def test_fits_of_other_groups_are_refused(fits: dict[str, Fits]) -> None:
    other = Population("birds", (Group("a", 0.5, 1.0, 1.0), Group("b", 0.5, 2.0, 1.0)))
    with pytest.raises(ValueError, match="expected those of population 'birds'"):
        cells(fits["mle"], other)
    twice = replace(fits["mle"], replicates=np.zeros_like(fits["mle"].replicates))
    with pytest.raises(ValueError, match="hold a replicate twice"):
        cells(twice, SCHOOL)


def test_sandwich_intervals_are_symmetric_in_their_coordinate_where_they_are(
    fits: dict[str, Fits],
) -> None:
    estimate, std_error = fits["mle"].estimate.copy(), np.full_like(fits["mle"].estimate, 0.1)
    estimate[0, 0] = [0.2, 163.0, 6.5, 0.8, 176.0, 7.0, 13.0]
    estimate[1, 0] = [1.0, 163.0, 6.5, 0.0, np.nan, 7.0, 13.0]
    std_error[1, 0] = [0.1, np.nan, np.inf, 0.1, 1.0, 1e9, 1.0]
    laid_out = cells(replace(fits["mle"], estimate=estimate, robust_std_error=std_error), SCHOOL)
    lower, upper = laid_out.robust_lower[0, :, 0], laid_out.robust_upper[0, :, 0]

    def logit(share: float) -> float:
        return float(np.log(share / (1 - share)))

    # By the delta method the SE of a logit is SE / (p (1 - p)), that of a log is SE / sd.
    z = 1.959963984540054
    assert logit(upper[0]) - logit(0.2) == pytest.approx(z * 0.1 / 0.16)
    assert logit(0.2) - logit(lower[0]) == pytest.approx(z * 0.1 / 0.16)
    assert np.log(upper[2] / 6.5) == pytest.approx(z * 0.1 / 6.5)
    assert np.log(6.5 / lower[2]) == pytest.approx(z * 0.1 / 6.5)
    assert upper[1] - 163.0 == pytest.approx(z * 0.1)
    assert 13.0 - lower[6] == pytest.approx(z * 0.1)
    # Missing and impossible standard errors give no interval.
    assert np.isnan(laid_out.robust_lower[0, :6, 1]).all()
    assert np.isnan(laid_out.robust_upper[0, :6, 1]).all()
    assert np.isfinite(laid_out.robust_lower[0, 6, 1])


def test_theory_is_found_by_size_and_parameter(study: Study) -> None:
    fits_of_two = replace(study.fits["mle"], sizes=np.array([50, 20], dtype=np.int32))
    theory = theory_cells(study.bounds, MLE, fits_of_two)
    # The bound of a labelled mean is sd / sqrt(n_k).
    np.testing.assert_allclose(theory.bound[:, 4], [7 / np.sqrt(25), 7 / np.sqrt(10)], rtol=1e-12)
    np.testing.assert_allclose(theory.limit[:, 1], 163.0, rtol=1e-12)
    assert theory.em_rate.tolist() == [0.0, 0.0]


def test_what_theory_does_not_hold_is_missing(study: Study) -> None:
    other_sizes = replace(study.fits["mle"], sizes=np.array([20, 21], dtype=np.int32))
    assert np.isnan(theory_cells(study.bounds, MLE, other_sizes).limit[1]).all()
    other = replace(MLE, model=Model("none", shares="known"))
    assert np.isnan(theory_cells(study.bounds, other, study.fits["mle"]).bound).all()


def test_where_an_estimator_ends_elsewhere_it_has_a_bound_and_no_limit(study: Study) -> None:
    # The SDs of the SCHOOL are 6.5 and 7: alike to 0.9286.
    assert np.isfinite(
        theory_cells(study.bounds, replace(MLE, sd_ratio=0.928), study.fits["mle"]).limit
    ).all()
    # SDs that differ as much as they may, 3.5 and 7, are not beyond.
    sds_cm = np.where(np.array(study.bounds.group) == "boys", 7.0, 3.5)
    limit = np.where(np.array(study.bounds.parameter) == "sd_cm", sds_cm, study.bounds.limit)
    half = replace(MLE, sd_ratio=0.5)
    found = theory_cells(replace(study.bounds, limit=limit), half, study.fits["mle"])
    assert np.isfinite(found.limit).all()
    for other in (replace(MLE, sd_ratio=0.929), replace(MLE, method="hard-em")):
        theory = theory_cells(study.bounds, other, study.fits["mle"])
        assert np.isnan([*theory.limit.flat, *theory.limit_se.flat, *theory.rival_chance]).all()
        assert np.isfinite(theory.bound).all()


def test_the_theory_of_an_estimator_is_that_of_its_model_or_of_its_moments() -> None:
    model = Model("none", sds="equal")
    assert theory_name(Estimator("a", model, "newton", penalty=1.0)) == "hidden-equal-sds"
    assert theory_name(Estimator("a", model, "moments")) == "moments-hidden-equal-sds"


def test_a_penalty_moves_no_limit_but_a_loose_stop_and_hard_em_do() -> None:
    model = Model("none")
    assert ends_at_its_limit(Estimator("a", model, "newton", penalty=1.0))
    assert ends_at_its_limit(Estimator("a", model, "moments"))
    assert not ends_at_its_limit(Estimator("a", model, "hard-em"))
    assert not ends_at_its_limit(Estimator("a", model, "em", stop=Stop("mean", 1e-3)))
