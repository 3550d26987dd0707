"""Small multiples: curves of a measure over sizes, and maps of one number over scenarios and sizes.

A curve is one estimator's: points with their Monte-Carlo bars, on a pale band what theory says.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log10
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from stature.arrays import Floats
from stature.plots import layout
from stature.plots.figures import NO_ROW
from stature.plots.layout import FEW_FAILURES, HALF, End, left_out, names, where
from stature.plots.look import DEEP, MM, PALE, QUIET, SMALL_POINTS, THEORY, TINY_POINTS, Look, looks
from stature.plots.style import context

BARS = "Bars: ±1.96 Monte-Carlo standard errors."
WILSON = "Bars: 95 % Wilson intervals."
HOLLOW = "Hollow: over 20 % of the replicates left out."
HOLLOW_OVER_ZERO = "Hollow: the bar covers zero, or over 20 % of the replicates are left out."

SIZE_AXIS = "people measured, n (k = 1000)"

NORMAL_97_5 = 1.96
"""Half the width of a 95 % Monte-Carlo interval, in Monte-Carlo standard errors."""

LOG_MARGIN, SIGNED_MARGIN = 1.25, 0.06
"""Around the values: a factor on log axes, a part of their range on others."""
_PROPORTION_LIMITS = (-0.03, 1.03)
_PROPORTION_MARGIN = 0.02
_FAR_FROM_ZERO = 0.6
_FLAT = 0.4  # a panel that takes less of an axis than this is flattened by it

# Neighbouring estimators stand side by side, by this factor, so that bars can be told apart.
_SIDESTEP, _SIDESTEP_OF_ONE_SIZE = 1.035, 1.3
_SIZE_MARGIN, _MARGIN_OF_ONE_SIZE = 1.3, 4.0
# A bar that reaches zero ends, on a log axis, at this part of its value.
_TINIEST_BAR = 0.05
_TINIEST_ERROR = 1e-300  # errors may be nothing, which has no logarithm
_NUMBERS = ["size", "value", "mcse", "lower", "upper", "replicates_failed", "replicates_expected"]
# Over so wide a range the powers of ten are ticks enough; below this they are written as such.
_MANY_TICKS, _TINY_TICK = 300.0, 0.001
# As characters: names in a figure may hold dollar signs, so that nothing is read as mathematics.
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

_ROW_OF_MAP_MM, _LOWEST_MAP_MM = 4.2, 16.0
_DARK = 0.55  # colours darker than this share of the scale bear white figures
_COLOURS = "Blues"  # legible to the colour-blind, and in grey
_BAR_ROWS = 4  # of counts, in whose place the bar of colours stands
_TEN, _ONE, _TENTH = 9.95, 0.995, 0.0995  # where numbers are rounded up


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of a figure."""

    title: str  # what it shows, with its unit
    rows: pd.DataFrame  # rows of the measure that is drawn
    theory: pd.DataFrame  # rows of the theory that goes with it, if there is any
    # what follows an estimator's name in its label
    notes: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Multiples:
    """What the panels of a figure have in common."""

    title: str
    scale: Literal["log", "signed", "proportion"]  # of the vertical axis
    panel_mm: float = 40.0  # height of a panel
    # which panels have the same vertical axis, where that flattens none
    shared: Literal["row", "all"] = "row"
    # where a line goes across every panel: zero bias, the nominal coverage, a price of 1
    level: float | None = None
    level_name: str = ""
    theory_dash: str = "--"  # ``--`` for bounds, ``:`` for limits
    header: str = ""  # what stands above the labels
    note: str = BARS  # what bars, dashes and hollow points mean
    # whether panels of one column show the same fits, so that counts of left-out replicates stand
    # under the last of them only
    left_out_once: bool = False


def draw(table: pd.DataFrame, panels: Sequence[Sequence[Panel]], what: Multiples) -> Figure:
    """Draw rows of panels."""
    known = looks(names(table, "estimator"))
    sizes = sorted({int(size) for size in table["size"].dropna()})
    if not sizes or all(panel.rows["value"].isna().all() for row in panels for panel in row):
        return nothing(what.title)
    counts = _counts(panels, what.left_out_once, list(known))
    limits = _limits(panels, what)
    with context():
        figure, axes = layout.grid(
            len(panels),
            max(len(row) for row in panels),
            what.panel_mm,
            [max(len(count) for count in row) for row in counts],
            what.title,
            what.note,
        )
        for row, in_row in enumerate(panels):
            for column, panel in enumerate(in_row):
                here = axes[row][column]
                last = row == len(panels) - 1 or column >= len(panels[row + 1])
                size_axis(here, sizes)
                if last:
                    here.set_xlabel(SIZE_AXIS)
                if what.scale == "log":
                    log_axis(here, *limits[row][column])
                else:
                    here.set_ylim(*limits[row][column])
                    here.yaxis.set_major_locator(MaxNLocator(6))
                    here.grid(axis="y")
                _panel(here, panel, what, known, sizes)
                expected = panel.rows["replicates_expected"].max()
                write_left_out(here, counts[row][column], known, expected, last)
            for spare in axes[row][len(in_row) :]:
                spare.remove()
    return figure


