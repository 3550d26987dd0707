from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from stature.plots import measures
from stature.plots.paths import traces as convergence
from stature.plots.style import save
from stature.report.drawings import drawing
from tests.plots.conftest import DrawnOnce, Made, texts, titles
from tests.plots.conftest import measures as make_measures
from tests.plots.conftest import traces as make_traces


def dotted(axes: Axes) -> int:
    """How many lines of theory are dotted."""
    lines = [line for line in axes.lines if line.get_color() == "black"]
    return sum(line.get_linestyle() == ":" for line in lines)


def test_errors_have_a_panel_for_each_parameter_and_population(drawn: DrawnOnce):
    shown = titles(drawn("errors"))
    assert shown[:2] == ["school: mean of girls, cm", "galton: mean of female, cm"]
    assert shown[2:4] == ["school: mean of boys, cm", "galton: mean of male, cm"]
    assert len(shown) == 10


def test_the_fitted_slope_stands_beside_the_name(drawn: DrawnOnce):
    written = texts(drawn("errors").axes[0])
    # The made-up errors of mle are 9.2 / √n with 2 % of noise; those of em bend.
    assert "mle −0.50" in written
    assert "em" in written
    assert not any(text.startswith("em −") for text in written)


def test_errors_and_sizes_are_on_log_axes(drawn: DrawnOnce):
    panel = drawn("errors").axes[0]
    assert (panel.get_xscale(), panel.get_yscale()) == ("log", "log")


def test_numbers_of_the_figure_are_those_of_the_table(
    drawn: DrawnOnce, full_measures: pd.DataFrame
):
    cell = full_measures.query(
        "measure == 'rmse' and scenario == 'school.none' and estimator == 'mle' "
        "and group == 'girls' and parameter == 'mean_cm'"
    )
    lines = [np.asarray(line.get_ydata()).tolist() for line in drawn("errors").axes[0].lines]
    assert cell["value"].tolist() in lines


def test_all_but_one_share_is_shown_of_two_groups(full_measures: pd.DataFrame):
    shown = measures.estimands(full_measures, ["girls", "boys"])
    assert [at["group"] for at in shown if at["parameter"] == "share"] == ["girls"]


def test_of_many_populations_less_is_shown_of_each_or_some_of_them():
    names = tuple(f"gap-{number}" for number in range(7))
    each = make_measures(Made(populations=("school",), biases=("none",), sizes=(100, 1000)))
    table = pd.concat([each.assign(population=name, scenario=f"{name}.none") for name in names])
    shown = measures.errors(table)
    assert sorted(titles(shown)) == [f"{name}: mean of girls, cm" for name in names]
    assert "each of 7 populations" in shown.texts[1].get_text()
    assert len(titles(measures.errors(table[table["population"].isin(names[:4])]))) == 20
    paths = make_traces(1)
    paths = pd.concat([paths.assign(scenario=f"{name}.none") for name in names])
    shown = convergence(paths)
    assert [title.partition(":")[0] for title in titles(shown)][::2] == [
        "gap-0",
        "gap-2",
        "gap-4",
        "gap-6",
    ]
    assert "4 of 7 populations" in shown.texts[0].get_text()


@pytest.mark.parametrize("slope", [float("nan"), None])
def test_a_slope_that_is_missing_is_not_written(slope: float | None):
    line = pd.DataFrame({"estimator": "em", "size": [1.0, 2.0, 4.0], "value": [4.0, 2.0, 1.0]})
    assert measures.slopes(pd.DataFrame({"estimator": ["em"], "value": [slope]}), line) == {}
    # 8 is four times what a line through 4, (2), 1 has in its middle: no line.
    for middle, written in ((2.0, {"em": "−1.00"}), (8.0, {})):
        bent = line.assign(value=[4.0, middle, 1.0])
        rates = pd.DataFrame({"estimator": ["em"], "value": [-1.0]})
        assert measures.slopes(rates, bent) == written


