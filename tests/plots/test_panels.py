"""What holds for every figure that shows measures over sizes, and how panels are laid out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from stature.plots import biases, coverage, errors, hits, passes, price
from stature.plots.files import save
from stature.plots.panels import Multiples, Panel, draw, in_rows
from stature.plots.style import MM, NARROW_MM, WIDE_MM

Draw = Callable[[pd.DataFrame], Figure]
FIGURES: dict[str, Draw] = {
    "biases": biases.draw,
    "coverage": coverage.draw,
    "errors": errors.draw,
    "hits": hits.draw,
    "passes": passes.draw,
    "price": price.draw,
}
every_figure = pytest.mark.parametrize("figure_of", FIGURES.values(), ids=FIGURES.keys())


def texts(figure: Figure) -> str:
    """All that is written on a figure."""
    written = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        written += [axes.get_title(loc="left"), axes.get_xlabel()]
        written += [text.get_text() for text in axes.texts]
    return "\n".join(written)


@every_figure
def test_nothing_leaves_the_figure(figure_of: Draw, full_measures: pd.DataFrame):
    figure = figure_of(full_measures)
    figure.draw_without_rendering()
    whole = figure.bbox
    for axes in figure.axes:
        for text in (*axes.texts, axes.title, axes.xaxis.label):
            box: Any = text.get_window_extent()
            inside = box.x1 <= whole.x1 and box.y1 <= whole.y1 and box.x0 >= 0 and box.y0 >= 0
            assert inside or not text.get_text(), text.get_text()


@every_figure
def test_every_estimator_with_numbers_is_named(figure_of: Draw, full_measures: pd.DataFrame):
    written = texts(figure_of(full_measures))
    for name in ("em", "em-equal-sds", "em-known-sds"):
        assert name in written


@every_figure
def test_counts_of_left_out_replicates_are_told(figure_of: Draw, full_measures: pd.DataFrame):
    written = texts(figure_of(full_measures))
    assert "left out: em" in written
    assert "550×" in written


@every_figure
def test_one_size_and_one_population_are_drawn(
    figure_of: Draw,
    make_measures: Callable[..., pd.DataFrame],
    made: Callable[..., Any],
    tmp_path: Path,
):
    table = make_measures(made(sizes=(200,), populations=("school",), biases=("none",)))
    figure = figure_of(table)
    figure.draw_without_rendering()
    assert all(text.get_window_extent().x1 <= figure.bbox.x1 for text in figure.texts)
    save(figure, [tmp_path / "figure.png"])
    assert (tmp_path / "figure.png").stat().st_size > 0


@every_figure
def test_few_replicates_and_one_estimator_are_drawn(
    figure_of: Draw, make_measures: Callable[..., pd.DataFrame], made: Callable[..., Any]
):
    table = make_measures(made(replicates=20, estimators=("em",), sizes=(20, 200)))
    assert "em" in texts(figure_of(table))


@every_figure
def test_a_table_without_the_measure_says_so(figure_of: Draw, full_measures: pd.DataFrame):
    other = full_measures[full_measures["measure"] == "truth"]
    written = texts(figure_of(other))
    assert "nothing measured" in written or "no row" in written


@every_figure
def test_missing_values_are_left_out(figure_of: Draw, full_measures: pd.DataFrame):
    holes = full_measures.copy()
    small = holes["size"] == 20
    holes.loc[small.fillna(False), ["value", "mcse", "lower", "upper"]] = float("nan")
    assert figure_of(holes).axes


@every_figure
def test_a_figure_knows_its_table_alone(figure_of: Draw, full_measures: pd.DataFrame):
    before = full_measures.copy(deep=True)
    figure_of(full_measures)
    pd.testing.assert_frame_equal(full_measures, before)


def test_one_panel_is_narrow_and_two_are_wide(full_measures: pd.DataFrame):
    panel = Panel("a", full_measures[full_measures["measure"] == "within_2cm"].iloc[:3])
    what = Multiples("title", "proportion")
    one = draw(full_measures, in_rows([panel]), what)
    two = draw(full_measures, in_rows([panel, panel, panel]), what)
    assert one.get_figwidth() == pytest.approx(NARROW_MM * MM)
    assert two.get_figwidth() == pytest.approx(WIDE_MM * MM)
    assert len(two.axes) == 3
