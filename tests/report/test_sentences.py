import re
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest
from scipy.stats import norm, t

from stature.config.study import Study
from stature.domain.bias import Selection, Truncation
from stature.estimators.estimator import Status
from stature.measures.measure import Measure, Precision
from stature.plots.figures import FIGURES, caption
from stature.report import words
from stature.report.answer import answer, explained, findings
from stature.report.sentences import About, hidden, labelled, of_lesson
from stature.report.tables import Lookup, lookup, precision
from stature.theory.lesson import LessonRow


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
        "heights, em takes 1,230 (40) unlabelled ones for girls and 1,230 (40) for boys.",
        "5,000 unlabelled heights are worth 1,230 (40) labelled ones for girls",
        "within 2 cm",
        "To converge, em needs a median of",
    ):
        assert part in sentences
    assert "Truncation of heights (minimum): more people do not help." in said(ran)


def test_hidden_labels_that_cost_nothing_are_said_to_cost_nothing(ran: Any) -> None:
    # Groups that hardly overlap: the same errors, but for the rounding of the arithmetic.
    rows = [
        replace(row, value=0.999999999999994, mcse=3e-15)
        if row.measure == "price_of_hidden_labels" and row.parameter == "mean_cm"
        else row
        for row in ran.measures
    ]
    text = "\n".join(headlines(ran.study, lookup(rows))["school"])
    assert "Hiding the labels costs nothing: the errors of the means are the same at n" in text
    assert "0.99999" not in text


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        (0.0, "at least two starts of em reached its best maximum"),
        (0.04, "a better maximum in at most 4 % (2) of the samples"),
    ],
)
def test_the_search_is_told_without_at_most_nothing(ran: Any, moved: float, words: str) -> None:
    rows = [
        replace(row, value=moved, mcse=moved / 2) if row.measure == "moved_by_a_start" else row
        for row in ran.measures
    ]
    em = replace(ran.study.estimator("em"), starts=10)
    study = replace(ran.study, estimators=(ran.study.estimators[0], em))
    found = [one.text for one in findings(study, lookup(rows))]
    assert any(words in one for one in found), found


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


def test_figures_of_the_lesson_have_sentences_of_their_points() -> None:
    points = [
        LessonRow("balls", "counting", 0, 0.7, 2.0, None),
        *[LessonRow("balls", "climb", n, x, 2.0, None) for n, x in enumerate((0.5, 0.69, 0.7))],
        LessonRow("boys", "closed-form", 0, 176.0, 7.25, 0.0),
        *[LessonRow("boys", "climb", n, x, 7.25, 0.0) for n, x in ((0, 170.0), (9, 176.0))],
        *[
            LessonRow("pupils", "log-likelihood", step, step, y, None)
            for step, y in ((0, -1100.0), (1, -900.0), (5, -860.0), (20, -802.0), (1234, -800.0))
        ],
    ]
    said = dict(of_lesson(points))
    assert said["lesson"] == (
        "From 0.5 Newton's method reaches a share of 0.7 in 2 steps, and from a distant start the "
        "boys' mean of 176.00 cm and SD of 7.25 cm in 9; counting and the closed form give the "
        "same numbers."
    )
    # 240 of the 300 are gained by step 5.
    assert said["steps"] == (
        "In 1,234 steps EM raises the log-likelihood of these heights from −1,100.0 to −800.0; the "
        "first 5 steps bring 80.0 % of that."
    )
    at_once = [replace(row, y=-800.1) if row.y == -860.0 else row for row in points]
    assert dict(of_lesson(at_once))["steps"].endswith("5 steps bring nearly all of that.")
    elsewhere = [replace(row, x=0.75) if row.series == "counting" else row for row in points]
    assert dict(of_lesson(elsewhere))["lesson"].endswith("the closed form differ by up to 0.05.")
    assert dict(of_lesson([])) == {}


def hits(ran: Any, rates: dict[str, float]) -> tuple[Study, Lookup]:
    """The small study with `em-equal-sds`, and rates of finding both means with errors of .04."""
    equal = replace(ran.study.estimator("em"), name="em-equal-sds")
    equal = replace(equal, model=replace(equal.model, sds="equal"))
    like = next(row for row in ran.measures if row.measure == "within_2cm" and row.size == 200)
    rows = [replace(like, estimator=name, value=of, mcse=0.04) for name, of in rates.items()]
    return replace(ran.study, estimators=(*ran.study.estimators, equal)), lookup(rows)


