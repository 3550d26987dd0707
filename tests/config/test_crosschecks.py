from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from stature.config.plain import study_yaml
from stature.config.record import Study
from stature.config.study import check
from stature.design.canonical import decode, encode
from stature.domain.model import Model
from stature.domain.observation import Truncated
from stature.estimators.estimator import Stop

ROOT = Path(__file__).parents[2]

GALTON = "\n  - {name: galton, file: data/galton_1886_children.csv, height: height_in, unit: in"


def bias(settings: str) -> str:
    return f"\n  - {{name: x, {settings}}}"


def estimator(settings: str) -> str:
    return f"\n  - {{name: em, labels: none, method: em, {settings}}}"


def test_y64_a_cut_that_keeps_almost_nobody_is_refused_with_its_cost(
    refused: Callable[..., list[str]],
) -> None:
    # Girls N(163, 6.5): P(height > 195.5) is that of 5 SDs, 2.87e-7; 50 of 100 people are girls,
    # so 50 / 2.87e-7 = 1.7e8 draws. Boys N(176, 7): 2.79 SDs, 0.3 %, which is allowed.
    assert refused(biases=bias("kind: truncation, below_cm: 195.5")) == [
        "biases[x]: keeps 3e-07 of group 'girls' of population school: 50 people would need "
        "2e+08 draws; expected at least 0.0001"
    ]


def test_y64_a_random_sample_needs_people_of_any_group(
    read: Callable[..., Study], refused: Callable[..., list[str]]
) -> None:
    cut = bias("kind: truncation, below_cm: 195.5")
    assert read(biases=cut, sampling="random").scenarios[0].slug == "school.x"
    # Boys at 205: 4.14 SDs, 1.7e-5, halved by their share; girls add nothing.
    assert refused(biases=bias("kind: truncation, below_cm: 205"), sampling="random") == [
        "biases[x]: keeps 9e-06 of population school: 100 people would need 1e+07 draws; "
        "expected at least 0.0001"
    ]


def test_y64_a_cut_that_keeps_nobody_is_refused(refused: Callable[..., list[str]]) -> None:
    messages = refused(biases=bias("kind: truncation, below_cm: 1000"))
    assert messages == [
        f"biases[x]: keeps nobody of group '{group}' of population school"
        for group in ("girls", "boys")
    ]


def test_y63_a_steep_selection_is_a_cut_and_judged_as_one(
    refused: Callable[..., list[str]],
) -> None:
    # Odds are 1 at 169.5 cm; at 20 per cm nobody is kept below. Girls of N(163, 1): 6.5 SDs.
    narrow = (
        "\n  - name: school\n    groups:\n      - {name: girls, share: 0.5, mean_cm: 163, sd_cm: 1}"
        "\n      - {name: boys, share: 0.5, mean_cm: 176, sd_cm: 1}"
    )
    (message,) = refused(populations=narrow, biases=bias("kind: selection, log_odds_per_cm: 20"))
    assert message.startswith("biases[x]: keeps ")
    assert "of group 'girls' of population school" in message


def test_a_bias_of_a_group_that_is_not_there_is_refused(refused: Callable[..., list[str]]) -> None:
    assert refused(biases=bias("kind: selection, log_odds_per_cm: 0.1, group: boy")) == [
        "biases[x].group: population school has no group 'boy'; did you mean 'boys'?"
    ]
    assert refused(biases=bias("kind: selection, log_odds_per_cm: 0.1, group: male")) == [
        "biases[x].group: population school has no group 'male'; it has: girls, boys"
    ]


def test_y70_a_bias_of_a_group_needs_a_file_with_groups(refused: Callable[..., list[str]]) -> None:
    (message,) = refused(
        populations=GALTON + "}",
        biases=bias("kind: selection, log_odds_per_cm: 0.1, group: male"),
        estimators=estimator("shares: free"),
    )
    assert message.startswith("populations[galton].group: missing; expected the column of groups")
    assert message.endswith("the file has: family, child, sex, height_in, father_in, mother_in")


@pytest.mark.parametrize("told", ["shares: known", "sds: known"])
def test_y75_known_numbers_need_a_file_with_groups(
    refused: Callable[..., list[str]], told: str
) -> None:
    (message,) = refused(populations=GALTON + "}", estimators=estimator(told))
    assert message.startswith("populations[galton].group: missing; expected the column of groups")


def test_y75_known_shares_of_a_file_are_taken(read: Callable[..., Study]) -> None:
    (population,) = read(
        populations=GALTON + ", group: sex}", estimators=estimator("shares: known")
    ).populations
    # 453 of 934 children are girls.
    assert population.groups[0].share == 453 / 934


