"""JSON of findings: what a program may rely on."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stature.cli.findings import finding
from stature.cli.json_text import json_text
from stature.cli.request import FitRequest
from stature.cli.runs import plan_runs
from stature.datafile.people import read_people
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits, Status

MadeUp = Callable[..., Fits]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("g,height\n" + "女,160\n男,180\n女,162\n男,184\n" * 10)
    return path


def test_what_is_not_known_is_null(path: Path, made_up: MadeUp) -> None:
    request = FitRequest(str(path), unit="cm")
    people = read_people(path, unit="cm")
    runs = plan_runs(request, people)
    nothing = (np.nan, np.nan, np.nan)
    fits = made_up({"lower": nothing, "upper": nothing}, np.nan, status=Status.TOO_FEW)
    one = finding(CATALOGUE["em"], fits, runs)
    found = json.loads(json_text(request, people, runs, (one,)))
    fit = found["estimators"]["em"]
    assert fit["status"] == "too_few"
    assert fit["cut_cm"] is None
    assert fit["scored"] is None
    assert set(fit["groups"]["lower"].values()) == {None}
    assert found["group"] is None


@pytest.mark.parametrize("rows", [False, True])
def test_people_are_listed_only_when_asked_for(path: Path, made_up: MadeUp, rows: bool) -> None:
    request = FitRequest(str(path), unit="cm", group="g", hide_group=True, json=True, rows=rows)
    people = read_people(path, unit="cm", group="g")
    runs = plan_runs(request, people)
    fits = made_up({"女": (0.5, 161.0, 1.0), "男": (0.5, 182.0, 2.0)})
    found = json.loads(json_text(request, people, runs, (finding(CATALOGUE["em"], fits, runs),)))
    fit = found["estimators"]["em"]
    assert ("people" in found, "probability" in fit) == (rows, rows)
    assert fit["groups"]["男"]["mean_cm"] == 182.0
    assert fit["groups"]["男"]["mean_cm_se"] == 0.5
    assert fit["gap_cm"] == 21.0
    assert fit["scored"] == {
        "mean_error_cm": {"女": 0.0, "男": 0.0},
        "right": 40,
        "people": 40,
        "share_right": 1.0,
    }
    if rows:
        assert len(fit["probability"]["男"]) == len(found["people"]["row"]) == 40


def test_more_than_two_groups_have_lists_of_gaps_and_cuts(path: Path, made_up: MadeUp) -> None:
    request = FitRequest(str(path), unit="cm", shares=(0.2, 0.3, 0.5))
    people = read_people(path, unit="cm")
    runs = plan_runs(request, people)
    groups = {name: (1 / 3, 160.0 + 10 * k, 3.0) for k, name in enumerate(runs.group_names)}
    one = finding(CATALOGUE["em"], made_up(groups), runs)
    fit = json.loads(json_text(request, people, runs, (one,)))["estimators"]["em"]
    assert fit["gap_cm"] == [10.0, 10.0]
    assert fit["cut_cm"] == pytest.approx([165.0, 175.0])
