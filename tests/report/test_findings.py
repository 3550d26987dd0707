"""Sentences: how a fit ended, how far to trust it, and what the findings show together."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from stature.datafile.fits import Finding, finding
from stature.datafile.runs import AS_RECORDED, Runs
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits, Prior, Search, SeStatus, Status
from stature.report.findings import (
    STATUS_SENTENCES,
    closing_sentences,
    fit_sentences,
    furthest,
    gain_sentence,
    model_words,
    unlabelled_sentences,
)

MadeUp = Callable[..., Fits]
Planned = Callable[..., Runs]
EVEN = {"f": (0.5, 163.0, 6.0), "m": (0.5, 177.0, 6.0)}
SPAN = (150.0, 190.0)


def said(one: Finding) -> str:
    return " ".join(fit_sentences(one, SPAN, " cm"))


def test_every_status_has_its_sentence() -> None:
    # Files are fitted by nothing from outside, and each of their models has a row of its own.
    others = "ERROR", "MALFORMED", "TIMED_OUT", "FEWER_GROUPS", "MORE_GROUPS"
    assert set(STATUS_SENTENCES) == set(Status) - {Status[name] for name in others}


def test_every_model_is_told_apart_by_its_words() -> None:
    models = {
        estimator.model for estimator in CATALOGUE.values() if estimator.model.labels == "none"
    }
    assert len({model_words(model) for model in models}) == len(models)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Converged. Log-likelihood"),
        ({"status": Status.STEP_LIMIT, "steps": 20000}, "Not converged: it stopped after 20000"),
        ({"status": Status.SWAPPED}, "Swapped"),
        ({"se_status": SeStatus.SINGULAR}, "No standard errors"),
        ({"suspect": 1}, "Suspect: a group of fewer than five observations"),
        ({"near_tie": 1}, "Near tie"),
    ],
)
def test_what_weakens_a_fit_is_said(
    made_up: MadeUp, runs: Planned, fields: dict[str, int], words: str
) -> None:
    assert words in said(finding(CATALOGUE["em"], made_up(EVEN, **fields), runs()))


@pytest.mark.parametrize(
    ("search", "words"),
    [
        # 8 x 9 / (110 x 109) is .6 %.
        (
            Search(185, 110, 16, 8, 72 / 11990, 0),
            "Search: 185 starts found 8 maxima, and 16 led to the best; the estimated chance that "
            "another start finds a better one is 0.6 %.",
        ),
        (Search(90, 70, 70, 1, 2 / 4830, 0), "found one maximum, and 70 led to it; the"),
        (Search(90, 70, 70, 1, 2 / 4830, 0), "a better one is below 0.1 %."),
        (Search(90, 70, 9, 2, 6 / 4830, 1), "Passed over: 1 higher maximum is no more than chance"),
    ],
)
def test_how_far_a_search_reached_is_said(
    made_up: MadeUp, runs: Planned, search: Search, words: str
) -> None:
    assert words in said(finding(CATALOGUE["em"], replace(made_up(EVEN), search=search), runs()))


def test_what_a_prior_adds_is_said_where_there_is_one(made_up: MadeUp, runs: Planned) -> None:
    words = "Estimated with a prior as if each group had 7 more members, and SDs were alike"
    one = finding(CATALOGUE["em-map"], made_up(EVEN), runs())
    prior = Prior(shares=7.0, sd_ratio=0.3)
    text = said(replace(one, estimator=replace(one.estimator, prior=prior)))
    assert f"{words} (the log ratio of two with mean 0 and SD 0.3)." in text
    assert "prior" not in said(finding(CATALOGUE["em"], made_up(EVEN), runs()))


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


USUAL = (CATALOGUE["mle"], AS_RECORDED, CATALOGUE["em"])
BEFORE = {"f": (0.5, 163.0, 6.0), "m": (0.5, 177.0, 6.0)}
AFTER = {"f": (0.5, 163.25, 6.0), "m": (0.5, 176.5, 6.0)}


def part(runs: Planned, labels: list[int]) -> Runs:
    return replace(runs(labels), labels="seen", estimators=USUAL)


def test_each_kind_of_estimator_has_its_sentence(runs: Planned) -> None:
    sentences = unlabelled_sentences(part(runs, [0, -1, -1, 1]))
    assert len(sentences) == len(USUAL)
    assert "the 2 people without a label are left out" in sentences[0]
    assert "labels are missing at random" in sentences[1]
    one = replace(part(runs, [0, 0, -1, 1]), estimators=USUAL[:1], weights=np.ones(4))
    (sentence,) = unlabelled_sentences(one)
    assert "the one row without a label is left out" in sentence


@pytest.mark.parametrize("labels", [[0, 0, 1, 1], None])
def test_all_labels_or_none_need_no_word(runs: Planned, labels: list[int] | None) -> None:
    assert unlabelled_sentences(replace(runs(labels), estimators=USUAL)) == []


def test_what_the_unlabelled_heights_change_is_told(made_up: MadeUp, runs: Planned) -> None:
    planned = part(runs, [0, -1, -1, 1])
    labelled = finding(CATALOGUE["mle"], made_up(BEFORE, 0.5), planned)
    everybody = finding(AS_RECORDED, made_up(AFTER, 0.375), planned)
    assert furthest(labelled, everybody) == 0.5
    sentence = gain_sentence(labelled, everybody, " cm")
    assert "at most 0.50 cm from mle to labels-as-recorded" in sentence
    assert "a mean from 0.50 to 0.38 cm" in sentence
    assert closing_sentences(planned, (labelled, everybody), " cm") == [sentence]
    # Only those who have a label can be put in the right group.
    assert everybody.score is not None
    assert everybody.score.people == 2
    singular = finding(AS_RECORDED, made_up(AFTER, se_status=SeStatus.SINGULAR), planned)
    assert "standard error" not in gain_sentence(labelled, singular, " cm")
