import datetime

import pytest

from stature.config.source import Written
from stature.config.words import advice, got, nearest, place


@pytest.mark.parametrize(
    ("word", "words", "meant"),
    [
        ("sample_sizes", ["sampling", "sizes"], "sizes"),
        ("sd", ["share", "sd_cm"], "sd_cm"),
        ("Shares", ["shares"], "shares"),
        ("closed_form", ["closed-form"], "closed-form"),
        ("starts", ["sizes"], ""),
        ("", ["sizes"], ""),
        (3, ["sizes"], ""),
    ],
)
def test_the_word_that_was_meant_is_the_nearest(word: object, words: list[str], meant: str) -> None:
    assert nearest(word, words) == meant


def test_advice_lists_all_words_where_none_is_near() -> None:
    assert advice("xyz", ["a", "b"]) == "known here: a, b"


def test_values_are_shown_as_written() -> None:
    written = Written("1_0.50", quoted=False, line=1, column=1)
    assert got(10.5, written) == "1_0.50"
    assert got(datetime.date(2026, 11, 22)) == "a date"
    assert got({}) == "a map"
    assert got(float("inf")) == "inf"
    assert got(10**5000) == "a whole number of thousands of digits"
    assert got(object()) == "something else"


def test_unnamed_items_are_counted_from_one() -> None:
    config = {"populations": [{"groups": [{}, {"name": "boys"}]}], "sizes": [1]}
    assert place(("sizes", 0), config) == "sizes: item 1"
    assert place(("populations", 0, "groups", 0, "share"), config) == (
        "populations: item 1: groups: item 1: share"
    )
    assert place(("populations", 0, "groups", 1, "share"), config) == (
        "populations: item 1: groups[boys].share"
    )
