from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from stature.cli.causes import Cause
from stature.cli.expected import ExpectedError
from stature.cli.forecast import Forecast
from stature.cli.orphans import Orphans
from stature.cli.plan import Plan
from stature.cli.plan_page import print_plan
from stature.config.study import load
from tests.cli.test_plan import RUNS

ROOT = Path(__file__).parents[2]


def page(plan: Plan, capsys: pytest.CaptureFixture[str]) -> str:
    print_plan(plan, 4)
    return capsys.readouterr().out


@pytest.fixture
def plan() -> Plan:
    study = load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml"], ROOT)
    cause = Cause("seed: 1 -> 2", "mine.yaml:2")
    return Plan(
        study=study,
        jobs=(RUNS, replace(RUNS, rule="plot_errors")),
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
