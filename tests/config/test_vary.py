"""Factorials: what combinations there are, by arithmetic, and what is told of wrong ones."""

from dataclasses import replace
from math import sqrt

import pytest

from stature.config.specs import draw_spec, fit_spec, gather_spec
from stature.config.study import load, study_yaml
from tests.config.conftest import Read, Refused, Write

TWO = """
  - name: pupils
    groups:
      - {{name: girls, share: 0.5, mean_cm: 160.0, sd_cm: 6.0}}
      - {{name: boys, share: 0.5, mean_cm: 176.0, sd_cm: 8.0}}
    vary: {}
"""
# sqrt((6^2 + 8^2) / 2) = sqrt(50)
POOLED = sqrt(50.0)


def two(vary: str, more: str = "") -> str:
    """Two groups with factors."""
    return TWO.format(vary) + (f"    {more}\n" if more else "")


def test_every_combination_is_a_population_the_first_factor_changing_slowest(read: Read) -> None:
    study = read(populations=two("{separation: [1, 2.5], share: [0.5, 0.25]}"))
    assert [one.name for one in study.populations] == [
        "pupils-1-0_5",
        "pupils-1-0_25",
        "pupils-2_5-0_5",
        "pupils-2_5-0_25",
    ]
    levels = {one.name: dict(one.levels) for one in study.factors}
    assert levels["separation"]["pupils-2_5-0_25"] == 2.5
    assert levels["share"]["pupils-2_5-0_25"] == 0.25


def test_handles_keep_what_they_say(read: Read) -> None:
    study = read(populations=two("{separation: [1, 3], sd_ratio: [1, 2], share: [0.2]}"))
    for one in study.populations:
        girls, boys = sorted(one.groups, key=lambda group: group.name)[::-1]
        assert (girls.name, boys.name) == ("girls", "boys")
        separation, ratio = (float(part) for part in one.name.split("-")[1:3])
        assert girls.mean_cm == 160.0
        assert boys.mean_cm == pytest.approx(160.0 + separation * POOLED, rel=1e-15)
        # s^2 (1 + ratio^2) / 2 = 50
        assert girls.sd_cm == pytest.approx(10.0 / sqrt(1.0 + ratio**2), rel=1e-15)
        assert boys.sd_cm == pytest.approx(ratio * girls.sd_cm, rel=1e-15)
        assert (girls.share, boys.share) == (0.2, 0.8)


def test_the_second_group_stays_below_the_first(read: Read) -> None:
    below = two("{separation: [2]}").replace("176.0", "150.0")
    boys, _ = read(populations=below).populations[0].groups
    assert boys.mean_cm == pytest.approx(160.0 - 2.0 * POOLED, rel=1e-15)


def test_paths_lead_to_any_key(read: Read) -> None:
    study = read(
        populations="""
  - name: three
    groups:
      - {name: a, share: 0.5, mean_cm: 150.0, sd_cm: 6.0}
      - {name: b, share: 0.3, mean_cm: 165.0, sd_cm: 6.0}
      - {name: c, share: 0.2, mean_cm: 180.0, sd_cm: 6.0}
    vary: {"groups[a].share": [0.5, 0.25], "groups[3].mean_cm": [175, 185]}""",
        biases="""
  - {name: none, kind: none}
  - {name: tall, kind: selection, vary: {log_odds_per_cm: [-0.02, 0.05]}}
  - name: both
    kind: sequence
    steps: [{kind: rounding, step_cm: 1.0}, {kind: self-report, sd_cm: 0.0}]
    vary: {"steps[2].shift_cm": [1, 2]}""",
        estimators="""
  - {name: mle, labels: all, method: closed-form}
  - {name: em, labels: none, method: em, populations: [three], vary: {starts: [2, 5]}}""",
    )
    assert [[group.share for group in one.groups] for one in study.populations] == [
        [0.5, 0.3, 0.2],
        [0.5, 0.3, 0.2],
        [0.25, pytest.approx(0.45), pytest.approx(0.3)],  # 0.75 as 3 to 2
        [0.25, pytest.approx(0.45), pytest.approx(0.3)],
    ]
    assert [one.groups[2].mean_cm for one in study.populations] == [175.0, 185.0, 175.0, 185.0]
    assert [one.name for one in study.biases] == [
        *("none", "tall-m0_02", "tall-0_05"),
        *("both-1", "both-2"),
    ]
    assert [one.starts for one in study.estimators if one.name != "mle"] == [2, 5]
    assert [one.name for one in study.factors] == [
        *("a_share", "3_mean_cm", "log_odds_per_cm", "steps_2_shift_cm", "starts")
    ]
    assert study.scopes[0].populations == tuple(one.name for one in study.populations)


def test_left_out_combinations_are(read: Read) -> None:
    vary = two(
        "{separation: [1, 2], sd_ratio: [1, 2]}", "exclude: [{separation: 1, sd_ratio: 2.0}]"
    )
    names = [one.name for one in read(populations=vary).populations]
    assert names == ["pupils-1-1", "pupils-2-1", "pupils-2-2"]


def test_no_job_of_a_combination_depends_on_the_levels_of_others(read: Read) -> None:
    few = read(populations=two("{separation: [2], sd_ratio: [1, 2]}"))
    more = read(populations=two("{separation: [3, 1, 2], sd_ratio: [2, 1, 1.5]}"))
    for one in few.scenarios:
        block = few.blocks[0].name
        assert draw_spec(few, one.slug, block) == draw_spec(more, one.slug, block)
        assert fit_spec(few, one.slug, "em", block) == fit_spec(more, one.slug, "em", block)
    assert gather_spec(few) != gather_spec(more)


