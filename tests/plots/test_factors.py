"""Figures of factorials: what stands where."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

from stature.plots import factors
from tests.plots.conftest import titles

SEPARATIONS, SHARES, SIZES = (1.0, 2.0, 3.0), (0.5, 0.1), (100, 1000)
ESTIMATORS = {"mle": 1.0, "em": 3.0}


def error(separation: float, share: float, size: int, estimator: str) -> float:
    return ESTIMATORS[estimator] * 10.0 / separation / share / size**0.5


def measured() -> pd.DataFrame:
    """Errors and hits of a factorial in which the mean of girls is the worse one."""
    rows: list[dict[str, Any]] = []
    for separation, share, size, name in product(SEPARATIONS, SHARES, SIZES, ESTIMATORS):
        slug = f"p-{separation:g}-{share:g}"
        head = {"population": slug, "bias": "none", "scenario": f"{slug}.none", "estimator": name}
        tail = {"reference": "", "policy": "available", "mcse": 0.01, "lower": np.nan,
                "upper": np.nan, "replicates_used": 100, "replicates_failed": 0,
                "replicates_expected": 100, "separation": separation, "share": share}  # fmt: skip
        value = error(separation, share, size, name)
        cells = [("girls", "mean_cm", "rmse", value), ("boys", "mean_cm", "rmse", value / 2.0),
                 ("", "", "within_2cm", 1.0 / (1.0 + value))]  # fmt: skip
        for group, parameter, measure, found in cells:
            own = {"size": size, "group": group, "parameter": parameter, "measure": measure}
            rows.append(head | own | {"value": found} | tail)
    return pd.DataFrame(rows)


def curve(figure: Figure, panel: int, estimator: int) -> list[tuple[float, float]]:
    lines = [one for one in figure.axes[panel].lines if one.get_linestyle() not in ("None", "none")]
    x, y = (np.asarray(values, float) for values in lines[estimator].get_data())
    return [*zip(x.tolist(), y.tolist(), strict=True)]


def test_errors_stand_over_each_factor_in_panels_of_the_next() -> None:
    figure = factors.factor_errors(measured())
    assert titles(figure)[:2] == ["share = 0.1", "share = 0.5"]
    assert titles(figure)[2:] == [f"separation = {one}" for one in (1, 2, 3)]
    assert [axes.get_xlabel() for axes in figure.axes[:2]] == ["separation", "separation"]
    # The worse mean at the largest size; mle is drawn first.
    assert curve(figure, 0, 0) == [(one, error(one, 0.1, 1000, "mle")) for one in SEPARATIONS]
    assert curve(figure, 3, 1) == [(one, error(2.0, one, 1000, "em")) for one in (0.1, 0.5)]


def test_other_factors_are_held_at_their_middle_level() -> None:
    third = pd.concat([measured().assign(arm=arm, scenario=lambda of: of["scenario"] + arm)  # noqa: B023
                       for arm in ("a", "b", "c")])  # fmt: skip
    third.loc[third["arm"] != "b", "value"] *= 7.0
    figure = factors.factor_errors(third)
    assert figure.axes[0].get_xlabel() == "separation (arm = b)"
    assert curve(figure, 0, 0) == [(one, error(one, 0.1, 1000, "mle")) for one in SEPARATIONS]


def test_people_needed_are_hollow_where_they_lie_beyond_the_sizes() -> None:
    table = measured().query("measure == 'within_2cm' and size == 100")
    table = table.assign(
        wanted=0.8, bound=np.where(table["separation"] == 1.0, ">", ""), size=500.0
    )
    front = ["population", "bias", "scenario", "estimator", "wanted", "bound", "size", "mcse"]
    figure = factors.factor_needed(table[[*front, "separation", "share"]])
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    hollow = [line for line in marks if line.get_markerfacecolor() == "white"]
    assert [np.asarray(line.get_xdata(), float).tolist() for line in hollow] == [[1.0]]
    assert "in 80 % of the samples" in " ".join(text.get_text() for text in figure.texts).replace(
        "\n", " "
    )


def test_loops_pass_through_every_combination_sizes_changing_slowest() -> None:
    figure = factors.nested_loop(measured())
    errors, hits, strips = figure.axes
    cells = [*product(SIZES, SEPARATIONS, sorted(SHARES))]
    steps = [one for one in errors.patches if isinstance(one, StepPatch)]
    drawn = [np.asarray(one.get_data()[0], float).tolist() for one in steps]
    for values, name in zip(drawn, ("mle", "em"), strict=True):
        assert values == [error(*(cell[1], cell[2], cell[0]), name) for cell in cells]
    hits_title = "Share of samples in which all means are within 2 cm of the truth"
    assert hits.get_title(loc="left") == hits_title
    assert [text.get_text() for text in strips.texts] == [
        "n: 100, 1000",
        "separation: 1, 2, 3",
        "share: 0.1, 0.5",
    ]


def test_an_estimator_that_varies_is_one_curve_over_its_factor() -> None:
    table = measured().drop(columns=["separation", "share"]).query("population == 'p-1-0.5'")
    starts = {"mle": None, "em": 1.0}
    twice = table[table["estimator"] == "em"].assign(estimator="em-5", starts=5.0)
    table["starts"] = table["estimator"].map(starts)
    table["estimator"] = table["estimator"].replace("em", "em-1")
    figure = factors.factor_errors(pd.concat([table, twice]))
    assert [x for x, _ in curve(figure, 0, 0)] == [1.0, 5.0]
