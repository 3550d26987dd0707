import numpy as np
import pandas as pd

from stature.plots import strength

WORDS = "minimum height, cm"


def of_cuts(table: pd.DataFrame) -> pd.DataFrame:
    """Two biases of the made-up study as if they were two heights of one rule."""
    cuts = {"rounding-5cm": 150.0, "minimum-height": 160.0}
    rows = table[table["bias"].isin(list(cuts)) & table["size"].notna()]
    return rows.assign(axis=WORDS, varies="bias", setting=rows["bias"].map(cuts))


def test_bias_and_error_stand_side_by_side_over_the_strength(full_measures: pd.DataFrame):
    figure = strength.draw(of_cuts(full_measures))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [
        "school: bias of the mean of girls, cm",
        "school: RMSE of the mean of girls, cm",
        "galton: bias of the mean of female, cm",
        "galton: RMSE of the mean of female, cm",
    ]
    assert {axes.get_xlabel() for axes in figure.axes} == {WORDS}
    assert [float(tick) for tick in figure.axes[0].get_xticks()] == [150.0, 160.0]


def test_points_are_those_of_the_largest_size(full_measures: pd.DataFrame):
    table = of_cuts(full_measures)
    marks = [line for line in strength.draw(table).axes[0].lines if line.get_marker() == "o"]
    drawn = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in marks])
    mine = table[
        (table["estimator"] == "mle")
        & (table["population"] == "school")
        & (table["group"] == "girls")
        & (table["parameter"] == "mean_cm")
        & (table["measure"] == "bias")
        & (table["size"] == 10000)
    ]
    assert set(drawn) == set(mine["value"])


def test_without_strengths_the_figure_says_so(full_measures: pd.DataFrame):
    empty = of_cuts(full_measures).iloc[:0]
    (text,) = strength.draw(empty).axes[0].texts
    assert text.get_text() == "no bias of this study comes in several strengths"
