from dataclasses import replace

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


def sequence(*steps: str) -> str:
    return "\n  - name: x\n    kind: sequence\n    steps:\n" + "".join(
        f"      - {{{step}}}\n" for step in steps
    )


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
