from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from stature.plots import paths
from stature.theory.lesson import LessonSpec, derive


def test_a_gap_and_a_path_are_shown_for_each_population(full_traces: pd.DataFrame):
    titles = [axes.get_title(loc="left") for axes in paths.traces(full_traces).axes]
    assert titles == [
        "galton: log-likelihood still to gain, times 2",
        "galton: means of female and male, cm",
        "school: log-likelihood still to gain, times 2",
        "school: means of boys and girls, cm",
    ]


def test_the_size_nearest_to_the_lesson_is_shown(full_traces: pd.DataFrame):
    assert "n = 200" in paths.traces(full_traces).texts[0].get_text()
    small = full_traces[full_traces["size"] == 50]
    assert "n = 50" in paths.traces(small).texts[0].get_text()


def test_a_climb_that_has_arrived_ends_at_the_bottom(full_traces: pd.DataFrame):
    panel = paths.traces(full_traces).axes[0]
    bottom = panel.get_ylim()[0]
    assert all(np.min(line.get_ydata()) == bottom for line in panel.lines)


def test_labels_stay_on_the_figure(full_traces: pd.DataFrame):
    figure = paths.traces(full_traces)
    figure.draw_without_rendering()
    for axes in figure.axes:
        for text in axes.texts:
            assert text.get_window_extent().x1 <= figure.bbox.x1


@pytest.fixture(scope="module")
def figure() -> Figure:
    return paths.lesson(pd.DataFrame([asdict(row) for row in derive(LessonSpec(seed=1))]))


def test_counting_and_climbing_are_named(figure: Figure):
    written = [text.get_text() for text in figure.axes[0].texts]
    assert "by counting: 0.7" in written
    assert "step 4: 0.70000000" in written


def test_the_closed_form_is_marked_on_the_surface(figure: Figure):
    written = [text.get_text() for text in figure.axes[1].texts]
    assert any(text.startswith("closed form: mean 17") for text in written)


def test_all_that_is_written_stays_on_the_figure(figure: Figure):
    figure.draw_without_rendering()
    for axes in figure.axes:
        for text in axes.texts:
            assert text.get_window_extent().x1 <= figure.bbox.x1
