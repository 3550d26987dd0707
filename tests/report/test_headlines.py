from dataclasses import replace
from typing import Any

import pytest

from stature.report.headlines import headlines, hidden, labelled
from stature.report.lookup import lookup

PRICED = {"girls": 5.31, "boys": 6.96}


def told(ran: Any, **changes: Any) -> str:
    """All sentences of a study, after changes to it."""
    study = replace(ran.study, **changes)
    return "\n".join(headlines(study, lookup(ran.measures)).get("school", []))


def test_the_price_is_that_of_the_table(ran: Any):
    rows = [
        replace(row, value=PRICED[row.group], mcse=0.24)
        if row.measure == "price_of_hidden_labels" and row.parameter == "mean_cm"
        else row
        for row in ran.measures
    ]
    sentences = headlines(ran.study, lookup(rows))["school"]
    assert sentences[0].startswith(
        "Hiding the labels multiplies the error of the mean by 5.3 (0.2) for girls and 7.0 (0.2) "
        "for boys at n = 200"
    )


def test_every_kind_of_sentence_is_there(ran: Any):
    sentences = told(ran)
    for words in (
        "Hiding the labels",
        "each group, the factor is",
        "within 2 cm",
        "are read",
        "cut",
    ):
        assert words in sentences


def test_the_plateau_names_the_limit(ran: Any):
    (sentence,) = [line for line in told(ran).splitlines() if "minimum" in line]
    assert "more people do not help" in sentence
    assert "girls lies 3" in sentence  # people of N(163, 6^2) above 160 cm average 166.1 cm
    assert "above the truth" in sentence


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_sentences_without_their_estimator_are_left_out(ran: Any, kept: int):
    sentences = told(ran, estimators=ran.study.estimators[kept : kept + 1])
    assert ("Hiding" in sentences) == (kept == 1)
    assert "None" not in sentences
    assert "nan" not in sentences


def test_a_study_without_its_measures_says_nothing(ran: Any):
    assert headlines(ran.study, lookup([])) == {}


def test_a_size_that_is_not_the_lessons_is_named(ran: Any):
    assert "n = 50" in told(ran, sizes=(50,))


def test_an_estimator_with_assumed_shares_is_not_the_one_that_knows_them(ran: Any):
    mle, em, known = ran.study.estimators
    assumed = replace(known, model=replace(known.model, assumed_shares=(0.4, 0.6)))
    study = replace(ran.study, estimators=(mle, em, assumed))
    assert hidden(study, shares="known") is None
    assert labelled(study) == mle
