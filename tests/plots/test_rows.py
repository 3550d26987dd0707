import pandas as pd

from stature.plots import rows


def test_the_shorter_group_comes_first(full_measures: pd.DataFrame):
    assert rows.groups(full_measures, "school") == ["girls", "boys"]
    assert rows.groups(full_measures, "galton") == ["female", "male"]


def test_populations_with_a_bound_come_first(full_measures: pd.DataFrame):
    assert rows.populations(full_measures) == ["school", "galton"]


def test_one_policy_is_drawn_where_a_measure_has_two(full_measures: pd.DataFrame):
    again = full_measures[full_measures["measure"] == "rmse"].assign(policy="finite")
    both = pd.concat([full_measures, again])
    assert set(rows.of_measure(both, "rmse")["policy"]) == {"available"}


def test_a_study_without_an_unbiased_scenario_shows_its_first_bias(full_measures: pd.DataFrame):
    biased = rows.where(full_measures, bias="tall-volunteers")
    assert rows.plain_bias(biased) == "tall-volunteers"


def test_shares_that_the_design_fixes_are_not_drawn(full_measures: pd.DataFrame):
    drawn = rows.with_chance(rows.of_measure(full_measures, "rmse"))
    assert set(rows.where(drawn, parameter="share")["estimator"]) == {
        "em",
        "em-equal-sds",
        "em-known-sds",
    }


def test_only_estimators_that_lost_replicates_are_counted(full_measures: pd.DataFrame):
    errors = rows.where(rows.of_measure(full_measures, "bias"), population="school", bias="none")
    counts = rows.left_out(errors, ["mle", "em"])
    assert list(counts.index) == ["em"]
    assert counts.loc["em", 50] == 300
