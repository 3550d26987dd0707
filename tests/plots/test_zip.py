import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import Collection

from stature.arrays import Floats
from stature.plots import zip as zip_plot


def table(estimators: tuple[str, ...] = ("mle", "newton"), replicates: int = 200) -> pd.DataFrame:
    """Ranked intervals of two populations; those above the 95th centile miss the truth."""
    centile = 100.0 * (np.arange(replicates) + 0.5) / replicates
    parts: list[pd.DataFrame] = []
    for population in ("school", "apart"):
        for bias in ("none", "tall-volunteers"):
            for estimator in estimators:
                side = np.where(np.arange(replicates) % 2 == 0, 1.0, -1.0)
                middle = 163.0 + side * np.where(centile > 95.0, 1.5, 0.5)
                parts.append(
                    pd.DataFrame(
                        {
                            "population": population,
                            "bias": bias,
                            "estimator": estimator,
                            "size": 200,
                            "group": "girls",
                            "parameter": "mean_cm",
                            "centile": centile,
                            "lower": middle - 1.0,
                            "upper": middle + 1.0,
                            "truth": 163.0,
                            "covers": centile <= 95.0,
                        }
                    )
                )
    return pd.concat(parts, ignore_index=True)


def ends(lines: Collection) -> Floats:
    """Ends of drawn intervals, shape (lines, 2, 2): x and y of each."""
    return np.array([path.to_polygons(closed_only=False)[0] for path in lines.get_paths()])


def test_there_is_a_panel_for_each_population_and_estimator_without_bias() -> None:
    titles = [axes.get_title(loc="left") for axes in zip_plot.draw(table()).axes]
    assert titles == [
        f"{population}: {name}\n10 of 200 miss"
        for population in ("school", "apart")
        for name in ("mle", "newton")
    ]


def test_those_that_miss_are_in_the_colour_of_their_estimator() -> None:
    axes = zip_plot.draw(table()).axes[0]
    holding, missing = axes.collections
    assert len(holding.get_paths()) == 190
    assert len(missing.get_paths()) == 10
    assert not np.allclose(holding.get_edgecolor(), missing.get_edgecolor())
    assert ends(missing)[:, :, 1].min() > zip_plot.NOMINAL_CENTILE


def test_infinite_ends_reach_the_edge_and_missing_ones_are_left_out() -> None:
    rows = table(("newton",))
    rows.loc[rows["centile"] < 20.0, ["lower", "upper"]] = [-np.inf, np.inf]
    rows.loc[rows["centile"] > 98.0, ["centile", "lower", "upper"]] = np.nan
    rows["covers"] = rows["covers"].astype(object).where(rows["centile"].notna(), None)
    axes = zip_plot.draw(rows).axes[0]
    low, high = axes.get_xlim()
    assert np.isfinite([low, high]).all()
    np.testing.assert_allclose(np.sort(ends(axes.collections[0])[0, :, 0]), [low, high])
    assert axes.get_title(loc="left").endswith("6 of 196 miss")


def test_more_estimators_than_fit_go_on_in_the_next_row() -> None:
    names = tuple(f"estimator-{number}" for number in range(6))
    figure = zip_plot.draw(table(names))
    figure.draw_without_rendering()
    assert len(figure.axes) == 12
    assert len({round(axes.get_position().y0, 6) for axes in figure.axes}) == 4
    for axes in figure.axes:
        box = axes.get_tightbbox()
        assert box is not None
        assert box.x1 <= figure.bbox.x1


@pytest.mark.parametrize("what", ["no rows", "no intervals"])
def test_nothing_to_show_is_said(what: str) -> None:
    rows = table()
    rows = rows.iloc[:0] if what == "no rows" else rows.assign(centile=np.nan)
    figure = zip_plot.draw(rows)
    assert "has intervals" in figure.axes[0].texts[0].get_text()
