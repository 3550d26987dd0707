import numpy as np
import pandas as pd

from stature.plots import tiles
from stature.plots.tiles import Tiles

WHAT = Tiles("A map", "", is_share=False)


def rows(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_a_tile_stands_where_its_scenario_and_size_do():
    table = rows(
        scenario=["a.none", "b.none", "a.none"],
        estimator=["em", "em", "em"],
        size=[1000, 50, 50],
        value=[0.5, 2.0, 3.0],
    )
    (axes,) = tiles.draw(table, WHAT).axes
    image = np.ma.filled(np.ma.asarray(axes.images[0].get_array(), float), np.nan)
    np.testing.assert_array_equal(image, [[3.0, 0.5], [2.0, np.nan]])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a.none", "b.none"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["50", "1k"]
    assert sorted(text.get_text() for text in axes.texts) == ["0.5", "2", "3"]


def test_shares_have_one_scale_from_nought_to_one():
    table = rows(scenario=["a"], estimator=["em"], size=[50], value=[0.25])
    (axes,) = tiles.draw(table, Tiles("Shares", "", is_share=True)).axes
    assert axes.images[0].get_clim() == (0.0, 1.0)
    assert axes.texts[0].get_text() == "0.25"


def test_a_table_without_rows_says_so():
    table = rows(scenario=[], estimator=[], size=[], value=[])
    (axes,) = tiles.draw(table, WHAT).axes
    assert "no row" in axes.texts[0].get_text()


def test_numbers_can_be_read_on_their_colour():
    table = rows(scenario=["a", "a"], estimator=["em"] * 2, size=[10, 20], value=[0.1, 100.0])
    (axes,) = tiles.draw(table, WHAT).axes
    colours = {text.get_text(): text.get_color() for text in axes.texts}
    assert colours == {"0.1": "black", "1e+02": "white"}
