import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import Collection

from stature.arrays import Floats
from stature.plots import samples
from stature.plots.figures import NO_ROW
from tests.plots.conftest import titles


@pytest.fixture
def pairs() -> pd.DataFrame:
    """Ten samples: half the estimates are equal, two fits failed, one is far out."""
    across = np.linspace(160.0, 166.0, 10)
    up = across + np.repeat([0.0, 1.0], 5)
    up[0], up[8:] = 0.0, np.nan
    same = {"population": "school", "size": 1000, "group": "girls", "truth_cm": 163.0}
    same |= {"reference": "newton", "estimator": "hasty"}
    return pd.DataFrame(same | {"reference_cm": across, "estimate_cm": up})


def test_axes_say_who_is_on_them_and_how_often_they_agree(pairs: pd.DataFrame):
    (axes,) = samples.scatter(pairs).axes
    assert axes.get_xlabel() == "by newton"
    (text,) = axes.texts
    words = ["equal in 4", "of 8 samples", "2 left out"]
    assert text.get_text().splitlines() == words
    (text,) = samples.scatter(pairs.iloc[1:2]).axes[0].texts
    assert text.get_text().splitlines() == ["equal in 1", "of 1 sample"]
    (text,) = samples.scatter(pairs.iloc[8:]).axes[0].texts  # no sample in which both converged
    assert text.get_text() == NO_ROW


def test_both_axes_are_the_same_and_nothing_is_outside(pairs: pd.DataFrame):
    (axes,) = samples.scatter(pairs).axes
    assert axes.get_xlim() == axes.get_ylim()
    low, high = axes.get_ylim()
    (points,) = [line for line in axes.lines if line.get_marker() == "."]
    up = np.asarray(points.get_ydata(), dtype=float)
    assert len(up) == 8
    assert low <= up.min() <= up.max() <= high


def table(estimators: tuple[str, ...] = ("mle", "newton"), replicates: int = 200) -> pd.DataFrame:
    """Ranked intervals of two populations; those above the 95th centile miss the truth."""
    centile = 100.0 * (np.arange(replicates) + 0.5) / replicates
    side = np.where(np.arange(replicates) % 2 == 0, 1.0, -1.0)
    middle = 163.0 + side * np.where(centile > 95.0, 1.5, 0.5)
    rows = {"size": 200, "centile": centile, "lower": middle - 1.0, "upper": middle + 1.0}
    rows |= {"truth": 163.0, "covers": centile <= 95.0}
    return pd.concat(
        [
            pd.DataFrame({"population": population, "bias": bias, "estimator": estimator} | rows)
            for population in ("school", "apart")
            for bias in ("none", "tall-volunteers")
            for estimator in estimators
        ],
        ignore_index=True,
    )


def ends(lines: Collection) -> Floats:
    """Ends of drawn intervals, shape (lines, 2, 2): x and y of each."""
    return np.array([path.to_polygons(closed_only=False)[0] for path in lines.get_paths()])


def test_there_is_a_panel_for_each_population_and_estimator_without_bias() -> None:
    assert titles(samples.intervals(table())) == [
        f"{population}: {name}\n10 of 200 miss"
        for population in ("school", "apart")
        for name in ("mle", "newton")
    ]


def test_of_many_populations_four_are_shown(pairs: pd.DataFrame) -> None:
    rows = table(("mle",)).query("population == 'school'")
    many = pd.concat([rows.assign(population=f"gap-{number}") for number in range(10)])
    figure = samples.intervals(many)
    assert [title.partition(":")[0] for title in titles(figure)] == [
        "gap-0",
        "gap-3",
        "gap-6",
        "gap-9",
    ]
    assert figure.texts[0].get_text().endswith("bias: none; 4 of 10 populations)")
    many = pd.concat([pairs.assign(population=f"gap-{number}") for number in range(10)])
    assert len(samples.scatter(many).axes) == 4


def test_those_that_miss_are_in_the_colour_of_their_estimator() -> None:
    axes = samples.intervals(table()).axes[0]
    (lines,) = axes.collections
    colours, heights = np.asarray(lines.get_edgecolor()), ends(lines)[:, 0, 1]
    missing = heights > 100.0 * samples.NOMINAL
    assert [len({*map(tuple, colours[each])}) for each in (missing, ~missing)] == [1, 1]
    assert not np.allclose(colours[missing][0], colours[~missing][0])
    assert missing.tolist() == sorted(missing)  # what misses is drawn on top
    assert missing.sum() == 10


def test_infinite_ends_reach_the_edge_and_missing_ones_are_left_out() -> None:
    rows = table(("newton",))
    rows.loc[rows["centile"] < 20.0, ["lower", "upper"]] = [-np.inf, np.inf]
    rows.loc[rows["centile"] > 98.0, ["centile", "lower", "upper"]] = np.nan
    rows["covers"] = rows["covers"].astype(object).where(rows["centile"].notna(), None)
    axes = samples.intervals(rows).axes[0]
    low, high = axes.get_xlim()
    assert np.isfinite([low, high]).all()
    np.testing.assert_allclose(np.sort(ends(axes.collections[0])[0, :, 0]), [low, high])
    assert axes.get_title(loc="left").endswith("6 of 196 miss")


def test_more_estimators_than_fit_go_on_in_the_next_row() -> None:
    names = tuple(f"estimator-{number}" for number in range(6))
    figure = samples.intervals(table(names))
    figure.draw_without_rendering()
    assert len(figure.axes) == 12
    assert len({round(axes.get_position().y0, 6) for axes in figure.axes}) == 4
    for axes in figure.axes:
        box = axes.get_tightbbox()
        assert box is not None
        assert box.x1 <= figure.bbox.x1


def test_a_study_without_intervals_has_a_figure_that_says_so() -> None:
    figure = samples.intervals(table().assign(centile=np.nan))
    assert "holds no row" in figure.axes[0].texts[0].get_text()
