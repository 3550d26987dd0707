"""Runs: which estimators see which people, and what they know."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stature.datafile.faults import BOUND_OF_MEAN_CM
from stature.datafile.people import People, read_people
from stature.datafile.request import FitRequest, Reading, UsageError
from stature.datafile.runs import Runs, counterparts, one_group, plan_cells, plan_runs, view_of
from stature.domain.bias import NoBias
from stature.domain.model import Model
from stature.domain.observation import Rounded, Truncated
from stature.domain.population import Group, Population
from stature.estimators.catalogue import CATALOGUE
from stature.theory.bounds import BoundsSpec, derive

MakePeople = Callable[..., People]


@pytest.fixture
def people(tmp_path: Path) -> MakePeople:
    def people(text: str, group: str | None = None) -> People:
        path = tmp_path / "people.csv"
        path.write_text(text)
        return read_people(path, Reading(unit="cm", group=group))

    return people


TWO = "g,height\n" + "f,160\nm,180\nf,162\nm,184\n" * 10
BLANK = TWO + ",170\n,171\n"


def names(runs: Runs) -> list[str]:
    return [estimator.name for estimator in runs.estimators]


def refused(request: FitRequest, people: People) -> tuple[str, ...]:
    with pytest.raises(UsageError) as caught:
        plan_runs(request, people)
    return caught.value.messages


def test_groups_seen_are_fitted_by_both_ways_of_the_labelled_estimator(people: MakePeople) -> None:
    runs = plan_runs(FitRequest("a", Reading(group="g")), people(TWO, "g"))
    assert (runs.labels, names(runs)) == ("seen", ["mle", "mle-numeric"])


def test_hidden_groups_tell_their_shares_and_sds_and_the_yardstick_comes_first(
    people: MakePeople,
) -> None:
    runs = plan_runs(FitRequest("a", Reading(group="g"), hide_group=True), people(TWO, "g"))
    assert names(runs) == ["mle", "em", "em-equal-sds", "em-known-shares", "em-known-sds"]
    assert runs.known_shares == (0.5, 0.5)
    # Heights 160 and 162, 180 and 184, half each: SDs with the divisor n are 1 and 2.
    assert runs.known_sds_cm == (1.0, 2.0)


def test_what_the_person_says_goes_before_what_the_labels_say(people: MakePeople) -> None:
    request = FitRequest(
        "a", Reading(group="g"), hide_group=True, shares=(0.4, 0.6), sds_cm=(3.0, 4.0)
    )
    runs = plan_runs(request, people(TWO, "g"))
    assert (runs.known_shares, runs.known_sds_cm) == ((0.4, 0.6), (3.0, 4.0))


def test_without_groups_two_are_looked_for_and_known_numbers_are_asked_for(
    people: MakePeople,
) -> None:
    runs = plan_runs(FitRequest("a"), people(TWO))
    assert (runs.labels, runs.group_names) == ("absent", ("lower", "upper"))
    assert names(runs) == ["em", "em-equal-sds"]
    assert [note.split(" is left out")[0] for note in runs.notes] == [
        "em-known-shares",
        "em-known-sds",
    ]


def test_as_many_groups_are_looked_for_as_shares_are_told(people: MakePeople) -> None:
    runs = plan_runs(FitRequest("a", shares=(0.2, 0.3, 0.5)), people(TWO))
    assert runs.group_names == ("group 1", "group 2", "group 3")
    assert names(runs) == ["em", "em-equal-sds", "em-known-shares"]


def test_C27_people_without_a_label_are_fitted_beside_those_with_one(people: MakePeople) -> None:
    runs = plan_runs(FitRequest("a", Reading(group="g")), people(BLANK, "g"))
    assert (runs.labels, runs.in_part) == ("seen", True)
    assert names(runs) == ["mle", "labels-as-recorded", "em"]
    assert len(runs.heights_cm) == len(runs.rows) == 42
    assert runs.has_label.sum() == 40
    # What is told of the groups comes from those who have a label.
    assert runs.known_shares == (0.5, 0.5)
    assert not any("left out" in note for note in runs.notes)


@pytest.mark.parametrize(
    ("text", "hide"),
    [(BLANK, True), ("g,height\n" + "f,160\nf,162\n" * 20 + ",170\n,171\n", False)],
)
def test_people_without_a_label_are_left_out_where_they_serve_nothing(
    people: MakePeople, text: str, hide: bool
) -> None:
    # Nobody scores them, and one name says nothing of who the others are.
    runs = plan_runs(FitRequest("a", Reading(group="g"), hide_group=hide), people(text, "g"))
    assert not runs.in_part
    assert len(runs.heights_cm) == len(runs.rows) == 40
    assert runs.has_label.all()
    assert any("left out: 2 of 42" in note for note in runs.notes)


@pytest.mark.parametrize("hide", [False, True])
def test_C27_a_column_of_blanks_is_no_group(people: MakePeople, hide: bool) -> None:
    blank = people(TWO.replace("f", "").replace("m", ""), "g")
    runs = plan_runs(FitRequest("a", Reading(group="g"), hide_group=hide), blank)
    assert (runs.labels, runs.in_part) == ("absent", False)
    assert (names(runs), runs.group_names) == (["em", "em-equal-sds"], ("lower", "upper"))
    (message,) = refused(FitRequest("a", Reading(group="g"), estimators=("mle",)), blank)
    assert "nobody has one in column 'g'" in message


def test_labels_in_part_leave_every_estimator_to_be_asked_for(people: MakePeople) -> None:
    wanted = ("em-known-sds", "labels-as-recorded", "mle-numeric", "newton")
    request = FitRequest("a", Reading(group="g"), estimators=wanted)
    assert names(plan_runs(request, people(BLANK, "g"))) == list(wanted)
    rounded = FitRequest("a", Reading(group="g"), rounded_cm=2.0)
    assert names(plan_runs(rounded, people(BLANK, "g"))) == [
        name + view for name in ("mle", "labels-as-recorded", "em") for view in ("", "-rounded")
    ]


def test_a_group_whose_heights_do_not_vary_has_no_known_sd(people: MakePeople) -> None:
    text = "g,height\n" + "f,160\nm,180\nf,160\nm,184\n" * 10
    runs = plan_runs(FitRequest("a", Reading(group="g"), hide_group=True), people(text, "g"))
    assert "em-known-sds" not in names(runs)
    assert any("heights of f do not vary" in note for note in runs.notes)


def test_asked_for_estimators_are_fitted_beside_the_yardstick(people: MakePeople) -> None:
    request = FitRequest("a", Reading(group="g"), hide_group=True, estimators=("em", "em"))
    assert names(plan_runs(request, people(TWO, "g"))) == ["mle", "em"]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (FitRequest("a", estimators=("emm",)), "did you mean em?"),
        (FitRequest("a", estimators=("mle",)), "mle needs each person's group; name it with"),
        (FitRequest("a", estimators=("labels-as-recorded",)), "needs each person's group"),
        (FitRequest("a", estimators=("em-known-shares",)), "add --shares"),
        (FitRequest("a", estimators=("em-known-sds",)), "add --sds"),
        (FitRequest("a", Reading(group="g"), estimators=("em",)), "add --hide-group"),
        (
            FitRequest("a", Reading(group="g"), shares=(0.2, 0.3, 0.5)),
            "--shares: expected 2 numbers",
        ),
    ],
)
def test_estimators_that_cannot_be_fitted_are_refused_with_the_remedy(
    people: MakePeople, request_: FitRequest, words: str
) -> None:
    (message,) = refused(request_, people(TWO, request_.reading.group))
    assert words in message


def test_few_people_are_warned_of_with_the_bound_that_theory_gives(people: MakePeople) -> None:
    n = 20
    few = people("height\n" + "".join(f"{160 + i}\n" for i in range(n)))
    (note,) = (note for note in plan_runs(FitRequest("a"), few).notes if "few" in note)
    school = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))
    table = derive(BoundsSpec(school, NoBias(), "random", (n,), (Model("none"),)))
    at = [
        i
        for i, row in enumerate(zip(table.group, table.parameter, strict=True))
        if row == ("girls", "mean_cm")
    ]
    bound = float(table.bound[at][0])
    # The constant is written to one decimal.
    assert pytest.approx(bound * np.sqrt(n), abs=0.05) == BOUND_OF_MEAN_CM
    assert f"about {bound:.0f} cm" in note


def test_options_say_how_heights_were_seen() -> None:
    assert view_of(FitRequest("a")) is None
    assert view_of(FitRequest("a", rounded_cm=2.54)) == Rounded(2.54)
    assert view_of(FitRequest("a", Reading(cuts_cm=(None, 180.0)))) == Truncated(None, 180.0)


def test_heights_as_they_stand_need_no_counterparts() -> None:
    estimators = tuple(CATALOGUE.values())
    assert counterparts(estimators, None, False, False) == estimators
    names = [one.name for one in one_group(estimators)]
    assert names == ["normal", "normal-known-sds"]


def test_known_numbers_say_how_many_groups_there_are() -> None:
    assert [one.name for one, _ in plan_cells(FitRequest("a"))] == [
        "normal",
        "mixture",
        "mixture-equal-sds",
    ]
    told = plan_cells(FitRequest("a", shares=(0.2, 0.3, 0.5)))
    assert {groups for _, groups in told} == {3}
    assert "mixture-of-3-known-shares" in [one.name for one, _ in told]


def test_an_estimator_that_there_is_not_is_told() -> None:
    with pytest.raises(UsageError, match="did you mean mixture"):
        plan_cells(FitRequest("a", estimators=("mixtur",)))
