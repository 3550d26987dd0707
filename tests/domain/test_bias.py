"""Biases of all kinds: whoever lists a kind here has the laws of every layer tested for it."""

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy import stats

from stature.domain.bias import (
    KINDS,
    NO_LABEL,
    Bias,
    ByFunction,
    Chance,
    Classes,
    Coding,
    Contamination,
    Heaping,
    Labelling,
    MissingLabels,
    NoBias,
    Nonresponse,
    ProbitSelection,
    Rounding,
    Selecting,
    Selection,
    SelfReport,
    Sequence,
    SizeBias,
    SwappedLabels,
    Tilt,
    Truncation,
    cap_cm,
    chance_of_a_label,
    chances_of_labels,
    has_classes,
    keep_probability,
    keeps_everybody,
    labels_after,
    needs_chance,
    normal_cdf,
    recorded_cm,
    steps_of,
    strength_of,
    written_cm,
)
from stature.domain.observation import (
    Exact,
    Grid,
    Heaped,
    MiddleSelected,
    Observation,
    Rounded,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    Weighted,
    log_chance,
)
from stature.domain.population import Group, Population

HEIGHTS_CM = np.linspace(140.0, 200.0, 121)
SCHOOL = Population("school", (Group("girls", 0.4, 163.0, 6.5), Group("boys", 0.6, 176.0, 7.0)))
HEAPS = Heaping((Grid(2.54, 0.3), Grid(5.0, 0.2)))
BIASES: list[Bias] = [
    NoBias(),
    Selection(0.05),
    Selection(0.3, group="boys"),
    ProbitSelection(172.0, 8.0),
    ProbitSelection(165.0, 3.0, group="girls"),
    Tilt(0.03),
    Tilt(-0.02, group="boys"),
    SizeBias(),
    Truncation(below_cm=160.0),
    Truncation(below_cm=155.0, above_cm=180.0),
    Nonresponse("boys", 0.5),
    Rounding(5.0),
    Coding(above_cm=185.0),
    Coding(below_cm=158.0, above_cm=182.5),
    HEAPS,
    SelfReport(1.0, 2.0),
    SelfReport(2.0, 0.0, group="boys"),
    Contamination(0.05, factor=0.3937),
    Contamination(0.1, mean_cm=140.0, sd_cm=8.0),
    Classes(25, 2.0),
    MissingLabels(0.3),
    MissingLabels(0.5, 0.1, group="boys"),
    SwappedLabels(0.1),
    SwappedLabels(0.2, group="girls"),
    Sequence((MissingLabels(0.2, -0.05), Rounding(5.0), SwappedLabels(0.1), Selection(0.05))),
    Sequence((Selection(0.05), SelfReport(1.0, 1.5, group="boys"), Rounding(2.54))),
    Sequence((Rounding(1.0), Truncation(below_cm=160.5), Contamination(0.1, 2.0), Selection(0.01))),
    Sequence((Classes(10, 1.5), Classes(7, 1.0), Coding(below_cm=150.0), HEAPS)),
    Sequence((Nonresponse("girls", 0.4), SizeBias(), Contamination(0.2, None, 190.0, 5.0))),
]
"""Biases of every kind, and sequences of them, for people of `SCHOOL`."""


def test_every_kind_is_listed():
    # What a function of a study does to people is known to nobody here: `tests/design`.
    assert {type(bias) for bias in BIASES} == set(KINDS) - {ByFunction}


@pytest.mark.parametrize("bias", BIASES, ids=str)
def test_every_step_keeps_people_with_a_probability(bias: Bias):
    for step in steps_of(bias):
        probability = keep_probability(step, HEIGHTS_CM, "boys", SCHOOL)
        assert probability.shape == HEIGHTS_CM.shape
        assert ((probability >= 0) & (probability <= 1)).all()
        if not isinstance(step, Selecting):
            assert (probability == 1).all()


@pytest.mark.parametrize("bias", BIASES, ids=str)
def test_a_bias_keeps_everybody_if_none_of_its_steps_selects(bias: Bias):
    kept = [keep_probability(bias, HEIGHTS_CM, name, SCHOOL) for name in SCHOOL.group_names]
    assert keeps_everybody(bias) == bool((np.concatenate(kept) == 1).all())


