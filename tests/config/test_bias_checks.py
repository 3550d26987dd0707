from collections.abc import Callable

import pytest

from stature.config.plain import study_yaml
from stature.config.record import Study
from stature.domain.bias import Sequence
from stature.domain.recording import Classes, Contamination, Grid, Heaping, SelfReport
from stature.domain.selecting import Nonresponse, Tilt

STEP = "none, selection"


def bias(settings: str) -> str:
    return f"\n  - {{name: x, {settings}}}"


def sequence(*steps: str) -> str:
    return "\n  - name: x\n    kind: sequence\n    steps:\n" + "".join(
        f"      - {{{step}}}\n" for step in steps
    )


@pytest.mark.parametrize(
    ("biases", "message"),
    [
        (
            bias("kind: coding"),
            "biases[x]: kind coding takes: below_cm, above_cm; give one of them, or both",
        ),
        (
            bias("kind: coding, below_cm: 180, above_cm: 170"),
            "biases[x].below_cm: expected below_cm < above_cm, got 180 and 170: "
            "everybody would be written down alike",
        ),
        (
            bias("kind: heaping, grids: [{step_cm: 5, share: 0.7}, {step_cm: 2, share: 0.4}]"),
            "biases[x].grids: shares sum to 1.1; expected 1 or less",
        ),
        (
            bias("kind: heaping, grids: [{step_cm: 5, share: 2}]"),
            "biases[x].grids: item 1: share: expected a number from 0 to 1 (share of the people), "
            "got 2",
        ),
        (
            bias("kind: heaping, grids: [{step: 5, share: 0.2}]"),
            "biases[x].grids: item 1: unknown key 'step'; did you mean 'step_cm'?",
        ),
        (bias("kind: heaping, grids: []"), "biases[x].grids: empty list: nothing to run"),
        (
            bias("kind: contamination, share: 0.1"),
            "biases[x]: kind contamination takes: either factor, or mean_cm and sd_cm",
        ),
        (
            bias("kind: contamination, share: 0.1, factor: 2, mean_cm: 150"),
            "biases[x]: kind contamination takes: either factor, or mean_cm and sd_cm",
        ),
        (
            bias("kind: contamination, share: 0.1, mean_cm: 150"),
            "biases[x].sd_cm: missing; expected it beside mean_cm",
        ),
        (
            bias("kind: self-report, shift_cm: 1, sd_cm: 0.05"),
            "biases[x].sd_cm: expected 0 or at least 0.1, got 0.05: nobody sees it",
        ),
        (
            bias("kind: classes, size: 25, shift_sd_cm: 0.01"),
            "biases[x].shift_sd_cm: expected 0 or at least 0.1, got 0.01: nobody sees it",
        ),
        (
            bias("kind: classes, size: 0, shift_sd_cm: 1"),
            "biases[x].size: expected a whole number from 1 to 10^6, got 0",
        ),
        (
            bias("kind: tilt, log_weights_per_cm: 0.1"),
            "biases[x]: unknown key 'log_weights_per_cm'; did you mean 'log_weight_per_cm'?",
        ),
        (
            bias("kind: nonresponse, group: girl, answers: 0.5"),
            "biases[x].group: population school has no group 'girl'; did you mean 'girls'?",
        ),
        (
            bias("kind: nonresponse, group: girls, answers: 0"),
            "biases[x].answers: expected a number > 0 and ≤ 1 (probability of an answer), got 0",
        ),
        (
            bias("kind: probit-selection, centre_cm: 170, spread_cm: 0.01"),
            "biases[x].spread_cm: expected a number ≥ 0.1 (spread in cm; a narrower one is a cut: "
            "use truncation), got 0.01",
        ),
        (bias("kind: sequence, steps: []"), "biases[x].steps: empty list: nothing to run"),
        (
            sequence("kind: rounding, step_cm: 1", "kind: rounding, step_cm: 0"),
            "biases[x].steps: item 2: step_cm: expected a number > 0 (step in cm), got 0",
        ),
        (
            sequence("kind: rounding, step_cm: 1, name: a"),
            "biases[x].steps[a].name: a step has no name of its own: the sequence has one",
        ),
        (
            sequence("kind: rounding, step_cm: 1, why: a"),
            "biases[x].steps: item 1: why: a step has no why of its own: the sequence has one",
        ),
        (
            sequence("kind: coding, above_cm: 180", "kind: selection"),
            "biases[x].steps: item 2: log_odds_per_cm: missing; expected a number from -50 to 50 "
            "(log-odds per cm; a steeper one is a cut: use truncation)",
        ),
        (
            sequence("kind: rounding, step_cm: 1", "kind: tilt, log_weight_per_cm: 0, group: x"),
            "biases[x].steps: item 2: group: population school has no group 'x'; it has: girls, "
            "boys",
        ),
        # Girls who say that they are 20 cm taller: N(183, 6.5); above 210 are 4.15 SDs, 1.6e-5.
        (
            sequence(
                "kind: self-report, shift_cm: 20, sd_cm: 0, group: girls",
                "kind: truncation, below_cm: 210",
            ),
            "biases[x]: keeps 2e-05 of group 'girls' of population school: 50 people would need "
            "3e+06 draws; expected at least 0.0001",
        ),
    ],
)
def test_what_is_wrong_with_a_bias_is_told(
    refused: Callable[..., list[str]], biases: str, message: str
) -> None:
    assert message in refused(biases=biases)


def test_a_step_is_of_a_kind_that_can_be_one(refused: Callable[..., list[str]]) -> None:
    for kind in ("none", "sequence", "round"):
        (message,) = refused(biases=sequence(f"kind: {kind}"))
        assert message.startswith("biases[x].steps: item 1: kind: expected one of: selection, ")
        assert ("; did you mean 'rounding'?" in message) == (kind == "round")
    assert refused(biases=sequence("step_cm: 5"))[0].startswith(
        "biases[x].steps: item 1: kind: missing; expected one of: selection, "
    )


def test_every_kind_is_read_and_written_back(read: Callable[..., Study]) -> None:
    kinds = [
        "kind: probit-selection, centre_cm: 170, spread_cm: 5, group: boys",
        "kind: tilt, log_weight_per_cm: 0.02",
        "kind: size-bias",
        "kind: nonresponse, group: boys, answers: 0.5",
        "kind: coding, above_cm: 190",
        "kind: heaping, grids: [{step_cm: 2.54, share: 0.3}, {step_cm: 5, share: 0.2}]",
        "kind: self-report, shift_cm: 1, sd_cm: 0, group: girls",
        "kind: contamination, share: 0.05, factor: 0.3937",
        "kind: contamination, share: 0.05, mean_cm: 150, sd_cm: 8",
        "kind: classes, size: 25, shift_sd_cm: 2",
    ]
    biases = "".join(f"\n  - {{name: b{i}, {kind}, why: w}}" for i, kind in enumerate(kinds))
    study = read(biases=biases + sequence(*kinds))
    assert [named.bias for named in study.biases][1:-1:2] == [
        Tilt(0.02),
        Nonresponse("boys", 0.5),
        Heaping((Grid(2.54, 0.3), Grid(5.0, 0.2))),
        Contamination(0.05, factor=0.3937),
        Classes(25, 2.0),
    ]
    last = study.biases[-1].bias
    assert isinstance(last, Sequence)
    assert last.steps == tuple(named.bias for named in study.biases[:-1])
    assert SelfReport(1.0, 0.0, "girls") in last.steps
    assert read(study_yaml(study)) == study