def test_a_combination_is_what_the_same_numbers_written_out_are(read: Read) -> None:
    varied = read(populations=two("{separation: [2]}"))
    written = two("{}").replace("name: pupils", "name: pupils-2").replace("    vary: {}\n", "")
    by_hand = read(populations=written.replace("176.0", repr(160.0 + 2.0 * POOLED)))
    assert varied.populations == by_hand.populations
    assert '"factors"' not in gather_spec(by_hand)


def test_the_config_as_run_is_the_same_study(read: Read, write: Write) -> None:
    study = read(
        populations=two("{separation: [1, 2]}"),
        estimators="""
  - {name: em, labels: none, method: em, sd_ratio: 0.2, vary: {sd_ratio: [0.1, 0.3]}}""",
    )
    again = load([write(study_yaml(study))], ".")
    assert replace(again, warnings=()) == replace(study, warnings=())


def test_factors_of_one_name_get_columns_of_their_own(read: Read) -> None:
    study = read(
        populations=two("{sd_ratio: [1, 2]}"),
        biases="\n  - {name: c, kind: classes, shift_sd_cm: 2.0, vary: {size: [10, 20]}}",
        estimators="\n  - {name: em, labels: none, method: em, vary: {sd_ratio: [0.1, 0.3]}}",
    )
    names = [one.name for one in study.factors]
    assert names == ["population_sd_ratio", "bias_size", "estimator_sd_ratio"]


@pytest.mark.parametrize(
    ("vary", "expected"),
    [
        (
            "{separations: [1]}",
            "vary.separations: unknown key 'separations'; did you mean 'separation'?",
        ),
        ("{'groups[girlz].share': [0.3]}", "no 'girlz' in groups; did you mean 'girls'?"),
        ("{'groups[girls].shar': [0.3]}", "unknown key 'shar'; did you mean 'share'?"),
        ("{separation: []}", "vary.separation: expected a list of numbers or words, got a list"),
        ("{separation: [1, 1.0]}", "vary.separation: item 2: duplicate level 1"),
        ("{separation: [-1]}", "vary.separation: item 1: expected a number ≥ 0, got -1"),
        ("{share: [1.5]}", "vary.share: item 1: expected a share between 0 and 1, got 1.5"),
        ("{name: [a]}", "'name' cannot vary"),
        ("3", "vary: expected a map of key paths to lists of levels"),
        (
            "{'groups[girls].sd_cm': [6, -1]}",
            "vary.groups[girls].sd_cm: item 2: pupils-m1: expected",
        ),
        ("{separation: [1, 50]}", "vary.separation: item 2: pupils-50: expected"),
        ("{match: [mean, nearst]}", "vary.match: item 2: pupils-nearst: expected one of: mean, sd"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(refused: Refused, vary: str, expected: str) -> None:
    messages = refused(populations=two(vary), seed="-1")
    assert any(one.startswith("seed: ") for one in messages)  # all at once
    (own,) = [one for one in messages if not one.startswith("seed: ")]
    assert own.startswith("populations[pupils]")
    assert expected in own


@pytest.mark.parametrize(
    ("exclude", "expected"),
    [
        ("exclude: [{sd_ration: 1}]", "vary has no factor 'sd_ration'; did you mean 'sd_ratio'?"),
        ("exclude: [{sd_ratio: 3}]", "exclude: item 1: sd_ratio: expected one of 1, 2; got 3"),
        ("exclude: [{sd_ratio: 1}, {sd_ratio: 2}]", "exclude: leaves no combination"),
        ("exclude: {sd_ratio: 1}", "exclude: expected a list of combinations"),
        ("levels: {a: [1]}", "levels: expected a map of names to numbers or words"),
    ],
)
def test_so_are_wrong_exclusions_and_levels(refused: Refused, exclude: str, expected: str) -> None:
    (own,) = refused(populations=two("{sd_ratio: [1, 2]}", exclude))
    assert expected in own


def test_one_fault_of_all_combinations_is_told_once(refused: Refused) -> None:
    (own,) = refused(populations=two("{separation: [1, 2, 3]}", "sources: mine"))
    assert own.startswith("populations[pupils]: unknown key 'sources'; did you mean 'source'?")
    (own,) = refused(
        biases="\n  - {name: a, kind: selection, vary: {log_odds_per_cmm: [0.1, 0.2]}}"
    )
    assert "biases[a]" in own
    assert "did you mean 'log_odds_per_cm'?" in own


def test_a_factor_needs_two_groups_for_a_handle(refused: Refused) -> None:
    groups = "groups: [{name: a, share: 1, mean_cm: 170, sd_cm: 6}]"
    one = f"\n  - {{name: a, {groups}, vary: {{share: [0.5]}}}}"
    (own,) = refused(populations=one)
    assert "share is of two groups" in own
    # A group that is none, beside one that is.
    groups = "groups: [{name: a, share: 1, mean_cm: 170, sd_cm: 6}, [x]]"
    said = refused(populations=f"\n  - {{name: a, {groups}, vary: {{share: [0.5]}}}}")
    assert any("share is of two groups" in one for one in said)


def test_warnings_of_combinations_are_one_line(read: Read) -> None:
    study = read(populations=two("{separation: [0.8, 0.9, 1, 3]}"))
    (line,) = [one for one in study.warnings if "].match: " in one]
    assert "pupils-0_8: without labels" in line
    assert line.endswith("and so in 2 more combinations")
