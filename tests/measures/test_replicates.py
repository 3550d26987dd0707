from dataclasses import replace

import numpy as np
import pytest

from stature.design.scenarios import NamedBias, Scenario
from stature.domain.bias import NoBias, Truncation
from stature.domain.model import Model
from stature.estimators.estimator import Estimator, Fits, Status, Stop
from stature.measures.replicates import (
    Paired,
    PairsSpec,
    pairs,
    pairs_spec,
    rank_intervals,
    shown_size,
)
from tests.measures.conftest import SCHOOL, Study

NONE, CUT = NamedBias("none", NoBias()), NamedBias("cut", Truncation(below_cm=160.0))
MLE = Estimator("mle", Model("all"), "closed-form")
NUMERIC = Estimator("mle-numeric", Model("all"), "newton")
HASTY = Estimator("hasty", Model("none"), "em", stop=Stop("total", 0.1))
EM = Estimator("em", Model("none"), "em")


def paired(*estimators: Estimator) -> Paired:
    scenario = Scenario(SCHOOL, NONE, "random")
    (found,) = pairs_spec([(scenario, estimators)], 100).scenarios
    return found


def test_estimators_without_labels_are_set_against_the_first_that_goes_on_to_the_maximum() -> None:
    mine = replace(EM, name="a", method="python")
    found = paired(MLE, HASTY, EM, mine)
    assert (found.reference, found.others) == ("em", ("a", "hasty"))
    # If none does, the first by name.
    found = paired(MLE, HASTY, mine)
    assert (found.reference, found.others) == ("a", ("hasty",))
    found = paired(MLE, EM, mine)
    assert (found.group, found.truth_cm) == ("girls", 163.0)


@pytest.mark.parametrize(
    ("estimators", "names"),
    [((MLE, EM), ("mle", ("em",))), ((MLE, NUMERIC), ("mle", ("mle-numeric",)))],
)
def test_without_two_of_those_all_are_set_against_the_first(
    estimators: tuple[Estimator, ...], names: tuple[str, tuple[str, ...]]
) -> None:
    found = paired(*estimators)
    assert (found.reference, found.others) == names


def test_of_each_population_the_scenario_without_bias_is_shown() -> None:
    scenarios = [Scenario(SCHOOL, bias, "random") for bias in (CUT, NONE)]
    spec = pairs_spec([(scenario, (MLE, EM)) for scenario in scenarios], 100)
    assert [one.scenario for one in spec.scenarios] == ["school.none"]
    assert pairs_spec([(scenarios[0], (MLE, EM))], 100).scenarios[0].bias == "cut"
    assert pairs_spec([(scenarios[0], (MLE,))], 100).scenarios == ()


def test_a_pair_holds_both_estimates_of_one_sample_or_says_that_one_failed(
    fits: dict[str, Fits],
) -> None:
    status = fits["em"].status.copy()
    status[3, 2] = Status.DEGENERATE
    failing = {**fits, "em": replace(fits["em"], status=status)}
    spec = PairsSpec(100, (paired(MLE, EM),))
    found = pairs(spec, {"school.none": failing})
    assert [pair.replicate for pair in found] == list(range(200))
    means = {name: one.estimate[:, 2, 1] for name, one in fits.items()}
    assert [pair.reference_cm for pair in found] == means["mle"].tolist()
    assert found[3].estimate_cm is None
    assert found[4].estimate_cm == means["em"][4]


def test_pairs_are_of_the_groups_that_components_are_matched_to(fits: dict[str, Fits]) -> None:
    # By SD the shorter group is the wide one: where its SD is the smaller, the components change.
    wide = replace(SCHOOL.groups[0], sd_cm=9.0), SCHOOL.groups[1]
    school = replace(SCHOOL, groups=wide, match="sd")
    scenario = Scenario(school, NONE, "random")
    spec = pairs_spec([(scenario, (MLE, EM))], 100)
    found = pairs(spec, {"school.none": fits})
    estimate = fits["em"].estimate[:, 2]
    expected = np.where(estimate[:, 2] < estimate[:, 5], estimate[:, 4], estimate[:, 1])
    assert 0 < (expected == estimate[:, 1]).sum() < 200
    assert [pair.estimate_cm for pair in found] == expected.tolist()
    # Labels are known.
    assert [pair.reference_cm for pair in found] == fits["mle"].estimate[:, 2, 1].tolist()


def test_the_shown_size_is_the_nearest_to_the_lesson() -> None:
    assert shown_size((20, 50, 100, 200, 500)) == 200
    assert shown_size((1000, 5000)) == 1000
    assert shown_size((190, 211)) == shown_size((211, 190)) == 190
    with pytest.raises(ValueError, match="empty"):
        shown_size(())


def test_intervals_are_ranked_by_distance_in_standard_errors(study: Study) -> None:
    ranked = rank_intervals(study.spec, study.fits)
    assert [one.estimator for one in ranked] == [one.name for one in study.spec.estimators]
    size = shown_size(study.fits["em"].sizes.tolist())
    for one in ranked:
        at = study.fits[one.estimator].sizes.tolist().index(size)
        own = study.fits[one.estimator]
        off = np.abs(own.estimate[:, at, 1] - one.truth) / own.std_error[:, at, 1]
        assert (np.diff(off[np.argsort(one.centile)]) >= 0.0).all()
        # The middles of n equal parts of 0 to 100.
        n = len(off)
        np.testing.assert_allclose(np.sort(one.centile), 100.0 * (np.arange(n) + 0.5) / n)
        # These are intervals of ± 1.96: those that miss are farthest off.
        missed = (one.lower > one.truth) | (one.truth > one.upper)
        assert (one.centile[missed].min() if missed.any() else 100.0) > one.centile[~missed].max()


def test_a_fit_that_failed_has_a_row_without_a_place(study: Study) -> None:
    status = study.fits["em"].status.copy()
    status[3] = Status.STEP_LIMIT
    before = {one.estimator: one for one in rank_intervals(study.spec, study.fits)}
    failing = study.fits | {"em": replace(study.fits["em"], status=status)}
    em = next(one for one in rank_intervals(study.spec, failing) if one.estimator == "em")
    assert np.flatnonzero(np.isnan(em.centile)).tolist() == [3]
    assert np.isnan(em.estimate[3])
    assert len(em.replicate) == len(before["em"].replicate)
