from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from stature.plots import measures
from stature.plots.panels import Panel, side_by_side
from stature.plots.style import save
from tests.plots.conftest import Made, MakeMeasures


def test_there_is_a_panel_for_each_parameter_and_population(full_measures: pd.DataFrame):
    titles = [axes.get_title(loc="left") for axes in measures.errors(full_measures).axes]
    assert titles[:4] == [
        "school: mean of girls, cm",
        "galton: mean of female, cm",
        "school: mean of boys, cm",
        "galton: mean of male, cm",
    ]
    assert len(titles) == 10


def test_the_fitted_slope_stands_beside_the_name(full_measures: pd.DataFrame):
    written = [text.get_text() for text in measures.errors(full_measures).axes[0].texts]
    assert "em −0.38" in written


def test_errors_and_sizes_are_on_log_axes(full_measures: pd.DataFrame):
    panel = measures.errors(full_measures).axes[0]
    assert (panel.get_xscale(), panel.get_yscale()) == ("log", "log")


def test_numbers_of_the_figure_are_those_of_the_table(full_measures: pd.DataFrame):
    cell = full_measures.query(
        "measure == 'rmse' and scenario == 'school.none' and estimator == 'mle' "
        "and group == 'girls' and parameter == 'mean_cm'"
    )
    drawn = [
        np.asarray(line.get_ydata()).tolist()
        for line in measures.errors(full_measures).axes[0].lines
    ]
    assert cell["value"].tolist() in drawn


def test_three_populations_take_two_columns():
    panels = [[Panel(f"{name}{row}", pd.DataFrame()) for row in range(2)] for name in "abc"]
    rows = side_by_side(panels)
    assert [[panel.title for panel in row] for row in rows] == [
        ["a0", "b0"],
        ["a1", "b1"],
        ["c0"],
        ["c1"],
    ]


def test_all_but_one_share_is_shown_of_two_groups(full_measures: pd.DataFrame):
    found = measures.estimands(full_measures, ["girls", "boys"], "school")
    assert [at["group"] for at in found if at["parameter"] == "share"] == ["girls"]


@pytest.mark.parametrize("slope", [float("nan"), None])
def test_a_slope_that_is_missing_is_not_written(slope: float | None):
    assert measures.slopes(pd.DataFrame({"estimator": ["em"], "value": [slope]})) == {}


def test_names_of_groups_are_drawn_as_they_are(make_measures: MakeMeasures, tmp_path: Path):
    made = Made(sizes=(100, 1000), populations=("school",), biases=("none",))
    hostile = "</b><script>alert('$x^$')</script>&"
    table = make_measures(made).replace({"group": {"girls": hostile}})
    save(measures.errors(table), [tmp_path / "errors.svg"])
    elements = ElementTree.parse(tmp_path / "errors.svg").iter()
    tags = {element.tag.rpartition("}")[2] for element in elements}
    # Text is drawn as shapes: no character of a name is markup, or mathematics.
    assert tags.isdisjoint({"script", "text", "b"})


def test_there_is_a_panel_for_each_bias_and_population(full_measures: pd.DataFrame):
    titles = [axes.get_title(loc="left") for axes in measures.biases(full_measures).axes]
    assert titles[:2] == ["school, none: mean of girls, cm", "galton, none: mean of female, cm"]
    assert len(titles) == 4 * 2


def test_all_panels_have_one_scale(full_measures: pd.DataFrame):
    limits = {axes.get_ylim() for axes in measures.biases(full_measures).axes}
    assert len(limits) == 1


def test_limits_are_dotted_black(full_measures: pd.DataFrame):
    lines = measures.biases(full_measures).axes[2].lines
    dotted = [line for line in lines if line.get_linestyle() == ":" and line.get_color() == "black"]
    assert len(dotted) == full_measures["estimator"].nunique()


def test_biases_of_one_population_stand_in_rows_of_two_that_share_an_axis(
    full_measures: pd.DataFrame,
):
    one = full_measures[full_measures["population"] == "school"]
    axes = measures.biases(one).axes
    titles = [panel.get_title(loc="left") for panel in axes]
    assert titles[:2] == [
        "school, none: mean of girls, cm",
        "school, minimum-height: mean of girls, cm",
    ]
    limits = [panel.get_ylim() for panel in axes]
    assert limits[0] == limits[1]
    assert limits[2] == limits[3]
    assert limits[0] != limits[2]


def test_the_claim_is_a_line_in_every_panel(full_measures: pd.DataFrame):
    for axes in measures.coverage(full_measures).axes:
        assert any(np.asarray(line.get_ydata()).tolist() == [0.95, 0.95] for line in axes.lines)


def test_panels_far_from_zero_are_stretched(full_measures: pd.DataFrame):
    figure = measures.coverage(full_measures)
    shown = {axes.get_title(loc="left"): axes.get_ylim() for axes in figure.axes}
    assert shown["school, rounding-5cm: mean of girls"][0] > 0.6
    assert shown["school, minimum-height: mean of girls"][0] == pytest.approx(-0.03)


def test_fractions_are_shown_from_nought_to_one(full_measures: pd.DataFrame):
    for axes in measures.hits(full_measures).axes:
        low, high = axes.get_ylim()
        assert low < 0.0 < 1.0 < high


def test_the_high_quantile_is_dotted_above_the_median(full_measures: pd.DataFrame):
    lines = measures.passes(full_measures).axes[0].lines
    dotted = [line for line in lines if line.get_linestyle() == ":" and line.get_color() == "black"]
    assert len(dotted) == full_measures["estimator"].nunique()


def test_estimators_that_see_the_labels_pay_nothing(full_measures: pd.DataFrame):
    written = [text.get_text() for text in measures.price(full_measures).axes[0].texts]
    assert "mle" not in written
    assert "labels seen" in written


def test_both_means_are_shown_for_each_population(full_measures: pd.DataFrame):
    titles = {axes.get_title(loc="left") for axes in measures.price(full_measures).axes}
    assert titles == {
        "school: mean of girls, times",
        "school: mean of boys, times",
        "galton: mean of female, times",
        "galton: mean of male, times",
    }


def test_errors_are_root_mean_squares_over_the_groups(full_measures: pd.DataFrame):
    figure = measures.overview(full_measures)
    panel = next(axes for axes in figure.axes if axes.get_title(loc="left") == "mle")
    means = full_measures[
        (full_measures["measure"] == "rmse")
        & (full_measures["parameter"] == "mean_cm")
        & (full_measures["estimator"] == "mle")
        & (full_measures["scenario"] == "school.none")
        & (full_measures["size"] == 200)
    ]["value"]
    scenarios = [label.get_text() for label in panel.get_yticklabels()]
    sizes = [label.get_text() for label in panel.get_xticklabels()]
    shown = np.ma.asarray(panel.images[0].get_array())[
        scenarios.index("school.none"), sizes.index("200")
    ]
    assert np.isclose(shown, np.sqrt((means**2).mean()))


def test_failed_and_suspect_fits_add_up():
    row = {"scenario": "a.none", "estimator": "em", "size": 20, "policy": "available"}
    table = pd.DataFrame(
        [
            row | {"measure": "converged", "value": 0.7},
            row | {"measure": "suspect", "value": 0.2},
            row | {"measure": "converged", "value": 0.9, "size": 50},
        ]
    )
    (axes,) = measures.failures(table).axes
    assert [text.get_text() for text in axes.texts] == ["0.50", "0.10"]
