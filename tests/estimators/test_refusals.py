"""What cannot be fitted, or have its interval, says what would do."""

from dataclasses import replace

import pytest

from stature.domain.model import Model
from stature.domain.observation import Rounded
from stature.estimators.catalogue import CATALOGUE, GENERAL
from stature.estimators.estimator import (
    Estimator,
    Interval,
    Method,
    Stop,
    why_no_interval,
    why_refused,
)
from stature.estimators.fit import fit_block
from tests.estimators.laws import fit, samples, spec_of

PEOPLE = samples(3, 120)


def test_what_no_method_does_is_refused():
    rounded, plain = GENERAL["mixture-rounded"], GENERAL["penalised"]
    stop = Stop("total", 0.1)
    for estimator, words in (
        (replace(rounded, method="squarem"), "use newton"),
        (replace(plain, method="squarem"), "use em or newton"),
        (replace(rounded, method="em"), "exact heights of normal groups; use newton, which finds"),
        (replace(rounded, method="em", stop=stop), "exact heights"),
        (replace(rounded, stop=stop), "a stop is a rule of method em, got method newton"),
        (replace(GENERAL["mle-rounded"], method="em"), "with all labels use newton"),
        (replace(plain, method="hard-em"), "no penalty"),
        (replace(plain, method="moments"), "no penalty"),
        (replace(rounded, method="moments"), "exact heights"),
    ):
        assert words in why_refused(estimator, 2)
        with pytest.raises(ValueError, match=words):
            fit(estimator, PEOPLE)


def test_a_catalogue_of_refusals_would_be_of_no_use():
    assert {why_refused(one, 2) for one in GENERAL.values() if not one.is_compiled} == {""}


@pytest.mark.parametrize("name", CATALOGUE)
def test_wald_and_sandwich_go_with_every_plain_estimator(name: str):
    for interval in ("wald", "sandwich"):
        assert why_no_interval(replace(CATALOGUE[name], interval=interval), 3) == ""


def asking(
    interval: Interval, method: Method = "newton", stop: Stop | None = None, **model: object
) -> Estimator:
    """An estimator that asks for an interval."""
    labels = "all" if method == "closed-form" else "none"
    kind = Model(labels, **model)  # pyright: ignore[reportArgumentType]: fields of a model
    return Estimator("a", kind, method, stop=stop, interval=interval)


@pytest.mark.parametrize(
    ("estimator", "groups", "words"),
    [
        (asking("profile", "closed-form"), 2, "labels: none"),
        (asking("bootstrap", "closed-form"), 2, "labels: none"),
        (asking("profile", observation=Rounded(5.0)), 2, "exact heights"),
        (asking("profile"), 3, "here are 3"),
        (asking("sandwich", "hard-em"), 2, "need a maximum"),
        (asking("sandwich", "em", Stop("mean", 1e-3)), 2, "need a maximum"),
    ],
)
def test_a_refused_interval_says_what_would_do(estimator: Estimator, groups: int, words: str):
    refusal = why_no_interval(estimator, groups)
    assert words in refusal
    assert "use" in refusal


def test_two_groups_without_labels_may_have_any_interval():
    for interval in ("wald", "sandwich", "profile", "bootstrap"):
        assert why_no_interval(asking(interval, "em"), 2) == ""


def test_a_refused_interval_is_not_fitted():
    spec = spec_of(replace(CATALOGUE["mle"], interval="profile"), (60,), 1)
    with pytest.raises(ValueError, match="estimator 'mle': profile intervals are for labels: none"):
        fit_block(spec, samples(1, 60))