@pytest.mark.parametrize("bias", [bias for bias in BIASES if not needs_chance(bias)], ids=str)
def test_what_needs_no_chance_needs_no_group_either(bias: Bias):
    assert (recorded_cm(bias, HEIGHTS_CM) == recorded_cm(bias, HEIGHTS_CM, "boys")).all()


def test_selecting_writes_heights_down_as_they_are():
    for bias in (NoBias(), Selection(0.05), Truncation(160.0), Tilt(0.1), SizeBias()):
        assert (recorded_cm(bias, HEIGHTS_CM) == HEIGHTS_CM).all()


def test_steps_come_in_the_stated_order():
    # 163 rounds to 165, which is above the limit of 164; the other way round, 163 is below it.
    limit, grid = Coding(above_cm=164.0), Rounding(5.0)
    height_cm = np.array([163.0])
    assert recorded_cm(Sequence((grid, limit)), height_cm).tolist() == [164.0]
    assert recorded_cm(Sequence((limit, grid)), height_cm).tolist() == [165.0]


def test_people_depend_on_each_other_in_classes_alone():
    assert has_classes(Sequence((Rounding(1.0), Classes(25, 1.0))))
    assert not has_classes(Sequence((Rounding(1.0), SelfReport(1.0, 1.0))))


# The mean of all is (165 + 175) / 2 = 170 cm.
PUPILS = Population("pupils", (Group("girls", 0.5, 165.0, 6.0), Group("boys", 0.5, 175.0, 7.0)))


def test_selection_multiplies_the_odds_by_a_factor_a_cm():
    # At the centre the odds are 1; ten cm above, exp(10 * 0.05) = exp(0.5).
    heights_cm = np.array([170.0, 180.0])
    probability = keep_probability(Selection(0.05), heights_cm, "girls", PUPILS)
    odds = probability / (1 - probability)
    np.testing.assert_allclose(odds, [1.0, np.exp(0.5)], rtol=1e-14)


def test_selection_of_one_group_treats_the_others_alike():
    bias = Selection(0.05, group="boys")
    assert (keep_probability(bias, HEIGHTS_CM, "girls", PUPILS) == 0.5).all()
    assert np.ptp(keep_probability(bias, HEIGHTS_CM, "boys", PUPILS)) > 0.5


@pytest.mark.parametrize("bias", [ProbitSelection(172.0, 5.0, "boys"), Tilt(0.1, "boys")], ids=str)
def test_others_are_kept_as_a_person_of_the_mean_height(bias: ProbitSelection | Tilt):
    (mean,) = keep_probability(bias, np.array([170.0]), "boys", PUPILS)
    assert (keep_probability(bias, HEIGHTS_CM, "girls", PUPILS) == mean).all()


@pytest.mark.parametrize("bias", [Selection(0.0), Tilt(0.0)], ids=str)
def test_no_slope_selects_nobody_more_than_others(bias: Selection | Tilt):
    assert np.ptp(keep_probability(bias, HEIGHTS_CM, "boys", PUPILS)) == 0


def test_a_steep_selection_overflows_nowhere():
    kept = keep_probability(Selection(-50.0), np.array([100.0, 250.0]), "boys", PUPILS)
    np.testing.assert_allclose(kept, [1.0, 0.0], atol=1e-300)


def test_a_hurdle_is_passed_with_the_probability_of_a_normal():
    kept = keep_probability(ProbitSelection(172.0, 5.0), HEIGHTS_CM, "boys", PUPILS)
    np.testing.assert_allclose(kept, stats.norm.cdf(HEIGHTS_CM, 172.0, 5.0), rtol=1e-13)


def test_the_lower_tail_of_a_normal_has_all_its_digits():
    z = np.linspace(-30.0, 8.0, 500)
    np.testing.assert_allclose(normal_cdf(z), stats.norm.cdf(z), rtol=1e-12)


