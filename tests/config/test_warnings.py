from collections.abc import Callable

import numpy as np
import pytest

from stature.config.record import Study
from stature.domain.mixture import Mixture
from stature.domain.model import Model
from stature.theory.information import bound_covariance


def school(girls: str, boys: str | None = None) -> str:
    groups = [f"{{name: girls, {girls}}}"] + ([f"{{name: boys, {boys}}}"] if boys else [])
    return "\n  - name: school\n    groups:" + "".join(f"\n      - {group}" for group in groups)


LABELLED = "\n  - {name: mle, labels: all, method: closed-form}"


def test_a_study_without_oddities_has_no_warnings(read: Callable[..., Study]) -> None:
    assert read().warnings == ()


def test_y41_a_rare_group_that_is_not_in_a_small_sample_is_told(read: Callable[..., Study]) -> None:
    # 0.01 x 20 = 0.2 people: nobody; at 100 one; from 200 on two.
    populations = school(
        "share: 0.99, mean_cm: 163, sd_cm: 6", "share: 0.01, mean_cm: 176, sd_cm: 7"
    )
    study = read(populations=populations, sizes="[20, 100, 200]", estimators=LABELLED)
    assert study.warnings == (
        "mine.yaml: populations[school]: group 'boys' has 0 people at n = 20 (and at n = 100 too "
        "few): its estimates there will have status too_few",
    )


def test_y41_a_size_below_twice_the_groups_is_told(read: Callable[..., Study]) -> None:
    warnings = read(sizes="[3, 100]", sampling="random", estimators=LABELLED).warnings
    assert warnings == tuple(
        f"mine.yaml: populations[school]: group '{group}' has about 1 person at n = 3: "
        "its estimates there will have status too_few"
        for group in ("girls", "boys")
    )


def test_y42_small_sizes_without_labels_are_told_once_with_the_bound(
    read: Callable[..., Study],
) -> None:
    (warning,) = read(sizes="[20, 25, 100]").warnings
    truth = Mixture(np.array([0.5, 0.5]), np.array([163.0, 176.0]), np.array([6.5, 7.0]))
    variances = np.diag(bound_covariance(truth, Model("none"), "stratified"))
    # Rows are share, mean, SD of the girls, then of the boys: the boys' mean is the worse one.
    bound = np.sqrt(variances[4] / 20)
    assert warning == (
        "mine.yaml: sizes: n = 20, 25: too few for estimators that do not see the labels "
        "(population school, all parameters free: standard error of a mean about "
        f"{bound:.2g} cm at n = 20)"
    )
    assert read(sizes="[20, 25, 100]", estimators=LABELLED).warnings == ()


def test_y45_one_replicate_has_no_mcse(read: Callable[..., Study]) -> None:
    assert read(replicates="1").warnings == (
        "mine.yaml: replicates: no mcse from one replicate: measures have no error of their own",
    )


@pytest.mark.parametrize(
    ("mean", "sd", "told"),
    [
        pytest.param("1.63", "0.065", "mean 1.63: metres? heights here are in cm", id="Y51-metres"),
        pytest.param("64", "2.5", "mean 64: inches? heights here are in cm", id="Y51-inches"),
        pytest.param("163", "0.065", "SD 0.065: metres? heights here are in cm", id="Y51-sd"),
        pytest.param(
            "150",
            "51",
            "SD 51 is more than a third of the mean 150: negative heights would be drawn",
            id="Y52",
        ),
    ],
)
def test_numbers_that_look_like_another_unit_are_told(
    read: Callable[..., Study], mean: str, sd: str, told: str
) -> None:
    groups = school(
        f"share: 0.5, mean_cm: {mean}, sd_cm: {sd}", "share: 0.5, mean_cm: 176, sd_cm: 7"
    )
    warnings = read(populations=groups, estimators=LABELLED).warnings
    assert warnings == (f"mine.yaml: populations[school]: group 'girls': {told}",)


def test_y53_one_group_has_no_labels_to_hide(read: Callable[..., Study]) -> None:
    (warning,) = read(populations=school("share: 1, mean_cm: 163, sd_cm: 6")).warnings
    assert warning.startswith("mine.yaml: estimators[em]: population school has one group: ")
    assert "not identifiable" in warning


def test_y54_groups_that_are_alike_are_told(read: Callable[..., Study]) -> None:
    alike = "share: 0.5, mean_cm: 163, sd_cm: 6"
    (warning,) = read(populations=school(alike, alike), estimators=LABELLED).warnings
    assert warning.endswith("are alike in mean and SD: the labels cannot be learned")


def test_y54_alike_groups_with_hidden_labels_are_no_fault(read: Callable[..., Study]) -> None:
    alike = "share: 0.5, mean_cm: 163, sd_cm: 6"
    assert len(read(populations=school(alike, alike), sizes="[20, 40]").warnings) == 2


def test_y77_starts_of_a_closed_form_have_no_effect(read: Callable[..., Study]) -> None:
    study = read(estimators="\n  - {name: mle, labels: all, method: closed-form, starts: 5}")
    assert study.warnings == (
        "mine.yaml: estimators[mle].starts: no effect: a closed form starts nowhere",
    )


def test_y78_fewer_people_than_two_a_group_are_told(read: Callable[..., Study]) -> None:
    groups = "\n  - name: many\n    groups:" + "".join(
        f"\n      - {{name: g{k}, share: 0.25, mean_cm: {150 + 10 * k}, sd_cm: 6}}"
        for k in range(4)
    )
    # Eight people over four groups are two each; six are one or two.
    assert read(populations=groups, sizes="[8]", estimators=LABELLED).warnings == ()
    assert read(populations=groups, sizes="[6]", estimators=LABELLED).warnings


def test_y79_estimators_alike_in_all_but_the_name_are_told(read: Callable[..., Study]) -> None:
    study = read(
        estimators="\n  - {name: em, labels: none, method: em}"
        "\n  - {name: em2, labels: none, method: em, starts: 10}"
    )
    assert study.warnings == ("mine.yaml: estimators[em2]: the same as 'em' in all but the name",)


def test_y68_a_shift_in_metres_is_told_in_a_step_too(read: Callable[..., Study]) -> None:
    shift = "kind: self-report, shift_cm: -0.02, sd_cm: 0"
    biases = f"\n  - {{name: x, kind: sequence, steps: [{{{shift}}}]}}"
    (warning,) = read(biases=biases).warnings
    assert warning == (
        "mine.yaml: biases[x].steps: item 1: shift_cm: a shift of -0.02 cm: metres? shifts here "
        "are in cm"
    )


def test_an_empty_aim_is_told(read: Callable[..., Study]) -> None:
    study = read(aims="''", why="'  '")
    assert study.warnings == tuple(
        f"mine.yaml: {key}: is empty: say it in a sentence, it stands in the report"
        for key in ("aims", "why")
    )


def test_settings_of_sketches_without_effect_are_told(read: Callable[..., Study]) -> None:
    assert read(sketch_from="5000").warnings == (
        "mine.yaml: sketch_from: no effect: samples: keep keeps people of every size",
    )
    assert read(samples="sketch", sketch_from="5000").warnings == (
        "mine.yaml: samples: no effect: no size is above sketch_from, 5000",
    )
    assert read(samples="sketch", sizes="[100, 50000]").warnings == ()
