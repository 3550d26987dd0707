"""Why jobs run: jobs as Snakemake describes them, of a study that a test changes."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stature.cli.causes import (
    ABSENT,
    CUT_SHORT,
    FIRST_RUN,
    NOT_THERE,
    Cause,
    Difference,
    causes,
    differences,
    where,
)
from stature.cli.dry_run import Job
from stature.config import specs
from stature.config.source import Merged
from stature.config.study import Study, load_traced

ROOT = Path(__file__).parents[2]
TEXT = """\
study: mine
seed: 1
replicates: 4
block: 2
sizes: [40, 100]
populations:
  - name: school
    groups:
      - {name: girls, share: 0.5, mean_cm: 163.0, sd_cm: 6.5}
      - {name: boys, share: 0.5, mean_cm: 176.0, sd_cm: 7.0}
biases:
  - {name: none, kind: none}
  - name: tall
    kind: selection
    log_odds_per_cm: 0.05
estimators:
  - {name: mle, labels: all, method: closed-form}
  - {name: em, labels: none, method: em, starts: 12}
"""
Why = Callable[..., list[list[str]]]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[Study, Merged]]:
    monkeypatch.chdir(tmp_path)

    def read(text: str) -> tuple[Study, Merged]:
        (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
        return load_traced(["mine.yaml"], ROOT)

    return read


def job(rule: str, now: str, before: str | None, **more: object) -> Job:
    made = Job(
        rule=rule,
        wildcards={},
        outputs=("out",),
        logs=(),
        inputs=(),
        spec=now,
        code="0123456789abcdef",
        runs=True,
        missing=() if before is not None else ("out",),
        incomplete=False,
        newer=(),
        old_spec=before,
        old_code=None if before is None else "0123456789abcdef",
        old_inputs=(),
        upstream=(),
    )
    return replace(made, **more)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def why(read: Callable[[str], tuple[Study, Merged]]) -> Why:
    """Causes of a draw, a fit and a measure of one block after a change of the text."""

    def why(before: str, after: str, scenario: str = "school.tall") -> list[list[str]]:
        assert before in TEXT
        old, _ = read(TEXT)
        new, merged = read(TEXT.replace(before, after))
        block, at = "000000-000001", {"scenario": scenario}
        fit = {**at, "estimator": "em", "block": block}
        jobs = [
            job("write_design", specs.record_spec(new, {}), specs.record_spec(old, {})),
            job(
                "draw_samples",
                specs.draw_spec(new, scenario, block),
                specs.draw_spec(old, scenario, block),
                wildcards={**at, "block": block},
            ),
            job(
                "fit_samples",
                specs.fit_spec(new, scenario, "em", block),
                specs.fit_spec(old, scenario, "em", block),
                wildcards=fit,
                upstream=(1,),
            ),
            job(
                "derive_bounds",
                specs.bounds_spec(new, scenario),
                specs.bounds_spec(old, scenario),
                wildcards=at,
            ),
        ]
        jobs = [replace(one, runs=one.spec != one.old_spec or one.upstream != ()) for one in jobs]
        return [[str(cause) for cause in found] for found in causes(jobs, new, merged)[1:]]

    return why


def test_a_setting_of_a_bias_is_told_with_its_line_and_reaches_what_follows(why: Why) -> None:
    told = ["biases[tall].log_odds_per_cm: 0.05 -> 0.06 (mine.yaml:15)"]
    assert why("0.05", "0.06") == [told, told, told]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("mean_cm: 163.0", "mean_cm: 162.0", "populations[school].groups[girls].mean_cm: "),
        ("seed: 1", "seed: 2", "seed: 1 -> 2 (mine.yaml:2)"),
        ("sizes: [40, 100]", "sizes: [40, 200]", "sizes: [40, 100] -> [40, 200] (mine.yaml:5)"),
        ("seed: 1", "seed: 1\nsampling: random", "sampling: stratified -> random (mine.yaml:3)"),
    ],
)
def test_what_draws_again_is_told_once(why: Why, before: str, after: str, sentence: str) -> None:
    drawn, fitted, _ = why(before, after)
    # Streams and largest sizes are made of the config, and the config is what is told.
    assert len(drawn) == len(fitted) == 1
    assert drawn == fitted
    assert drawn[0].startswith(sentence)


def test_a_setting_of_an_estimator_is_behind_its_fits_alone(why: Why) -> None:
    drawn, fitted, bounds = why("starts: 12", "starts: 13")
    assert (drawn, bounds) == ([], [])
    assert fitted == ["estimators[em].starts: 12 -> 13 (mine.yaml:18)"]


def test_a_model_of_an_estimator_is_behind_bounds_too(why: Why) -> None:
    told = ["estimators[em].shares: free -> known (mine.yaml:18)"]
    _, fitted, bounds = why("starts: 12", "starts: 12, shares: known")
    assert fitted == bounds == told


def test_what_an_estimator_is_told_is_told_as_the_population(
    read: Callable[[str], tuple[Study, Merged]],
) -> None:
    known = TEXT.replace("starts: 12", "shares: known")
    old, _ = read(known)
    new, merged = read(known.replace("share: 0.5, mean_cm: 163", "share: 0.50, mean_cm: 161"))
    block = "000000-000001"
    jobs = [
        job("write_design", specs.record_spec(new, {}), specs.record_spec(old, {})),
        job(
            "fit_samples",
            specs.fit_spec(new, "school.none", "em", block),
            specs.fit_spec(old, "school.none", "em", block),
            wildcards={"scenario": "school.none", "estimator": "em", "block": block},
        ),
    ]
    assert [str(one) for one in causes(jobs, new, merged)[1]] == [
        "populations[school].groups[girls].mean_cm: 163.0 -> 161.0 (mine.yaml:9)"
    ]


def test_jobs_without_results_say_what_is_new(read: Callable[[str], tuple[Study, Merged]]) -> None:
    old, _ = read(TEXT)
    more = TEXT.replace("replicates: 4", "replicates: 6").replace(
        "biases:\n", "biases:\n  - {name: new, kind: none}\n"
    )
    new, merged = read(more)
    record = job("write_design", specs.record_spec(new, {}), specs.record_spec(old, {}))
    at = [("school.new", "000000-000001"), ("school.none", "000004-000005")]
    at += [("school.none", "000000-000001")]
    jobs = [record] + [
        job("draw_samples", "{}", None, wildcards={"scenario": scenario, "block": block})
        for scenario, block in at
    ]
    # The third has nothing that is new: it is simply not there yet... but for its block.
    found = [[str(one) for one in why] for why in causes(jobs, new, merged)[1:]]
    assert found[0] == ["biases[new]: new (mine.yaml:12)"]
    assert found[1] == ["replicates: 4 -> 6 (mine.yaml:3)"]
    first = [str(one) for one in causes(jobs[1:], new, merged)[0]]
    assert first == [FIRST_RUN]


def test_code_and_accidents_have_no_line(read: Callable[[str], tuple[Study, Merged]]) -> None:
    study, merged = read(TEXT)
    spec = specs.lesson_spec(study)
    jobs = [
        job("plot_figures", "{}", "{}", old_code="fedcba9876543210"),
        job("write_report", "{}", "{}", incomplete=True),
        job("plot_figures", "{}", "{}", newer=("results/mine/measures.parquet",)),
        job("derive_lesson", spec, spec, missing=("out",)),
        job("plot_figures", "{}", None, missing=(), newer=("results/mine/measures.parquet",)),
    ]
    assert causes(jobs, study, merged) == (
        (Cause("code of plot_figures: fedcba98 -> 01234567"),),
        (Cause(CUT_SHORT),),
        (Cause("results/mine/measures.parquet has changed"),),
        (Cause(NOT_THERE),),
        (Cause("results/mine/measures.parquet has changed"),),
    )


def test_a_record_of_several_things_has_the_changes_of_the_config_behind_it(
    read: Callable[[str], tuple[Study, Merged]],
) -> None:
    old, _ = read(TEXT)
    new, merged = read(TEXT.replace("replicates: 4", "replicates: 6"))
    jobs = [
        job("write_design", specs.record_spec(new, {}), specs.record_spec(old, {})),
        job("gather_measures", '{"scenarios":[1,2]}', '{"scenarios":[1]}'),
        job("derive_lesson", '{"seed":2}', '{"seed":1}'),
        job("plot_figures", "{}", "{}"),
    ]
    found = [[str(one) for one in why] for why in causes(jobs, new, merged)[1:]]
    assert found == [
        ["replicates: 4 -> 6 (mine.yaml:3)"],
        ["seed: 1 -> 2 (mine.yaml:2)"],
        ["parameters or inputs of plot_figures"],
    ]


def test_an_item_taken_out_is_behind_what_has_read_its_files(
    read: Callable[[str], tuple[Study, Merged]],
) -> None:
    old, _ = read(TEXT)
    new, merged = read(TEXT.replace("  - {name: mle, labels: all, method: closed-form}\n", ""))
    jobs = [
        job("write_design", specs.record_spec(new, {}), specs.record_spec(old, {})),
        job(
            "measure_fits",
            json.dumps({"scenario": "school.none"}),
            json.dumps({"scenario": "school.none"}),
            old_inputs=("results/mine/fits/school.none/mle/000000-000001.parquet",),
        ),
    ]
    assert [str(one) for one in causes(jobs, new, merged)[1]] == [
        "estimators[mle]: taken out (mine.yaml:17)"
    ]


def test_a_place_that_is_not_written_is_that_of_what_is_around_it(
    read: Callable[[str], tuple[Study, Merged]],
) -> None:
    _, merged = read(TEXT)
    assert where(("estimators", "em", "tolerance"), merged) == "mine.yaml:18"
    assert where(("sampling",), merged) == ""


def test_items_are_matched_by_name_wherever_they_stand() -> None:
    old = {"biases": [{"name": "a", "x": 1}, {"name": "b", "x": 2}], "sizes": [10]}
    new = {"biases": [{"name": "b", "x": 3}, {"name": "a", "x": 1}], "sizes": [10]}
    assert list(differences(old, new)) == [Difference(("biases", "b", "x"), 2, 3)]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ({"sizes": [20]}, {"sizes": [20, 50]}, "sizes: [20] -> [20, 50]"),
        ({"samples": "keep"}, {"samples": "sketch"}, "samples: keep -> sketch"),
        ({"samples": 1}, {"samples": None}, "samples: 1 -> nothing"),
        ({}, {"biases": [{"name": "a"}]}, "biases: new"),
        ({"biases": [{"name": "a"}]}, {"biases": [{"name": "b"}, {"name": "a"}]}, "biases[b]: new"),
        (
            {"estimators": [{"name": "a"}, {"name": "b"}]},
            {"estimators": [{"name": "a"}]},
            "estimators[b]: taken out",
        ),
    ],
)
def test_a_difference_is_told_where_it_stands(
    old: dict[str, object], new: dict[str, object], sentence: str
) -> None:
    assert [one.sentence for one in differences(old, new)] == [sentence]


def test_equal_trees_do_not_differ() -> None:
    tree = {"a": [{"name": "x", "y": [1, 2]}], "b": None}
    assert list(differences(tree, dict(reversed(tree.items())))) == []


def test_what_is_absent_is_not_nothing() -> None:
    (one,) = differences({"a": None}, {})
    assert (one.old, one.new) == (None, ABSENT)