def test_a_tilt_multiplies_the_chance_by_a_factor_a_cm_up_to_its_cap():
    # Boys reach farthest: 175 + 5 x 7 = 210 cm above; girls below, 165 - 5 x 6 = 135 cm.
    assert cap_cm(Tilt(0.1), PUPILS) == 210.0
    assert cap_cm(Tilt(-0.1), PUPILS) == 135.0
    heights_cm = np.array([200.0, 210.0, 211.0])
    kept = keep_probability(Tilt(0.1), heights_cm, "boys", PUPILS)
    np.testing.assert_allclose(kept, [np.exp(-1.0), 1.0, 1.0], rtol=1e-14)


def test_size_bias_is_in_proportion_to_height():
    kept = keep_probability(SizeBias(), np.array([-1.0, 105.0, 210.0, 300.0]), "boys", PUPILS)
    assert kept.tolist() == [0.0, 0.5, 1.0, 1.0]


def test_truncation_keeps_the_interval_and_its_ends():
    heights_cm = np.array([159.9, 160, 180, 180.1])
    kept = keep_probability(Truncation(160.0, 180.0), heights_cm, "boys", PUPILS)
    assert kept.tolist() == [0, 1, 1, 0]


def test_one_group_answers_less_often():
    bias = Nonresponse("boys", 0.25)
    assert (keep_probability(bias, HEIGHTS_CM, "boys", PUPILS) == 0.25).all()
    assert (keep_probability(bias, HEIGHTS_CM, "girls", PUPILS) == 1.0).all()


FOUR_CM = np.array([161.0, 162.5, 164.0, 167.5])


def test_rounding_goes_to_the_nearest_multiple_and_to_the_even_one_of_two():
    # 162.5 lies between 160 = 32 * 5 and 165 = 33 * 5; 167.5 between 165 and 170 = 34 * 5.
    written = written_cm(Rounding(5.0), FOUR_CM, "boys", Chance())
    assert written.tolist() == [160, 160, 165, 170]


def test_coding_writes_the_limit_down():
    written = written_cm(Coding(162.0, 165.0), FOUR_CM, "boys", Chance())
    assert written.tolist() == [162.0, 162.5, 164.0, 165.0]
    assert written_cm(Coding(above_cm=163.0), FOUR_CM, "", Chance()).tolist()[-1] == 163.0


def test_shares_of_people_round_to_their_grids():
    heaping = Heaping((Grid(10.0, 0.25), Grid(5.0, 0.5)))
    # Below .25: to 10 cm; from .25 to .75: to 5 cm; the rest as they are.
    chance = Chance(uniform=np.array([0.2499, 0.25, 0.7499, 0.75]))
    assert written_cm(heaping, FOUR_CM, "", chance).tolist() == [160.0, 160.0, 165.0, 167.5]


def test_people_of_one_group_say_that_they_are_taller():
    chance = Chance(normal=np.array([0.0, 1.0, -1.0, 2.0]))
    bias = SelfReport(1.0, 0.5, group="boys")
    assert written_cm(bias, FOUR_CM, "boys", chance).tolist() == [162.0, 164.0, 164.5, 169.5]
    assert (written_cm(bias, FOUR_CM, "girls", chance) == FOUR_CM).all()


def test_a_share_is_written_in_another_unit_or_is_of_other_people():
    chance = Chance(np.array([0.0, 0.1, 0.2, 0.9]), np.array([1.0, -1.0, 0.0, 0.0]))
    unit = written_cm(Contamination(0.2, factor=0.5), FOUR_CM, "", chance)
    assert unit.tolist() == [80.5, 81.25, 164.0, 167.5]
    others = written_cm(Contamination(0.2, None, 100.0, 5.0), FOUR_CM, "", chance)
    assert others.tolist() == [105.0, 95.0, 164.0, 167.5]


def test_a_class_shares_its_shift():
    chance = Chance(of_class=np.array([1.0, 1.0, -0.5, -0.5]))
    written = written_cm(Classes(2, 2.0), FOUR_CM, "", chance)
    assert (written - FOUR_CM).tolist() == [2.0, 2.0, -1.0, -1.0]


GROUPS = (Group("a", 0.25, 160.0, 5.0), Group("b", 0.25, 170.0, 5.0), Group("c", 0.5, 180.0, 5.0))
THREE = Population("three", GROUPS)  # of mean 172.5
UNIFORM = (np.arange(10_000) + 0.5) / 10_000
ALL_B = np.full(10_000, 1, np.int8)


