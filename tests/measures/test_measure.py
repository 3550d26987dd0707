import random

import numpy as np

from stature.design.scenarios import Scenario
from stature.estimators.estimator import Estimator
from stature.measures.influence import Measured, from_influence
from stature.measures.measure import Measure, Subject, measure_spec, records, sort_key

SUBJECT = Subject("school", "none", "school.none", "em", (20, 50), ("girls", "boys"), 4)


def test_records_count_what_was_used_failed_and_expected() -> None:
    influence = np.zeros((2, 7, 4))
    used = np.full((2, 7), 3)
    found = list(records(SUBJECT, "bias", from_influence(np.zeros((2, 7)), influence, used)))
    assert len(found) == 14
    for row in found:
        assert (row.replicates_used, row.replicates_failed, row.replicates_expected) == (3, 1, 4)
    assert [row.size for row in found] == [20] * 7 + [50] * 7
    assert (found[4].group, found[4].parameter) == ("boys", "mean_cm")


def test_a_measure_of_the_whole_fit_has_no_group() -> None:
    measured = from_influence(np.zeros(2), np.zeros((2, 4)), np.full(2, 4))
    found = list(records(SUBJECT, "passes", measured))
    assert [(row.group, row.parameter) for row in found] == [("", ""), ("", "")]


def test_what_is_not_a_number_is_nothing_and_minus_zero_is_zero() -> None:
    nothing = np.full(2, np.nan)
    value = np.array([np.inf, -0.0])
    measured = Measured(value, nothing, nothing, nothing, np.zeros(2, dtype=np.int64))
    found = list(records(SUBJECT, "em_rate", measured, policy=""))
    assert found[0].value is None
    assert str(found[1].value) == "0.0"
    assert found[0].mcse is None
    assert found[0].replicates_expected == 0


def test_measures_have_one_order_with_no_size_last(measures: tuple[Measure, ...]) -> None:
    shuffled = random.Random(1).sample(measures, len(measures))
    assert tuple(sorted(shuffled, key=sort_key)) == measures
    assert len({sort_key(row) for row in measures}) == len(measures)
    of_em = [row.size for row in measures if row.estimator == "em"]
    assert of_em[0] == 20
    assert of_em[-1] is None


def test_the_order_of_estimators_in_a_study_changes_no_spec(
    scenario: Scenario, estimators: tuple[Estimator, ...]
) -> None:
    assert measure_spec(scenario, estimators) == measure_spec(scenario, estimators[::-1])
