from pathlib import Path
from typing import get_args

import pandas as pd
import pytest
from matplotlib.text import Text

from stature.plots import figures
from stature.plots.figures import FIGURES, TEXTS, Need, caption, fillable


def test_every_figure_has_a_function_that_draws_it():
    drawn = [kind.draw for kind in FIGURES.values()]
    assert len(set(drawn)) == len(FIGURES)


def test_every_figure_has_a_caption():
    assert {path.stem for path in TEXTS.glob("*.rst")} == set(FIGURES)
    assert all(caption(name).endswith((".", ")")) for name in FIGURES)
    assert all(kind.title and kind.alt.endswith(".") for kind in FIGURES.values())


def test_a_study_without_what_a_figure_needs_has_not_that_figure():
    assert set(FIGURES) - set(fillable([])) == {
        "steps", "price", "hits", "coverage", "zip", "convergence", "strength", "labels", "scatter",
        "factors", "needed", "loop", "passes", "overview",
    }  # fmt: skip
    assert "convergence" in fillable(["traces"])
    assert fillable(get_args(Need)) == list(FIGURES)
    assert {"loop", "overview"} < set(fillable(get_args(Need), by_population=False))
    assert "errors" not in fillable(get_args(Need), by_population=False)


def test_figures_are_drawn_once_and_written_under_their_names(
    full_measures: pd.DataFrame, tmp_path: Path
):
    paths = [tmp_path / name for name in ("hits.svg", "price.png", "hits.png")]
    figures.write({"measures": full_measures}, paths, {})
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in paths)
    with pytest.raises(KeyError):
        figures.write({}, paths, {})


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "lesson"])
def test_a_table_without_rows_gives_a_figure_that_says_so(name: str, full_measures: pd.DataFrame):
    columns = ["axis", "varies", "setting", "centile", "gap", "panel", "step"]
    empty = full_measures.iloc[:0].reindex(columns=[*full_measures.columns, *columns])
    texts = [text.get_text() for text in figures.draw(name, empty).axes[0].texts]
    assert texts == ["the table holds no row for this figure"]


def test_an_estimator_that_repeats_the_reference_is_not_drawn_twice(full_measures: pd.DataFrame):
    name = "em-known-shares"
    again = full_measures.iloc[[-1]].assign(
        estimator=name, measure="largest_relative_difference", value=1e-12
    )
    table = pd.concat([full_measures, again], ignore_index=True)

    def words(of: pd.DataFrame, figure: str) -> str:
        return " ".join(text.get_text() for text in figures.draw(figure, of).findobj(Text))

    assert name in words(full_measures, "errors")
    assert name not in words(table, "errors")
