from dataclasses import replace

import numpy as np
import pytest

from stature.config.study import Scope
from stature.domain.bias import (
    Bias,
    ByFunction,
    Classes,
    Coding,
    Contamination,
    NoBias,
    ProbitSelection,
    Rounding,
    Selection,
    SelfReport,
    Sequence,
    Tilt,
    Truncation,
    keep_probability,
)
from stature.domain.model import Model
from stature.domain.observation import Truncated as RecordedTruncated
from stature.domain.population import Group, Population
from stature.estimators.catalogue import CATALOGUE, GENERAL
from stature.estimators.estimator import Estimator, Prior, Status
from stature.report import words
from tests.domain.test_bias import BIASES, HEAPS
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
    one = Estimator("x", Model("none"), "newton", penalty=2.0, prior=Prior(shares=3), oracle=True)
    for part in ("starts at the truth", "2 / √n", "each group had 3 more members"):
        assert part in words.settings(one)
    held = Estimator("x", Model("none"), "newton", sd_ratio=0.25, trimmed=0.05)
    assert "less than 0.25 times another" in words.settings(held)
    assert "least likely 5 % of the people" in words.settings(held)
    unbiased = Estimator("x", Model("all"), "closed-form", variances="unbiased")
    assert words.settings(unbiased).endswith("divisor n − 1 in each group")


def test_assumed_numbers_are_named():
    model = Model("none", shares="known", assumed_shares=(0.4, 0.6))
    assert words.uses(model) == "heights; shares taken as 0.4, 0.6"


@pytest.mark.parametrize("estimator", GENERAL.values(), ids=lambda estimator: estimator.name)
def test_every_estimator_with_more_than_a_plain_model_has_words(estimator: Estimator) -> None:
    assert words.METHODS[estimator.method]
    assert words.uses(estimator.model)
    assert words.estimates(estimator.model)
    assert words.settings(estimator)


def test_what_an_estimator_believes_is_said() -> None:
    model = Model("some", labelled_share=0.1, observation=RecordedTruncated(below_cm=160.0))
    recorded = Model("recorded", unlabelled="ignored")
    assert words.uses(recorded) == (
        "heights; the group of those whose group was recorded; the heights of nobody else"
    )
    assert words.uses(model) == (
        "heights; the group of 10 % of the people; that heights are truncated (below_cm 160)"
    )


def test_an_estimator_that_is_not_for_everything_says_what_it_is_for(ran: Ran) -> None:
    em = ran.study.estimator("em")
    assert words.scope(ran.study, em) == ""
    some = replace(ran.study, scopes=(Scope("em", ("none", "minimum"), ("school",)),))
    assert words.scope(some, em) == "only school with none, minimum"


def test_the_formula_of_selection_is_the_probability_of_being_kept():
    bias = Selection(0.05)
    text = words.formula(bias)
    assert text.startswith("P(kept | x) = 1 / (1 + exp(−0.05 (x − m)))")
    one = Population("one", (Group("all", 1.0, 170.0, 6.0),))
    (kept,) = keep_probability(bias, np.array([180.0]), "boys", one)
    assert kept == pytest.approx(1 / (1 + np.exp(-0.05 * (180.0 - 170.0))))


@pytest.mark.parametrize("bias", [*BIASES, ByFunction("mine.py:f", "0" * 64)], ids=str)
def test_every_bias_has_its_formula_and_its_phrase(bias: Bias):
    text = words.formula(bias)
    assert text
    assert "None" not in text
    assert "-" not in text.replace("non-", "")
    assert words.phrase(bias)[0].isupper()


def test_formulas_hold_the_numbers():
    formula = words.formula
    assert formula(Truncation(below_cm=160.0)) == "kept if and only if x ≥ 160 cm"
    assert "and x ≤ 190 cm" in formula(Truncation(160.0, 190.0))
    assert "for groups other than boys, 1/2" in formula(Selection(0.1, "boys"))
    assert formula(Rounding(5.0)).startswith("recorded: 5 cm")
    assert "everybody" in formula(NoBias())
    assert formula(ProbitSelection(172.0, 8.0)) == "P(kept | x) = Φ((x − 172 cm) / 8 cm)"
    assert "exp(−0.02 (x − c))), c the smallest (mean − 5 SDs) of any group" in formula(Tilt(-0.02))
    assert formula(Coding(above_cm=185.0)) == "recorded: 185 cm if x is more; else x"
    assert "with probability 0.3 the multiple of 2.54 cm nearest to x" in formula(HEAPS)
    assert formula(SelfReport(-1.0, 0.0)) == "recorded: x − 1 cm"
    assert "with probability 0.05 0.3937 x, else x" in formula(Contamination(0.05, 0.3937))
    assert "N(140 cm, (8 cm)²)" in formula(Contamination(0.1, None, 140.0, 8.0))
    assert "not independent" in formula(Classes(25, 2.0))


def test_a_sequence_is_told_step_by_step():
    bias = Sequence((Selection(0.1, "boys"), Rounding(5.0)))
    assert words.phrase(bias) == "Selection by height, then rounding to 5 cm"
    assert words.formula(bias).startswith("(1) P(kept | x) =")
    assert "; (2) recorded: 5 cm" in words.formula(bias)
    assert (words.only(bias), words.only(bias.steps[0])) == ("", "boys")
