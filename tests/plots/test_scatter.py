import numpy as np
import pandas as pd
import pytest

from stature.plots import scatter


@pytest.fixture
def pairs() -> pd.DataFrame:
    """Ten samples: half the estimates are equal, two fits failed, one is far out."""
    across = np.linspace(160.0, 166.0, 10)
    up = across + np.repeat([0.0, 1.0], 5)
    up[0], up[8:] = 0.0, np.nan
    return pd.DataFrame(
        {
            "population": "school",
            "bias": "none",
            "scenario": "school.none",
            "size": 1000,
            "group": "girls",
            "truth_cm": 163.0,
            "reference": "newton",
            "estimator": "hasty",
            "replicate": range(10),
            "reference_cm": across,
            "estimate_cm": up,
        }
    )


def test_axes_say_who_is_on_them_and_how_often_they_agree(pairs: pd.DataFrame):
    (axes,) = scatter.draw(pairs).axes
    assert axes.get_xlabel() == "by newton"
    (text,) = axes.texts
    assert text.get_text().splitlines() == [
        "up: hasty",
        "equal in 4",
        "of 8 samples",
        "2 left out",
    ]


def test_both_axes_are_the_same_and_nothing_is_outside(pairs: pd.DataFrame):
    (axes,) = scatter.draw(pairs).axes
    assert axes.get_xlim() == axes.get_ylim()
    low, high = axes.get_ylim()
    (points,) = [line for line in axes.lines if line.get_marker() == "."]
    up = np.asarray(points.get_ydata(), dtype=float)
    assert len(up) == 8
    assert low <= up.min() <= up.max() <= high


def test_without_pairs_the_figure_says_so(pairs: pd.DataFrame):
    (text,) = scatter.draw(pairs.iloc[:0]).axes[0].texts
    assert text.get_text() == "no two estimators of this study can be set side by side"
