"""The plan as a record; that it agrees with Snakemake is tested in `tests/workflow`."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from stature.cli.causes import Cause
from stature.cli.dry_run import Job
from stature.cli.main import main
from stature.cli.plan import ExpectedError, Forecast, Orphans, Plan, print_plan
from stature.config.study import load

ROOT = Path(__file__).parents[2]
RUNS = Job(
    rule="draw_samples",
    wildcards={"scenario": "school.none", "block": "000000-000009"},
    outputs=("out",),
    logs=(),
    inputs=(),
    spec="{}",
    code="",
    runs=True,
    missing=("out",),
    incomplete=False,
    newer=(),
    old_spec=None,
    old_code=None,
    old_inputs=None,
    upstream=(),
)


def test_jobs_are_new_stale_reused_or_not_needed() -> None:
    jobs = (
        RUNS,
        replace(RUNS, missing=(), old_spec="{}"),
        replace(RUNS, runs=False, missing=()),
        replace(RUNS, runs=False),
        replace(RUNS, rule="all", outputs=()),
    )
    why = (Cause("a"),)
    study = load([ROOT / "config/config.yaml"], ROOT)
    plan = Plan(study, jobs, (why, why, (), (), why), (), Forecast(0.0, 0.0, 0.0, 0), ())
    states = {"new": 1, "stale": 1, "reused": 1, "not needed": 1}
    assert plan.by_rule == {"draw_samples": states}
    assert plan.by_cause == {Cause("a"): {"draw_samples": 2}}
    assert plan.running == jobs[:2]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("seed", "--config: Invalid config definition: Config entries have to be defined as "),
        ("s=8", "--config: Invalid config definition: Config entry must start with a valid "),
        ("seed=eight", "--config: seed: expected a whole number"),
    ],
)
def test_mistakes_of_what_is_typed_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str, sentence: str
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["plan", "--config", typed]) == 1
    assert f"stature plan: {sentence}" in capsys.readouterr().err


def test_mistakes_of_the_config_are_told_as_snakemake_tells_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("study: mine\nseed: 010\n", encoding="utf-8")
    assert main(["plan", "mine.yaml"]) == 1
    told = capsys.readouterr().err
    assert "stature plan: mine.yaml: seed: leading zero: YAML reads 010 as 8; write 10" in told
    assert list(tmp_path.iterdir()) == [tmp_path / "mine.yaml"]


def page(plan: Plan, capsys: pytest.CaptureFixture[str]) -> str:
    print_plan(plan, 4)
    return capsys.readouterr().out


@pytest.fixture
def plan() -> Plan:
    study = load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml"], ROOT)
    cause = Cause("seed: 1 -> 2", "mine.yaml:2")
    return Plan(
        study=study,
        jobs=(RUNS, replace(RUNS, rule="plot_figures")),
        causes=((cause,), (cause,)),
        orphans=(Orphans("estimators[old]", 3, 2_000_000),),
        forecast=Forecast(400.0, 3e6, 5e6, 1),
        expected=(ExpectedError("em", "school.none", "girls", 20, 0.123, 100),),
    )


def test_a_plan_says_what_why_and_how_much(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    text = page(plan, capsys)
    assert "seed: 1 -> 2 (mine.yaml:2): 1 draw, 1 other" in text
    assert "about 7 min of one core, 100 s on 4" in text
    assert "3 MB now, about 5 MB more" in text
    assert "estimators[old], 3 files, 2 MB" in text
    assert "em: 0.123 cm" in text
    assert Counter(text.split())["draw_samples"] == 1


def test_nothing_to_be_done_is_said(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    jobs = tuple(replace(job, runs=False, missing=()) for job in plan.jobs)
    text = page(replace(plan, jobs=jobs, causes=((), ())), capsys)
    assert "Nothing to be done" in text
    assert "Why" not in text
