import pandas as pd

from stature.plots import biases


def test_there_is_a_panel_for_each_bias_and_population(full_measures: pd.DataFrame):
    titles = [axes.get_title(loc="left") for axes in biases.draw(full_measures).axes]
    assert titles[:2] == ["school, none: mean of girls, cm", "galton, none: mean of female, cm"]
    assert len(titles) == 4 * 2


def test_all_panels_have_one_scale(full_measures: pd.DataFrame):
    limits = {axes.get_ylim() for axes in biases.draw(full_measures).axes}
    assert len(limits) == 1


def test_limits_are_dotted_black(full_measures: pd.DataFrame):
    lines = biases.draw(full_measures).axes[2].lines
    dotted = [line for line in lines if line.get_linestyle() == ":" and line.get_color() == "black"]
    assert len(dotted) == full_measures["estimator"].nunique()


def test_biases_of_one_population_stand_in_rows_of_two_that_share_an_axis(
    full_measures: pd.DataFrame,
):
    one = full_measures[full_measures["population"] == "school"]
    axes = biases.draw(one).axes
    titles = [panel.get_title(loc="left") for panel in axes]
    assert titles[:2] == [
        "school, none: mean of girls, cm",
        "school, minimum-height: mean of girls, cm",
    ]
    limits = [panel.get_ylim() for panel in axes]
    assert limits[0] == limits[1]
    assert limits[2] == limits[3]
    assert limits[0] != limits[2]
