from dataclasses import replace

import pytest

from stature.config.study import Scope
from stature.domain.model import Model
from stature.domain.observation import Truncated as SeenTruncated
from stature.estimators.catalogue import CATALOGUE, GENERAL
from stature.estimators.estimator import Estimator, Status
from stature.report import words
from tests.report.conftest import Ran


def test_every_status_has_its_meaning():
    assert set(words.STATUSES) == set(Status)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_setting_of_an_estimator_is_told(name: str):
    estimator = CATALOGUE[name]
    text = words.settings(estimator)
    assert estimator.method in words.METHODS
    if estimator.model.labels == "none":
        for number in (estimator.starts, estimator.screening_steps, estimator.kept_starts):
            assert str(number) in text
        assert f"{estimator.step_limit:,}" in text


def test_what_is_sought_beyond_the_likelihood_is_told():
    one = Estimator("x", Model("none"), "newton", penalty=2.0, share_penalty=3.0, oracle=True)
    for part in ("the truth and begins there", "2 / √n", "3 more were of each"):
        assert part in words.settings(one)
    held = Estimator("x", Model("none"), "newton", sd_ratio=0.25, trimmed=0.05)
    assert "less than 0.25 of another" in words.settings(held)
    assert "least likely 0.05 of the people" in words.settings(held)
    unbiased = Estimator("x", Model("all"), "closed-form", variances="unbiased")
    assert words.settings(unbiased).endswith("one less of each group")


def test_assumed_numbers_are_named():
    model = Model("none", shares="known", assumed_shares=(0.4, 0.6))
    assert words.knows(model) == "heights; shares taken as 0.4, 0.6"


@pytest.mark.parametrize("estimator", GENERAL.values(), ids=lambda estimator: estimator.name)
def test_every_estimator_with_more_than_a_plain_model_has_words(estimator: Estimator) -> None:
    assert words.METHODS[estimator.method]
    assert words.knows(estimator.model)
    assert words.estimates(estimator.model)
    assert words.settings(estimator)


def test_what_an_estimator_believes_is_said() -> None:
    model = Model("some", labelled_share=0.1, observation=SeenTruncated(below_cm=160.0))
    recorded = Model("recorded", unlabelled="ignored")
    assert words.knows(recorded) == (
        "heights; the group of those of whom it was written down; the heights of nobody else"
    )
    assert words.knows(model) == (
        "heights; the group of 0.1 of the people; that heights are truncated (below_cm 160)"
    )


def test_an_estimator_that_is_not_for_everything_says_what_it_is_for(ran: Ran) -> None:
    em = ran.study.estimator("em")
    assert words.scope(ran.study, em) == ""
    some = replace(ran.study, scopes=(Scope("em", ("none", "minimum"), ("school",)),))
    assert words.scope(some, em) == "only school with none, minimum"
