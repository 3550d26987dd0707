import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from stature.plots import curves
from stature.plots.style import LOOKS

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
    curves.draw(axes, points(1.0, 0.1, failed), EM, {"em": 1.0})
    assert faces(axes) == expected


def test_a_signed_point_whose_bar_covers_zero_is_hollow(axes: Axes):
    curves.draw(axes, points(0.19, 0.1, 0), EM, {"em": 1.0}, hollow_over_zero=True)
    assert faces(axes) == ["#ffffff"]


def test_bars_are_two_monte_carlo_errors(axes: Axes):
    curves.draw(axes, points(1.0, 0.1, 0), EM, {"em": 1.0})
    assert bar_ends(axes) == pytest.approx([1.0 - 0.196, 1.0 + 0.196])


def test_bars_are_the_interval_of_the_table_where_it_has_one(axes: Axes):
    curves.draw(axes, points(1.0, 0.1, 0).assign(lower=0.7, upper=1.4), EM, {"em": 1.0})
    assert bar_ends(axes) == [0.7, 1.4]


def test_a_cell_without_a_value_is_not_drawn(axes: Axes):
    assert curves.draw(axes, points(float("nan"), 0.1, 0), EM, {"em": 1.0}) == {}


def test_sidesteps_keep_the_middle_where_it_is():
    factors = curves.sidesteps(["a", "b", "c"], [20, 50])
    assert factors["b"] == 1.0
    assert factors["a"] * factors["c"] == pytest.approx(1.0)


def test_thousands_are_short():
    assert [curves.size_name(size) for size in (20, 1000, 1500, 10000)] == [
        "20",
        "1k",
        "1500",
        "10k",
    ]
