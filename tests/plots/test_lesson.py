from dataclasses import asdict

import pandas as pd
import pytest
from matplotlib.figure import Figure

from stature.plots import lesson
from stature.theory.lesson import LessonSpec, derive


@pytest.fixture(scope="module")
def figure() -> Figure:
    return lesson.draw(pd.DataFrame([asdict(row) for row in derive(LessonSpec(seed=1))]))


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
