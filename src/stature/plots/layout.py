"""Which rows a figure shows, where panels stand, and where labels stand at the ends of lines.

Panels are equal, each with space on its right for labels. Everything is in millimetres and fixed
before drawing, so that bytes do not depend on a layout engine. Labels are text in the colour of
their line, joined to its last point by a thin leader, and moved apart as little as it takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from textwrap import fill as wrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from stature.arrays import Floats
from stature.plots.look import BASE_POINTS, MM, NARROW_MM, QUIET, SMALL_POINTS, WIDE_MM, readable

LEFT_MM = 13.0  # for the value axis
LABELS_MM = 33.0  # for labels of lines
HEAD_MM = 3.0  # above and below the head of the figure
HEADING_LINE_MM, NOTE_LINE_MM = 4.6, 3.2  # for a line of its title and of its note
TITLE_MM = 6.0  # for a panel's title
TICKS_MM, AXIS_NAME_MM = 5.0, 4.0  # for the ticks of the size axis, and for its name
LEFT_OUT_ROW_MM = 2.6  # for one row of counts of left-out replicates

# Characters that fit on a line, for one and two columns.
_TITLE_CHARACTERS = {1: 44, 2: 100}
_NOTE_CHARACTERS = {1: 68, 2: 150}

LINE_SPACING = 1.25
"""Distance of neighbouring labels, in heights of their text."""

_LEADER_POINTS, _OFF_POINTS = 9.0, 3.0  # length of a leader, and its distance from what it joins
_COURSE_DIGITS = 6  # by which courses of lines are told apart
_POINTS_PER_INCH = 72.0


def grid(
    rows: int,
    columns: int,
    panel_mm: float,
    left_out_rows: Sequence[int],
    title: str,
    note: str = "",
) -> tuple[Figure, list[list[Axes]]]:
    """A figure, 90 mm wide with one column and 190 mm with two, and its panels, row by row."""
    width_mm = NARROW_MM if columns == 1 else WIDE_MM
    title = wrap(title, _TITLE_CHARACTERS[columns])
    note = wrap(note, _NOTE_CHARACTERS[columns])
    note_mm = HEAD_MM + HEADING_LINE_MM * len(title.splitlines())
    head_mm = note_mm + NOTE_LINE_MM * len(note.splitlines()) + HEAD_MM
    heights_mm = [
        TITLE_MM + panel_mm + TICKS_MM + LEFT_OUT_ROW_MM * count for count in left_out_rows
    ]
    figure = sheet(head_mm + sum(heights_mm) + AXIS_NAME_MM, title, note, note_mm, width_mm)
    column_mm = width_mm / columns
    wide_mm = column_mm - LEFT_MM - LABELS_MM
    tops_mm = [head_mm + sum(heights_mm[:row]) + TITLE_MM for row in range(rows)]
    lefts_mm = [column * column_mm + LEFT_MM for column in range(columns)]
    return figure, [
        [panel(figure, left_mm, top_mm, wide_mm, panel_mm) for left_mm in lefts_mm]
        for top_mm in tops_mm
    ]


def cells(
    count: int, panel_mm: float, left_out_rows: int, title: str, note: str
) -> tuple[Figure, list[Axes]]:
    """A figure of so many panels in at most two columns, so that they stay legible."""
    columns = min(count, 2)
    lines = -(-count // columns)
    figure, rows = grid(lines, columns, panel_mm, [left_out_rows] * lines, title, note)
    axes = [here for row in rows for here in row]
    for spare in axes[count:]:
        spare.remove()
    return figure, axes[:count]


def sheet(
    height_mm: float, title: str, note: str, note_mm: float = 8.5, width_mm: float = WIDE_MM
) -> Figure:
    """An empty figure with its title, and its note so far below the upper edge."""
    figure = Figure(figsize=(width_mm * MM, height_mm * MM))
    heading = figure.text(2.0 / width_mm, 1.0 - HEAD_MM / height_mm, title, va="top")
    heading.set(size=BASE_POINTS + 1.5, weight="bold")
    below = figure.text(2.0 / width_mm, 1.0 - note_mm / height_mm, note, va="top")
    below.set(size=SMALL_POINTS, color=QUIET)
    return figure


def panel(figure: Figure, left_mm: float, top_mm: float, wide_mm: float, tall_mm: float) -> Axes:
    """A panel so far from the upper left corner of a figure."""
    width, height = (float(inches) / MM for inches in figure.get_size_inches())
    bottom = 1.0 - (top_mm + tall_mm) / height
    return figure.add_axes((left_mm / width, bottom, wide_mm / width, tall_mm / height))


@dataclass(frozen=True, slots=True)
class End:
    """The end of a line, and its label."""

    x: float  # its last point, in the units of the axes
    y: float
    text: str  # the label
    colour: str  # colour of label and leader
    rank: float = 0.0  # height of the whole line, which orders labels whose ends are one


def spread(
    places: Sequence[float], gap: float, low: float = -inf, high: float = inf
) -> list[float]:
    """Places moved apart to a least distance by moves of least squares, in the order given.

    With ``z_i = place_i - i gap`` in ascending order the condition is that z never falls: isotonic
    regression [1]_, cut off at the limits of ``z``.

    References
    ----------
    .. [1] Barlow, Bartholomew, Bremner & Brunk (1972), Statistical Inference under Order
       Restrictions, section 1.2.

    Examples
    --------
    >>> spread([0.0, 0.0, 5.0], 1.0)
    [-0.5, 0.5, 5.0]
    >>> spread([0.0, 0.0, 5.0], 1.0, low=0.0)
    [0.0, 1.0, 5.0]
    """
    order = np.argsort(places, kind="stable")
    shift = gap * np.arange(len(places))
    level = _rising(np.asarray(places, dtype=np.float64)[order] - shift)
    moved = np.empty(len(places))
    moved[order] = np.maximum(np.minimum(level, high - shift[-1]), low) + shift
    return moved.tolist()


def _rising(values: Floats) -> Floats:
    """What never falls and is nearest to values: neighbours that fall are pooled [1]_."""
    pools: list[tuple[float, int]] = []
    for value in values.tolist():
        total, count = value, 1
        while pools and pools[-1][0] * count > total * pools[-1][1]:
            before, many = pools.pop()
            total, count = total + before, count + many
        pools.append((total, count))
    counts = [count for _, count in pools]
    return np.repeat([total / count for total, count in pools], counts)


def label(axes: Axes, ends: Sequence[End], header: str = "") -> None:
    """Write labels on the right of a panel."""
    if not ends:
        return
    scale = _POINTS_PER_INCH / axes.figure.dpi
    right, top = (float(value) for value in axes.transAxes.transform((1.0, 1.0)) * scale)
    bottom = float(axes.transAxes.transform((0.0, 0.0))[1]) * scale
    gap = LINE_SPACING * SMALL_POINTS
    placed: list[tuple[End, float, float]] = []
    for end in reversed(ends):
        x, y = map(float, axes.transData.transform((end.x, end.y)) * scale)
        placed.append((end, x, y))
    # Lines that end at one height are in the order of their whole courses, or of their names.
    placed.sort(key=lambda at: (round(2.0 * at[2] / gap), round(at[0].rank, _COURSE_DIGITS)))
    wanted = [min(max(y, bottom), top) for _, _, y in placed]
    rising = np.maximum.accumulate(wanted).tolist()
    places = spread(rising, gap, bottom, top - gap if header else top)
    points = Affine2D().scale(1.0 / _POINTS_PER_INCH) + axes.figure.dpi_scale_trans
    style: dict[str, Any] = {"size": SMALL_POINTS, "va": "center_baseline", "transform": points}
    left = right + _LEADER_POINTS
    leaders: list[Floats] = []
    for (end, x, _), near, y in zip(placed, wanted, places, strict=True):
        axes.text(left, y, end.text, color=readable(end.colour), **style)
        begin, to = np.array((left, y)), np.array((x, near))
        along = (to - begin) / np.hypot(*(to - begin))
        leaders.append(np.array((begin + _OFF_POINTS * along, to - _OFF_POINTS * along)))
    colours = [end.colour for end, _, _ in placed]
    axes.add_artist(
        LineCollection(leaders, colors=colours, linewidths=0.4, transform=points, zorder=3.0)
    ).set_clip_on(False)
    if header:
        axes.text(left, max(places) + gap, header, color="black", **style)


FEW_FAILURES = 0.2
HALF = 0.5
"""Above these shares of failed replicates a point is drawn hollow, or is not drawn at all."""

NO_SPREAD = 1e-12
"""A Monte-Carlo error below this is rounding of a number in which there is no chance."""

POLICIES = ("available", "joint", "finite")
"""Policies for failed fits, the first that a measure has is drawn."""

NO_BIAS = "none"


def names(table: pd.DataFrame, column: str) -> list[str]:
    """The distinct names in a column without empty ones: in their order, else in the table's."""
    found = [str(name) for name in table[column].dropna().unique() if name not in ("", "nan")]
    kind = table[column].dtype
    if isinstance(kind, pd.CategoricalDtype) and kind.ordered:
        found.sort(key=list(kind.categories.astype(str)).index)
    return found


