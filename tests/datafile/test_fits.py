"""Findings: a fit as a person reads it, and its score against the labels."""

from collections.abc import Callable

import numpy as np
import pytest

from stature.datafile.fits import finding
from stature.datafile.runs import Runs
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits, SeStatus, Status

MadeUp = Callable[..., Fits]
Planned = Callable[..., Runs]
EVEN = {"f": (0.5, 163.0, 6.0), "m": (0.5, 177.0, 6.0)}


def test_equal_shares_and_sds_cut_at_the_midpoint(made_up: MadeUp, runs: Planned) -> None:
    one = finding(CATALOGUE["em"], made_up(EVEN), runs())
    assert one.cuts == (170.0,)
    assert one.crossings == ((170.0,),)
    assert one.score is None
    assert (one.probability[:, 1] > 0.5).tolist() == [False, False, True, True]


def test_the_score_counts_people_on_their_side_of_the_cut(made_up: MadeUp, runs: Planned) -> None:
    score = finding(CATALOGUE["em"], made_up(EVEN), runs([0, 1, 1, 1])).score
    assert score is not None
    # The cut is 170: the person of 168 cm, labelled m, is put with f.
    assert (score.right, score.people) == (3, 4)
    assert score.mean_errors == (163.0 - 164.0, 177.0 - 176.0)


@pytest.mark.parametrize("bad", [(0.5, 163.0, 0.0), (0.0, 163.0, 6.0), (0.5, np.nan, 6.0)])
def test_a_failed_fit_has_no_score_and_no_probability(
    made_up: MadeUp, runs: Planned, bad: tuple[float, float, float]
) -> None:
    fits = made_up({"f": bad, "m": (0.5, 177.0, 6.0)}, status=Status.DEGENERATE)
    one = finding(CATALOGUE["em"], fits, runs([0, 0, 1, 1]))
    assert one.score is None
    assert np.isnan(one.probability).all()
    assert one.status is Status.DEGENERATE


def test_estimates_and_codes_are_read_off_the_fits(made_up: MadeUp, runs: Planned) -> None:
    fits = made_up(EVEN, std_error=0.25, se_status=SeStatus.SINGULAR, steps=7, near_tie=True)
    one = finding(CATALOGUE["em"], fits, runs())
    mean = one.estimates["m", "mean"]
    assert (mean.value, mean.std_error, mean.lower, mean.upper) == (177.0, 0.25, 176.5, 177.5)
    assert one.estimates["", "gap"].value == 14.0
    assert (one.steps, one.se_status, one.near_tie) == (7, SeStatus.SINGULAR, True)
