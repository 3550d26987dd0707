from stature.design.scenarios import NamedBias, Scenario
from stature.domain.bias import NoBias
from stature.domain.population import Group, Population


def test_a_scenario_is_named_by_its_population_and_its_bias():
    population = Population("school", (Group("girls", 1.0, 163.0, 6.5),))
    assert Scenario(population, NamedBias("none", NoBias()), "random").slug == "school.none"
