from pathlib import Path

import numpy as np
import pytest
import yaml

from stature.config.crosschecks import needs_groups
from stature.config.study import Study, check, study_yaml
from stature.design.streams import decode, encode
from stature.domain.bias import NoBias
from stature.domain.functions import digest
from stature.domain.model import Model
from stature.domain.observation import Truncated
from stature.domain.population import Group, Population
from stature.estimators.estimator import Stop
from stature.theory.bounds import bound_covariance
from tests.config.conftest import Read, Refused

ROOT = Path(__file__).parents[2]

GALTON = "\n  - {name: galton, file: data/galton_1886_children.csv, height: height_in, unit: in"


def bias(settings: str) -> str:
    return f"\n  - {{name: x, {settings}}}"


def estimator(settings: str) -> str:
    return f"\n  - {{name: em, labels: none, method: em, {settings}}}"


def test_y64_a_random_sample_needs_people_of_any_group(read: Read, refused: Refused) -> None:
    cut = bias("kind: truncation, below_cm: 195.5")
    assert read(biases=cut, sampling="random").scenarios[0].slug == "school.x"
    # Boys at 205: 4.14 SDs, 1.7e-5, halved by their share; girls add nothing.
    assert refused(biases=bias("kind: truncation, below_cm: 205"), sampling="random") == [
        "biases[x]: keeps 9e-06 of population school: 100 people would need 1e+07 draws; "
        "expected at least 0.0001"
    ]


def test_y75_known_shares_of_a_file_are_taken(read: Read) -> None:
    (population,) = read(
        populations=GALTON + ", group: sex}", estimators=estimator("shares: known")
    ).populations
    # 453 of 934 children are girls.
    assert population.groups[0].share == 453 / 934


def test_y82_a_large_study_must_say_that_it_is_meant(read: Read, refused: Refused) -> None:
    # 100000 replicates x 100 sizes x 2 estimators x 1 scenario = 20,000,000 fits.
    sizes = "[" + ", ".join(str(40 + size) for size in range(100)) + "]"
    (message,) = refused(sizes=sizes, replicates="100000", block="1000")
    assert message.startswith("20,000,000 fits, about ")
    assert message.endswith("; set allow_large: true")
    study = read(sizes=sizes, replicates="100000", block="1000", allow_large="true")
    assert study.counts.fits == 20_000_000


def test_observations_labels_and_stops_come_into_the_study_and_back(read: Read) -> None:
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


def school(girls: str, boys: str | None = None) -> str:
    groups = [f"{{name: girls, {girls}}}"] + ([f"{{name: boys, {boys}}}"] if boys else [])
    return "\n  - name: school\n    groups:" + "".join(f"\n      - {group}" for group in groups)


LABELLED = "\n  - {name: mle, labels: all, method: closed-form}"


def test_a_study_without_oddities_has_no_warnings(read: Read) -> None:
    assert read().warnings == ()


def test_y41_a_rare_group_that_is_not_in_a_small_sample_is_told(read: Read) -> None:
    # 0.01 x 20 = 0.2 people: nobody; at 100 one; from 200 on two.
    populations = school(
        "share: 0.99, mean_cm: 163, sd_cm: 6", "share: 0.01, mean_cm: 176, sd_cm: 7"
    )
    study = read(populations=populations, sizes="[20, 100, 200]", estimators=LABELLED)
    assert study.warnings == (
        "mine.yaml: populations[school]: group 'boys' has 0 people at n = 20 (and at n = 100 too "
        "few): its estimates there will have status too_few",
    )


def test_y41_a_size_below_twice_the_groups_is_told(read: Read) -> None:
    warnings = read(sizes="[3, 100]", sampling="random", estimators=LABELLED).warnings
    assert warnings == tuple(
        f"mine.yaml: populations[school]: group '{group}' has about 1 person at n = 3: "
        "its estimates there will have status too_few"
        for group in ("girls", "boys")
    )


