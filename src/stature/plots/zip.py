"""Zip plot: the intervals of single replicates, those that miss the truth in colour [1]_.

Intervals are stacked by the centile of their estimate's distance from the truth in standard errors.
Where they hold what they claim, the coloured teeth begin at the 95th centile, and lie on both
sides.

References
----------
.. [1] Morris, White & Crowther (2019), Using simulation studies to evaluate statistical methods,
   Statistics in Medicine 38:2074, figure 6.
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stature.plots import panels
from stature.plots.rows import names, plain_bias, where
from stature.plots.style import (
    BASE_POINTS,
    MM,
    QUIET,
    SMALL_POINTS,
    THEORY,
    WIDE_MM,
    Look,
    context,
    looks,
)

NOMINAL_CENTILE = 95.0
"""Where the intervals that miss the truth should begin."""

MOST_COLUMNS = 4
SHOWN_REACH = 0.9
"""Share of the ends that lie within the axis; the others, and infinite ones, go on beyond it."""

_HOLDS = "#bbbbbb"
_LEFT_MM, _GAP_MM, _PANEL_MM = 12.0, 5.0, 40.0
_HEAD_MM, _TITLE_MM, _FOOT_MM = 14.0, 14.0, 6.0
_ROOM = 1.05
_TITLE = "Which intervals miss"


def draw(table: pd.DataFrame) -> Figure:
    """Draw the intervals of each estimator, populations down, estimators across."""
    bias = plain_bias(table)
    shown = where(table, bias=bias)
    shown = shown[shown["centile"].notna()]
    if shown.empty:
        return panels.nothing(_TITLE, "no estimator of this study has intervals")
    known = looks(names(table, "estimator"))
    rows = [
        (population, in_row)
        for population in names(shown, "population")
        for in_row in _in_rows(_with_intervals(shown, population, list(known)))
    ]
    width_mm = (WIDE_MM - _LEFT_MM) / max(len(in_row) for _, in_row in rows) - _GAP_MM
    height_mm = _HEAD_MM + len(rows) * (_TITLE_MM + _PANEL_MM) + _FOOT_MM
    with context():
        figure = Figure(figsize=(WIDE_MM * MM, height_mm * MM))
        _head(figure, height_mm, shown, bias)
        for line, (population, in_row) in enumerate(rows):
            mine = where(shown, population=population)
            bottom_mm = height_mm - _HEAD_MM - (line + 1) * (_TITLE_MM + _PANEL_MM)
            for column, estimator in enumerate(in_row):
                left_mm = _LEFT_MM + column * (width_mm + _GAP_MM)
                axes = figure.add_axes(
                    (
                        left_mm / WIDE_MM,
                        bottom_mm / height_mm,
                        width_mm / WIDE_MM,
                        _PANEL_MM / height_mm,
                    )
                )
                _panel(axes, where(mine, estimator=estimator), known[estimator], _limits(mine))
                axes.set_ylabel("centile of |z|" if column == 0 else "")
                if column > 0:
                    axes.set_yticklabels([])
    return figure


def _with_intervals(rows: pd.DataFrame, population: str, estimators: list[str]) -> list[str]:
    """Estimators that have intervals in a population, in the order of their looks."""
    mine = names(where(rows, population=population), "estimator")
    return [name for name in estimators if name in mine]


def _in_rows(estimators: list[str]) -> list[list[str]]:
    """Estimators in as few rows as they fit in, about equally many in each."""
    lines = -(-len(estimators) // MOST_COLUMNS)
    each = -(-len(estimators) // lines)
    return [estimators[first : first + each] for first in range(0, len(estimators), each)]


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Limits of the horizontal axis, the same for all estimators of a population."""
    truth = float(rows["truth"].iloc[0])
    reach = pd.concat([(rows[end] - truth).abs() for end in ("lower", "upper")])
    half = _ROOM * float(reach.quantile(SHOWN_REACH, interpolation="lower"))
    finite = reach[reach < float("inf")]
    if not half < float("inf"):
        half = _ROOM * float(finite.max())
    return truth - half, truth + half


def _panel(axes: Axes, rows: pd.DataFrame, look: Look, limits: tuple[float, float]) -> None:
    """Draw the intervals of one estimator."""
    missing = ~rows["covers"].astype(bool)
    thickness = 72.0 * MM * _PANEL_MM / max(len(rows), 1)
    for chosen, colour, order in ((~missing, _HOLDS, 2.0), (missing, look.colour, 3.0)):
        here = rows[chosen]
        # Pixels, not paths: a thousand lines a panel would make the file too large for a page.
        axes.hlines(
            here["centile"],
            here["lower"].clip(*limits),
            here["upper"].clip(*limits),
            colors=colour,
            linewidth=max(0.35, thickness),
            zorder=order,
            rasterized=True,
        )
    axes.axvline(float(rows["truth"].iloc[0]), color=THEORY, linewidth=0.7, zorder=4.0)
    axes.axhline(NOMINAL_CENTILE, color=THEORY, linewidth=0.5, linestyle=":", zorder=4.0)
    axes.set_xlim(*limits)
    axes.set_ylim(0.0, 100.0)
    axes.set_yticks([0.0, 25.0, 50.0, 75.0, NOMINAL_CENTILE])
    axes.locator_params(axis="x", nbins=4)
    population, estimator = (str(rows[name].iloc[0]) for name in ("population", "estimator"))
    axes.set_title(f"{population}: {estimator}\n{int(missing.sum())} of {len(rows)} miss")


def _head(figure: Figure, height_mm: float, rows: pd.DataFrame, bias: str) -> None:
    """Title and note."""
    size = int(rows["size"].iloc[0])
    figure.text(
        2.0 / WIDE_MM,
        1.0 - 3.0 / height_mm,
        f"{_TITLE} (mean of the shorter group in cm, n = {size}, bias: {bias})",
        va="top",
        size=BASE_POINTS + 1.5,
        weight="bold",
    )
    figure.text(
        2.0 / WIDE_MM,
        1.0 - 8.5 / height_mm,
        "A line is the 95 % interval of one sample: grey if it holds the truth (solid line), in "
        "colour if it misses it. Stacked by the centile of\n|estimate − truth| / standard error; "
        "above the dots are the 5 % that may miss. Long intervals go on beyond the axis.",
        va="top",
        size=SMALL_POINTS,
        color=QUIET,
    )
