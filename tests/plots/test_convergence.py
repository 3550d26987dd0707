import numpy as np
import pandas as pd

from stature.plots import convergence


def test_a_gap_and_a_path_are_shown_for_each_population(full_traces: pd.DataFrame):
    titles = [axes.get_title(loc="left") for axes in convergence.draw(full_traces).axes]
    assert titles == [
        "galton: log-likelihood still to gain, times 2",
        "galton: means of female and male, cm",
        "school: log-likelihood still to gain, times 2",
        "school: means of boys and girls, cm",
    ]


def test_the_size_nearest_to_the_lesson_is_shown(full_traces: pd.DataFrame):
    assert "n = 200" in convergence.draw(full_traces).texts[0].get_text()
    small = full_traces[full_traces["size"] == 50]
    assert "n = 50" in convergence.draw(small).texts[0].get_text()


def test_a_climb_that_has_arrived_ends_at_the_bottom(full_traces: pd.DataFrame):
    panel = convergence.draw(full_traces).axes[0]
    bottom = panel.get_ylim()[0]
    assert all(np.min(line.get_ydata()) == bottom for line in panel.lines)


def test_no_trace_gives_a_figure_that_says_so(full_traces: pd.DataFrame):
    figure = convergence.draw(full_traces.iloc[:0])
    assert "no replicate" in figure.axes[0].texts[0].get_text()


def test_labels_stay_on_the_figure(full_traces: pd.DataFrame):
    figure = convergence.draw(full_traces)
    figure.draw_without_rendering()
    for axes in figure.axes:
        for text in axes.texts:
            assert text.get_window_extent().x1 <= figure.bbox.x1