def side_by_side(columns: Sequence[Sequence[Panel]]) -> list[list[Panel]]:
    """Rows of panels from a list of panels for each population, two populations to a row."""
    if len(columns) == 1:
        return [list(columns[0][first : first + 2]) for first in range(0, len(columns[0]), 2)]
    rows: list[list[Panel]] = []
    for first in range(0, len(columns), 2):
        pair = columns[first : first + 2]
        longest = max(len(column) for column in pair)
        rows += [[column[row] for column in pair if row < len(column)] for row in range(longest)]
    return rows


def nothing(title: str, why: str = NO_ROW) -> Figure:
    """A figure that says that there is nothing to draw."""
    with context():
        figure, axes = layout.grid(1, 1, 30.0, [0], title)
        axes[0][0].set_axis_off()
        _say(axes[0][0], why)
    return figure


def size_name(size: float) -> str:
    """A size as it stands under a tick: ``500``, ``2k``."""
    for unit, sign in ((10**6, "M"), (10**3, "k")):
        if size >= unit and size % unit == 0:
            return f"{size / unit:g}{sign}"
    return f"{size:g}"


def size_axis(axes: Axes, sizes: Sequence[int]) -> None:
    """Make the horizontal axis that of the sizes studied, on a log scale."""
    margin = _SIZE_MARGIN if len(sizes) > 1 else _MARGIN_OF_ONE_SIZE
    axes.set_xscale("log")
    axes.set_xlim(sizes[0] / margin, sizes[-1] * margin)
    axes.set_xticks([float(size) for size in sizes])
    axes.set_xticks([], minor=True)
    axes.xaxis.set_major_formatter(lambda size, _: size_name(size))


def log_axis(axes: Axes, lowest: float, highest: float) -> None:
    """Make the vertical axis a log one, with plain numbers at its ticks."""
    axes.set_yscale("log")
    axes.set_ylim(lowest, highest)
    few = highest < _MANY_TICKS * lowest
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,)))
    axes.set_yticks([], minor=True)
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(lambda value, _: _log_tick(value))
    axes.grid(axis="y")


def _log_tick(value: float) -> str:
    """A plain number, or a power of ten where that is tiny."""
    if value >= _TINY_TICK:
        return f"{value:g}"
    return "10" + str(round(log10(value))).translate(_SUPERSCRIPTS)


def around(values: pd.Series, log: bool) -> tuple[float, float]:
    """Limits of an axis a little beyond the values."""
    if log:
        values = values[values > 0.0]
        if values.empty:
            return 0.1, 10.0
        return float(values.min()) / LOG_MARGIN, float(values.max()) * LOG_MARGIN
    low, high = float(values.min()), float(values.max())
    margin = SIGNED_MARGIN * (high - low) or 1.0
    return low - margin, high + margin


