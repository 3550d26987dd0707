"""What holds for every figure that shows measures over sizes, and what is drawn in a panel."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from stature.plots import panels
from stature.plots.figures import NO_ROW
from stature.plots.figures import draw as draw_figure
from stature.plots.look import DEEP, LOOKS, MM, NARROW_MM, PALE, WIDE_MM, contrast, readable
from stature.plots.panels import Multiples, Panel, draw, draw_curves, draw_maps, side_by_side
from stature.plots.style import save
from tests.plots.conftest import DrawnOnce, Made, measures, texts, titles

every_figure = pytest.mark.parametrize(
    "name", ["biases", "coverage", "errors", "hits", "passes", "price"]
)


def written(figure: Figure) -> str:
    """All that is written on a figure."""
    in_panels = [line for axes in figure.axes for line in [axes.get_xlabel(), *texts(axes)]]
    return "\n".join([*(text.get_text() for text in figure.texts), *titles(figure), *in_panels])


@every_figure
def test_nothing_leaves_the_figure(name: str, drawn: DrawnOnce):
    figure = drawn(name)
    figure.draw_without_rendering()
    whole = figure.bbox
    for axes in figure.axes:
        for text in (*axes.texts, axes.title, axes.xaxis.label):
            box = text.get_window_extent()
            inside = box.x1 <= whole.x1 and box.y1 <= whole.y1 and box.x0 >= 0 and box.y0 >= 0
            assert inside or not text.get_text(), text.get_text()


@every_figure
def test_every_estimator_with_numbers_and_what_is_left_out_is_named(name: str, drawn: DrawnOnce):
    words = written(drawn(name))
    for part in ("em", "em-equal-sds", "em-known-sds", "left out: em", "550×"):
        assert part in words


@every_figure
def test_one_size_and_one_population_are_drawn(name: str, tmp_path: Path):
    figure = draw_figure(
        name, measures(Made(sizes=(200,), populations=("school",), biases=("none",)))
    )
    figure.draw_without_rendering()
    assert all(text.get_window_extent().x1 <= figure.bbox.x1 for text in figure.texts)
    save(figure, [tmp_path / "figure.png"])
    assert (tmp_path / "figure.png").stat().st_size > 0


@every_figure
def test_few_replicates_and_one_estimator_are_drawn(name: str):
    table = measures(Made(replicates=20, estimators=("em",), sizes=(20, 200)))
    assert "em" in written(draw_figure(name, table))


@every_figure
def test_a_table_without_the_measure_says_so(name: str, full_measures: pd.DataFrame):
    empty = full_measures.assign(value=float("nan"))
    for table in (full_measures[full_measures["measure"] == "truth"], empty):
        assert NO_ROW in written(draw_figure(name, table))  # which the page leaves out


@every_figure
def test_missing_values_are_left_out_and_the_table_stays(name: str, full_measures: pd.DataFrame):
    holes = full_measures.copy()
    small = holes["size"] == 20
    holes.loc[small.fillna(False), ["value", "mcse", "lower", "upper"]] = float("nan")
    before = holes.copy(deep=True)
    assert draw_figure(name, holes).axes
    pd.testing.assert_frame_equal(holes, before)


def test_one_panel_is_narrow_and_two_are_wide(full_measures: pd.DataFrame):
    rows = full_measures[full_measures["measure"] == "within_2cm"].iloc[:3]
    panel, what = Panel("a", rows, rows.iloc[:0]), Multiples("title", "proportion")
    one = draw(full_measures, side_by_side([[panel]]), what)
    two = draw(full_measures, side_by_side([[panel, panel, panel]]), what)
    assert one.get_figwidth() == pytest.approx(NARROW_MM * MM)
    assert two.get_figwidth() == pytest.approx(WIDE_MM * MM)
    assert len(two.axes) == 3


def test_three_populations_take_two_columns():
    none = pd.DataFrame()
    columns = [[Panel(f"{name}{row}", none, none) for row in range(2)] for name in "abc"]
    shown = [[panel.title for panel in row] for row in side_by_side(columns)]
    assert shown == [["a0", "b0"], ["a1", "b1"], ["c0"], ["c1"]]


EM = {"em": LOOKS["em"]}


@pytest.fixture
def axes() -> Axes:
    return Figure().add_subplot()


def points(value: float, mcse: float, failed: int) -> pd.DataFrame:
    row = {"estimator": "em", "size": 100, "value": value, "mcse": mcse}
    row |= {"lower": float("nan"), "upper": float("nan")}
    return pd.DataFrame([row | {"replicates_failed": failed, "replicates_expected": 100}])


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


def drawn_map(
    scenarios: list[str], sizes: list[int], values: list[float], is_share: bool = False
) -> Axes:
    columns = {"scenario": scenarios, "size": sizes, "value": values, "estimator": "em"}
    axes, _ = draw_maps(pd.DataFrame(columns), "A map", "", is_share).axes
    return axes


def test_a_tile_stands_where_its_scenario_and_size_do():
    axes = drawn_map(["a.none", "b.none", "a.none"], [1000, 50, 50], [0.5, 2.0, 3.0])
    image = np.ma.filled(np.ma.asarray(axes.images[0].get_array(), float), np.nan)
    np.testing.assert_array_equal(image, [[3.0, 0.5], [2.0, np.nan]])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a.none", "b.none"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["50", "1k"]
    assert sorted(texts(axes)) == [".50", "2.0", "3.0"]


def test_shares_are_per_cent_and_none_is_empty():
    axes = drawn_map([*"abcd"], [50] * 4, [0.575, 0.0, 0.004, 0.125], is_share=True)
    assert axes.images[0].get_clim() == (0.0, 0.575)
    assert texts(axes) == ["58", "", "<1", "13"]


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.087, ".087"), (0.0996, ".10"), (0.996, "1.0"), (9.94, "9.9"), (9.96, "10"), (123.4, "123")],
)
def test_numbers_of_cells_have_two_digits(value: float, written: str):
    assert texts(drawn_map(["a", "a"], [10, 20], [value, 5.0]))[0] == written


def test_numbers_can_be_read_on_their_colour():
    axes = drawn_map(["a", "a"], [10, 20], [0.1, 100.0])
    colours = {text.get_text(): text.get_color() for text in axes.texts}
    assert colours == {".10": DEEP, "100": PALE}


def test_words_can_be_read_on_white_and_on_a_dark_page():
    for look in LOOKS.values():
        assert contrast(look.text, "white") >= 4.5
        assert contrast(readable(look.colour, "#15181b", "white"), "#15181b") >= 4.5
