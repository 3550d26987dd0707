from dataclasses import replace
from typing import Any

import pytest

from stature.design.scenarios import NamedBias
from stature.domain.bias import NoBias, Rounding, Selection, Truncation
from stature.domain.model import Model
from stature.estimators.estimator import Estimator, Stop
from stature.measures.settings import Axis, Factor, Point, against, axes
from tests.measures.conftest import Rows

NONE = NamedBias("none", NoBias())


def named(**biases: Selection | Truncation | Rounding) -> tuple[NamedBias, ...]:
    return (NONE, *(NamedBias(name, bias) for name, bias in biases.items()))


def test_biases_that_differ_in_strength_alone_stand_on_one_axis_from_none_on() -> None:
    (axis,) = axes(named(strong=Selection(0.1), weak=Selection(0.02), inch=Rounding(2.54)), ())
    assert axis.varies == "bias"
    assert axis.words == "log-odds of volunteering, per cm"
    assert axis.points == (Point("none", 0.0), Point("weak", 0.02), Point("strong", 0.1))


def test_a_cut_has_no_height_at_which_it_is_none() -> None:
    cuts = named(low=Truncation(below_cm=150.0), high=Truncation(below_cm=165.0))
    (axis,) = axes(cuts, ())
    assert axis.points == (Point("low", 150.0), Point("high", 165.0))


def test_two_families_of_one_kind_have_axes_of_their_own() -> None:
    biases = named(
        a=Selection(0.1), b=Selection(0.2), c=Selection(0.1, "boys"), d=Selection(0.2, "boys")
    )
    assert len({axis.words for axis in axes(biases, ())}) == 2
    cuts = [Truncation(below_cm=150.0), Truncation(below_cm=160.0)]
    other = NamedBias("x", Rounding(1.0)), NamedBias("y", Rounding(2.0))
    two = axes((NONE, *other, *(NamedBias(f"cut{i}", cut) for i, cut in enumerate(cuts))), ())
    assert [axis.words for axis in two] == ["heights rounded to, cm", "minimum height, cm"]


def test_shares_of_labels_stand_on_an_axis_from_none_to_all() -> None:
    def some(name: str, share: float) -> Estimator:
        return Estimator(name, Model("some", labelled_share=share), "newton")

    estimators = (
        Estimator("all", Model("all"), "closed-form"),
        some("half", 0.5),
        some("few", 0.05),
        Estimator("hidden", Model("none"), "newton"),
        Estimator("hasty", Model("none"), "em", stop=Stop("total", 0.1)),
        Estimator("known", Model("none", shares="known"), "em"),
    )
    (axis,) = axes((NONE,), estimators)
    shares = {"hidden": 0.0, "few": 0.05, "half": 0.5, "all": 1.0}
    assert axis.points == tuple(Point(name, share) for name, share in shares.items())
    assert axes((NONE,), estimators[:2]) == ()
    alone = tuple(
        replace(one, name=f"{one.name}-alone", model=replace(one.model, unlabelled="ignored"))
        for one in estimators[1:3]
    )
    _, of_alone = axes((NONE,), estimators + alone)
    assert of_alone.words == "share of people with a label, the others left out"
    assert [point.setting for point in of_alone.points] == [0.05, 0.5]


@pytest.mark.parametrize(
    "change",
    [
        {"penalty": 1.0},
        {"stop": Stop("total", 0.1)},
        {"method": "hard-em"},
        {"method": "moments"},
        {"method": "python"},
        {"model": Model("recorded")},
    ],
    ids=str,
)
def test_estimators_that_differ_in_more_than_labels_stand_on_no_axis(
    change: dict[str, Any],
) -> None:
    few, half, odd = (
        Estimator(f"{share:g}", Model("some", labelled_share=share), "newton")
        for share in (0.05, 0.5, 0.3)
    )
    (axis,) = axes((NONE,), (few, half, odd))
    assert [point.setting for point in axis.points] == [0.05, 0.3, 0.5]
    (axis,) = axes((NONE,), (few, half, replace(odd, **change)))
    assert [point.setting for point in axis.points] == [0.05, 0.5]
    assert axes((NONE,), (few, replace(half, **change))) == ()


def test_numbers_of_populations_stand_on_an_axis_and_words_on_none() -> None:
    of_two = Factor("gap", "population", (("wide", 2.5), ("narrow", 1)))
    assert axes((NONE,), (), (of_two,)) == (
        Axis("gap", "population", (Point("narrow", 1.0), Point("wide", 2.5))),
    )
    one = replace(of_two, levels=(("wide", 2.5), ("other", 2.5)))
    words = replace(of_two, levels=(("wide", "far"), ("narrow", "near")))
    mixed = replace(of_two, levels=(("wide", "far"), ("narrow", 1)))
    assert axes((NONE,), (), (one, words, mixed)) == ()


def test_factors_by_design_that_are_numbers_are_axes_of_what_they_vary() -> None:
    of = [Factor("cut", "bias", (("low", 150), ("high", 155.5))),
          Factor("weight", "estimator", (("b", 2.0), ("a", 1.0))),
          Factor("kind", "bias", (("low", "x"), ("high", "y"))),
          Factor("same", "population", (("p", 1.0), ("q", 1.0)))]  # fmt: skip
    cut, weight = axes((NONE,), (), tuple(of))
    assert cut == Axis("cut", "bias", (Point("low", 150.0), Point("high", 155.5)))
    assert weight == Axis("weight", "estimator", (Point("a", 1.0), Point("b", 2.0)))


def test_a_measure_stands_where_its_bias_or_its_estimator_was_set(measures: Rows) -> None:
    of_bias = Axis("strength", "bias", (Point("none", 0.0), Point("other", 1.0)))
    of_labels = Axis("labels", "estimator", (Point("em", 0.0), Point("mle", 1.0)))
    other = tuple(replace(row, bias="other") for row in measures)
    found = against((of_bias, of_labels), (*measures, *other))
    for row in found:
        name = row.measure.bias if row.varies == "bias" else row.measure.estimator
        (point,) = [
            point for axis in (of_bias, of_labels) for point in axis.points if point.name == name
        ]
        assert row.setting == point.setting
    # 3 estimators x 3 sizes x 7 parameters x 5 measures under 2 biases; of 2 estimators each.
    assert len(found) == 3 * 3 * 7 * 5 * 2 + 2 * 3 * 7 * 5 * 2
