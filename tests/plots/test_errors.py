from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from stature.plots import errors
from stature.plots.files import save
from stature.plots.panels import Panel
from tests.plots.conftest import Made, MakeMeasures


def test_there_is_a_panel_for_each_parameter_and_population(full_measures: pd.DataFrame):
    titles = [axes.get_title(loc="left") for axes in errors.draw(full_measures).axes]
    assert titles[:4] == [
        "school: mean of girls, cm",
        "galton: mean of female, cm",
        "school: mean of boys, cm",
        "galton: mean of male, cm",
    ]
    assert len(titles) == 10


def test_the_fitted_slope_stands_beside_the_name(full_measures: pd.DataFrame):
    written = [text.get_text() for text in errors.draw(full_measures).axes[0].texts]
    assert "em −0.38" in written


def test_errors_and_sizes_are_on_log_axes(full_measures: pd.DataFrame):
    panel = errors.draw(full_measures).axes[0]
    assert (panel.get_xscale(), panel.get_yscale()) == ("log", "log")


def test_numbers_of_the_figure_are_those_of_the_table(full_measures: pd.DataFrame):
    cell = full_measures.query(
        "measure == 'rmse' and scenario == 'school.none' and estimator == 'mle' "
        "and group == 'girls' and parameter == 'mean_cm'"
    )
    drawn = [
        np.asarray(line.get_ydata()).tolist() for line in errors.draw(full_measures).axes[0].lines
    ]
    assert cell["value"].tolist() in drawn


def test_three_populations_take_two_columns():
    panels = [[Panel(f"{name}{row}", pd.DataFrame()) for row in range(2)] for name in "abc"]
    rows = errors.side_by_side(panels)
    assert [[panel.title for panel in row] for row in rows] == [
        ["a0", "b0"],
        ["a1", "b1"],
        ["c0"],
        ["c1"],
    ]


def test_all_but_one_share_is_shown_of_two_groups(full_measures: pd.DataFrame):
    found = errors.estimands(full_measures, ["girls", "boys"], "school")
    assert [pair for pair in found if pair[1] == "share"] == [("girls", "share")]


@pytest.mark.parametrize("slope", [float("nan"), None])
def test_a_slope_that_is_missing_is_not_written(slope: float | None):
    assert errors.slopes(pd.DataFrame({"estimator": ["em"], "value": [slope]})) == {}


def test_names_of_groups_are_drawn_as_they_are(make_measures: MakeMeasures, tmp_path: Path):
    made = Made(sizes=(100, 1000), populations=("school",), biases=("none",))
    hostile = "</b><script>alert('$x^$')</script>&"
    table = make_measures(made).replace({"group": {"girls": hostile}})
    save(errors.draw(table), [tmp_path / "errors.svg"])
    elements = ElementTree.parse(tmp_path / "errors.svg").iter()
    tags = {element.tag.rpartition("}")[2] for element in elements}
    # Text is drawn as shapes: no character of a name is markup, or mathematics.
    assert tags.isdisjoint({"script", "text", "b"})
