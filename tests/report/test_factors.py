"""What the page of a factorial says, of made-up rates of hits."""

from dataclasses import replace
from itertools import product
from math import log
from typing import Any

from stature.config.study import Study, check
from stature.measures.measure import Measure
from stature.report import factors
from stature.report.answer import advice, findings
from stature.report.tables import lookup
from tests.report.conftest import CONFIG, MLE, ROOT

SIZES = (100, 1000)
# Rates at both sizes for each separation: logits 0 and log 9, beyond, and below the sizes.
RATES = {("em", 1): (0.1, 0.5), ("em", 2): (0.5, 0.9), ("em", 3): (0.9, 1.0)}
# log 4 / log 9 of the way from 100 to 1000; the variances of the logits are 2 / 50.5 and 1 / 90.5 +
# 1 / 10.5, with correlation .1, so that the error of the size is 427 (log 10 / log 9) sqrt(.073^2 +
# .206^2 + .2 x .073 x .206) = 101.
MIDDLE = 100.0 * 10.0 ** (log(4.0) / log(9.0))


def study(**more: Any) -> Study:
    school = CONFIG["populations"][0] | {"vary": {"separation": [3, 1, 2], "share": [0.5, 0.3]}}
    biases = [{"name": "none", "kind": "none"}]
    estimators = [MLE, {"name": "em", "labels": "none", "method": "em"}]
    config = CONFIG | {"sizes": [*SIZES], "populations": [school], "biases": biases}
    return check(config | {"estimators": estimators} | more, [], ROOT)


def measured(of: Study) -> list[Measure]:
    """Rates of hits that do not depend on shares; labelled ones are always high enough."""
    levels = {one.name: dict(one.levels) for one in of.factors}
    rows: list[Measure] = []
    for scenario, name, (turn, size) in product(of.scenarios, ("mle", "em"), enumerate(SIZES)):
        separation = int(levels["separation"][scenario.population.name])
        rate = RATES.get((name, separation), (0.95, 1.0))[turn]
        where = scenario.population.name, scenario.bias.name, scenario.slug, name, size
        numbers = rate, 0.04, None, None, int(100 * rate), 100, 0, 100
        rows.append(Measure(*where, "", "", "within_2cm", "", "available", *numbers))
    return rows


def test_answers_are_in_terms_of_factors() -> None:
    of = study()
    first, second, last = factors.by_factor(of, lookup(measured(of)))
    assert first.startswith("By separation (at share 0.5): to find both means within 2 cm in 80 % ")
    assert "em needs more than 1,000 people at 1, 430 (100) at 2" in first
    assert first.endswith("fewer than 100 at 3.")
    assert second.startswith("By share (at separation 2): em needs 430 (")
    assert last == (
        "Over all combinations: mle fewer than 100; em fewer than 100 to more than 1,000."
    )
    assert round(MIDDLE) == 427


def test_a_page_of_many_populations_answers_by_factor_alone() -> None:
    school = CONFIG["populations"][0]
    vary = {"separation": [1, 2, 3], "sd_ratio": [1, 1.5], "share": [0.5, 0.3]}
    of = study(populations=[school | {"vary": vary}])
    found = findings(of, lookup(measured(of)))
    assert {(one.population, one.figure) for one in found} == {("", "needed"), ("", "loop")}
    assert len(found) == 5
    title = advice(of, lookup(measured(of))).title
    assert title.endswith("without labels by em (at separation 2, sd_ratio 1.5, share 0.5).")


def test_errors_are_told_at_each_level_of_each_factor() -> None:
    of = study()
    levels = dict(of.factors[0].levels)
    rows = [
        replace(
            row, measure="rmse", group=group, parameter="mean_cm", mcse=0.1,
            value=float(levels[row.population]) + wider,
        )
        for row in measured(of)
        if row.estimator == "em" and row.size == SIZES[-1]
        for group, wider in (("girls", 0.0), ("boys", 1.0))
    ]  # fmt: skip
    first, second = factors.errors_by_factor(of, lookup(rows))
    # The error of the boys is the larger one: a cm more than the separation.
    assert first == (
        "By separation (at share 0.5): at n = 1,000 the root mean squared error of the mean that "
        "is farthest off by em is 2.00 (0.10) cm at 1, 3.00 (0.10) cm at 2 and 4.00 (0.10) cm at 3."
    )
    assert second.endswith("by em is 3.00 (0.10) cm at 0.3 and 3.00 (0.10) cm at 0.5.")


def test_combinations_are_counted() -> None:
    of = study()
    (said,) = factors.over_all(of, lookup(measured(of)))
    # em: at separation 2 with 1,000 people, at 3 with both sizes, each with two shares.
    assert said.endswith("or more in 12 of 12 by mle and 6 of 12 by em.")


def test_the_same_at_each_level_is_said_once() -> None:
    of = study()
    rows = [replace(row, value=0.1) for row in measured(of) if row.estimator == "em"]
    first, *_ = factors.by_factor(of, lookup(rows))
    assert first.endswith("em needs more than 1,000 people at each level.")


def test_factors_of_estimators_have_a_sentence() -> None:
    prior = {"name": "map", "labels": "none", "method": "em", "prior": {"shares": 5}}
    of = study(
        populations=CONFIG["populations"],
        estimators=[prior | {"vary": {"prior.shares": [1, 9]}}],
    )
    like = next(row for row in measured(study()) if row.estimator == "em")
    rows = [
        replace(like, population="school", scenario="school.none", estimator=f"map-{of_level}",
                size=size, value=rate)
        for of_level, rates in ((1, (0.1, 0.5)), (9, (0.95, 1.0)))
        for size, rate in zip(SIZES, rates, strict=True)
    ]  # fmt: skip
    first, *_ = factors.by_factor(of, lookup(rows))
    assert first == (
        "By prior_shares: to find both means within 2 cm in 80 % of the samples, it needs more "
        "than 1,000 people at 1 and fewer than 100 at 9."
    )


def test_the_planners_table_has_a_row_for_each_combination() -> None:
    of = study()
    table = factors.people_needed(of, lookup(measured(of)))
    assert table.head == ("separation", "share", "mle", "em")
    cells = {row[:2]: row[2:] for row in table.rows}
    assert list(cells) == [*product("312", ("0.5", "0.3"))]
    assert cells["1", "0.5"] == ("< 100", "> 1,000")
    assert cells["2", "0.3"][1].startswith("430 (")


def test_without_factors_it_has_one_for_each_scenario() -> None:
    of = study(populations=CONFIG["populations"])
    measures = [row for row in measured(study()) if row.population == "school-2-0_5"]
    rows = [replace(row, population="school", scenario="school.none") for row in measures]
    table = factors.people_needed(of, lookup(rows))
    assert table.head == ("scenario", "mle", "em")
    assert table.rows == (("school.none", "< 100", "430 (100)"),)
    assert factors.by_factor(of, lookup(rows)) == []
