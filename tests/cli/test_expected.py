from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stature.cli.expected import coverage_mcse, expected_errors, relative_mcse
from stature.config.study import load
from stature.measures.measure import Measure
from stature.measures.performance import rmse
from stature.store import records

ROOT = Path(__file__).parents[2]


def row(size: int, mcse: float, estimator: str = "em", name: str = "rmse") -> Measure:
    return Measure(
        "school", "none", "school.none", estimator, size, "girls", "mean_cm", name, "",
        "available", 1.0, mcse, None, None, None, 100, 0, 100,
    )  # fmt: skip


def test_errors_shrink_with_the_root_of_the_replicates_and_the_worst_is_told(
    tmp_path: Path,
) -> None:
    study = load([ROOT / "config/config.yaml"], ROOT)
    rows = [row(20, 0.4), row(50, 0.3), row(20, 9.0, name="bias"), row(7, 9.0)]
    records.write(records.MEASURES, tmp_path / "measures.parquet", rows)
    (found,) = expected_errors(replace(study, replicates=400), tmp_path)
    # Four times as many replicates: half the error.
    assert (found.estimator, found.size, found.mcse_cm) == ("em", 20, pytest.approx(0.2))


def test_without_earlier_measures_nothing_is_scaled(tmp_path: Path) -> None:
    study = load([ROOT / "config/config.yaml"], ROOT)
    assert expected_errors(study, tmp_path) == ()


def test_relative_error_of_an_rmse_of_normal_errors_is_what_is_measured() -> None:
    errors = np.random.default_rng(1).standard_normal((1, 20_000))
    measured = rmse(errors)
    ratio = float(measured.mcse[0] / measured.value[0]) / relative_mcse(20_000)
    # The MCSE is itself known to about 1 / sqrt(R) times the kurtosis of squares: 5 % is ample.
    assert ratio == pytest.approx(1.0, abs=0.05)


def test_coverage_has_the_error_of_a_proportion() -> None:
    # 0.95 * 0.05 / 475 = 1e-4.
    assert coverage_mcse(475) == pytest.approx(0.01)
