from dataclasses import replace

import yaml

from stature.config import specs
from stature.config.plain import study_yaml
from stature.config.record import plan_line
from stature.design.canonical import decode, encode
from stature.measures.checks.check import ChecksSpec
from stature.measures.measure import MeasureSpec
from stature.provenance import StudyRecord
from stature.theory.bounds import BoundsSpec
from tests.config.conftest import KEYS, Read, Refused

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
    for spec in (specs.check_spec(study), specs.report_spec(study)):
        assert '"fitted"' not in spec
        assert '"scopes"' not in spec
    design = decode(StudyRecord, specs.record_spec(study, {})).design
    assert all(scenario.estimators == () for scenario in design.scenarios)


def test_checks_and_design_know_who_is_fitted_where(read: Read) -> None:
    study = read(biases=BIASES, estimators=estimators("biases: [cut]"))
    checked = decode(ChecksSpec, specs.check_spec(study))
    assert [one.name for one in checked.estimators_of("school.none")] == ["mle"]
    assert checked.estimators_of("school.cut") == checked.estimators
    assert encode(checked) == specs.check_spec(study)
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
