from dataclasses import replace

import pytest

from stature.design.scenarios import NamedBias, Scenario
from stature.domain.bias import NoBias
from stature.domain.model import Model
from stature.domain.population import Population
from stature.domain.selecting import Truncation
from stature.estimators.estimator import Estimator, Fits, Status, Stop
from stature.measures.pairs import Paired, PairsSpec, pairs, pairs_spec

NONE, CUT = NamedBias("none", NoBias()), NamedBias("cut", Truncation(below_cm=160.0))
MLE = Estimator("mle", Model("all"), "closed-form")
NUMERIC = Estimator("mle-numeric", Model("all"), "newton")
HASTY = Estimator("hasty", Model("none"), "em", stop=Stop("total", 0.1))
EM = Estimator("em", Model("none"), "em")


def paired(school: Population, *estimators: Estimator) -> Paired:
    scenario = Scenario(school, NONE, "random")
    (found,) = pairs_spec([(scenario, estimators)], 100).scenarios
    return found


def test_who_hides_labels_is_set_against_the_first_who_goes_on_to_the_maximum(
    school: Population,
) -> None:
    found = paired(school, MLE, HASTY, EM)
    assert (found.reference, found.others) == ("em", ("hasty",))
    assert (found.group, found.truth_cm) == ("girls", 163.0)


@pytest.mark.parametrize(
    ("estimators", "names"),
    [((MLE, EM), ("mle", ("em",))), ((MLE, NUMERIC), ("mle", ("mle-numeric",)))],
)
def test_without_two_of_those_all_are_set_against_the_first(
    school: Population, estimators: tuple[Estimator, ...], names: tuple[str, tuple[str, ...]]
) -> None:
    found = paired(school, *estimators)
    assert (found.reference, found.others) == names


def test_of_each_population_the_scenario_without_bias_is_shown(school: Population) -> None:
    scenarios = [Scenario(school, bias, "random") for bias in (CUT, NONE)]
    spec = pairs_spec([(scenario, (MLE, EM)) for scenario in scenarios], 100)
    assert [one.scenario for one in spec.scenarios] == ["school.none"]
    assert pairs_spec([(scenarios[0], (MLE, EM))], 100).scenarios[0].bias == "cut"
    assert pairs_spec([(scenarios[0], (MLE,))], 100).scenarios == ()


def test_a_pair_holds_both_estimates_of_one_sample_or_says_that_one_failed(
    school: Population, fits: dict[str, Fits]
) -> None:
    status = fits["em"].status.copy()
    status[3, 2] = Status.DEGENERATE
    failing = {**fits, "em": replace(fits["em"], status=status)}
    spec = PairsSpec(100, (paired(school, MLE, EM),))
    found = pairs(spec, {"school.none": failing})
    assert [pair.replicate for pair in found] == list(range(200))
    means = {name: one.estimate[:, 2, 1] for name, one in fits.items()}
    assert [pair.reference_cm for pair in found] == means["mle"].tolist()
    assert found[3].estimate_cm is None
    assert found[4].estimate_cm == means["em"][4]
