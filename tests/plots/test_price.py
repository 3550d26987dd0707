import pandas as pd

from stature.plots import price


def test_estimators_that_see_the_labels_pay_nothing(full_measures: pd.DataFrame):
    written = [text.get_text() for text in price.draw(full_measures).axes[0].texts]
    assert "mle" not in written
    assert "labels seen" in written


def test_both_means_are_shown_for_each_population(full_measures: pd.DataFrame):
    titles = {axes.get_title(loc="left") for axes in price.draw(full_measures).axes}
    assert titles == {
        "school: mean of girls, times",
        "school: mean of boys, times",
        "galton: mean of female, times",
        "galton: mean of male, times",
    }
