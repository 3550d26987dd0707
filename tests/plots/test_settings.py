import numpy as np
import pandas as pd

from stature.plots import measures
from tests.plots.conftest import texts, titles

WORDS = "minimum height, cm"


def of_cuts(table: pd.DataFrame) -> pd.DataFrame:
    """Two biases of the made-up study as if they were two heights of one rule."""
    cuts = {"rounding-5cm": 150.0, "minimum-height": 160.0}
    rows = table[table["bias"].isin(list(cuts)) & table["size"].notna()]
    return rows.assign(axis=WORDS, varies="bias", setting=rows["bias"].map(cuts))


def test_bias_and_error_stand_side_by_side_over_the_strength(full_measures: pd.DataFrame):
    figure = measures.strength(of_cuts(full_measures))
    assert titles(figure) == [
        "school: bias of the mean of girls, cm",
        "school: RMSE of the mean of girls, cm",
        "galton: bias of the mean of female, cm",
        "galton: RMSE of the mean of female, cm",
    ]
    assert {axes.get_xlabel() for axes in figure.axes} == {WORDS}
    assert [float(tick) for tick in figure.axes[0].get_xticks()] == [150.0, 160.0]


def test_points_are_those_of_the_largest_size(full_measures: pd.DataFrame):
    table = of_cuts(full_measures)
    marks = [line for line in measures.strength(table).axes[0].lines if line.get_marker() == "o"]
    drawn = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in marks])
    mine = table.query(
        "estimator == 'mle' and population == 'school' and group == 'girls' "
        "and parameter == 'mean_cm' and measure == 'bias' and size == 10000"
    )
    assert set(drawn) == set(mine["value"])


SHARES = {"em": 0.0, "em-known-shares": 0.1, "mle": 1.0}


def of_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Three estimators of the made-up study as if they saw more and more labels."""
    rows = table[table["estimator"].isin(list(SHARES)) & table["size"].isin([200, 1000])]
    return rows.assign(
        axis="share of people with a label",
        varies="estimator",
        setting=rows["estimator"].map(SHARES),
    )


def test_there_is_a_curve_for_each_size_and_a_panel_for_each_mean(full_measures: pd.DataFrame):
    figure = measures.labels(of_labels(full_measures))
    means = ("school: RMSE of the mean of girls, cm", "school: RMSE of the mean of boys, cm")
    means += ("galton: RMSE of the mean of female, cm", "galton: RMSE of the mean of male, cm")
    assert titles(figure) == list(means)
    for axes in figure.axes:
        assert set(texts(axes)) >= {"n = 200", "n = 1,000"}


def test_shares_are_ticks_from_none_to_all(full_measures: pd.DataFrame):
    axes = measures.labels(of_labels(full_measures)).axes[0]
    assert [float(tick) for tick in axes.get_xticks()] == [0.0, 0.1, 1.0]
    assert [axes.xaxis.get_major_formatter()(share, 0) for share in (0.0, 0.1)] == ["0", "10"]
