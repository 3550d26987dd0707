from collections.abc import Callable

import pytest

from stature.config.record import Study

GIRLS = "{name: girls, share: 0.5, mean_cm: 163.0, sd_cm: 6.5}"
BOYS = "{name: boys, share: 0.5, mean_cm: 176.0, sd_cm: 7.0}"


def school(*groups: str) -> str:
    return "\n  - name: school\n    groups:" + "".join(f"\n      - {group}" for group in groups)


def estimator(settings: str) -> str:
    return f"\n  - {{name: em, {settings}}}"


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        pytest.param(
            {
                "estimators": "\n  - {name: em, labels: none, method: em}"
                "\n  - {name: mle, labels: all, method: closed-form}"
                "\n  - {name: em, labels: none, method: em, starts: 5}"
            },
            [
                "estimators[em]: duplicate name 'em' (items 1 and 3): "
                "both would write the same files"
            ],
            id="Y28",
        ),
        pytest.param(
            {"precision": "{mcse: 0.02, min: 200}"},
            ["precision.min: expected at most replicates, 4, got 200"],
            id="rounds-beyond-the-replicates",
        ),
        pytest.param(
            {"precision": "{mcse: 0.02, min: 20, max: 10}"},
            ["precision.min: expected at most max, 10, got 20"],
            id="rounds-beyond-the-cap",
        ),
        pytest.param(
            {"precision": "{mcse: 0.02, min: 2}", "traced": "3"},
            ["traced: expected at most precision.min, 2, got 3"],
            id="traces-of-later-rounds",
        ),
        pytest.param(
            {"biases": "\n  - {name: none, kind: none}\n  - {name: None, kind: none}"},
            [
                "biases[None]: duplicate name 'None' (items 1 and 2): "
                "both would write the same files"
            ],
            id="Y28-case",
        ),
        pytest.param(
            {"sizes": "[100, 40, 100]"},
            ["sizes: item 3: duplicate 100 (items 1 and 3); leave one out"],
            id="Y29",
        ),
        pytest.param(
            {"sizes": "[100, 100.0]"},
            ["sizes: item 2: duplicate 100 (items 1 and 2); leave one out"],
            id="Y29-real",
        ),
        pytest.param(
            {"populations": school(GIRLS, BOYS.replace("0.5", "0.4"))},
            ["populations[school].groups: shares sum to 0.9, not 1"],
            id="Y48-0.9",
        ),
        pytest.param(
            {"populations": school(GIRLS, BOYS.replace("0.5", "0.6"))},
            ["populations[school].groups: shares sum to 1.1, not 1"],
            id="Y48-1.1",
        ),
        pytest.param(
            {"populations": school(GIRLS.replace("0.5", "1.5"), BOYS)},
            [
                "populations[school].groups[girls].share: expected a number > 0 and ≤ 1 (share), "
                "got 1.5"
            ],
            id="Y48-above",
        ),
        pytest.param(
            {"populations": school(GIRLS.replace("0.5", "-0.5"), BOYS)},
            [
                "populations[school].groups[girls].share: expected a number > 0 and ≤ 1 (share), "
                "got -0.5"
            ],
            id="Y48-negative",
        ),
        pytest.param(
            {"populations": school(GIRLS.replace("0.5", "half"), BOYS)},
            [
                "populations[school].groups[girls].share: expected a number > 0 and ≤ 1 (share), "
                "got the text 'half'"
            ],
            id="Y48-text",
        ),
        pytest.param(
            {"populations": school(GIRLS.replace("0.5", "0"), BOYS.replace("0.5", "1"))},
            ["populations[school].groups[girls].share: group 'girls' has share 0: leave it out"],
            id="Y49",
        ),
        pytest.param(
            {"populations": school(GIRLS, BOYS.replace("boys", "girls"))},
            [
                "populations[school].groups[girls]: duplicate name 'girls' (items 1 and 2): "
                "both would be one group"
            ],
            id="Y54-name",
        ),
        pytest.param(
            {"populations": "\n  - {name: school}"},
            ["populations[school]: give either groups or file"],
            id="Y56-neither",
        ),
        pytest.param(
            {"biases": "\n  - {name: x, kind: truncation}"},
            ["biases[x]: kind truncation takes: below_cm, above_cm; give one of them, or both"],
            id="Y62-none",
        ),
        pytest.param(
            {"biases": "\n  - {name: x, kind: truncation, below_cm: 180, above_cm: 170}"},
            [
                "biases[x].below_cm: expected below_cm < above_cm, got 180 and 170: "
                "nobody would be kept"
            ],
            id="Y65",
        ),
        pytest.param(
            {"biases": "\n  - {name: x, kind: truncation, below_cm: 170, above_cm: 170}"},
            [
                "biases[x].below_cm: expected below_cm < above_cm, got 170 and 170: "
                "nobody would be kept"
            ],
            id="Y65-equal",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: closed-form")},
            ["estimators[em].method: closed form needs labels: all; for labels: none use em"],
            id="Y72",
        ),
        pytest.param(
            {"estimators": estimator("labels: all, method: squarem")},
            [
                "estimators[em].method: squarem needs labels: none; "
                "with all labels seen EM is the closed form"
            ],
            id="Y72-squarem",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, shares: [0.4, 0.4]")},
            ["estimators[em].shares: shares sum to 0.8, not 1"],
            id="Y74-sum",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, shares: [1.5, -0.5]")},
            ["estimators[em].shares: expected shares > 0 and ≤ 1, got a list"],
            id="Y80-shares",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, sds: [6, 0]")},
            ["estimators[em].sds: expected SDs > 0 (in cm): every one of the list"],
            id="Y80-sds",
        ),
        pytest.param(
            {
                "estimators": estimator(
                    "labels: none, method: newton, observation: {kind: heaped, grids: "
                    "[{step_cm: 5, share: 0.7}, {step_cm: 2, share: 0.4}]}"
                )
            },
            ["estimators[em].observation.grids: shares sum to 1.1; expected 1 or less"],
            id="heaped-sum",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, sd_ratio: 0.5")},
            [
                "estimators[em]: a stop goes with method em, and for this model em needs one: else "
                "use newton"
            ],
            id="ratio-em",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: newton, sds: equal, sd_ratio: 0.5")},
            ["estimators[em]: a ratio of SDs needs free sds, and method newton, or em with a stop"],
            id="ratio-equal",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: newton, trimmed: 0.6")},
            [
                "estimators[em].trimmed: expected a number > 0 and ≤ 0.5 (share of the people), "
                "got 0.6"
            ],
            id="trimmed-share",
        ),
        pytest.param(
            {"estimators": estimator("labels: all, method: newton, variances: unbiased")},
            [
                "estimators[em]: unbiased variances are for method closed-form, with SDs that are "
                "free or equal"
            ],
            id="unbiased-newton",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: newton, unlabelled: ignored")},
            [
                "estimators[em]: unlabelled people are ignored only with labels: recorded, or a "
                "share of labels"
            ],
            id="ignored-none",
        ),
        pytest.param(
            {"estimators": estimator("labels: recorded, method: closed-form")},
            ["estimators[em]: method closed-form is for plain models; use newton"],
            id="recorded-closed-form",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: squarem, oracle: true")},
            ["estimators[em]: method squarem is for plain models; use newton"],
            id="oracle-squarem",
        ),
        pytest.param(
            {
                "biases": "\n  - {name: x, kind: missing-labels, share: 0.5}",
                "samples": "sketch",
            },
            ["biases[x]: a sketch does not tell whose label is missing: use samples: keep"],
            id="labels-sketch",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, starts: 2, kept_starts: 3")},
            ["estimators[em].kept_starts: expected at most starts, 2, got 3"],
            id="Y76-kept",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, bootstrap_samples: 100")},
            [
                "estimators[em].bootstrap_samples: bootstrap_samples goes with interval: "
                "bootstrap, and with nothing else"
            ],
            id="bootstrap-samples",
        ),
    ],
)
def test_what_two_values_disagree_about_is_one_line(
    refused: Callable[..., list[str]], changes: dict[str, str], messages: list[str]
) -> None:
    assert refused(**changes) == messages


def test_y48_a_sum_within_1e9_is_taken_and_not_rescaled(read: Callable[..., Study]) -> None:
    groups = [GIRLS.replace("0.5", "0.5000000005"), BOYS]
    (population,) = read(populations=school(*groups)).populations
    assert [group.share for group in population.groups] == [0.5000000005, 0.5]


def test_y56_groups_and_a_file_are_too_much(refused: Callable[..., list[str]]) -> None:
    both = school(GIRLS, BOYS) + "\n    file: data/galton_1886_children.csv"
    assert "populations[school]: give either groups or file" in refused(populations=both)


def test_y72_em_with_all_labels_is_taken(read: Callable[..., Study]) -> None:
    (estimator_,) = read(estimators=estimator("labels: all, method: em")).estimators
    assert (estimator_.method, estimator_.model.labels) == ("em", "all")


def test_one_wrong_value_hides_no_other(refused: Callable[..., list[str]]) -> None:
    groups = [GIRLS.replace("6.5", "-5"), BOYS.replace("0.5", "0.4")]
    assert refused(populations=school(*groups)) == [
        "populations[school].groups: shares sum to 0.9, not 1",
        "populations[school].groups[girls].sd_cm: expected a number > 0 (SD in cm), got -5",
    ]
