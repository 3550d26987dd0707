"""Runs: which estimators see which people, and what they know."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stature.datafile.faults import BOUND_OF_MEAN_CM
from stature.datafile.fits import fit_one
from stature.datafile.people import read_people
from stature.datafile.request import FitRequest, Reading, UsageError
from stature.datafile.runs import NAMED, Runs, counterparts, plan_cells, plan_runs, plans, view_of
from stature.datafile.units import Length
from stature.domain.bias import NoBias
from stature.domain.model import Model
from stature.domain.observation import Rounded, Truncated
from stature.domain.population import Group, Population
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Status
from stature.theory.bounds import BoundsSpec, derive
from tests.estimators.laws import KEY

Plan = Callable[..., Runs]
TWO = "g,height\n" + "f,160\nm,180\nf,162\nm,184\n" * 10
BLANK = TWO + ",170\n,171\n"


@pytest.fixture
def plan(write: Callable[..., Path]) -> Plan:
    """What is planned for a text, with or without a column of groups."""

    def plan(text: str, group: str | None = None, **options: Any) -> Runs:
        people = read_people(write(text), Reading(unit="cm", group=group))
        return plan_runs(FitRequest("a", Reading(group=group), **options), people)

    return plan


def names(runs: Runs) -> list[str]:
    return [estimator.name for estimator in runs.estimators]


def test_groups_seen_are_fitted_by_both_ways_of_the_labelled_estimator(plan: Plan) -> None:
    runs = plan(TWO, "g")
    assert (runs.labels, names(runs)) == ("seen", ["mle", "mle-numeric"])
    # Few people are few where groups are hidden: neither with labels, nor of one group.
    few = "g,height\nf,160\nm,180\nf,162\nm,184\n"
    assert plan(few, "g").notes == plan(few, groups=(1,)).notes == ()


def test_each_number_of_groups_is_planned_once(write: Callable[..., Path]) -> None:
    people = read_people(write(TWO), Reading(unit="cm"))
    planned = plans(FitRequest("a", groups=(2, 1, 2)), people)
    assert [len(runs.group_names) for runs in planned] == [2, 1]
    # Two groups are looked for, with as many starts as it takes.
    searches = [fit_one(runs.estimators[0], runs, KEY).search for runs in planned]
    assert [search is None for search in searches] == [False, True]
    assert [len(runs.group_names) for runs in plans(FitRequest("a", groups=(3, 1)), people)] == [
        3,
        1,
    ]


def test_labels_give_known_shares_and_sds_and_the_yardstick_comes_first(plan: Plan) -> None:
    runs = plan(TWO, "g", hide_group=True)
    assert names(runs) == ["mle", "em", "em-equal-sds", "em-map", "em-known-shares", "em-known-sds"]
    assert runs.known_shares == (0.5, 0.5)
    # Heights 160 and 162, 180 and 184, half each: SDs with the divisor n are 1 and 2.
    assert runs.known_sds == (1.0, 2.0)


def test_what_the_person_says_goes_before_what_the_labels_say(plan: Plan) -> None:
    runs = plan(TWO, "g", hide_group=True, shares=(0.4, 0.6), sds=(Length(3.0), Length(4.0)))
    assert (runs.known_shares, runs.known_sds) == ((0.4, 0.6), (3.0, 4.0))


def test_without_groups_two_are_looked_for_and_known_numbers_are_asked_for(plan: Plan) -> None:
    runs = plan(TWO)
    assert (runs.labels, runs.group_names) == ("absent", ("lower", "upper"))
    assert names(runs) == ["em", "em-equal-sds", "em-map"]
    left_out = [note.split(" is left out")[0] for note in runs.notes]
    assert left_out == ["em-known-shares", "em-known-sds"]


def test_as_many_groups_are_looked_for_as_shares_are_known(plan: Plan) -> None:
    runs = plan(TWO, shares=(0.2, 0.3, 0.5))
    assert runs.group_names == ("group 1", "group 2", "group 3")
    assert names(runs) == ["em", "em-equal-sds", "em-map", "em-known-shares"]


def test_C27_people_without_a_label_are_fitted_beside_those_with_one(plan: Plan) -> None:
    runs = plan(BLANK, "g")
    assert (runs.labels, runs.in_part) == ("seen", True)
    assert names(runs) == ["mle", "labels-as-recorded", "em"]
    assert len(runs.values) == len(runs.rows) == 42
    assert runs.has_label.sum() == 40
    # What is known of the groups comes from those who have a label.
    assert runs.known_shares == (0.5, 0.5)
    assert not any("left out" in note for note in runs.notes)


@pytest.mark.parametrize(
    ("text", "hide"),
    [(BLANK, True), ("g,height\n" + "f,160\nf,162\n" * 20 + ",170\n,171\n", False)],
)
def test_people_without_a_label_are_left_out_where_they_serve_nothing(
    plan: Plan, text: str, hide: bool
) -> None:
    # Nobody scores them, and one name says nothing of who the others are.
    runs = plan(text, "g", hide_group=hide)
    assert not runs.in_part
    assert len(runs.values) == len(runs.rows) == 40
    assert runs.has_label.all()
    assert any("left out: 2 of 42" in note for note in runs.notes)


@pytest.mark.parametrize("hide", [False, True])
def test_C27_a_column_of_blanks_is_no_group(plan: Plan, hide: bool) -> None:
    blank = TWO.replace("f", "").replace("m", "")
    runs = plan(blank, "g", hide_group=hide)
    assert (runs.labels, runs.in_part) == ("absent", False)
    assert (names(runs), runs.group_names) == (["em", "em-equal-sds", "em-map"], ("lower", "upper"))
    with pytest.raises(UsageError, match="no row has one in column 'g'"):
        plan(blank, "g", estimators=("mle",))


def test_labels_in_part_leave_every_estimator_to_be_asked_for(plan: Plan) -> None:
    wanted = ("em-known-sds", "labels-as-recorded", "mle-numeric", "newton")
    assert names(plan(BLANK, "g", estimators=wanted)) == list(wanted)
    assert names(plan(BLANK, "g", rounded=Length(2.0))) == [
        name + view for name in ("mle", "labels-as-recorded", "em") for view in ("", "-rounded")
    ]


def test_a_group_whose_heights_do_not_vary_has_no_known_sd(plan: Plan) -> None:
    text = "g,height\n" + "f,160\nm,180\nf,160\nm,184\n" * 10
    runs = plan(text, "g", hide_group=True)
    assert "em-known-sds" not in names(runs)
    assert any("values of f do not vary" in note for note in runs.notes)


def test_asked_for_estimators_are_fitted_beside_the_yardstick(plan: Plan) -> None:
    assert names(plan(TWO, "g", hide_group=True, estimators=("em", "em"))) == ["mle", "em"]


@pytest.mark.parametrize(
    ("group", "options", "words"),
    [
        (None, {"estimators": ["emm"]}, "did you mean 'em'?"),
        (None, {"estimators": ["mle"]}, "mle needs the group of each row; name it with"),
        (None, {"estimators": ["labels-as-recorded"]}, "needs the group of each row"),
        (None, {"estimators": ["em-known-shares"]}, "add --shares"),
        (None, {"estimators": ["em-known-sds"]}, "add --sds"),
        ("g", {"estimators": ["em"]}, "add --hide-group"),
        ("g", {"shares": (0.2, 0.3, 0.5)}, "--shares: expected 2 numbers"),
    ],
)
def test_estimators_that_cannot_be_fitted_are_refused_with_the_remedy(
    plan: Plan, group: str | None, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        plan(TWO, group, **options)
    (message,) = caught.value.messages
    assert words in message


def test_few_people_are_warned_of_with_the_bound_that_theory_gives(plan: Plan) -> None:
    n = 20
    runs = plan("height\n" + "".join(f"{160 + i}\n" for i in range(n)))
    (note,) = (note for note in runs.notes if "few" in note)
    school = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))
    table = derive(BoundsSpec(school, NoBias(), "random", (n,), (Model("none"),)))
    at = list(zip(table.group, table.parameter, strict=True)).index(("girls", "mean_cm"))
    bound = float(table.bound[at])
    # The constant is written to one decimal.
    assert pytest.approx(bound * np.sqrt(n), abs=0.05) == BOUND_OF_MEAN_CM
    assert f"about {bound:.0f} cm" in note


def test_options_say_how_heights_were_seen() -> None:
    assert view_of(FitRequest("a"), "cm") is None
    assert view_of(FitRequest("a", rounded=Length(1.0)), "in") == Rounded(1.0)
    cut = FitRequest("a", Reading(cuts=(None, Length(1.8, "m"))))
    assert view_of(cut, "m") == Truncated(None, 1.8)
    assert view_of(cut, "cm") == Truncated(None, 180.0)


def test_heights_as_they_stand_need_no_counterparts() -> None:
    estimators = tuple(CATALOGUE.values())
    assert counterparts(estimators, None, False, False) == estimators


@pytest.mark.parametrize("name", NAMED)
def test_any_estimator_fits_one_group(plan: Plan, name: str) -> None:
    known: dict[str, Any] = {"sds": (Length(9.0),)} if name == "em-known-sds" else {}
    runs = plan(TWO, estimators=(name,), groups=(1,), **known)
    (one,) = runs.estimators
    found = fit_one(one, runs, KEY)
    # Heights 160, 180, 162 and 184, ten of each: a mean of 171.5, and squares of 11.5, 8.5, 9.5 and
    # 12.5, (132.25 + 72.25 + 90.25 + 156.25) / 4 = 112.75.
    assert (one.name, found.status, found.starts) == (name, Status.CONVERGED, 1)
    assert found.estimates["everybody", "mean"].value == pytest.approx(171.5)
    sd = 9.0 if known else 112.75**0.5
    assert found.estimates["everybody", "sd"].value == pytest.approx(sd)
    rounded = plan(TWO, estimators=(name,), groups=(1,), rounded=Length(2.0), **known)
    assert names(rounded) == [name, f"{name}-rounded"]


@pytest.mark.parametrize(("name", "words"), [("em-known-sds", "add --sds"), ("newtom", "newton?")])
def test_what_one_group_lacks_is_asked_for(plan: Plan, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        plan(TWO, estimators=(name,), groups=(1,))


def test_known_numbers_say_how_many_groups_there_are() -> None:
    usual = plan_cells(FitRequest("a"), "cm")
    found = [one.name for one, _ in usual]
    assert found == ["normal", "mixture", "mixture-equal-sds", "mixture-map"]
    # One normal has one maximum, which any start leads to.
    assert [one.starts for one, groups in usual if groups == 1] == [1]
    known = plan_cells(FitRequest("a", shares=(0.2, 0.3, 0.5)), "cm")
    assert {groups for _, groups in known} == {3}
    assert "mixture-of-3-known-shares" in [one.name for one, _ in known]


def test_an_estimator_that_there_is_not_is_known() -> None:
    with pytest.raises(UsageError, match="did you mean 'mixture"):
        plan_cells(FitRequest("a", estimators=("mixtur",)), "cm")
