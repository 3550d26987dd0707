"""Labels in part: what a person is told of those who have none."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from stature.cli.findings import finding
from stature.cli.labels_in_part import furthest_cm, gain_sentence, unlabelled_sentences
from stature.cli.runs import AS_RECORDED, Runs
from stature.cli.sentences import closing_sentences
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits, SeStatus

MadeUp = Callable[..., Fits]
Planned = Callable[..., Runs]
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
    assert furthest_cm(labelled, everybody) == 0.5
    sentence = gain_sentence(labelled, everybody, " cm")
    assert "at most 0.50 cm from mle to labels-as-recorded" in sentence
    assert "a mean from 0.50 to 0.38 cm" in sentence
    assert closing_sentences(planned, (labelled, everybody), " cm") == ["\n" + sentence]
    # Only those who have a label can be put in the right group.
    assert everybody.score is not None
    assert everybody.score.people == 2
    singular = finding(AS_RECORDED, made_up(AFTER, se_status=SeStatus.SINGULAR), planned)
    assert "standard error" not in gain_sentence(labelled, singular, " cm")