def test_odds_of_having_no_label_grow_with_height():
    # At the mean .2 / .8 = 1/4; 10 cm higher e times that; 5 cm lower e^-0.5 times.
    chance = chance_of_a_label(MissingLabels(0.2, 0.1), np.array([172.5, 182.5, 167.5]), "a", THREE)
    np.testing.assert_allclose(1 / chance - 1, 0.25 * np.exp([0.0, 1.0, -0.5]))
    for share in (0.0, 1.0):  # of all or nobody it grows no more
        assert (
            chance_of_a_label(MissingLabels(share, 0.1), FOUR_CM, "a", THREE) == 1 - share
        ).all()


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_labels_missing_at_random_are_a_share(share: float):
    labels = labels_after(MissingLabels(share), ALL_B, np.zeros(10_000), "b", THREE, UNIFORM)
    assert (labels == NO_LABEL).mean() == share
    other = labels_after(MissingLabels(share, group="a"), ALL_B, np.zeros(1), "b", THREE, UNIFORM)
    assert (other == ALL_B).all()


def test_a_wrong_label_is_that_of_any_other_group():
    step = SwappedLabels(0.3)
    labels = labels_after(step, ALL_B, np.zeros(10_000), "b", THREE, UNIFORM)
    np.testing.assert_allclose(np.bincount(labels) / 10_000, [0.15, 0.7, 0.15], atol=1e-3)
    np.testing.assert_allclose(chances_of_labels(step, THREE)[1], [0.15, 0.7, 0.15])
    of_one = chances_of_labels(SwappedLabels(0.3, "c"), THREE)
    np.testing.assert_allclose(of_one, [[1, 0, 0], [0, 1, 0], [0.15, 0.15, 0.7]])


def test_the_first_half_of_those_who_are_swapped_go_to_the_next_group():
    uniform = np.array([0.0, 0.1499, 0.1501, 0.2999, 0.3])
    for group, after in ((0, [1, 1, 2, 2, 0]), (1, [2, 2, 0, 0, 1]), (2, [0, 0, 1, 1, 2])):
        labels = np.full(5, group, np.int8)
        name = THREE.group_names[group]
        for concerned in ("", name):
            step = SwappedLabels(0.3, concerned)
            assert labels_after(step, labels, uniform, name, THREE, uniform).tolist() == after
        other = SwappedLabels(0.3, THREE.group_names[group - 1])
        assert (labels_after(other, labels, uniform, name, THREE, uniform) == labels).all()


@pytest.mark.parametrize("bias", BIASES, ids=str)
def test_at_its_number_for_none_a_bias_is_none(bias: Bias) -> None:
    found = strength_of(bias)
    if found is None or found.none is None:
        return
    (name,) = [
        one.name
        for one in fields(bias)
        if getattr(bias, one.name) != getattr(found.family, one.name)
    ]
    # Rounding to nothing is the limit of rounding to less and less.
    weak = replace(bias, **{name: found.none or 1e-9 * isinstance(bias, Rounding)})
    uniform, normal = np.random.default_rng(1).random((2, len(HEIGHTS_CM)))
    for place, group in enumerate(SCHOOL.group_names):
        kept = keep_probability(weak, HEIGHTS_CM, group, SCHOOL)
        assert np.ptp(kept) == 0.0
        written = recorded_cm(weak, HEIGHTS_CM, group, Chance(uniform, normal, normal))
        np.testing.assert_allclose(written, HEIGHTS_CM, atol=1e-9)
        labels = np.full(len(HEIGHTS_CM), place, np.int8)
        for step in steps_of(weak):
            if isinstance(step, Labelling):
                after = labels_after(step, labels, HEIGHTS_CM, group, SCHOOL, uniform)
                assert (after == labels).all()