def test_y42_small_sizes_without_labels_are_told_once_with_the_bound(read: Read) -> None:
    (warning,) = read(sizes="[20, 25, 100]").warnings
    groups = Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)
    population = Population("school", groups)
    covariance = bound_covariance(population, NoBias(), Model("none"), "stratified")
    assert covariance is not None
    variances = np.diag(covariance)
    # Rows are share, mean, SD of the girls, then of the boys: the boys' mean is the worse one.
    bound = np.sqrt(variances[4] / 20)
    assert warning == (
        "mine.yaml: sizes: n = 20, 25: too few for estimators that do not use the labels "
        "(population school, all parameters free: standard error of a mean about "
        f"{bound:.2g} cm at n = 20)"
    )
    assert read(sizes="[20, 25, 100]", estimators=LABELLED).warnings == ()


def test_y45_one_replicate_has_no_mcse(read: Read) -> None:
    assert read(replicates="1").warnings == (
        "mine.yaml: replicates: one replicate: only rates have a Monte-Carlo standard error",
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
    read: Read, mean: str, sd: str, told: str
) -> None:
    groups = school(
        f"share: 0.5, mean_cm: {mean}, sd_cm: {sd}", "share: 0.5, mean_cm: 176, sd_cm: 7"
    )
    warnings = read(populations=groups, estimators=LABELLED).warnings
    assert warnings == (f"mine.yaml: populations[school]: group 'girls': {told}",)


def test_y53_one_group_has_no_labels_to_hide(read: Read) -> None:
    (warning,) = read(populations=school("share: 1, mean_cm: 163, sd_cm: 6")).warnings
    assert warning.startswith("mine.yaml: estimators[em]: population school has one group: ")
    assert "not identifiable" in warning
    one = school("share: 1, mean_cm: 163, sd_cm: 6")
    assert read(populations=one, estimators=LABELLED).warnings == ()


def test_y54_groups_that_are_alike_are_told(read: Read) -> None:
    alike = "share: 0.5, mean_cm: 163, sd_cm: 6"
    (warning,) = read(populations=school(alike, alike), estimators=LABELLED).warnings
    assert warning.endswith("are alike in mean and SD: the labels cannot be learned")


def test_y54_alike_groups_with_hidden_labels_are_no_fault(read: Read) -> None:
    alike = "share: 0.5, mean_cm: 163, sd_cm: 6"
    assert len(read(populations=school(alike, alike), sizes="[20, 40]").warnings) == 2


SAME_MEANS = school("share: 0.5, mean_cm: 170, sd_cm: 2", "share: 0.5, mean_cm: 170, sd_cm: 9")


def test_groups_that_would_be_taken_for_each_other_are_told_before_a_run(read: Read) -> None:
    (warning,) = read(populations=SAME_MEANS, sizes="[500]").warnings
    assert warning.startswith("mine.yaml: populations[school].match: without labels and matched by")
    for part in ("'boys' and 'girls'", "in about 50 % of the samples", "with match: sd in less"):
        assert part in warning


@pytest.mark.parametrize(
    "settings",
    [
        {"populations": f"{SAME_MEANS}\n    match: sd"},
        {"populations": SAME_MEANS, "estimators": LABELLED},
        {
            "populations": school(
                "share: 0.5, mean_cm: 163, sd_cm: 6", "share: 0.5, mean_cm: 176, sd_cm: 7"
            )
        },
    ],
)
def test_groups_that_are_told_apart_are_no_warning(read: Read, settings: dict[str, str]) -> None:
    assert read(**settings, sizes="[500]").warnings == ()


def test_y77_starts_of_a_closed_form_have_no_effect(read: Read) -> None:
    study = read(estimators="\n  - {name: mle, labels: all, method: closed-form, starts: 5}")
    assert study.warnings == (
        "mine.yaml: estimators[mle].starts: no effect: a closed form starts nowhere",
    )


