"""What holds for every figure that shows measures over sizes, and what is drawn in a panel."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from stature.plots import panels
from stature.plots.figures import draw as draw_figure
from stature.plots.panels import Multiples, Panel, draw, draw_curves, draw_maps, in_rows
from stature.plots.style import LOOKS, MM, NARROW_MM, WIDE_MM, save
from tests.plots.conftest import Made, MakeMeasures

every_figure = pytest.mark.parametrize(
    "name", ["biases", "coverage", "errors", "hits", "passes", "price"]
)


def texts(figure: Figure) -> str:
    """All that is written on a figure."""
    written = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        written += [axes.get_title(loc="left"), axes.get_xlabel()]
        written += [text.get_text() for text in axes.texts]
    return "\n".join(written)


@every_figure
def test_nothing_leaves_the_figure(name: str, full_measures: pd.DataFrame):
    figure = draw_figure(name, full_measures)
    figure.draw_without_rendering()
    whole = figure.bbox
    for axes in figure.axes:
        for text in (*axes.texts, axes.title, axes.xaxis.label):
            box = text.get_window_extent()
            inside = box.x1 <= whole.x1 and box.y1 <= whole.y1 and box.x0 >= 0 and box.y0 >= 0
            assert inside or not text.get_text(), text.get_text()


@every_figure
def test_every_estimator_with_numbers_is_named(name: str, full_measures: pd.DataFrame):
    written = texts(draw_figure(name, full_measures))
    for name in ("em", "em-equal-sds", "em-known-sds"):
        assert name in written


@every_figure
def test_counts_of_left_out_replicates_are_told(name: str, full_measures: pd.DataFrame):
    written = texts(draw_figure(name, full_measures))
    assert "left out: em" in written
    assert "550×" in written


@every_figure
def test_one_size_and_one_population_are_drawn(
    name: str,
    make_measures: MakeMeasures,
    tmp_path: Path,
):
    table = make_measures(Made(sizes=(200,), populations=("school",), biases=("none",)))
    figure = draw_figure(name, table)
    figure.draw_without_rendering()
    assert all(text.get_window_extent().x1 <= figure.bbox.x1 for text in figure.texts)
    save(figure, [tmp_path / "figure.png"])
    assert (tmp_path / "figure.png").stat().st_size > 0


@every_figure
def test_few_replicates_and_one_estimator_are_drawn(name: str, make_measures: MakeMeasures):
    table = make_measures(Made(replicates=20, estimators=("em",), sizes=(20, 200)))
    assert "em" in texts(draw_figure(name, table))


@every_figure
def test_a_table_without_the_measure_says_so(name: str, full_measures: pd.DataFrame):
    other = full_measures[full_measures["measure"] == "truth"]
    written = texts(draw_figure(name, other))
    assert "nothing measured" in written or "no row" in written


@every_figure
def test_missing_values_are_left_out(name: str, full_measures: pd.DataFrame):
    holes = full_measures.copy()
    small = holes["size"] == 20
    holes.loc[small.fillna(False), ["value", "mcse", "lower", "upper"]] = float("nan")
    assert draw_figure(name, holes).axes


@every_figure
def test_a_figure_knows_its_table_alone(name: str, full_measures: pd.DataFrame):
    before = full_measures.copy(deep=True)
    draw_figure(name, full_measures)
    pd.testing.assert_frame_equal(full_measures, before)


def test_one_panel_is_narrow_and_two_are_wide(full_measures: pd.DataFrame):
    panel = Panel("a", full_measures[full_measures["measure"] == "within_2cm"].iloc[:3])
    what = Multiples("title", "proportion")
    one = draw(full_measures, in_rows([panel]), what)
    two = draw(full_measures, in_rows([panel, panel, panel]), what)
    assert one.get_figwidth() == pytest.approx(NARROW_MM * MM)
    assert two.get_figwidth() == pytest.approx(WIDE_MM * MM)
    assert len(two.axes) == 3


EM = {"em": LOOKS["em"]}


@pytest.fixture
def axes() -> Axes:
    return Figure().add_subplot()


def points(value: float, mcse: float, failed: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "estimator": ["em"],
            "size": [100],
            "value": [value],
            "mcse": [mcse],
            "lower": [None],
            "upper": [None],
            "replicates_failed": [failed],
            "replicates_expected": [100],
        }
    ).astype({"lower": float, "upper": float})


def faces(axes: Axes) -> list[str]:
    """Colours of the marks that have a point."""
    return [
        to_hex(line.get_markerfacecolor())
        for line in axes.lines
        if line.get_marker() != "None" and np.size(line.get_xdata())
    ]


def bar_ends(axes: Axes) -> list[float]:
    """Where the only bar begins and ends."""
    (bar,) = axes.collections
    return np.asarray(bar.get_paths()[0].vertices)[:, 1].tolist()


@pytest.mark.parametrize(
    ("failed", "expected"),
    [(20, [LOOKS["em"].colour.lower()]), (21, ["#ffffff"]), (50, ["#ffffff"]), (51, [])],
)
def test_points_are_hollow_above_a_fifth_and_gone_above_half(
    axes: Axes, failed: int, expected: list[str]
):
    draw_curves(axes, points(1.0, 0.1, failed), EM)
    assert faces(axes) == expected


def test_a_signed_point_whose_bar_covers_zero_is_hollow(axes: Axes):
    draw_curves(axes, points(0.19, 0.1, 0), EM, hollow_over_zero=True)
    assert faces(axes) == ["#ffffff"]


def test_bars_are_two_monte_carlo_errors(axes: Axes):
    draw_curves(axes, points(1.0, 0.1, 0), EM)
    assert bar_ends(axes) == pytest.approx([1.0 - 0.196, 1.0 + 0.196])


def test_bars_are_the_interval_of_the_table_where_it_has_one(axes: Axes):
    draw_curves(axes, points(1.0, 0.1, 0).assign(lower=0.7, upper=1.4), EM)
    assert bar_ends(axes) == [0.7, 1.4]


def test_a_cell_without_a_value_is_not_drawn(axes: Axes):
    assert draw_curves(axes, points(float("nan"), 0.1, 0), EM) == []


def test_sidesteps_keep_the_middle_where_it_is():
    factors = panels.sidesteps(["a", "b", "c"], [20, 50])
    assert factors["b"] == 1.0
    assert factors["a"] * factors["c"] == pytest.approx(1.0)


def test_thousands_and_millions_are_short():
    written = [panels.size_name(size) for size in (20, 1000, 1500, 10_000, 2_000_000)]
    assert written == ["20", "1k", "1500", "10k", "2M"]


def rows(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_a_tile_stands_where_its_scenario_and_size_do():
    table = rows(
        scenario=["a.none", "b.none", "a.none"],
        estimator=["em", "em", "em"],
        size=[1000, 50, 50],
        value=[0.5, 2.0, 3.0],
    )
    (axes,) = draw_maps(table, "A map", "", is_share=False).axes
    image = np.ma.filled(np.ma.asarray(axes.images[0].get_array(), float), np.nan)
    np.testing.assert_array_equal(image, [[3.0, 0.5], [2.0, np.nan]])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a.none", "b.none"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["50", "1k"]
    assert sorted(text.get_text() for text in axes.texts) == ["0.5", "2", "3"]


def test_shares_have_one_scale_from_nought_to_one():
    table = rows(scenario=["a"], estimator=["em"], size=[50], value=[0.25])
    (axes,) = draw_maps(table, "Shares", "", is_share=True).axes
    assert axes.images[0].get_clim() == (0.0, 1.0)
    assert axes.texts[0].get_text() == "0.25"


def test_numbers_can_be_read_on_their_colour():
    table = rows(scenario=["a", "a"], estimator=["em"] * 2, size=[10, 20], value=[0.1, 100.0])
    (axes,) = draw_maps(table, "A map", "", is_share=False).axes
    colours = {text.get_text(): text.get_color() for text in axes.texts}
    assert colours == {"0.1": "black", "1e+02": "white"}
