"""Findings: a fit as a person reads it, and its score against the labels."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from stature.datafile.fits import OddGroup, finding, fit_all, has_prior
from stature.datafile.people import read_people
from stature.datafile.request import FitRequest, Reading
from stature.datafile.runs import Runs
from stature.estimators import ratio
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits, SeStatus, Status

MadeUp = Callable[..., Fits]
Planned = Callable[..., Runs]
SMALL = [160e-5, 168e-5, 172e-5, 180e-5]
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


@pytest.mark.parametrize(("share", "is_odd"), [(0.0199, True), (0.0201, False)])
def test_a_group_of_less_than_two_in_a_hundred_is_odd(
    share: float, is_odd: bool, made_up: MadeUp, runs: Planned
) -> None:
    fits = made_up({"f": (share, 163.0, 6.0), "m": (1 - share, 177.0, 6.0)})
    odd = finding(CATALOGUE["em"], fits, runs()).odd_groups
    # Values 160, 168, 172 and 180: the median is 170, and half of them lie 6 from it or farther.
    distance = (163 - 170) / (1.4826 * 6)
    about = cast(float, pytest.approx(distance))
    assert odd == ((OddGroup("f", share, share * 4, about),) if is_odd else ())
    for values, mean, expected in (([170.0] * 3 + [180.0], 163.0, 0.0), (SMALL, 163e-5, distance)):
        small = made_up({"f": (0.01, mean, 6.0), "m": (0.99, 177.0, 6.0)})
        (first, *_) = finding(
            CATALOGUE["em"], small, replace(runs(), values=np.array(values))
        ).odd_groups
        assert first.distance == pytest.approx(expected)


@pytest.mark.parametrize("bad", [(0.5, 163.0, 0.0), (0.0, 163.0, 6.0), (0.5, np.nan, 6.0)])
def test_a_failed_fit_has_no_score_and_no_probability(
    made_up: MadeUp, runs: Planned, bad: tuple[float, float, float]
) -> None:
    fits = made_up({"f": bad, "m": (0.5, 177.0, 6.0)}, status=Status.DEGENERATE)
    one = finding(CATALOGUE["em"], fits, runs([0, 0, 1, 1]))
    assert one.score is None
    assert np.isnan(one.probability).all()
    assert one.status is Status.DEGENERATE


def test_each_number_of_groups_is_tested_against_one_more_with_the_sds_of_bic(
    write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratio, "ratio_test", lambda values, null, key, count: null)
    values = np.random.default_rng(4).normal(170.0, 6.0, 60).round(1)
    people = read_people(write("\n".join(["height_cm", *map(str, values)])), Reading())
    for groups, nulls in (((1, 2, 3), [1, 2]), ((2,), [1])):
        fitted = fit_all(FitRequest("a", groups=groups, test=19), people)
        tested = cast(tuple[ratio.Null, ...], fitted.tests)
        assert [len(null.mixture.shares) for null in tested] == nulls
        several = [
            one for one in fitted.findings if len(one.group_names) > 1 and not has_prior(one)
        ]
        best = min(several, key=lambda one: one.bic).estimator.model
        assert best.sds == "equal"
        assert {null.model for null in tested} == {best}
        assert [one.group_names for one in fitted.alone] == [("everybody",)]
        names = [one.estimator.name for one in fitted.findings]
        assert ("em-of-3" in names, "em" in names) == (3 in groups, True)


def test_one_group_is_fitted_beside_hidden_ones_only(write: Callable[..., Path]) -> None:
    path = write("g,height_cm\n" + "f,160\nm,180\nf,162\nm,184\n" * 9)
    people = read_people(path, Reading(group="g"))
    assert fit_all(FitRequest("a", Reading(group="g")), people).alone == ()


def test_estimates_and_codes_are_read_off_the_fits(made_up: MadeUp, runs: Planned) -> None:
    fits = made_up(EVEN, std_error=0.25, se_status=SeStatus.SINGULAR, steps=7, near_tie=True)
    one = finding(CATALOGUE["em"], fits, runs())
    mean = one.estimates["m", "mean"]
    assert (mean.value, mean.std_error, mean.lower, mean.upper) == (177.0, 0.25, 176.5, 177.5)
    assert one.estimates["", "gap"].value == 14.0
    assert (one.steps, one.se_status, one.near_tie) == (7, SeStatus.SINGULAR, True)