def draw_curves(
    axes: Axes,
    rows: pd.DataFrame,
    looks: Mapping[str, Look],
    factors: Mapping[str, float] | None = None,
    positive: bool = False,
    hollow_over_zero: bool = False,
) -> list[End]:
    """Draw one curve an estimator, with bars, its points beside their size by a factor."""
    ends: list[End] = []
    estimators, columns = np.asarray(rows["estimator"], str), _numbers(rows)
    failed = columns["replicates_failed"] / np.maximum(columns["replicates_expected"], 1.0)
    drawn = (failed <= HALF) & np.isfinite(columns["value"])
    for rank, (name, look) in enumerate(looks.items()):
        mine = drawn & (estimators == name)
        if not mine.any():
            continue
        at = {column: numbers[mine] for column, numbers in columns.items()}
        x, value = at["size"] * (factors[name] if factors else 1.0), at["value"]
        reach = NORMAL_97_5 * np.nan_to_num(at["mcse"])
        low = np.where(np.isnan(at["lower"]), value - reach, at["lower"])
        high = np.where(np.isnan(at["upper"]), value + reach, at["upper"])
        hollow = failed[mine] > FEW_FAILURES
        if hollow_over_zero:
            hollow = hollow | ((low <= 0.0) & (high >= 0.0))
        if positive:
            low = np.maximum(low, _TINIEST_BAR * value)
        # Estimators of one maximum coincide: the one that is drawn first is a little larger.
        order = 3.0 + 0.1 * (len(looks) - rank)
        axes.vlines(x, low, high, color=look.colour, linewidth=0.8, zorder=order)
        axes.plot(x, value, color=look.colour, linestyle=look.dash, zorder=order)
        for chosen, face in ((~hollow, look.colour), (hollow, "white")):
            axes.plot(
                x[chosen], value[chosen], linestyle="none", marker=look.marker,
                markerfacecolor=face, markeredgecolor=look.colour, zorder=order + 0.05,
            )  # fmt: skip
        course = np.log(np.maximum(value, _TINIEST_ERROR)) if positive else value
        ends.append(End(float(x[-1]), float(value[-1]), name, look.colour, float(course.mean())))
    return ends


def _numbers(rows: pd.DataFrame) -> dict[str, Floats]:
    """Columns of numbers of rows of a measure, as arrays: panels ask for them many times."""
    return {name: rows[name].to_numpy(float, na_value=np.nan) for name in _NUMBERS}


def draw_theory(axes: Axes, rows: pd.DataFrame, looks: Mapping[str, Look], dash: str) -> None:
    """Draw theory's line for each estimator: black, on a pale band of the estimator's colour."""
    estimators, columns = np.asarray(rows["estimator"], str), _numbers(rows)
    for name, look in looks.items():
        mine = (estimators == name) & ~np.isnan(columns["value"])
        x, y = columns["size"][mine], columns["value"][mine]
        if not len(x):
            continue
        if len(x) == 1:  # one size: a stroke as wide as the spread of the points
            x, y = x * [0.5, 2.0], y * [1.0, 1.0]
        axes.plot(x, y, color=look.colour, alpha=0.3, linewidth=3.0, zorder=2.0)
        axes.plot(x, y, color=THEORY, linestyle=dash, linewidth=0.7, zorder=2.1)


def write_left_out(
    axes: Axes, counts: pd.DataFrame, looks: Mapping[str, Look], expected: int, below_name: bool
) -> None:
    """Write, under a panel, how many replicates each point leaves out."""
    mm = MM / (axes.bbox.height / axes.figure.dpi)
    top = -(layout.TICKS_MM + (layout.AXIS_NAME_MM if below_name else 0.0) + 0.3) * mm
    below = axes.get_xaxis_transform()
    for line, (name, per_size) in enumerate(counts.iterrows()):
        style: dict[str, Any] = {"va": "top", "size": TINY_POINTS, "color": looks[str(name)].text}
        y = top - line * layout.LEFT_OUT_ROW_MM * mm
        for size, count in per_size[per_size > 0].items():
            mark = "×" if count > HALF * expected else ""
            text = f"{int(count)}{mark}"
            axes.text(float(str(size)), y, text, transform=below, ha="center", **style)
        text = f"left out: {name}" if line == 0 else str(name)
        axes.text(1.02, y, text, transform=axes.transAxes, ha="left", **style)


def _say(axes: Axes, why: str) -> None:
    """Say in an empty panel why it is empty."""
    style: dict[str, Any] = {"ha": "center", "va": "center", "size": SMALL_POINTS, "color": QUIET}
    axes.text(0.5, 0.5, why, transform=axes.transAxes, **style)


def _panel(
    axes: Axes, panel: Panel, what: Multiples, known: Mapping[str, Look], sizes: Sequence[int]
) -> None:
    """Draw what is in a panel, and label it."""
    axes.set_title(panel.title)
    if what.level is not None:
        axes.axhline(what.level, color="black", linewidth=0.7, zorder=1.5)
    draw_theory(axes, panel.theory, known, what.theory_dash)
    if panel.rows["value"].isna().all():
        _say(axes, "nothing measured")
    present = names(panel.rows, "estimator")
    factors = sidesteps([name for name in known if name in present], sizes)
    log, signed = what.scale == "log", what.scale == "signed"
    labels = [
        replace(end, text=f"{end.text} {panel.notes[end.text]}") if end.text in panel.notes else end
        for end in draw_curves(axes, panel.rows, known, factors, log, signed)
    ]
    if what.level is not None and what.level_name:
        labels.append(End(sizes[-1] * 1.2, what.level, what.level_name, QUIET))
    layout.label(axes, labels, what.header if panel.notes else "")


