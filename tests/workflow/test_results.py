"""`stature.read_results`: the tables and figures of a study that has run."""

import re
from typing import Any

import pandas as pd
import pytest

import stature
from stature.plots.figures import FIGURES
from tests.workflow.conftest import Project


def test_results_hold_the_tables_and_figures_of_the_study(finished_once: Project) -> None:
    results = stature.read_results(finished_once.results)
    written = pd.read_csv(finished_once.results / "measures.csv")
    assert len(results.measures) == len(written)
    assert results.measures["value"].to_numpy() == pytest.approx(
        written["value"].to_numpy(), nan_ok=True
    )
    fits = results.fits
    assert list(fits.columns[:2]) == ["scenario", "estimator"]
    # 2 scenarios x 2 estimators x 4 replicates x 2 sizes x (2 x 3 parameters and a gap)
    assert len(fits) == 2 * 2 * 4 * 2 * 7
    assert set(fits["estimator"]) == {"mle", "em"}
    # The bias is the mean error of the converged fits.
    cell = fits.query(
        "scenario == 'school.none' and estimator == 'mle' and size == 60 and group == 'girls'"
    ).query("parameter == 'mean_cm'")
    bias = results.measures.query(
        "scenario == 'school.none' and estimator == 'mle' and size == 60 and group == 'girls'"
    ).query("parameter == 'mean_cm' and measure == 'bias'")
    assert bias["value"].item() == pytest.approx(cell["estimate"].mean() - 163.0)
    assert len(results.checks) > 0
    drawn = {path.stem for path in finished_once.results.glob("figures/*.png")}
    assert results.figures == tuple(name for name in FIGURES if name in drawn)
    for name in results.figures:
        assert results.figure(name).axes
    with pytest.raises(ValueError, match="got 'error'; did you mean 'errors'"):
        results.figure("error")


def test_captions_of_snakemakes_report_are_in_the_words_of_what_is_measured(
    fresh: Project,
) -> None:
    captions = fresh.folder / ".snakemake/captions/tiny"
    fresh.plan()
    assert not captions.exists()  # of heights they stand in the package

    def measure(study: dict[str, Any]) -> None:
        study["quantity"] = {"name": "body length", "unit": "mm", "tolerance": 5}
        del study["populations"][1]["unit"]

    fresh.edit(measure)
    fresh.plan()
    said = (captions / "answer.rst").read_text(encoding="utf-8")
    assert "within 5 mm of the truth" in said
    assert re.search(r"\b(cm|people|heights?)\b", said) is None


def test_a_folder_without_tables_is_refused_in_a_sentence(finished_once: Project) -> None:
    other = stature.read_results(finished_once.results / "fits")
    assert other.figures == ()
    for name in ("measures", "fits", "checks"):
        with pytest.raises(ValueError, match="got none; run the study"):
            getattr(other, name)