def test_y78_fewer_people_than_two_a_group_are_told(read: Read) -> None:
    groups = "\n  - name: many\n    groups:" + "".join(
        f"\n      - {{name: g{k}, share: 0.25, mean_cm: {150 + 10 * k}, sd_cm: 6}}"
        for k in range(4)
    )
    # Eight people over four groups are two each; six are one or two.
    assert read(populations=groups, sizes="[8]", estimators=LABELLED).warnings == ()
    assert read(populations=groups, sizes="[6]", estimators=LABELLED).warnings


def test_y79_estimators_alike_in_all_but_the_name_are_told(read: Read) -> None:
    study = read(
        estimators="\n  - {name: em, labels: none, method: em}"
        "\n  - {name: em2, labels: none, method: em, starts: 10}"
    )
    assert study.warnings == ("mine.yaml: estimators[em2]: the same as 'em' in all but the name",)


def test_y68_a_shift_in_metres_is_told_in_a_step_too(read: Read) -> None:
    shift = "kind: self-report, shift_cm: -0.02, sd_cm: 0"
    biases = f"\n  - {{name: x, kind: sequence, steps: [{{{shift}}}]}}"
    (warning,) = read(biases=biases).warnings
    assert warning == (
        "mine.yaml: biases[x].steps: item 1: shift_cm: a shift of -0.02 cm: metres? shifts here "
        "are in cm"
    )


def test_an_empty_aim_is_told(read: Read) -> None:
    study = read(aims="''", why="'  '")
    assert study.warnings == tuple(
        f"mine.yaml: {key}: is empty: say it in a sentence, it stands in the report"
        for key in ("aims", "why")
    )


def test_settings_of_sketches_without_effect_are_told(read: Read) -> None:
    assert read(sketch_from="5000").warnings == (
        "mine.yaml: sketch_from: no effect: samples: keep keeps people of every size",
    )
    assert read(samples="sketch", sketch_from="5000").warnings == (
        "mine.yaml: samples: no effect: no size is above sketch_from, 5000",
    )
    assert read(samples="sketch", sizes="[100, 50000]").warnings == ()


GROUPS = (
    "groups: [{name: girls, share: 0.5, mean_cm: 163, sd_cm: 6}, "
    "{name: boys, share: 0.5, mean_cm: 176, sd_cm: 7}]"
)
DRAWN = f"name: a, draw: 'code.py:f', {GROUPS}"
OUTSIDE = "\n  - {name: mine, labels: none, method: "


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("python", "method: function goes with method: python, and with nothing else"),
        ("em, function: 'code.py:f'", "function: function goes with method: python"),
        ("em, seconds: 3", "seconds: seconds goes with method: python or command"),
        ("python, function: code.py", "such as code.py:name, got 'code.py'"),
        ("python, function: 'none.py:f'", "got 'none.py:f': none.py does not exist"),
        ("python, function: 'code.py:median'", "no function 'median' in code.py; did you mean"),
        ("python, function: 'odd.py:f'", "odd.py: expected Python, got a mistake in line 2"),
        ("python, function: 'code.py:f', files: [no.csv]", "files: item 1: no.csv does not exist"),
        ("python, function: 'code.py:f', penalty: 1.0", "takes labels, shares and sds (free or"),
        ("python, function: 'code.py:f', sds: equal", "takes labels, shares and sds (free or"),
        ("python, function: 'code.py:f', seconds: 0", "expected a number > 0 (seconds), got 0"),
        ("command, command: [no-such-program]", "got 'no-such-program': it is not on the PATH"),
        ("command, command: [ls], batched: true", "a command is always given a block"),
    ],
)
def test_mistakes_about_estimators_from_outside_are_found_before_any_work(
    settings: str, said: str, folder: Path, refused: Refused
) -> None:
    (folder / "code.py").write_text("import numpy as np\ndef f(*a): ...\ndef median_split(*a): ...")
    (folder / "odd.py").write_text("\ndef f(:\n")
    (message,) = refused(estimators=f"{OUTSIDE}{settings}}}")
    assert said in message


