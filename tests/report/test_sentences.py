import re
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest

from stature.config.study import Study
from stature.estimators.estimator import Status
from stature.measures.measure import Measure, Precision
from stature.plots.figures import FIGURES, caption
from stature.report import words
from stature.report.answer import answer, explained, findings
from stature.report.sentences import hidden, labelled
from stature.report.tables import Lookup, lookup, precision


def headlines(study: Study, measures: Lookup) -> dict[str, list[str]]:
    """What a study found, by population."""
    found = findings(study, measures)
    return {
        name: [one.text for one in found if one.population == name]
        for name in dict.fromkeys(one.population for one in found)
    }


PRICED = {"girls": 5.31, "boys": 6.96}


def said(ran: Any, **changes: Any) -> str:
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
    sentences = answer(findings(ran.study, lookup(rows)))
    assert len(sentences) == 3
    assert sentences[1] == (
        "Hiding the labels multiplies the error of the mean by 5.3 (0.2) for girls and 7.0 (0.2) "
        "for boys at n = 200 (em against the labelled estimator on the same samples)."
    )
    assert ["Monte-Carlo standard error" in one for one in sentences] == [True, False, False]


def test_every_kind_of_sentence_is_there(ran: Any):
    worth = [
        replace(row, measure=name, size=size, value=1234.0, mcse=41.0)
        for row in ran.measures
        for name, size in (("hidden_equivalent", 200), ("labelled_equivalent", 5000))
        if (row.measure, row.size) == ("price_of_hidden_labels", 200)
    ]
    study = replace(ran.study, sizes=(50, 200, 5000))
    sentences = "\n".join(headlines(study, lookup([*ran.measures, *worth]))["school"])
    for part in (
        "Hiding the labels",
        "the factor is",
        "heights takes 1230 (40) unlabelled ones for girls and 1230 (40) for boys.",
        "5,000 unlabelled heights are worth 1230 (40) labelled ones for girls",
        "within 2 cm",
        "To converge, em needs a median of",
    ):
        assert part in sentences
    assert "Truncation of heights (minimum): more people do not help." in said(ran)


def test_the_plateau_names_the_limit(ran: Any):
    (sentence,) = [line for line in said(ran).splitlines() if "minimum" in line]
    assert "more people do not help" in sentence
    assert "girls by mle lies 3" in sentence  # people of N(163, 6^2) above 160 cm average 166.1 cm
    assert "above the truth" in sentence


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_sentences_without_their_estimator_are_left_out(ran: Any, kept: int):
    sentences = said(ran, estimators=ran.study.estimators[kept : kept + 1])
    assert ("Hiding" in sentences) == (kept == 1)
    assert "None" not in sentences
    assert "nan" not in sentences


def test_a_study_without_its_measures_says_nothing(ran: Any):
    assert headlines(ran.study, lookup([])) == {}


def test_a_size_that_is_not_the_lessons_is_named(ran: Any):
    assert "n = 50" in said(ran, sizes=(50,))


def test_an_estimator_with_assumed_shares_is_not_the_one_that_knows_them(ran: Any):
    mle, em, known = ran.study.estimators
    assumed = replace(known, model=replace(known.model, assumed_shares=(0.4, 0.6)))
    assert hidden([mle, em, assumed], shares="known") is None
    assert labelled([mle, em, assumed]) == mle


def sentence(ran: Any, gain: float, mcse: float) -> list[str]:
    """What is said of intervals of `em` and `em-profile`, with made-up coverage."""
    em = ran.study.estimator("em")
    other = replace(em, name="em-profile", interval="profile")
    study = replace(ran.study, estimators=(em, other))
    scenario = study.scenarios[0]
    like = next(row for row in ran.measures if row.measure == "coverage")
    at: dict[str, Any] = {"scenario": scenario.slug, "size": 200, "group": "girls"}
    at |= {"parameter": "mean_cm", "mcse": 0.01}

    def row(estimator: str, measure: str, value: float, **more: Any) -> Measure:
        return replace(like, estimator=estimator, measure=measure, value=value, **(at | more))

    rows = [
        row("em", "coverage", 0.7),
        row("em-profile", "coverage", 0.9),
        row("em-profile", "closer_to_nominal", gain, mcse=mcse, reference="em", policy="joint"),
    ]
    said = headlines(study, lookup(rows)).get("school", [])
    return [one for one in explained(said) if "percentage points" in one]


