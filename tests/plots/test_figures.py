from pathlib import Path

import pandas as pd
import pytest

from stature.plots import figures
from stature.plots.figures import FIGURES, fillable

ROOT = Path(__file__).parents[2]


def test_every_figure_has_a_function_that_draws_it():
    assert list(figures.drawings()) == list(FIGURES)


def test_captions_of_the_workflow_are_those_of_the_page():
    captions = {
        path.stem: " ".join(path.read_text(encoding="utf-8").split())
        for path in (ROOT / "workflow/report").glob("*.rst")
    }
    assert captions.pop("measures")
    assert captions == {name: shown.caption for name, shown in FIGURES.items()}


def test_a_study_without_what_a_figure_needs_has_not_that_figure():
    assert set(FIGURES) - set(fillable([])) == {
        "price", "coverage", "zip", "convergence", "strength", "labels", "scatter",
    }  # fmt: skip
    assert "convergence" in fillable(["traces"])
    everything = [shown.needs for shown in FIGURES.values() if shown.needs]
    assert fillable(everything) == list(FIGURES)


def test_figures_are_drawn_once_and_written_under_their_names(
    full_measures: pd.DataFrame, tmp_path: Path
):
    paths = [tmp_path / name for name in ("hits.svg", "price.png", "hits.png")]
    figures.write({"measures": full_measures}, paths)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in paths)
    with pytest.raises(KeyError):
        figures.write({}, paths)
