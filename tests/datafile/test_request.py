"""Requests: what can be refused before a file is read, all at once."""

import pytest

from stature.datafile.request import FitRequest, Reading, UsageError, check_kind, check_request


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (FitRequest("a.csv", hide_group=True), "--hide-group: expected a column to hide"),
        (FitRequest("a.csv", rows=True), "--rows: expected --json"),
        (FitRequest("a.csv", shares=(0.4, 0.4)), "--shares: expected shares that sum to 1"),
        (FitRequest("a.csv", shares=(-0.5, 1.5)), "--shares: expected numbers above 0, got -0.5"),
        (FitRequest("a.csv", shares=(1.0,)), "two groups or more"),
        (FitRequest("a.csv", sds_cm=(6.0, 0.0)), "--sds: expected numbers above 0, got 0"),
        (FitRequest("a.csv", sds_cm=(6.0, float("nan"))), "got nan"),
        (
            FitRequest("a.csv", Reading(height_range=(200.0, 50.0))),
            "--range: expected LOW below HIGH",
        ),
        (
            FitRequest("a.csv", Reading(cuts_cm=(-1.0, None))),
            "--below: expected a height above 0 in cm, got -1",
        ),
        (FitRequest("a.csv", Reading(cuts_cm=(180.0, 170.0))), "got 180 and 170: nobody could be"),
        (FitRequest("a.csv", groups=(0,)), "--groups: expected whole numbers of 1 or more, got 0"),
        (FitRequest("a.csv", rounded_cm=0.0), "--rounded: expected a step above 0 in cm, got 0"),
        (
            FitRequest("a.csv", Reading(cuts_cm=(160.0, None)), rounded_cm=1.0),
            "got a rounding and a cut",
        ),
        (FitRequest("a.csv", seed=-1), "--seed: expected a whole number from 0"),
        (FitRequest("a.csv", shares=(0.5, 0.5), sds_cm=(6.0,) * 3), "--sds: expected 2 numbers"),
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


def test_options_of_tables_are_refused_for_people() -> None:
    request = FitRequest("a.csv", Reading(gaps_are_empty=True, points=True), groups=(1, 2))
    with pytest.raises(UsageError) as caught:
        check_kind(request, "people")
    names = [message.split(":")[0] for message in caught.value.messages]
    assert names == ["--gaps", "--points", "--groups"]
    with pytest.raises(UsageError, match="the column of groups says how many"):
        check_kind(FitRequest("a.csv", Reading(group="sex"), groups=(2,)), "people")


def test_a_table_with_groups_has_no_other_view_of_its_heights() -> None:
    request = FitRequest(
        "a.csv", Reading(points=True, cuts_cm=(None, 190.0)), rounded_cm=2.0, groups=(2,)
    )
    with pytest.raises(UsageError) as caught:
        check_kind(request, "cells with groups")
    names = [message.split(":")[0] for message in caught.value.messages]
    assert names == ["--points", "--rounded", "--groups", "--below, --above"]