MANY = 4
"""Populations beyond which a figure shows less of each, or so many of them."""


def spaced(found: Sequence[str]) -> list[str]:
    """Some of many populations: the first, the last, and others evenly between them."""
    places = np.linspace(0, len(found) - 1, min(len(found), MANY)).round()
    return [found[int(place)] for place in places]


def some_of(found: Sequence[str]) -> str:
    """What a title says where not all populations are shown."""
    return f"; {MANY} of {len(found)} populations" if len(found) > MANY else ""


def of_measure(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Rows of one measure, under one policy, by size."""
    rows = where(table, measure=measure)
    found = names(rows, "policy")
    preferred = [policy for policy in POLICIES if policy in found][:1]
    if preferred:
        rows = where(rows, policy=preferred[0])
    return rows.sort_values("size", kind="stable")


def with_chance(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of an error in which there is chance."""
    fixed = (rows["mcse"].fillna(0.0) <= NO_SPREAD) & (rows["replicates_used"] > 1)
    return rows[~fixed]


def where(table: pd.DataFrame, **equal: str) -> pd.DataFrame:
    """Rows in which columns have the given names."""
    kept = np.ones(len(table), bool)
    for column, name in equal.items():
        kept &= (table[column] == name).to_numpy(bool, na_value=False)
    return table[kept]


def plain_bias(table: pd.DataFrame) -> str:
    """The bias under which errors are shown: none, or else the first of the study.

    Its name: ``none`` if the table has it, or no bias at all.
    """
    found = names(table, "bias")
    return NO_BIAS if NO_BIAS in found or not found else found[0]


def groups(table: pd.DataFrame, population: str) -> list[str]:
    """Names of a population's groups, the shortest first.

    The names; in the table's order where it tells no truth.
    """
    mine = where(table, population=population)
    true = of_measure(where(mine, parameter="mean_cm"), "truth").drop_duplicates("group")
    means = dict(zip(true["group"].astype(str), true["value"], strict=True))
    return sorted(names(mine, "group"), key=lambda name: means.get(name, 0.0))


def left_out(rows: pd.DataFrame, estimators: Sequence[str]) -> pd.DataFrame:
    """Replicates that a measure does not use: one row an estimator that lost any."""
    lost = rows[rows["replicates_failed"] > 0]
    by = [lost["estimator"].astype(str), lost["size"]]
    counts = lost["replicates_failed"].groupby(by).max().unstack()
    return counts.loc[[name for name in estimators if name in counts.index]]
