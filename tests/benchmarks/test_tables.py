from pathlib import Path

import pytest

from benchmarks.fixed_cost import by_package
from benchmarks.goals import Goal, fastest, goals
from benchmarks.goals import write as write_goals
from benchmarks.measurement import Measurement, middle, read, write
from benchmarks.report import digits, table
from benchmarks.runs import ROOT, separations
from stature.config.study import load


def row(way: str, method: str, quantity: str, value: float) -> Measurement:
    return Measurement(way, "easy", 200, method, quantity, value)


def test_measurements_are_read_as_they_were_written(tmp_path: Path) -> None:
    rows = [row("default", "meV", "seconds", 0.25), row("default", "meV", "seconds", 0.75)]
    write(tmp_path / "rows.csv", rows)
    assert read(tmp_path / "rows.csv") == rows
    assert middle(rows, "default", "easy", 200, "meV", "seconds") == 0.5


def test_a_package_that_does_not_reach_the_maximum_is_not_the_fastest_there() -> None:
    rows = [
        row("maximum", "meV", "seconds", 1.0),
        row("maximum", "meV", "reached", 0.0),
        row("maximum", "mixtools", "seconds", 3.0),
        row("maximum", "mixtools", "reached", 1.0),
    ]
    assert fastest(rows, "maximum", "easy", 200) == (3.0, "mixtools")


def test_goals_are_ratios_of_medians_and_leave_out_what_was_not_measured() -> None:
    rows = [row("maximum", "newton", "seconds", 0.01), row("default", "SciPy BFGS", "seconds", 2.0)]
    ratio = {goal.figure: goal for goal in goals(rows)}
    found = ratio.pop("times faster than hand-written BFGS: easy pair, n = 200, newton")
    assert found.value == pytest.approx(200.0)
    assert found.is_met
    # The one other that these two measurements make: 0.01 s are 10,000 microseconds.
    assert [goal.value for goal in ratio.values()] == [pytest.approx(1e4)]
    assert not Goal("", 5.0, "<=", 4.0).is_met


def test_whole_runs_are_held_to_their_goals() -> None:
    rows = [
        Measurement("runs", "", 0, "lesson", "cpu_seconds", 16.0),
        Measurement("runs", "", 0, "environment", "mb", 790.0),
    ]
    assert [(goal.value, goal.is_met) for goal in goals(rows)] == [(16.0, False), (790.0, True)]


def test_the_study_of_separations_has_12000_fits(tmp_path: Path) -> None:
    (tmp_path / "ten.yaml").write_text(separations(), encoding="utf-8")
    study = load([ROOT / "config/config.yaml", tmp_path / "ten.yaml"], ROOT)
    fits = len(study.scenarios) * len(study.estimators) * len(study.sizes) * study.replicates
    assert fits == 12_000


def test_goals_are_written_one_a_row(tmp_path: Path) -> None:
    write_goals(tmp_path / "summary.csv", [Goal("a: b, c", 123.456, ">=", 100)])
    assert (tmp_path / "summary.csv").read_text() == 'figure,value,goal\n"a: b, c",123.5,>= 100\n'


def test_goals_of_another_run_stay_where_they_are_asked_to(tmp_path: Path) -> None:
    path = tmp_path / "summary.csv"
    write_goals(path, [Goal("a", 1.0, "<=", 2), Goal("b", 3.0, "<=", 2)])
    write_goals(path, [Goal("b", 1.5, "<=", 2)], others=True)
    assert path.read_text() == "figure,value,goal\nb,1.5,<= 2\na,1,<= 2\n"


def test_import_times_are_summed_by_package() -> None:
    told = "import time:  200 |  300 |   numpy.core\nimport time:  100 | 900 | numba\n"
    told += "import time:  50 |  50 | numpy\n"
    assert by_package(told) == pytest.approx({"numpy": 250e-6, "numba": 100e-6})


def test_tables_and_numbers_are_short() -> None:
    assert [digits(value) for value in (0.0, 3.14159, 1234.5, float("nan"))] == [
        "0",
        "3.1",
        "1,200",
        "–",
    ]
    assert table(["a"], [["1"]]) == "| a |\n| --- |\n| 1 |\n"
