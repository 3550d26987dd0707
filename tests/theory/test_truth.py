import numpy as np

from stature.domain.model import Model
from stature.domain.population import Group, Population
from stature.theory.truth import contains_truth, true_mixture

SCHOOL = Population("school", (Group("girls", 0.4, 163.0, 6.5), Group("boys", 0.6, 176.0, 7.0)))


def test_the_truth_is_that_of_the_groups() -> None:
    truth = true_mixture(SCHOOL)
    np.testing.assert_array_equal(truth.shares, [0.4, 0.6])
    np.testing.assert_array_equal(truth.means_cm, [163.0, 176.0])
    np.testing.assert_array_equal(truth.sds_cm, [6.5, 7.0])


def test_a_model_told_wrong_numbers_does_not_contain_the_truth() -> None:
    assert contains_truth(Model("none", "known", assumed_shares=(0.4, 0.6)), SCHOOL)
    assert not contains_truth(Model("none", "known", assumed_shares=(0.5, 0.5)), SCHOOL)
    assert not contains_truth(Model("none", sds="known", assumed_sds_cm=(6.5, 6.5)), SCHOOL)
    assert not contains_truth(Model("none", sds="equal"), SCHOOL)
    equal = Population("equal", (Group("a", 0.5, 160.0, 7.0), Group("b", 0.5, 176.0, 7.0)))
    assert contains_truth(Model("none", sds="equal"), equal)
