"""Figures of anybody's table of estimates: what stands where."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import StepPatch

from stature.plots import factors, samples
from stature.plots.figures import OF_TABLES, draw_of_table
from tests.plots.conftest import titles

NAMES = ("bias", "empirical_se", "coverage", "power")


def measured(sizes: int = 3, methods: int = 2) -> pd.DataFrame:
    """Rows of two factors; each value is its place, with an error of a tenth."""
    rows: list[dict[str, Any]] = []
    for size, arm, name in product(range(sizes), ("old", "new"), NAMES):
        for m in range(methods):
            value = float(size + 10 * m) if name == "bias" else 0.9
            cell = {"size": str(10 * (size + 1)), "arm": arm}
            rows.append(cell | {"measure": name, "method": f"method {m}", "value": value,
                                "lower": value - 0.1, "upper": value + 0.1})  # fmt: skip
    return pd.DataFrame(rows)


def first(line: Line2D) -> float:
    return float(np.asarray(line.get_xdata(), float)[0])


def steps(axes: Axes) -> list[list[float]]:
    patches = [one for one in axes.patches if isinstance(one, StepPatch)]
    return [np.asarray(one.get_data()[0], float).tolist() for one in patches]


def test_a_lollipop_has_a_line_for_each_cell_and_method_and_a_stem_from_the_ideal() -> None:
    bias, _, coverage, _ = factors.lollipop(measured(), 0.9).axes
    labels = [tick.get_text() for tick in bias.get_yticklabels()]
    assert labels[:3] == ["10, old, method 0", "10, old, method 1", "10, new, method 0"]
    assert len(labels) == 12
    points = [first(line) for line in bias.lines if line.get_marker() not in ("None", "")]
    assert points[:2] == [0.0, 10.0]
    # A stem begins at no bias; coverage has its line at the level of the intervals.
    dotted = [one for one in bias.collections if isinstance(one, LineCollection)][::2]
    stems = [np.asarray(one.get_segments()[0]) for one in dotted]
    assert {float(stem[0, 0]) for stem in stems} == {0.0}
    assert 0.9 in [first(line) for line in coverage.lines]


def test_too_many_lines_are_cut_and_told() -> None:
    figure = factors.lollipop(measured(sizes=40), 0.95)
    assert len(figure.axes[0].get_yticklabels()) == factors.MOST_LINES
    assert figure.texts[0].get_text().endswith("(the first 40 of 80 cells)")


def test_a_nested_loop_steps_through_the_factors_the_first_slowest() -> None:
    figure = factors.nested_loop_of_table(measured(), 0.95)
    assert titles(figure) == ["Bias", "Empirical standard error", "Coverage", ""]
    assert steps(figure.axes[0]) == [
        [0.0, 0.0, 1.0, 1.0, 2.0, 2.0],
        [10.0, 10.0, 11.0, 11.0, 12.0, 12.0],
    ]
    assert [len(set(strip)) for strip in steps(figure.axes[-1])] == [3, 2]
    words = [text.get_text() for text in figure.axes[-1].texts]
    assert words == ["size: 10, 20, 30", "arm: old, new"]


def test_a_zip_of_cells_marks_what_misses_at_the_level_of_the_intervals() -> None:
    centile = np.linspace(5.0, 95.0, 10)
    rows = pd.DataFrame({"centile": centile, "lower": -1.0, "upper": 1.0, "truth": 0.0})
    cells = [
        rows.assign(population=f"cell {k}", estimator="ours", covers=centile < 90.0)
        for k in range(10)
    ]
    figure = samples.intervals_of_cells(pd.concat(cells), 0.9)
    assert len(figure.axes) == 8
    assert figure.axes[0].get_title(loc="left") == "cell 0: ours\n1 of 10 miss"
    assert figure.texts[0].get_text() == "Which intervals miss (the first 8 of 10 cells)"
    assert "90 % interval" in figure.texts[1].get_text()
    assert 90.0 in figure.axes[0].get_yticks()


@pytest.mark.parametrize("name", OF_TABLES)
def test_a_table_without_numbers_gives_a_figure_that_says_so(name: str) -> None:
    empty = measured().assign(
        value=np.nan, centile=np.nan, population="", estimator="", truth=0.0, covers=False
    )
    figure = draw_of_table(name, {"measures": empty, "intervals": empty}, 0.95)
    (text,) = figure.axes[0].texts
    assert text.get_text() == "the table holds no row for this figure"