def sidesteps(estimators: Sequence[str], sizes: Sequence[int]) -> dict[str, float]:
    """Factor by which each estimator's points stand beside their size.

    Bars of several estimators would else hide each other.
    """
    step = _SIDESTEP if len(sizes) > 1 else _SIDESTEP_OF_ONE_SIZE
    middle = (len(estimators) - 1) / 2
    return {name: step ** (rank - middle) for rank, name in enumerate(estimators)}


def _limits(panels: Sequence[Sequence[Panel]], what: Multiples) -> list[list[tuple[float, float]]]:
    """Limits of the vertical axis of each panel."""
    shown = [[_shown(panel, what) for panel in row] for row in panels]
    every = pd.concat([values for row in shown for values in row])
    return [
        [_axis(every if what.shared == "all" else pd.concat(row), own, what) for own in row]
        for row in shown
    ]


def _axis(shared: pd.Series, own: pd.Series, what: Multiples) -> tuple[float, float]:
    """Limits of an axis over what panels share, or over what one has if the others flatten it."""
    if what.scale == "proportion":
        low = float(shared.min())
        # Far from zero the axis opens where the values are, else small shortfalls are not seen.
        opens = low > _FAR_FROM_ZERO and what.shared == "row"
        return (low - _PROPORTION_MARGIN, 1.01) if opens else _PROPORTION_LIMITS
    log = what.scale == "log"
    together, alone = around(shared, log), around(own, log)
    reach = [np.log(high / low) if log else high - low for low, high in (together, alone)]
    return alone if reach[1] < _FLAT * reach[0] else together


def _shown(panel: Panel, what: Multiples) -> pd.Series:
    """All values that a panel must show."""
    value = panel.rows["value"].astype(float)
    reach = NORMAL_97_5 * panel.rows["mcse"].astype(float).fillna(0.0)
    low = value - reach
    parts = [value, value + reach, low.clip(lower=value / 2.0) if what.scale == "log" else low]
    parts.append(panel.theory["value"].astype(float))
    if what.level is not None:
        parts.append(pd.Series([what.level]))
    return pd.concat([part for part in parts if not part.empty] or [pd.Series([1.0])])


def _counts(
    panels: Sequence[Sequence[Panel]], once: bool, estimators: Sequence[str]
) -> list[list[pd.DataFrame]]:
    """Left-out replicates of each panel, or those of a whole column for its last panel."""
    counts = [[left_out(panel.rows, estimators) for panel in row] for row in panels]
    for column in range(len(panels[0]) if once else 0):
        here = [row for row, in_row in enumerate(panels) if column < len(in_row)]
        rows = pd.concat([panels[row][column].rows for row in here])
        for row in here[:-1]:
            counts[row][column] = counts[row][column].iloc[:0]
        counts[here[-1]][column] = left_out(rows, estimators)
    return counts


