"""The plan as a record; that it agrees with Snakemake is tested in `tests/workflow`."""

from dataclasses import replace
from pathlib import Path

import pytest

from stature.cli.causes import Cause
from stature.cli.dry_run import Job
from stature.cli.forecast import Forecast
from stature.cli.main import main
from stature.cli.plan import Plan
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