@pytest.mark.parametrize(("rate", "named"), [(0.4, True), (0.3, False), (0.1, False)])
def test_the_best_estimator_without_labels_is_named_where_it_is_shown_to_be(
    ran: Any, rate: float, named: bool
) -> None:
    # The error of the difference is .04 sqrt(2) = .057: .2 is shown, .1 is not.
    study, found = hits(ran, {"mle": 0.99, "em": 0.2, "em-known-shares": 0.9, "em-equal-sds": rate})
    best = About(study, study.scenarios[0], found).best
    assert (best is not None) == named
    by = ", 40 % (4) by em-equal-sds" if named else ""
    assert headlines(study, found)["school"][0] == (
        "At n = 200 all means lie within 2 cm of the truth in 99 % (4) of the samples with labels, "
        f"20 % (4) without labels by em{by} and 90 % (4) if only the shares are known."
    )


def test_an_estimator_that_knows_more_than_heights_is_never_the_best(ran: Any) -> None:
    study, found = hits(ran, {"em": 0.2, "em-known-shares": 0.9, "mle": 1.0})
    assert About(study, study.scenarios[0], found).best is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            0.9,
            "No 95 % interval of the mean of girls is shown to miss the truth too often; the "
            "lowest coverage, that of em at n = 50, is 90 % (3).",
        ),
        (
            0.8,
            "The 95 % interval of the mean of girls contains the truth least often with em at "
            "n = 50: in 80 % (3) of the samples.",
        ),
    ],
)
def test_intervals_miss_too_often_only_where_that_is_shown(
    ran: Any, value: float, expected: str
) -> None:
    # With an error of .03, .9 is 1.7 errors below .95 and .8 is 5.
    rows = [
        replace(row, value=value if row.estimator == "em" else 0.97, mcse=0.03)
        for row in ran.measures
        if row.measure == "coverage" and row.group == "girls"
    ]
    (said, *_) = [one.text for one in findings(ran.study, lookup(rows)) if one.figure == "coverage"]
    assert said == expected


@pytest.mark.parametrize(
    ("errors", "shown"),
    # Of six means the farthest off by chance, in 12 replicates: Student's t with 11 degrees of
    # freedom, beyond which lies a sixth of what lies beyond 2 errors of a normal.
    [(t.isf(norm.sf(2.0) / 6.0, 11) * way, way > 1.0) for way in (0.99, 1.01)] + [(None, False)],
)
def test_the_largest_bias_without_bias_is_named(
    ran: Any, errors: float | None, shown: bool
) -> None:
    mcse = errors and 0.5 / errors  # of one replicate there is none
    number = "−0.5" if mcse is None else f"−0.50 ({mcse:.2f})"
    rows = [
        replace(row, value=-0.5 if (row.estimator, row.group) == ("em", "boys") else 0.1, mcse=mcse)
        for row in ran.measures
        if row.measure == "bias" and row.parameter == "mean_cm" and row.bias == "none"
    ]
    (said,) = [one.text for one in findings(ran.study, lookup(rows)) if one.figure == "biases"]
    assert said.startswith("Without a bias of the sample the largest bias of an est") == shown
    assert f"n = 200 is that of em for the mean of boys: {number} cm." in said
    # A larger difference that chance explains does not hide it.
    rows = [replace(r, value=3.0, mcse=4.0) if r.estimator == "mle" else r for r in rows]
    (said,) = [one.text for one in findings(ran.study, lookup(rows)) if one.figure == "biases"]
    assert ("is that of em for the mean of boys" in said) == shown


@pytest.mark.parametrize(
    ("widest", "says"),
    [
        # Errors of .3 and .4 make one of .5, twice which is 1.
        (3.1, "scatters least by em (SD 2.0 (0.3) cm) and most by em-known-shares (3.1 (0.4) cm)."),
        (
            2.9,
            "is not shown to scatter more by one estimator than by another: the SD is "
            "2.0 (0.3) cm by em and 2.9 (0.4) cm by em-known-shares.",
        ),
    ],
)
def test_what_scatters_most_is_named_where_that_is_shown(
    ran: Any, widest: float, says: str
) -> None:
    known = {"em": {"value": 2.0, "mcse": 0.3}, "em-known-shares": {"value": widest, "mcse": 0.4}}
    rows = [
        replace(row, **known.get(row.estimator, {}))
        for row in ran.measures
        if (row.measure, row.group, row.parameter) == ("empirical_se", "girls", "mean_cm")
    ]
    found = [one.text for one in findings(ran.study, lookup(rows)) if one.figure == "scatter"]
    assert found[0] == f"At n = 200 the estimated mean of girls {says}"


def test_a_bias_without_strength_is_none(ran: Any) -> None:
    named = replace(ran.study.biases[1], bias=Selection(0.0))
    assert words.phrase(named.bias) == "No bias"
    assert not words.is_none(Selection(0.01))
    assert not words.is_none(Truncation(below_cm=160.0))


def test_answers_of_several_populations_say_of_which(ran: Any) -> None:
    found = findings(ran.study, lookup(ran.measures))
    (first, *_) = answer(found, several=True)
    assert first.startswith("school: at n = 200 all means")
    assert answer(found)[0].startswith("At n = 200 all means")