@pytest.mark.parametrize(
    ("gain", "mcse", "verdict"),
    [
        (0.2, 0.03, "em-profile is nearer to 95 % by 20 (3) percentage points."),
        (-0.2, 0.03, "em-profile is farther from 95 % by 20 (3) percentage points."),
        (
            0.05,
            0.03,
            "which of them is nearer to 95 %: they differ by 5 (3) percentage points.",
        ),
    ],
)
def test_the_verdict_is_that_of_the_paired_error(
    ran: Any, gain: float, mcse: float, verdict: str
) -> None:
    (last,) = sentence(ran, gain, mcse)
    assert last.endswith(verdict)
    assert (
        "in 70.0 % (Monte-Carlo standard error 1.0) of the samples with em and in 90.0 % (1.0) "
        "with em-profile; "
    ) in last


def test_a_study_of_wald_intervals_alone_has_no_such_sentence(ran: Any) -> None:
    assert "nearer to" not in said(ran)


BANNED = re.compile(
    r"\b(told|facts|seen|room|begun|whole|whoever|law|strangers?|climbs?|rivals?|passes|None|nan|inf)"
    r"\b|  | [.,;]|\.\.|\(\)"
)


def test_sentences_of_three_studies_read_well(ran: Any, of_three: list[Any]) -> None:
    """Run with ``-s`` and read them aloud; what can be found by machine is refused here."""
    for one in of_three:
        study = one.study
        print(f"\n{study.name.upper()}")
        for population, sentences in headlines(study, lookup(one.measures)).items():
            print(f"\n{population}:", *sentences, sep="\n  ")
            for sentence in sentences:
                assert sentence.endswith(".")
                assert sentence[0].isupper() or sentence[0].isdigit()
        phrases = [
            f"{named.name}: {words.phrase(named.bias)}; {words.formula(named.bias)}"
            for named in study.biases
        ]
        phrases += [
            f"{each.name} uses {words.uses(each.model)}; estimates {words.estimates(each.model)}; "
            f"by {words.METHODS[each.method]}; {words.settings(each)}"
            for each in study.estimators
        ]
        phrases += [
            words.people(population, file)
            for population, file in zip(study.populations, study.written_files, strict=True)
        ]
        print("", *phrases, sep="\n  ")
        everything = [*phrases, *chain(*headlines(study, lookup(one.measures)).values())]
        assert [line for line in everything if BANNED.search(line)] == []
    statuses = [f"{status.name.lower()}: {words.STATUSES[status]}" for status in Status]
    print("", *statuses, *map(caption, FIGURES), sep="\n  ")
    precise = replace(ran.study, precision=Precision(0.02, "rmse", "mean_cm", 200, 400))
    rounds = precision(precise, [])
    assert rounds is not None
    print("", *rounds.sentences, sep="\n  ")
    assert not any(BANNED.search(line) for line in [*statuses, *rounds.sentences])


def test_groups_that_are_taken_for_each_other_are_told_before_the_answers(ran: Any) -> None:
    warning = "mine.yaml: populations[school].match: without labels and matched by mean, …"
    (first, *_) = said(ran, warnings=(warning,)).splitlines()
    assert first.startswith("Groups are taken for each other (see the warnings)")
    assert "taken for each other" not in said(ran)


def test_captions_speak_of_the_bias_of_their_study() -> None:
    longer = [name for name in FIGURES if "in which no scenario is without" in caption(name)]
    assert {"errors", "hits", "zip"} <= set(longer)
    for bias, said in (("none", ", without bias"), ("cut", ", under the bias cut")):
        assert not any("in which no" in caption(name, bias) for name in longer)
        assert all(said in caption(name, bias) for name in longer)
