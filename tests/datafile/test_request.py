"""Requests: what can be refused before a file is read, all at once."""

from typing import Any

import pytest

from stature.datafile.request import FitRequest, Reading, UsageError, check_kind, check_request
from stature.datafile.units import Length

SIX, SEVEN = Length(6.0), Length(7.0)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (FitRequest("a.csv", hide_group=True), "--hide-group: expected a column to hide"),
        (FitRequest("a.csv", rows=True), "--rows: expected --json"),
        (FitRequest("a.csv", shares=(0.4, 0.4)), "--shares: expected shares that sum to 1"),
        (FitRequest("a.csv", shares=(-0.5, 1.5)), "--shares: expected numbers above 0, got -0.5"),
        (FitRequest("a.csv", shares=(1.0,)), "two groups or more"),
        (FitRequest("a.csv", sds=(SIX, Length(0.0))), "--sds: expected numbers above 0, got 0"),
        (FitRequest("a.csv", sds=(SIX, Length(float("nan")))), "got nan"),
        (FitRequest("a.csv", groups=(0,)), "--groups: expected whole numbers of 1 or more, got 0"),
        (FitRequest("a.csv", rounded=Length(0.0)), "--rounded: expected a step above 0, got 0"),
        (
            FitRequest("a.csv", Reading(cuts=(Length(0.0), None)), rounded=Length(1.0)),
            "got a rounding and a cut",
        ),
        (FitRequest("a.csv", seed=-1), "--seed: expected a whole number from 0"),
        (FitRequest("a.csv", seed=2**128), "--seed: expected a whole number from 0"),
        (FitRequest("a.csv", test=18), "--test: expected 19 to 100000 bootstrap samples, got 18"),
        (FitRequest("a.csv", test=100_001), "got 100001; 999 are usual"),
        (FitRequest("a.csv", plot="fit.txt"), "got '.txt'; name it fit.svg"),
        (FitRequest("a.csv", memberships="a.csv"), "this is the file that is fitted"),
        (FitRequest("a.csv", shares=(0.5, 0.5), sds=(SIX,) * 3), "--sds: expected 2 numbers"),
    ],
)
def test_what_cannot_be_followed_is_refused(request_: FitRequest, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_request(request_)
    (message,) = caught.value.messages
    assert words in message


def test_all_problems_are_told_at_once() -> None:
    request = FitRequest("a.csv", hide_group=True, rows=True, shares=(0.4, 0.4), seed=-1)
    with pytest.raises(UsageError) as caught:
        check_request(request)
    assert len(caught.value.messages) == 4


def test_shares_with_few_decimals_are_accepted() -> None:
    check_request(FitRequest("a.csv", shares=(0.333333, 0.333333, 0.333334)))
    check_request(FitRequest("a.csv", shares=(0.01, 0.99), seed=2**128 - 1, test=19))
    check_request(FitRequest("a.csv", seed=0))
    check_request(FitRequest("a.csv", test=100_000))


def test_options_of_tables_are_refused_for_people() -> None:
    request = FitRequest("a.csv", Reading(gaps_are_empty=True, points=True), groups=(1, 2))
    with pytest.raises(UsageError) as caught:
        check_kind(request, "people", "cm")
    names = [message.split(":")[0] for message in caught.value.messages]
    assert names == ["--gaps", "--points"]
    with pytest.raises(UsageError, match="the column of groups says how many"):
        check_kind(FitRequest("a.csv", Reading(group="sex"), groups=(2,)), "people", "cm")


def test_a_table_with_groups_has_no_other_view_of_its_heights() -> None:
    request = FitRequest(
        "a.csv", Reading(points=True, cuts=(None, Length(190.0))), rounded=Length(2.0), groups=(2,)
    )
    with pytest.raises(UsageError) as caught:
        check_kind(request, "cells with groups", "cm")
    names = [message.split(":")[0] for message in caught.value.messages]
    assert names == ["--points", "--rounded", "--groups", "--below, --above"]


@pytest.mark.parametrize(
    ("reading", "unit", "words"),
    [
        (Reading(height_range=(Length(200.0), Length(50.0))), "cm", "--range: expected LOW below"),
        (Reading(height_range=(Length(20.0), Length(50.0, "cm"))), "in", "got 20 and 50cm"),
        (Reading(height_range=(Length(20.0), Length(20.0))), "cm", "got 20 and 20: no value"),
        (Reading(cuts=(Length(-1.0), None)), "cm", "--below: expected a height above 0, got -1"),
        (Reading(cuts=(None, Length(0.0))), "mm", "--above: expected a height above 0, got 0"),
        (Reading(cuts=(Length(180.0), Length(170.0))), "cm", "got 180 and 170: nothing could be"),
        (Reading(cuts=(Length(60.0), Length(150.0, "cm"))), "in", "got 60 and 150cm: nothing"),
        (Reading(cuts=(Length(1.0, "cm"), None)), "none", "leave the cm out"),
        (Reading(cuts=(Length(float("inf")), None)), "none", "expected a finite number"),
    ],
)
def test_lengths_are_judged_in_the_unit_of_the_file(
    reading: Reading, unit: str, words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        check_kind(FitRequest("a.csv", reading), "people", unit)
    (message,) = caught.value.messages
    assert words in message


@pytest.mark.parametrize("cut", [-0.5, 0.0])
def test_numbers_in_no_unit_may_be_cut_at_or_below_zero(cut: float) -> None:
    check_kind(FitRequest("a.csv", Reading(cuts=(Length(cut), Length(0.1)))), "people", "none")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"groups": (3,), "sds": (SIX, SEVEN)}, "--sds: expected 3 numbers, one for each group"),
        ({"groups": (3,), "shares": (0.5, 0.5)}, "--shares: expected 3 numbers, one for each"),
        ({"groups": (2,), "sds": (SIX,)}, "of --groups 2, got 1; give each group its SD"),
        ({"groups": (1,), "sds": (SIX, SEVEN)}, "expected 1 number, one for each group"),
        ({"groups": (1, 2), "sds": (SIX, SEVEN)}, "fit one number of groups at a time"),
    ],
)
def test_known_numbers_are_as_many_as_the_groups(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_request(FitRequest("a.csv", **given))
    (message,) = caught.value.messages
    assert words in message
    check_request(FitRequest("a.csv", groups=(2,), sds=(SIX, SEVEN), shares=(0.5, 0.5)))
