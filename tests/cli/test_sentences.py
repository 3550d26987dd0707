"""Sentences: how a fit ended, how far to trust it, and what the findings show together."""

from collections.abc import Callable

import pytest

from stature.cli.findings import Finding, finding
from stature.cli.runs import Runs
from stature.cli.sentences import (
    STATUS_SENTENCES,
    closing_sentences,
    fit_sentences,
    model_words,
)
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits, SeStatus, Status

MadeUp = Callable[..., Fits]
Planned = Callable[..., Runs]
EVEN = {"f": (0.5, 163.0, 6.0), "m": (0.5, 177.0, 6.0)}
SPAN = (150.0, 190.0)


def said(one: Finding) -> str:
    return " ".join(fit_sentences(one, SPAN, " cm"))


def test_every_status_has_its_sentence() -> None:
    assert set(STATUS_SENTENCES) == set(Status)


def test_every_model_is_told_apart_by_its_words() -> None:
    models = {
        estimator.model for estimator in CATALOGUE.values() if estimator.model.labels == "none"
    }
    assert len({model_words(model) for model in models}) == len(models)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Converged. All 3 starts"),
        ({"starts_agreeing": 1}, "Only 1 of the 3 starts"),
        ({"status": Status.STEP_LIMIT, "steps": 20000}, "Not converged: it stopped after 20000"),
        ({"status": Status.SWAPPED}, "Swapped"),
        ({"se_status": SeStatus.SINGULAR}, "No standard errors"),
        ({"suspect": 1}, "Suspect: a group of fewer than five people"),
        ({"near_tie": 1}, "Near tie"),
    ],
)
def test_what_weakens_a_fit_is_said(
    made_up: MadeUp, runs: Planned, fields: dict[str, int], words: str
) -> None:
    assert words in said(finding(CATALOGUE["em"], made_up(EVEN, **fields), runs()))


def test_the_second_crossing_is_told_where_somebody_stands(made_up: MadeUp, runs: Planned) -> None:
    wide_above = made_up({"f": (0.5, 163.0, 4.0), "m": (0.5, 172.0, 8.0)})
    text = said(finding(CATALOGUE["em"], wide_above, runs()))
    assert "m is likelier than f, and also below 15" in text
    nearly_equal = made_up({"f": (0.5, 163.0, 6.0), "m": (0.5, 177.0, 6.01)})
    assert "also below" not in said(finding(CATALOGUE["em"], nearly_equal, runs()))


def test_no_cut_is_said(made_up: MadeUp, runs: Planned) -> None:
    fits = made_up({"f": (0.999, 170.0, 7.0), "m": (0.001, 171.0, 7.0)})
    assert "No cut" in said(finding(CATALOGUE["em"], fits, runs()))


def test_the_nearest_and_the_furthest_estimator_are_named(made_up: MadeUp, runs: Planned) -> None:
    near = finding(CATALOGUE["em-known-shares"], made_up(EVEN), runs([0, 0, 1, 1]))
    far_fits = made_up({"f": (0.5, 160.0, 6.0), "m": (0.5, 177.0, 6.0)})
    far = finding(CATALOGUE["em"], far_fits, runs([0, 0, 1, 1]))
    (sentence,) = closing_sentences(runs([0, 0, 1, 1]), (near, far), " cm")
    # Labelled means are 164 and 176: off by 1 and 1, and by 4 and 1.
    assert "em-known-shares came nearest: its means are off by at most 1.00 cm" in sentence
    assert "em was furthest off, by up to 4.00 cm" in sentence
    assert closing_sentences(runs([0, 0, 1, 1]), (near,), " cm") == []