def test_names_of_groups_are_drawn_as_they_are(tmp_path: Path):
    made = Made(sizes=(100, 1000), populations=("school",), biases=("none",))
    hostile = "</b><script>alert('$x^$')</script>&"
    table = make_measures(made).replace({"group": {"girls": hostile}})
    save(measures.errors(table), [tmp_path / "errors.svg"])
    elements = [*ElementTree.parse(tmp_path / "errors.svg").iter()]
    tags = {element.tag.rpartition("}")[2] for element in elements}
    # No character of a name is markup, or mathematics.
    assert tags.isdisjoint({"script", "b"})
    assert any(hostile in (element.text or "") for element in elements)
    assert "<script" not in drawing(tmp_path / "errors.svg").markup


def test_biases_have_a_panel_for_each_bias_and_population(drawn: DrawnOnce):
    figure = drawn("biases")
    assert titles(figure)[:2] == [
        "school, none: mean of girls, cm",
        "galton, none: mean of female, cm",
    ]
    assert len(figure.axes) == 4 * 2
    # The largest bias is 2.3 × 1.4 cm; without bias no panel is flattened by it.
    reach = {axes.get_title(loc="left"): axes.get_ylim()[1] for axes in figure.axes}
    assert reach["school, none: mean of girls, cm"] < 1.0
    assert reach["school, minimum-height: mean of girls, cm"] > 3.2


def test_limits_and_high_quantiles_are_dotted_black(drawn: DrawnOnce, full_measures: pd.DataFrame):
    estimators = full_measures["estimator"].nunique()
    assert dotted(drawn("biases").axes[2]) == estimators
    assert dotted(drawn("passes").axes[0]) == estimators


def test_biases_of_one_population_stand_in_rows_of_two_that_share_an_axis(
    full_measures: pd.DataFrame,
):
    figure = measures.biases(full_measures[full_measures["population"] == "school"])
    under = ("none", "minimum-height")
    assert titles(figure)[:2] == [f"school, {bias}: mean of girls, cm" for bias in under]
    first, second, third, fourth = (panel.get_ylim() for panel in figure.axes)
    assert first == second != third == fourth


def test_the_claim_is_a_line_in_every_panel(drawn: DrawnOnce):
    for axes in drawn("coverage").axes:
        assert any(np.asarray(line.get_ydata()).tolist() == [0.95, 0.95] for line in axes.lines)


def test_panels_far_from_zero_are_stretched(drawn: DrawnOnce):
    shown = {axes.get_title(loc="left"): axes.get_ylim() for axes in drawn("coverage").axes}
    assert shown["school, rounding-5cm: mean of girls"][0] > 0.6
    assert shown["school, minimum-height: mean of girls"][0] == pytest.approx(-0.03)


def test_fractions_are_shown_from_nought_to_one(drawn: DrawnOnce):
    for axes in drawn("hits").axes:
        low, high = axes.get_ylim()
        assert low < 0.0 < 1.0 < high


def test_the_price_is_that_of_both_means_and_nothing_with_labels(drawn: DrawnOnce):
    means = ("school: mean of girls", "school: mean of boys")
    means += ("galton: mean of female", "galton: mean of male")
    assert set(titles(drawn("price"))) == {f"{mean}, times" for mean in means}
    written = texts(drawn("price").axes[0])
    assert "mle" not in written
    assert "with labels" in written


def test_errors_are_root_mean_squares_over_the_groups(
    drawn: DrawnOnce, full_measures: pd.DataFrame
):
    panel = next(axes for axes in drawn("overview").axes if axes.get_title(loc="left") == "mle")
    means = full_measures.query(
        "measure == 'rmse' and parameter == 'mean_cm' and estimator == 'mle' "
        "and scenario == 'school.none' and size == 200"
    )["value"]
    row = [label.get_text() for label in panel.get_yticklabels()].index("school.none")
    column = [label.get_text() for label in panel.get_xticklabels()].index("200")
    shown = np.ma.asarray(panel.images[0].get_array())[row, column]
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
    axes, bar = measures.failures(table).axes
    assert texts(axes) == ["50", "10"]
    assert bar.get_xlim() == (0.0, 0.5)