def draw_maps(rows: pd.DataFrame, title: str, note: str, is_share: bool) -> Figure:
    """Draw a map for each estimator: a number for each scenario and size, as a colour and written.

    Where a study has many populations or biases, curves side by side would hide what a map shows
    at a glance. Shares are written in per cent, and estimators without any left out; other numbers
    are positive, on a log scale.
    """
    rows = rows[rows["value"].notna()]
    estimators, scenarios = names(rows, "estimator"), names(rows, "scenario")
    sizes = sorted({int(size) for size in rows["size"].dropna()})
    if not estimators or not sizes:
        return nothing(title)
    if is_share:
        none = [one for one in estimators if not where(rows, estimator=one)["value"].any()]
        estimators = [one for one in estimators if one not in none]
        note += f" None: {', '.join(none)}." if none else ""
        if not estimators:
            return nothing(title, "none")
    shown = _maps(rows, estimators, scenarios)
    deepest = max(len(lines) for _, lines in shown)
    panel_mm = max(_LOWEST_MAP_MM, _ROW_OF_MAP_MM * deepest)
    norm = (Normalize(0.0, float(rows["value"].max())) if is_share else
            _log_norm(rows["value"].to_numpy(float)))  # fmt: skip
    number = _per_cent if is_share else _two_digits
    value = rows.assign(
        scenario=rows["scenario"].astype(str), estimator=rows["estimator"].astype(str)
    ).set_index(["scenario", "estimator", "size"])["value"]
    with context():
        deep = -(-len(shown) // 2)
        below = [0] * (deep - 1) + [_BAR_ROWS]
        figure, places = layout.grid(deep, min(len(shown), 2), panel_mm, below, title, note)
        axes = [here for line in places for here in line]
        for spare in axes[len(shown) :]:
            spare.remove()
        for place, ((name, lines), here) in enumerate(zip(shown, axes, strict=False)):
            if not lines:
                here.remove()
                continue
            here.set_title(name)
            wanted = [[(*at, size) for size in sizes] for _, at in lines]
            values = np.array([[value.get(cell, np.nan) for cell in line] for line in wanted])
            here.imshow(values, aspect="auto", cmap=_COLOURS, norm=norm, interpolation="nearest")
            for (row, column), found in np.ndenumerate(values):
                if np.isfinite(found):
                    dark = float(norm(max(found, norm.vmin or 0.0))) > _DARK
                    style: dict[str, Any] = {"size": TINY_POINTS, "color": PALE if dark else DEEP}
                    here.text(column, row, number(found), ha="center", va="center", **style)
            # Scenarios stand on the right, where labels of lines do.
            here.yaxis.tick_right()
            here.set_xticks(range(len(sizes)), [size_name(size) for size in sizes])
            here.set_yticks(range(len(lines)), [text for text, _ in lines], fontsize=SMALL_POINTS)
            here.tick_params(length=0.0)
            here.grid(visible=False)
            here.spines[:].set_visible(False)
            box = here.get_position()
            here.set_position(
                (box.x0, box.y1 - box.height * len(lines) / deepest,
                 box.width, box.height * len(lines) / deepest)
            )  # fmt: skip
            if place + 2 >= len(shown):
                here.set_xlabel(SIZE_AXIS)
        _colour_bar(figure, axes[0], norm, number)
    return figure


Line = tuple[str, tuple[str, str]]
"""What stands beside a line of a map, and its scenario and estimator."""


def _maps(
    rows: pd.DataFrame, estimators: Sequence[str], scenarios: Sequence[str]
) -> list[tuple[str, list[Line]]]:
    """Title and lines of each map: one an estimator; those of few scenarios share the last."""
    own = {name: set(names(where(rows, estimator=name), "scenario")) for name in estimators}
    maps: list[tuple[str, list[Line]]] = []
    rest: list[Line] = []
    for name in estimators:
        lines = [(one, (one, name)) for one in scenarios if one in own[name]]
        if 2 * len(lines) > len(scenarios):
            maps.append((name, lines))
        else:
            rest += [(f"{one}: {name}", at) for one, at in lines]
    # At the left, where there is room for long names.
    if rest and len(maps) % 2 == 1:
        maps.append(("", []))
    return [*maps, ("others", rest)] if rest else maps


def _colour_bar(
    figure: Figure, above: Axes, norm: Normalize, number: Callable[[float], str]
) -> None:
    """Draw what colours mean, at the lower left, as wide as a panel."""
    left, width = above.get_position().x0, above.get_position().width
    mm = MM / figure.get_figheight()
    bar = figure.add_axes((left, 4.5 * mm, width, 2.0 * mm))
    scale = figure.colorbar(ScalarMappable(norm, _COLOURS), cax=bar, orientation="horizontal")
    few = isinstance(norm, LogNorm) and (norm.vmax or 1.0) < _MANY_TICKS * (norm.vmin or 1.0)
    if isinstance(norm, LogNorm):
        scale.locator = LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,))
    scale.minorticks_off()
    scale.formatter = FuncFormatter(lambda value, _: number(value) or "0")
    scale.update_ticks()
    scale.outline.set_visible(False)


def _two_digits(value: float) -> str:
    """A number to two digits, none of them a zero before the point: cells are narrow."""
    digits = 0 if value >= _TEN else 1 if value >= _ONE else 2 if value >= _TENTH else 3
    return f"{value:.{digits}f}".removeprefix("0")


def _per_cent(share: float) -> str:
    """A share in per cent, half ways up as in tables; nothing for none."""
    return "" if share == 0.0 else f"{int(100.0 * share + 0.5 + 1e-9) or '<1'}"


def _log_norm(values: Floats) -> Normalize:
    """A log scale of colours over positive numbers."""
    positive = values[values > 0.0]
    if not len(positive):
        return LogNorm(1.0, 10.0)
    low, high = float(positive.min()), float(positive.max())
    return LogNorm(low, high if high > low else 2.0 * low)
