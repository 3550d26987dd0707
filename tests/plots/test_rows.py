import pandas as pd

from stature.plots import layout


def test_the_shorter_group_comes_first(full_measures: pd.DataFrame):
    assert layout.groups(full_measures, "school") == ["girls", "boys"]
    assert layout.groups(full_measures, "galton") == ["female", "male"]


def test_names_come_in_their_order_where_they_have_one(full_measures: pd.DataFrame):
    order = ["mle", "mle-numeric", "em", "absent"]
    few = full_measures[full_measures["estimator"].isin(order)]
    ordered = pd.Categorical(few["estimator"], order, ordered=True)
    assert layout.names(few.assign(estimator=ordered), "estimator") == order[:3]
    assert layout.names(few, "estimator") == ["em", "mle", "mle-numeric"]


def test_one_policy_is_drawn_where_a_measure_has_two(full_measures: pd.DataFrame):
    again = full_measures[full_measures["measure"] == "rmse"].assign(policy="finite")
    both = pd.concat([full_measures, again])
    assert set(layout.of_measure(both, "rmse")["policy"]) == {"available"}


def test_a_study_without_an_unbiased_scenario_shows_its_first_bias(full_measures: pd.DataFrame):
    biased = layout.where(full_measures, bias="tall-volunteers")
    assert layout.plain_bias(biased) == "tall-volunteers"


def test_shares_that_the_design_fixes_are_not_drawn(full_measures: pd.DataFrame):
    drawn = layout.with_chance(layout.of_measure(full_measures, "rmse"))
    assert set(layout.where(drawn, parameter="share")["estimator"]) == {
        "em",
        "em-equal-sds",
        "em-known-sds",
    }


def test_only_estimators_that_lost_replicates_are_counted(full_measures: pd.DataFrame):
    errors = layout.where(
        layout.of_measure(full_measures, "bias"), population="school", bias="none"
    )
    counts = layout.left_out(errors, ["mle", "em"])
    assert list(counts.index) == ["em"]
    assert counts.loc["em", 50] == 300
