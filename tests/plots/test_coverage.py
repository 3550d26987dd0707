import numpy as np
import pandas as pd
import pytest

from stature.plots import coverage


def test_the_claim_is_a_line_in_every_panel(full_measures: pd.DataFrame):
    for axes in coverage.draw(full_measures).axes:
        assert any(np.asarray(line.get_ydata()).tolist() == [0.95, 0.95] for line in axes.lines)


def test_panels_far_from_zero_are_stretched(full_measures: pd.DataFrame):
    figure = coverage.draw(full_measures)
    shown = {axes.get_title(loc="left"): axes.get_ylim() for axes in figure.axes}
    assert shown["school, rounding-5cm: mean of girls"][0] > 0.6
    assert shown["school, minimum-height: mean of girls"][0] == pytest.approx(-0.03)
