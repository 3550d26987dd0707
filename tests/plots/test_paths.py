from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from stature.plots import paths
from stature.theory.lesson import LessonSpec, derive
from tests.plots.conftest import DrawnOnce, texts, titles


def test_a_gap_and_a_path_are_shown_for_each_population(drawn: DrawnOnce):
    assert titles(drawn("convergence")) == [
        "school: twice the log-likelihood to be gained",
        "school: means of boys and girls, cm",
        "galton: twice the log-likelihood to be gained",
        "galton: means of female and male, cm",
    ]


def test_the_size_nearest_to_the_lesson_is_shown(drawn: DrawnOnce, full_traces: pd.DataFrame):
    assert "n = 200" in drawn("convergence").texts[0].get_text()
    small = full_traces[full_traces["size"] == 50]
    assert "n = 50" in paths.traces(small).texts[0].get_text()


def test_a_path_that_has_arrived_ends_at_the_bottom(drawn: DrawnOnce):
    panel = drawn("convergence").axes[0]
    bottom = panel.get_ylim()[0]
    assert all(np.min(line.get_ydata()) == bottom for line in panel.lines)


@pytest.fixture(scope="module")
def figure() -> Figure:
    return paths.lesson(pd.DataFrame([asdict(row) for row in derive(LessonSpec(seed=1))]))


def test_counting_and_newton_are_named(figure: Figure):
    assert {"by counting: 0.7", "step 4: 0.70000000"} <= set(texts(figure.axes[0]))


def test_the_closed_form_is_marked_on_the_surface(figure: Figure):
    assert any(text.startswith("closed form: mean 17") for text in texts(figure.axes[1]))


def test_all_that_is_written_stays_on_the_figure(figure: Figure, drawn: DrawnOnce):
    for one in (figure, drawn("convergence")):
        one.draw_without_rendering()
        for text in (text for axes in one.axes for text in axes.texts):
            assert text.get_window_extent().x1 <= one.bbox.x1
