"""Requests: what can be refused before a file is read, all at once."""

import pytest

from stature.cli.request import FitRequest, UsageError, check_request


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
        (FitRequest("a.csv", height_range=(200.0, 50.0)), "--range: expected LOW below HIGH"),
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
