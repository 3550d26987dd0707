"""Tables of counts through the command: golden numbers, and what counts mean."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from stature.cli.fit import fit_json
from stature.datafile.examinations import examine
from stature.datafile.fits import Fitted, fit_one
from stature.datafile.people import people_of
from stature.datafile.request import FitRequest, Reading
from stature.datafile.runs import plans
from stature.design.streams import stream_key
from stature.estimators.estimator import Status
from stature.report.findings import goodness_sentence
from tests.cli.conftest import Fit

MACDONELL = "data/macdonell_1902_heights_binned.csv"
HEAD, *ROWS = Path(MACDONELL).read_text(encoding="utf-8").splitlines()


def everybody(found: dict[str, Any], name: str) -> tuple[float, ...]:
    """Mean and SD with their standard errors, of inches in cm."""
    fit = found["estimators"][name]
    assert fit["status"] == "converged"
    group = fit["groups"]["everybody"]
    assert found["unit"] == "in"
    return tuple(2.54 * (group[key] or 0.0) for key in ("mean", "mean_se", "sd", "sd_se"))


def test_macdonells_men_give_the_golden_numbers(fit: Fit) -> None:
    # Computed for this project at 40 digits, tests/estimators/general/test_solve.py.
    found = fit.finds(MACDONELL, "--groups", "1")
    expected = (166.4601802841, 0.1185938777, 6.4541371463, 0.0843925104)
    assert everybody(found, "normal") == pytest.approx(expected, rel=1e-8)
    normal = found["estimators"]["normal"]
    assert normal["log_likelihood"] == pytest.approx(-7073.7111705298, rel=1e-11)
    assert (normal["joined_cells"], normal["degrees_of_freedom"]) == (16, 13)
    assert normal["chi_square"] == pytest.approx(9.504097, abs=1e-6)
    assert normal["p_value"] == pytest.approx(0.73389, abs=1e-5)


def test_open_end_cells_give_the_other_golden_numbers(fit: Fit) -> None:
    first, last = ROWS[0].split(","), ROWS[-1].split(",")
    open_rows = [",".join(["", *first[1:]]), *ROWS[1:-1], ",".join([last[0], "inf", last[2]])]
    found = fit.finds(fit.file("\n".join([HEAD, *open_rows])), "--groups", "1")
    expected = (166.4601154052, 0.1186242394, 6.4557281504, 0.0844536899)
    assert everybody(found, "normal") == pytest.approx(expected, rel=1e-8)
    assert found["cells"]["lower"][0] is None


@pytest.mark.parametrize(
    ("first", "truncated", "known_sd"),
    [
        (7, (166.182526, 0.219464, 6.629016, 0.156154), (165.952731, 0.168198)),
        (10, (165.182518, 1.090106, 6.980664, 0.420351), (165.478035, 0.314774)),
    ],
)
def test_macdonells_men_cut_from_below_give_the_golden_numbers(
    first: int, truncated: tuple[float, ...], known_sd: tuple[float, ...], fit: Fit
) -> None:
    path = fit.file("\n".join([HEAD, *ROWS[first:]]))
    cut_cm = str(2.54 * float(ROWS[first].split(",")[0]))
    found = fit.finds(path, "--below", f"{cut_cm}cm", "--sds", "6.86cm")
    assert everybody(found, "normal-truncated") == pytest.approx(truncated, abs=2e-6)
    restricted = everybody(found, "normal-known-sds-truncated")
    assert restricted[:2] == pytest.approx(known_sd, abs=2e-6)
    # The same in the unit of the file: 2.54 cm are an inch.
    inches = fit.finds(path, "--below", ROWS[first].split(",")[0], "--sds", str(6.86 / 2.54))
    assert everybody(inches, "normal-truncated") == pytest.approx(truncated, abs=2e-6)
    assert everybody(inches, "normal-known-sds-truncated")[:2] == pytest.approx(known_sd, abs=2e-6)


def test_twice_the_counts_are_twice_the_log_likelihood_and_the_same_estimates(fit: Fit) -> None:
    rows = [row.split(",") for row in ROWS]
    text = "\n".join([HEAD, *(f"{low},{high},{2 * int(count)}" for low, high, count in rows)])
    once, twice = fit.finds(MACDONELL), fit.finds(fit.file(text))
    assert len(once["estimators"]) == 4
    for name, one in once["estimators"].items():
        if name == "mixture-map":
            continue  # Twice the counts make half as much of a prior.
        doubled = twice["estimators"][name]
        assert doubled["log_likelihood"] == pytest.approx(2 * one["log_likelihood"], rel=1e-9)
        for group, numbers in one["groups"].items():
            assert doubled["groups"][group]["mean"] == pytest.approx(numbers["mean"], rel=1e-6)


def test_expected_counts_sum_to_the_people(fit: Fit) -> None:
    for one in fit.finds(MACDONELL)["estimators"].values():
        # Next to nobody is expected beyond the table.
        assert np.sum(one["expected"]) == pytest.approx(3000, abs=0.5)


def test_an_end_that_is_no_maximum_has_no_chi_square() -> None:
    request = FitRequest(MACDONELL, Reading(unit="in"), groups=(2,))
    table = people_of(examine(MACDONELL, request.reading))
    (runs,) = plans(request, table)
    one = runs.estimators[0]
    found = fit_one(replace(one, step_limit=2), runs, stream_key(1, table.sha256))
    assert found.status is Status.STEP_LIMIT
    assert found.counted is not None
    assert np.sum(found.counted.expected) == pytest.approx(3000, abs=0.5)
    assert np.isnan([found.counted.chi_square, found.counted.p_value]).all()
    words = "No chi-square: there is no maximum to compare with."
    assert goodness_sentence(found, found.counted) == words
    written = json.loads(fit_json(request, Fitted(table, runs, (found,))))
    plain = written["estimators"][one.name]
    assert (plain["degrees_of_freedom"], plain["p_value"]) == (None, None)


LOWER = np.arange(145, 195, 5)
# Girls, boys, and those of whom nobody wrote it down, in cells of 5 cm.
COUNTS = np.array(
    [
        [2, 9, 31, 60, 58, 30, 9, 1, 0, 0],
        [0, 0, 2, 9, 34, 64, 58, 27, 7, 2],
        [0, 0, 1, 0, 5, 7, 6, 9, 2, 0],
    ]
)


def grouped(counts: np.ndarray) -> str:
    rows = [
        f"{low},{low + 5},{name},{count}"
        for name, group in zip(("f", "m", ""), counts, strict=True)
        for low, count in zip(LOWER.tolist(), group.tolist(), strict=True)
        if count
    ]
    return "\n".join(["lower_cm,upper_cm,sex,count", *rows])


def estimates(fit: dict[str, Any]) -> np.ndarray:
    """Shares, means and SDs, shape (3, k)."""
    assert fit["status"] == "converged"
    groups = fit["groups"].values()
    return np.array([[group[name] for group in groups] for name in ("share", "mean", "sd")])


def log_likelihood(theta: np.ndarray, counts: np.ndarray) -> float:
    """Of a table with groups, as it is written down: the last row of counts has no label."""
    share, mean, sd = theta
    cells = np.diff(norm.cdf((np.append(LOWER, 195)[:, None] - mean) / sd), axis=0) * share
    return float((counts[:2].T * np.log(cells)).sum() + counts[2] @ np.log(cells.sum(axis=1)))


def test_C27_cells_with_labels_in_part_are_at_the_maximum_of_everybody(fit: Fit) -> None:
    path = fit.file(grouped(COUNTS))
    found = fit.finds(path, "--group", "sex")["estimators"]
    assert list(found) == ["mle-rounded", "labels-as-recorded-rounded", "em-rounded"]
    theta = estimates(found["labels-as-recorded-rounded"])
    best = log_likelihood(theta, COUNTS)
    assert found["labels-as-recorded-rounded"]["log_likelihood"] == pytest.approx(best, rel=1e-12)
    small = 1e-4
    for way in small * np.eye(5):
        step = np.stack([way[0] * np.array([1.0, -1.0]), way[1:3], way[3:]])
        up, down = (log_likelihood(theta + side * step, COUNTS) for side in (1.0, -1.0))
        # The top of the parabola through three points.
        away = 0.5 * small * (up - down) / (2.0 * best - up - down)
        assert abs(away) < 1e-6
    code, out, _ = fit.says(path, "--group", "sex")
    said = " ".join(out.split())
    assert code == 0
    assert f"{COUNTS.sum()} observations in {(COUNTS > 0).sum()} cells of 5 cm" in said
    assert "f 200, m 203, no label 30." in said
    assert "the 30 observations without a label are left out" in said


def test_cells_of_all_labels_are_fitted_group_by_group_and_of_none_as_a_mixture(fit: Fit) -> None:
    labelled = COUNTS * np.array([[1], [1], [0]])
    found = fit.finds(fit.file(grouped(labelled)), "--group", "sex")["estimators"]
    assert list(found) == ["mle-rounded"]
    theta = estimates(found["mle-rounded"])

    def without_groups(counts: np.ndarray, groups: str) -> dict[str, Any]:
        rows = zip(LOWER.tolist(), counts.tolist(), strict=True)
        lines = [f"{low},{low + 5},{count}" for low, count in rows]
        path = fit.file("\n".join(["lower_cm,upper_cm,count", *lines]))
        return fit.finds(path, "--groups", groups)["estimators"]

    for k in range(2):
        alone = without_groups(COUNTS[k], "1")["normal"]
        assert theta[1:, k] == pytest.approx(estimates(alone)[1:, 0], abs=1e-6)
        assert theta[0, k] == pytest.approx(COUNTS[k].sum() / labelled.sum(), abs=1e-9)
    nobody = np.stack([np.zeros_like(LOWER), np.zeros_like(LOWER), COUNTS.sum(axis=0)])
    hidden = fit.finds(fit.file(grouped(nobody)), "--group", "sex")["estimators"]
    mixture = without_groups(COUNTS.sum(axis=0), "2")["mixture"]
    assert estimates(hidden["em-rounded"]) == pytest.approx(estimates(mixture), abs=1e-6)


def test_known_sds_of_cells_are_without_the_spread_within_them(fit: Fit) -> None:
    path = fit.file(grouped(COUNTS))
    found = fit.finds(path, "--group", "sex", "--hide-group")["estimators"]
    known, seen = (estimates(found[name])[2] for name in ("em-known-sds-rounded", "mle-rounded"))
    # Sheppard's correction is what the likelihood of cells finds, to its next order.
    assert known == pytest.approx(seen, abs=0.02)
