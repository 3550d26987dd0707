from dataclasses import replace

import pytest
import yaml

from stature.config import specs
from stature.config.study import plan_line, study_yaml
from stature.design.streams import decode
from stature.domain.bias import (
    Classes,
    Contamination,
    Heaping,
    Nonresponse,
    SelfReport,
    Sequence,
    Tilt,
)
from stature.domain.observation import Grid
from stature.measures.measure import MeasureSpec
from stature.provenance import StudyRecord
from stature.theory.bounds import BoundsSpec
from tests.config.conftest import KEYS, Read, Refused

GIRLS = "{name: girls, share: 0.5, mean_cm: 163.0, sd_cm: 6.5}"
BOYS = "{name: boys, share: 0.5, mean_cm: 176.0, sd_cm: 7.0}"


def school(*groups: str) -> str:
    return "\n  - name: school\n    groups:" + "".join(f"\n      - {group}" for group in groups)


def estimator(settings: str) -> str:
    return f"\n  - {{name: em, {settings}}}"


MINE = "labels: none, method: python, function: 'examples/estimators.py:median_split'"
DISAGREEMENTS = [
    ("quantities-of-em", {"estimators": estimator("labels: none, method: em, quantities: [own]")},
     ["estimators[em].quantities: quantities goes with method: python or command"]),
    ("quantities-that-are-taken",
     {"estimators": estimator(MINE + ", quantities: [gap_cm, own, own, own_se, 'a b', 3]")},
     ["estimators[em].quantities: item 1: the name 'gap_cm' is taken: choose another",
      "estimators[em].quantities: item 3: the name 'own' is taken: choose another",
      "estimators[em].quantities: item 4: 'own_se' ends like what is claimed of a quantity (_se, "
      "_lower, _upper): choose another name",
      "estimators[em].quantities: item 5: names are folders: use letters, digits, '-' and '_', at "
      "most 64, got 'a b'",
      "estimators[em].quantities: item 6: expected a name, got the number 3: quote it"]),
    ("truths-of-nothing",
     {"populations": school(GIRLS, BOYS) + "\n    truths: [{name: owm, value: 1}]",
      "estimators": estimator(MINE + ", quantities: [own]")},
     ["populations[school].truths[owm].name: no estimator returns a quantity 'owm'; did you mean "
      "'own'?"]),
    ("truths-that-are-odd",
     {"populations": school(GIRLS, BOYS) + "\n    truths: [{name: own, value: .nan}, {name: own, "
      "vale: 2}]",
      "estimators": estimator(MINE + ", quantities: [own]")},
     ["populations[school].truths[own].value: expected a finite number, got .nan",
      "populations[school].truths[own]: duplicate name 'own' (items 1 and 2): a quantity has one "
      "truth",
      "populations[school].truths[own]: unknown key 'vale'; did you mean 'value'?"]),
    ("truths-at-every-level",
     {"populations": school(GIRLS, BOYS) + "\n    truths: [{name: own, value: 1}]"
      "\n    vary: {separation: [1, 2]}",
      "estimators": estimator(MINE + ", quantities: [own]")},
     ["populations[school].vary: truths would be the same at every level: leave one of them out"]),
    ("Y28",
     {"estimators": "\n  - {name: em, labels: none, method: em}\n  - {name: mle, labels: all, "
       "method: closed-form}\n  - {name: em, labels: none, method: em, starts: 5}"},
     ["estimators[em]: duplicate name 'em' (items 1 and 3): both would write the same files"]),
    ("rounds-beyond-the-replicates", {"precision": "{mcse: 0.02, min: 200}"},
     ["precision.min: expected at most replicates, 4, got 200"]),
    ("rounds-beyond-the-cap", {"precision": "{mcse: 0.02, min: 20, max: 10}"},
     ["precision.min: expected at most max, 10, got 20"]),
    ("traces-of-later-rounds", {"precision": "{mcse: 0.02, min: 2}", "traced": "3"},
     ["traced: expected at most precision.min, 2, got 3"]),
    ("Y28-case", {"biases": "\n  - {name: none, kind: none}\n  - {name: None, kind: none}"},
     ["biases[None]: duplicate name 'None' (items 1 and 2): both would write the same files"]),
    ("Y29", {"sizes": "[100, 40, 100]"},
     ["sizes: item 3: duplicate 100 (items 1 and 3); leave one out"]),
    ("Y29-real", {"sizes": "[100, 100.0]"},
     ["sizes: item 2: duplicate 100 (items 1 and 2); leave one out"]),
    ("Y48-0.9", {"populations": school(GIRLS, BOYS.replace("0.5", "0.4"))},
     ["populations[school].groups: shares sum to 0.9, not 1"]),
    ("Y48-1.1", {"populations": school(GIRLS, BOYS.replace("0.5", "0.6"))},
     ["populations[school].groups: shares sum to 1.1, not 1"]),
    ("Y48-above", {"populations": school(GIRLS.replace("0.5", "1.5"), BOYS)},
     ["populations[school].groups[girls].share: expected a number from 0 to 1 (share), got 1.5"]),
    ("Y48-negative", {"populations": school(GIRLS.replace("0.5", "-0.5"), BOYS)},
     ["populations[school].groups[girls].share: expected a number from 0 to 1 (share), got -0.5"]),
    ("Y48-text", {"populations": school(GIRLS.replace("0.5", "half"), BOYS)},
     ["populations[school].groups[girls].share: expected a number from 0 to 1 (share), got the "
     "text 'half'"]),
    ("Y49", {"populations": school(GIRLS.replace("0.5", "0"), BOYS.replace("0.5", "1"))},
     ["populations[school].groups[girls].share: group 'girls' has share 0: leave it out"]),
    ("Y54-name", {"populations": school(GIRLS, BOYS.replace("boys", "girls"))},
     ["populations[school].groups[girls]: duplicate name 'girls' (items 1 and 2): both would "
     "be one group"]),
    ("Y56-neither", {"populations": "\n  - {name: school}"},
     ["populations[school]: give either groups or file"]),
    ("Y62-none", {"biases": "\n  - {name: x, kind: truncation}"},
     ["biases[x]: kind truncation takes: below_cm, above_cm; give one of them, or both"]),
    ("Y65", {"biases": "\n  - {name: x, kind: truncation, below_cm: 180, above_cm: 170}"},
     ["biases[x].below_cm: expected below_cm < above_cm, got 180 and 170: nobody would be kept"]),
    ("Y65-equal", {"biases": "\n  - {name: x, kind: truncation, below_cm: 170, above_cm: 170}"},
     ["biases[x].below_cm: expected below_cm < above_cm, got 170 and 170: nobody would be kept"]),
    ("Y72", {"estimators": estimator("labels: none, method: closed-form")},
     ["estimators[em].method: closed form needs labels: all; for labels: none use em"]),
    ("Y72-squarem", {"estimators": estimator("labels: all, method: squarem")},
     ["estimators[em].method: squarem needs labels: none; with all labels EM is the "
     "closed form"]),
    ("Y74-sum", {"estimators": estimator("labels: none, method: em, shares: [0.4, 0.4]")},
     ["estimators[em].shares: shares sum to 0.8, not 1"]),
    ("Y80-shares", {"estimators": estimator("labels: none, method: em, shares: [1.5, -0.5]")},
     ["estimators[em].shares: expected shares > 0 and ≤ 1, got a list"]),
    ("Y80-sds", {"estimators": estimator("labels: none, method: em, sds: [6, 0]")},
     ["estimators[em].sds: expected SDs > 0 (in cm): every one of the list"]),
    ("heaped-sum",
     {"estimators": estimator("labels: none, method: newton, observation: {kind: heaped, grids: "
           "[{step_cm: 5, share: 0.7}, {step_cm: 2, share: 0.4}]}")},
     ["estimators[em].observation.grids: shares sum to 1.1; expected 1 or less"]),
    ("squarem-ratio", {"estimators": estimator("labels: none, method: squarem, sd_ratio: 0.5")},
     ["estimators[em]: a ratio of SDs needs free sds, and method newton or em"]),
    ("stop-newton",
     {"estimators": estimator("labels: none, method: newton, stop: {gain: mean, below: 0.001}")},
     ["estimators[em]: a stop is a rule of method em, got method newton; leave the stop out"]),
    ("ratio-equal",
     {"estimators": estimator("labels: none, method: newton, sds: equal, sd_ratio: 0.5")},
     ["estimators[em]: a ratio of SDs needs free sds, and method newton or em"]),
    ("trimmed-share", {"estimators": estimator("labels: none, method: newton, trimmed: 0.6")},
     ["estimators[em].trimmed: expected a number > 0 and ≤ 0.5 (share of the people), got 0.6"]),
    ("unbiased-newton",
     {"estimators": estimator("labels: all, method: newton, variances: unbiased")},
     ["estimators[em]: unbiased variances are for method closed-form, with SDs that are free "
     "or equal"]),
    ("ignored-none", {"estimators": estimator("labels: none, method: newton, unlabelled: ignored")},
     ["estimators[em]: unlabelled people are ignored only with labels: recorded, or a share of "
     "labels"]),
    ("recorded-closed-form", {"estimators": estimator("labels: recorded, method: closed-form")},
     ["estimators[em]: method closed-form is for plain models; use em or newton"]),
    ("oracle-squarem", {"estimators": estimator("labels: none, method: squarem, oracle: true")},
     ["estimators[em]: method squarem is for plain models; use em or newton"]),
    ("labels-sketch",
     {"biases": "\n  - {name: x, kind: missing-labels, share: 0.5}", "samples": "sketch"},
     ["biases[x]: a sketch does not record whose label is missing: use samples: keep"]),
    ("Y76-kept", {"estimators": estimator("labels: none, method: em, starts: 2, kept_starts: 3")},
     ["estimators[em].kept_starts: expected at most starts, 2, got 3"]),
    ("bootstrap-samples",
     {"estimators": estimator("labels: none, method: em, bootstrap_samples: 100")},
     ["estimators[em].bootstrap_samples: bootstrap_samples goes with interval: bootstrap, and "
     "with nothing else"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "messages"),
    [row[1:] for row in DISAGREEMENTS],
    ids=[row[0] for row in DISAGREEMENTS],
)
def test_what_two_values_disagree_about_is_one_line(
    refused: Refused, changes: dict[str, str], messages: list[str]
) -> None:
    assert refused(**changes) == messages


def test_y48_a_sum_within_1e9_is_taken_and_not_rescaled(read: Read) -> None:
    groups = [GIRLS.replace("0.5", "0.5000000005"), BOYS]
    (population,) = read(populations=school(*groups)).populations
    assert [group.share for group in population.groups] == [0.5000000005, 0.5]


def test_y56_groups_and_a_file_are_too_much(refused: Refused) -> None:
    both = school(GIRLS, BOYS) + "\n    file: data/galton_1886_children.csv"
    assert "populations[school]: give either groups or file" in refused(populations=both)


def test_y72_em_with_all_labels_is_taken(read: Read) -> None:
    (estimator_,) = read(estimators=estimator("labels: all, method: em")).estimators
    assert (estimator_.method, estimator_.model.labels) == ("em", "all")


def test_one_wrong_value_hides_no_other(refused: Refused) -> None:
    groups = [GIRLS.replace("6.5", "-5"), BOYS.replace("0.5", "0.4")]
    assert refused(populations=school(*groups)) == [
        "populations[school].groups: shares sum to 0.9, not 1",
        "populations[school].groups[girls].sd_cm: "
        "expected a number > 0 and ≤ 400 (SD in cm), got -5",
    ]


STEP = "none, selection"


def bias(settings: str) -> str:
    return f"\n  - {{name: x, {settings}}}"


def sequence(*steps: str) -> str:
    return "\n  - name: x\n    kind: sequence\n    steps:\n" + "".join(
        f"      - {{{step}}}\n" for step in steps
    )


FAULTY_BIASES = [
    (bias("kind: coding"),
     "biases[x]: kind coding takes: below_cm, above_cm; give one of them, or both"),
    (bias("kind: coding, below_cm: 180, above_cm: 170"),
     "biases[x].below_cm: expected below_cm < above_cm, got 180 and 170: everybody would be "
     "recorded alike"),
    (bias("kind: heaping, grids: [{step_cm: 5, share: 0.7}, {step_cm: 2, share: 0.4}]"),
     "biases[x].grids: shares sum to 1.1; expected 1 or less"),
    (bias("kind: heaping, grids: [{step_cm: 5, share: 2}]"),
     "biases[x].grids: item 1: share: expected a number from 0 to 1 (share of the people), got 2"),
    (bias("kind: heaping, grids: [{step: 5, share: 0.2}]"),
     "biases[x].grids: item 1: unknown key 'step'; did you mean 'step_cm'?"),
    (bias("kind: heaping, grids: []"), "biases[x].grids: empty list: nothing to run"),
    (bias("kind: contamination, share: 0.1"),
     "biases[x]: kind contamination takes: either factor, or mean_cm and sd_cm"),
    (bias("kind: contamination, share: 0.1, factor: 2, mean_cm: 150"),
     "biases[x]: kind contamination takes: either factor, or mean_cm and sd_cm"),
    (bias("kind: contamination, share: 0.1, mean_cm: 150"),
     "biases[x].sd_cm: missing; expected it beside mean_cm"),
    (bias("kind: self-report, shift_cm: 1, sd_cm: 0.05"),
     "biases[x].sd_cm: expected 0, or a number from 0.1 to 400 (SD in cm), got 0.05"),
    (bias("kind: classes, size: 25, shift_sd_cm: 0.01"),
     "biases[x].shift_sd_cm: expected 0, or a number from 0.1 to 400 (SD in cm), got 0.01"),
    (bias("kind: classes, size: 0, shift_sd_cm: 1"),
     "biases[x].size: expected a whole number from 1 to 10^6, got 0"),
    (bias("kind: tilt, log_weights_per_cm: 0.1"),
     "biases[x]: unknown key 'log_weights_per_cm'; did you mean 'log_weight_per_cm'?"),
    (bias("kind: nonresponse, group: girl, answers: 0.5"),
     "biases[x].group: population school has no group 'girl'; did you mean 'girls'?"),
    (bias("kind: nonresponse, group: girls, answers: 0"),
     "biases[x].answers: expected a number > 0 and ≤ 1 (probability of an answer), got 0"),
    (bias("kind: probit-selection, centre_cm: 170, spread_cm: 0.01"),
     "biases[x].spread_cm: expected a number ≥ 0.1 (spread in cm; a narrower one is a cut: use "
     "truncation), got 0.01"),
    (bias("kind: sequence, steps: []"), "biases[x].steps: empty list: nothing to run"),
    (sequence("kind: rounding, step_cm: 1", "kind: rounding, step_cm: 0"),
     "biases[x].steps: item 2: step_cm: expected a number > 0 (step in cm), got 0"),
    (sequence("kind: rounding, step_cm: 1, name: a"),
     "biases[x].steps[a].name: a step has no name of its own: the sequence has one"),
    (sequence("kind: rounding, step_cm: 1, why: a"),
     "biases[x].steps: item 1: why: a step has no why of its own: the sequence has one"),
    (sequence("kind: coding, above_cm: 180", "kind: selection"),
     "biases[x].steps: item 2: log_odds_per_cm: missing; expected a number from -50 to 50 "
     "(log-odds per cm; a steeper one is a cut: use truncation)"),
    (sequence("kind: rounding, step_cm: 1", "kind: tilt, log_weight_per_cm: 0, group: x"),
     "biases[x].steps: item 2: group: population school has no group 'x'; it has: girls, boys"),
    (sequence("kind: self-report, shift_cm: 20, sd_cm: 0, group: girls",
         "kind: truncation, below_cm: 210"),
     "biases[x]: keeps 2e-05 of group 'girls' of population school: 50 people would need 3e+06 "
     "draws; expected at least 0.0001"),
]  # fmt: skip


@pytest.mark.parametrize(("biases", "message"), FAULTY_BIASES)
def test_what_is_wrong_with_a_bias_is_told(refused: Refused, biases: str, message: str) -> None:
    assert message in refused(biases=biases)


def test_a_step_is_of_a_kind_that_can_be_one(refused: Refused) -> None:
    for kind in ("none", "sequence", "round"):
        (message,) = refused(biases=sequence(f"kind: {kind}"))
        assert message.startswith("biases[x].steps: item 1: kind: expected one of: selection, ")
        assert ("; did you mean 'rounding'?" in message) == (kind == "round")
    assert refused(biases=sequence("step_cm: 5"))[0].startswith(
        "biases[x].steps: item 1: kind: missing; expected one of: selection, "
    )


def test_y69_every_kind_is_read_and_written_back(read: Read) -> None:
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


BIASES = """
  - {name: none, kind: none}
  - {name: cut, kind: truncation, below_cm: 160.0}"""
PUPILS = KEYS["populations"] + KEYS["populations"].replace("school", "college")


def estimators(em: str) -> str:
    return f"""
  - {{name: mle, labels: all, method: closed-form}}
  - {{name: em, labels: none, method: em, {em}}}"""


def test_an_estimator_is_fitted_where_its_names_say_and_by_default_everywhere(read: Read) -> None:
    fitted = {
        "starts: 10": ["school.none", "school.cut", "college.none", "college.cut"],
        "biases: [cut]": ["school.cut", "college.cut"],
        "populations: [college]": ["college.none", "college.cut"],
        "biases: [cut], populations: [college]": ["college.cut"],
        "biases: [cut, none], populations: [school]": ["school.none", "school.cut"],
    }
    for settings, slugs in fitted.items():
        study = read(populations=PUPILS, biases=BIASES, estimators=estimators(settings))
        for scenario in study.scenarios:
            names = [one.name for one in study.estimators_of(scenario.slug)]
            assert names == (["mle", "em"] if scenario.slug in slugs else ["mle"]), settings


def test_names_that_are_not_in_the_study_are_told_with_those_that_are_meant(
    refused: Refused,
) -> None:
    settings = "biases: [cutt, told], populations: [Scool]"
    assert refused(biases=BIASES, estimators=estimators(settings)) == [
        "estimators[em].biases: item 1: no bias 'cutt' in this study; did you mean 'cut'?",
        "estimators[em].biases: item 2: no bias 'told' in this study; it has: none, cut",
        "estimators[em].populations: item 1: no population 'Scool' in this study; did you mean "
        "'school'?",
    ]


def test_a_scope_is_a_list_of_names_that_is_not_empty(refused: Refused) -> None:
    assert refused(biases=BIASES, estimators=estimators("biases: cut, populations: []")) == [
        "estimators[em].biases: expected a list of names of biases, got 'cut'",
        "estimators[em].populations: empty list: nothing to run",
    ]


def test_a_scenario_to_which_nothing_is_fitted_is_refused(refused: Refused) -> None:
    alone = "\n  - {name: em, labels: none, method: em, biases: [cut]}"
    assert refused(biases=BIASES, estimators=alone) == [
        "estimators: none is for school.none: leave out biases or populations of one of them"
    ]


def test_an_estimator_need_not_go_with_populations_that_it_is_not_for(read: Read) -> None:
    three = (
        KEYS["populations"]
        + """
  - name: three
    groups:
      - {name: a, share: 0.4, mean_cm: 150.0, sd_cm: 6.0}
      - {name: b, share: 0.3, mean_cm: 165.0, sd_cm: 6.0}
      - {name: c, share: 0.3, mean_cm: 180.0, sd_cm: 6.0}"""
    )
    settings = "shares: [0.4, 0.6], populations: [school]"
    study = read(populations=three, estimators=estimators(settings))
    assert study.scopes[0].populations == ("school",)


def test_only_jobs_of_scenarios_out_of_scope_change(read: Read) -> None:
    everywhere = read(biases=BIASES)
    some = read(biases=BIASES, estimators=estimators("biases: [cut]"))
    for of_scenario in (specs.measure_spec, specs.bounds_spec):
        assert of_scenario(some, "school.cut") == of_scenario(everywhere, "school.cut")
        assert of_scenario(some, "school.none") != of_scenario(everywhere, "school.none")
    block = everywhere.blocks[0].name
    fit = specs.fit_spec(some, "school.cut", "em", block)
    assert fit == specs.fit_spec(everywhere, "school.cut", "em", block)
    measured = decode(MeasureSpec, specs.measure_spec(some, "school.none"))
    assert [one.name for one in measured.estimators] == ["mle"]
    bounds = decode(BoundsSpec, specs.bounds_spec(some, "school.none"))
    assert [model.slug for model in bounds.models] == ["labelled"]


def test_a_study_without_scopes_says_nothing_of_them(read: Read) -> None:
    study = read(biases=BIASES)
    assert '"scopes"' not in specs.report_spec(study)
    design = decode(StudyRecord, specs.record_spec(study, {})).design
    assert all(scenario.estimators == () for scenario in design.scenarios)


def test_checks_and_design_know_who_is_fitted_where(read: Read) -> None:
    study = read(biases=BIASES, estimators=estimators("biases: [cut]"))
    checked = specs.checks_of(study)
    assert [one.name for one in checked.estimators_of("school.none")] == ["mle"]
    assert checked.estimators_of("school.cut") == checked.estimators
    design = decode(StudyRecord, specs.record_spec(study, {})).design
    assert [scenario.estimators for scenario in design.scenarios] == [("mle",), ()]


def test_the_config_as_run_gives_the_same_scopes_again(read: Read) -> None:
    settings = "biases: [cut], populations: [college]"
    study = read(populations=PUPILS, biases=BIASES, estimators=estimators(settings))
    again = read(study_yaml(study))
    assert again.scopes == study.scopes
    assert "biases" not in yaml.safe_load(study_yaml(study))["estimators"][0]


def test_counts_are_of_the_fits_that_are_made(read: Read) -> None:
    study = read(biases=BIASES, estimators=estimators("biases: [cut]"))
    # 4 replicates x 2 sizes: mle of 2 scenarios, em of 1. Two blocks: 2 + 1 fitting jobs in each,
    # a drawing job in each block of each scenario, and bounds and measures of each scenario.
    assert study.counts.fits == 4 * 2 * 3
    assert study.counts.jobs == 2 * 3 + 2 * 2 + 2 * 2
    every = replace(study, scopes=())
    assert study.counts.bytes < every.counts.bytes
    assert "1 to 2 of 2 estimators" in plan_line(study)
    assert " × 2 estimators × " in plan_line(every)
