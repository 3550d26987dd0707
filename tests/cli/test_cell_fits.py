"""Tables of counts through the command: golden numbers, and what counts mean."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stature.cli.cell_fits import planned_estimators
from stature.cli.main import main
from stature.cli.request import FitRequest, UsageError

MACDONELL = "data/macdonell_1902_heights_binned.csv"
HEAD, *ROWS = Path(MACDONELL).read_text(encoding="utf-8").splitlines()


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code = main(["fit", *arguments, "--unit", "in", "--json"])
    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    return json.loads(printed.out)


def everybody(found: dict[str, Any], name: str) -> tuple[float, ...]:
    """Mean and SD with their standard errors."""
    fit = found["estimators"][name]
    assert fit["status"] == "converged"
    group = fit["groups"]["everybody"]
    return tuple(group[key] for key in ("mean_cm", "mean_cm_se", "sd_cm", "sd_cm_se"))


def test_macdonells_men_give_the_golden_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    # Computed for this project at 40 digits, tests/estimators/observed/test_solve.py.
    found = document(capsys, MACDONELL, "--groups", "1")
    expected = (166.4601802841, 0.1185938777, 6.4541371463, 0.0843925104)
    assert everybody(found, "normal") == pytest.approx(expected, rel=1e-8)
    fit = found["estimators"]["normal"]
    assert fit["log_likelihood"] == pytest.approx(-7073.7111705298, rel=1e-11)
    assert (fit["joined_cells"], fit["degrees_of_freedom"]) == (16, 13)
    assert fit["chi_square"] == pytest.approx(9.504097, abs=1e-6)
    assert fit["p_value"] == pytest.approx(0.73389, abs=1e-5)


def test_open_end_cells_give_the_other_golden_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, last = ROWS[0].split(","), ROWS[-1].split(",")
    open_rows = [",".join(["", *first[1:]]), *ROWS[1:-1], ",".join([last[0], "inf", last[2]])]
    path = tmp_path / "open.csv"
    path.write_text("\n".join([HEAD, *open_rows]) + "\n")
    found = document(capsys, str(path), "--groups", "1")
    expected = (166.4601154052, 0.1186242394, 6.4557281504, 0.0844536899)
    assert everybody(found, "normal") == pytest.approx(expected, rel=1e-8)
    assert found["cells"]["lower_cm"][0] is None


@pytest.mark.parametrize(
    ("first", "truncated", "known_sd"),
    [
        (7, (166.182526, 0.219464, 6.629016, 0.156154), (165.952731, 0.168198)),
        (10, (165.182518, 1.090106, 6.980664, 0.420351), (165.478035, 0.314774)),
    ],
)
def test_macdonells_men_cut_from_below_give_the_golden_numbers(
    first: int,
    truncated: tuple[float, ...],
    known_sd: tuple[float, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "cut.csv"
    path.write_text("\n".join([HEAD, *ROWS[first:]]) + "\n")
    cut_cm = str(2.54 * float(ROWS[first].split(",")[0]))
    found = document(capsys, str(path), "--below", cut_cm, "--sds", "6.86")
    assert everybody(found, "normal-truncated") == pytest.approx(truncated, abs=2e-6)
    restricted = everybody(found, "normal-known-sds-truncated")
    assert restricted[:2] == pytest.approx(known_sd, abs=2e-6)


def test_twice_the_counts_are_twice_the_log_likelihood_and_the_same_estimates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row.split(",") for row in ROWS]
    path = tmp_path / "twice.csv"
    text = [f"{low},{high},{2 * int(count)}" for low, high, count in rows]
    path.write_text("\n".join([HEAD, *text]) + "\n")
    once, twice = document(capsys, MACDONELL), document(capsys, str(path))
    for name, fit in once["estimators"].items():
        doubled = twice["estimators"][name]
        assert doubled["log_likelihood"] == pytest.approx(2 * fit["log_likelihood"], rel=1e-9)
        for group, numbers in fit["groups"].items():
            assert doubled["groups"][group]["mean_cm"] == pytest.approx(
                numbers["mean_cm"], rel=1e-6
            )


def test_expected_counts_sum_to_the_people(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, MACDONELL)
    for fit in found["estimators"].values():
        # Next to nobody is expected beyond the table.
        assert np.sum(fit["expected"]) == pytest.approx(3000, abs=0.5)


def test_known_numbers_say_how_many_groups_there_are() -> None:
    assert list(planned_estimators(FitRequest("a"))) == ["normal", "mixture", "mixture-equal-sds"]
    told = planned_estimators(FitRequest("a", shares=(0.2, 0.3, 0.5)))
    assert {groups for _, groups in told.values()} == {3}
    assert "mixture-of-3-known-shares" in told


def test_an_estimator_that_there_is_not_is_told() -> None:
    with pytest.raises(UsageError, match="did you mean mixture"):
        planned_estimators(FitRequest("a", estimators=("mixtur",)))