def test_estimators_from_outside_need_everybody(folder: Path, refused: Refused) -> None:
    (folder / "code.py").write_text("def f(*a): ...")
    one = f"{OUTSIDE}python, function: 'code.py:f'}}"
    (message,) = refused(estimators=one, samples="sketch", sizes="[30000]")
    assert "an estimator from outside needs everybody: use samples: keep" in message


def test_the_content_of_files_is_part_of_an_estimator(folder: Path, read: Read) -> None:
    for name in ("code.py", "data.csv"):
        (folder / name).write_text("def f(*a): ...")
    one = f"{OUTSIDE}python, function: 'code.py:f', files: [data.csv]}}"
    before = read(estimators=one).estimators[0].outside
    assert before.sources == ("code.py", "data.csv")
    (folder / "data.csv").write_text("1")
    assert read(estimators=one).estimators[0].outside.sha256 != before.sha256
    words = "command, command: [ls, data.csv, other]"
    assert read(estimators=f"{OUTSIDE}{words}}}").estimators[0].outside.sources == ("data.csv",)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"populations": "\n  - {name: a, draw: 'code.py:f'}"}, "expected groups beside it"),
        ({"populations": f"\n  - {{name: a, draw: 'code.py:g', {GROUPS}}}"}, "no function 'g' in"),
        ({"populations": f"\n  - {{name: a, draw: code, {GROUPS}}}"}, "such as code.py:name, got"),
        (
            {"populations": f"\n  - {{{DRAWN}, vary: {{share: [0.5]}}}}"},
            "vary: a function draws the same people at every level",
        ),
        ({"biases": bias("kind: function")}, "function: missing; expected a file and a function"),
        ({"biases": bias("kind: function, function: 'no.py:f'")}, "no.py does not exist"),
        (
            {"biases": bias("kind: function, function: 'code.py:f'"), "samples": "sketch",
             "sizes": "[30000]"},
            "a sketch is not for people of a function: use samples: keep",
        ),
    ],
)  # fmt: skip
def test_mistakes_about_functions_are_found_before_any_work(
    changes: dict[str, str | None], said: str, folder: Path, refused: Refused
) -> None:
    (folder / "code.py").write_text("def f(*a): ...")
    assert said in "\n".join(refused(**changes))


def test_a_population_and_a_bias_know_their_code(folder: Path, read: Read) -> None:
    (folder / "code.py").write_text("def f(*a): ...")
    steps = "[{kind: rounding, step_cm: 1}, {kind: function, function: 'code.py:f'}]"
    study = read(
        populations=f"\n  - {{{DRAWN}}}",
        biases=bias(f"kind: sequence, steps: {steps}"),
    )
    (population,), content = study.populations, digest(["code.py"])
    assert (population.draw, population.sha256) == ("code.py:f", content)
    assert content in encode(study.biases[0])
    again = yaml.safe_load(study_yaml(study))
    assert again["populations"][0]["draw"] == "code.py:f"
    assert content not in study_yaml(study)


@pytest.mark.parametrize(
    ("settings", "needs"),
    [
        ({"sds": "ratio"}, True),
        ({"choose": {"among": [{"sds": "equal"}, {"sds": "ratio"}]}}, True),
        ({"choose": {"among": [{"sds": "equal"}, "free"]}}, False),
        ({"choose": {"among": 3}}, False),
        ({"choose": "bic"}, False),
        ({"sds": [6.0, 7.0]}, False),
    ],
)
def test_a_known_ratio_of_sds_takes_a_file_whose_groups_are_known(
    settings: dict[str, object], needs: bool
):
    config = {"estimators": [{"name": "em", "labels": "none", **settings}]}
    assert needs_groups(config, "p") == needs