@pytest.mark.parametrize("key", ["shares: [0.3, 0.3, 0.4]", "sds: [6, 6, 7]"])
def test_y74_numbers_for_other_groups_than_there_are_are_refused(
    refused: Callable[..., list[str]], key: str
) -> None:
    name = key.partition(":")[0]
    assert refused(estimators=estimator(key)) == [
        f"estimators[em].{name}: 3 numbers, but population school has 2 groups (girls, boys)"
    ]


def test_y82_a_large_study_must_say_that_it_is_meant(
    read: Callable[..., Study], refused: Callable[..., list[str]]
) -> None:
    # 100000 replicates x 100 sizes x 2 estimators x 1 scenario = 20,000,000 fits.
    sizes = "[" + ", ".join(str(40 + size) for size in range(100)) + "]"
    (message,) = refused(sizes=sizes, replicates="100000", block="1000")
    assert message.startswith("20,000,000 fits, about ")
    assert message.endswith("; set allow_large: true")
    study = read(sizes=sizes, replicates="100000", block="1000", allow_large="true")
    assert study.counts.fits == 20_000_000


def test_y82_much_disk_must_be_meant_too(refused: Callable[..., list[str]]) -> None:
    # 9 bytes a person: 1000 x 10^7 people are 90 GB.
    (message,) = refused(sizes="[10000000]", replicates="1000", block="1")
    assert message.startswith("2,000 fits, about ")
    assert " 90 GB; set allow_large: true" in message


def test_the_root_of_the_repository_has_the_data_of_these_tests() -> None:
    assert (Path(__file__).parents[2] / "data/galton_1886_children.csv").is_file()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("labels: 0.1, method: em", "else use newton"),
        ("labels: none, method: em, observation: {kind: rounded, step_cm: 5}", "else use newton"),
        ("labels: none, method: newton, stop: {gain: total, below: 0.1}", "goes with method em"),
        ("labels: none, method: moments, shares: known", "free shares"),
        ("labels: none, method: em, observation: {kind: round}", "did you mean 'rounded'?"),
        (
            "labels: none, method: newton, observation: {kind: truncated, below: 160}",
            "unknown key 'below'",
        ),
        ("labels: none, method: newton, observation: {kind: truncated}", "give one of them"),
        ("labels: 1.5, method: newton", "expected one of: all, none"),
        ("labels: none, method: em, interval: profil", "did you mean 'profile'?"),
        ("labels: all, method: closed-form, interval: profile", "use wald or sandwich"),
        ("labels: 0.1, method: newton, interval: bootstrap", "estimators[x].interval: bootstrap"),
        ("labels: none, method: newton, freedom: 4, interval: profile", "normal groups"),
        ("labels: none, method: moments, interval: sandwich", "need a maximum"),
    ],
)
def test_what_no_method_goes_with_is_refused(
    refused: Callable[..., list[str]], keys: str, words: str
) -> None:
    messages = refused(estimators=f"[{{name: x, {keys}}}]")
    assert any(words in message for message in messages), messages


def test_observations_labels_and_stops_come_into_the_study_and_back(
    read: Callable[..., Study],
) -> None:
    items = [
        "{name: a, labels: none, method: newton, observation: {kind: truncated, below_cm: 160}}",
        "{name: b, labels: 0.1, method: newton, penalty: 1}",
        "{name: c, labels: none, method: em, stop: {gain: relative, below: 1.0e-5}}",
        "{name: d, labels: none, method: moments}",
        "{name: e, labels: none, method: newton, freedom: 4}",
        "{name: f, labels: none, method: newton, interval: bootstrap, bootstrap_samples: 50}",
        "{name: g, labels: all, method: closed-form, interval: sandwich}",
    ]
    study = read(estimators=f"[{', '.join(items)}]")
    a, b, c, d, e, f, g = study.estimators
    assert a.model == Model("none", observation=Truncated(below_cm=160.0))
    assert (b.model, b.penalty) == (Model("some", labelled_share=0.1), 1.0)
    assert c.stop == Stop("relative", 1e-5)
    assert (d.method, e.model.freedom) == ("moments", 4.0)
    assert (f.interval, f.bootstrap_samples, g.interval) == ("bootstrap", 50, "sandwich")
    assert decode(Study, encode(study)) == study
    again = check(yaml.safe_load(study_yaml(study)), [], ROOT)
    assert again.estimators == study.estimators