CORRECTIONS: list[tuple[Observation, Bias]] = [
    (Truncated(155.0), Truncation(155.0)),
    (Truncated(None, 180.0), Truncation(None, 180.0)),
    (Selected(0.07, SCHOOL.mean_cm), Selection(0.07)),
    (Weighted(-0.07, SCHOOL.mean_cm), Selection(-0.07)),
    (Tilted(0.04), Tilt(0.04)),
    (SizeBiased(), SizeBias()),
    (Exact(), NoBias()),
    (Rounded(2.0), Rounding(2.0)),
    (Heaped(HEAPS.grids), HEAPS),
]


@pytest.mark.parametrize(("observation", "bias"), CORRECTIONS, ids=str)
def test_an_observation_has_the_chances_of_its_bias(observation: Observation, bias: Bias) -> None:
    # Up to a constant: of the weights, which the bias caps, and of no other.
    with np.errstate(divide="ignore"):
        expected = np.log(keep_probability(bias, HEIGHTS_CM, "boys", SCHOOL))
    chance = log_chance(observation, HEIGHTS_CM)
    there = np.isfinite(expected)
    np.testing.assert_array_equal(np.isfinite(chance), there)
    assert (chance[~there] == -np.inf).all()
    off = chance[there] - expected[there]
    constant = off[0] if isinstance(observation, Tilted | SizeBiased) else 0.0
    np.testing.assert_allclose(off, constant, atol=1e-12)


def test_other_chances_are_a_bell_curve_and_heights_above_an_origin() -> None:
    bell = log_chance(MiddleSelected(171.0, 9.0), HEIGHTS_CM)
    expected = stats.norm.logpdf(HEIGHTS_CM, 171.0, 9.0)
    np.testing.assert_allclose(bell - bell.max(), expected - expected.max(), atol=1e-12)
    above = log_chance(SizeBiased(150.0), np.array([149.0, 150.0, 151.0, 150.0 + np.e]))
    np.testing.assert_allclose(above, [-np.inf, -np.inf, 0.0, 1.0], atol=1e-12)


def test_nobody_without_a_label_gets_a_wrong_one():
    nobody = np.full(10_000, NO_LABEL, np.int8)
    labels = labels_after(SwappedLabels(1.0), nobody, np.zeros(10_000), "b", THREE, UNIFORM)
    assert (labels == NO_LABEL).all()
    one = Population("one", (Group("a", 1.0, 160.0, 5.0),))
    assert (labels_after(SwappedLabels(0.5), ALL_B, UNIFORM, "a", one, UNIFORM) == ALL_B).all()
    assert chances_of_labels(SwappedLabels(0.5), one).tolist() == [[1.0]]


def number(bias: Bias) -> float | None:
    found = strength_of(bias)
    return None if found is None else found.value


@pytest.mark.parametrize(
    ("bias", "value"),
    [
        (Selection(0.05), 0.05),
        (Truncation(below_cm=160.0), 160.0),
        (Truncation(above_cm=190.0), 190.0),
        (Rounding(2.54), 2.54),
        (Nonresponse("boys", 0.4), 0.4),
        (Contamination(0.1, factor=0.98), 0.1),
    ],
)
def test_the_strength_is_the_number_that_was_set(bias: Bias, value: float) -> None:
    assert number(bias) == value


@pytest.mark.parametrize(
    "bias", [NoBias(), SizeBias(), Truncation(150.0, 190.0), Sequence((Rounding(1.0),))]
)
def test_what_no_one_number_makes_stronger_has_no_strength(bias: Bias) -> None:
    assert strength_of(bias) is None


def test_a_family_differs_in_strength_alone() -> None:
    def family(bias: Bias) -> Bias:
        found = strength_of(bias)
        assert found is not None
        return found.family

    assert family(Selection(0.05)) == family(Selection(-0.1))
    assert family(Selection(0.05)) != family(Selection(0.05, "boys"))
    assert family(Truncation(below_cm=160.0)) != family(Truncation(above_cm=160.0))
    strangers = Contamination(0.1, mean_cm=170.0, sd_cm=20.0)
    assert family(strangers) != family(Contamination(0.1, mean_cm=170.0, sd_cm=10.0))


def test_a_bias_of_one_group_says_so() -> None:
    found = strength_of(Selection(0.05, "boys"))
    assert found is not None
    assert found.words == "log-odds of volunteering, per cm (boys only)"
