import pandas as pd

from stature.plots import labels

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
    figure = labels.draw(of_labels(full_measures))
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "school: RMSE of the mean of girls, cm",
        "school: RMSE of the mean of boys, cm",
        "galton: RMSE of the mean of female, cm",
        "galton: RMSE of the mean of male, cm",
    ]
    for axes in figure.axes:
        assert {text.get_text() for text in axes.texts} >= {"n = 200", "n = 1,000"}


def test_shares_are_ticks_from_none_to_all(full_measures: pd.DataFrame):
    axes = labels.draw(of_labels(full_measures)).axes[0]
    assert [float(tick) for tick in axes.get_xticks()] == [0.0, 0.1, 1.0]
    assert [axes.xaxis.get_major_formatter()(share, 0) for share in (0.0, 0.1)] == ["0", "10"]


def test_without_shares_of_labels_the_figure_says_so(full_measures: pd.DataFrame):
    (text,) = labels.draw(of_labels(full_measures).iloc[:0]).axes[0].texts
    assert text.get_text() == "this study does not vary the share of labels"
