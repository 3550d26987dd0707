"""Small multiples of a measure over sizes, on which most figures are built."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from stature.plots import curves, ends, layout
from stature.plots.rows import left_out, names
from stature.plots.style import QUIET, Look, context, looks

Scale = Literal["log", "signed", "proportion"]

BARS = "Bars: ±1.96 Monte-Carlo standard errors."
WILSON = "Bars: 95 % Wilson intervals."
HOLLOW = "Hollow: over 20 % of the replicates left out."

SIZE_AXIS = "people measured, n (k = 1000)"

_LOG_ROOM = 1.25
_SIGNED_ROOM = 0.06
_PROPORTION_LIMITS = (-0.03, 1.03)
_PROPORTION_ROOM = 0.02
_FAR_FROM_ZERO = 0.6
"""Room around the values on each scale."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of a figure."""

    title: str  # what it shows, with its unit
    rows: pd.DataFrame  # rows of the measure that is drawn
    theory: pd.DataFrame | None = None  # rows of the theory that goes with it
    # what follows an estimator's name in its label
    notes: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Multiples:
    """What the panels of a figure have in common."""

    title: str  # title of the figure
    scale: Scale  # scale of the vertical axis
    panel_mm: float = 40.0  # height of a panel, in mm
    shared: Literal["row", "all"] = "row"  # which panels have the same vertical axis
    # where a line goes across every panel: zero bias, the nominal coverage, a price of 1
    level: float | None = None
    level_name: str = ""  # what that line is
    # matplotlib's code of theory's lines: ``--`` for bounds, ``:`` for limits
    theory_dash: str = "--"
    header: str = ""  # what stands above the labels
    note: str = BARS  # what bars, dashes and hollow points mean
    # whether panels of one column show the same fits, so that counts of left-out replicates stand
    # under the last of them only
    left_out_once: bool = False


def draw(table: pd.DataFrame, panels: Sequence[Sequence[Panel]], what: Multiples) -> Figure:
    """Draw rows of panels."""
    known = looks(names(table, "estimator"))
    sizes = sorted({int(size) for size in table["size"].dropna()})
    if not panels or not sizes:
        return nothing(what.title, "the table of measures holds no row for this figure")
    counts = _left_out(panels, what.left_out_once, list(known))
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
                _panel(here, panel, what, known, sizes, limits[row])
                if last:
                    here.set_xlabel(SIZE_AXIS)
                curves.write_left_out(
                    here,
                    counts[row][column],
                    known,
                    panel.rows["replicates_expected"].max(),
                    layout.TICKS_MM + (layout.AXIS_NAME_MM if last else 0.0) + 0.3,
                )
            for spare in axes[row][len(in_row) :]:
                spare.remove()
    return figure


def in_rows(panels: Sequence[Panel]) -> list[list[Panel]]:
    """Panels in rows of two, or one panel alone."""
    columns = layout.columns_for(len(panels))
    return [list(panels[first : first + columns]) for first in range(0, len(panels), columns)]


def nothing(title: str, why: str) -> Figure:
    """A figure that says why there is nothing to draw."""
    with context():
        figure, axes = layout.grid(1, 1, 30.0, [0], title)
        axes[0][0].set_axis_off()
        curves.say_nothing_to_draw(axes[0][0], why)
    return figure


def _panel(
    axes: Axes,
    panel: Panel,
    what: Multiples,
    known: Mapping[str, Look],
    sizes: Sequence[int],
    limits: tuple[float, float],
) -> None:
    """Draw one panel."""
    axes.set_title(panel.title)
    curves.size_axis(axes, sizes)
    if what.scale == "log":
        curves.log_axis(axes, *limits)
    else:
        axes.set_ylim(*limits)
        axes.yaxis.set_major_locator(MaxNLocator(6))
        axes.grid(axis="y")
    if what.level is not None:
        axes.axhline(what.level, color="black", linewidth=0.7, zorder=1.5)
    if panel.theory is not None:
        curves.draw_theory(axes, panel.theory, known, what.theory_dash, 3.0)
    if panel.rows["value"].isna().all():
        curves.say_nothing_to_draw(axes, "nothing measured")
    found = curves.draw(
        axes,
        panel.rows,
        known,
        curves.sidesteps(_present(panel.rows, known), sizes),
        positive=what.scale == "log",
        hollow_over_zero=what.scale == "signed",
    )
    labels = [
        replace(end, text=f"{name} {panel.notes[name]}" if name in panel.notes else name)
        for name, end in found.items()
    ]
    if what.level is not None and what.level_name:
        here = ends.End(sizes[-1] * 1.2, what.level, what.level_name, QUIET)
        labels.append(here)
    ends.label(axes, labels, what.header if panel.notes else "")


def _present(rows: pd.DataFrame, known: Mapping[str, Look]) -> list[str]:
    """Estimators of a panel, in the order of their looks."""
    here = set(names(rows, "estimator"))
    return [name for name in known if name in here]


def _limits(panels: Sequence[Sequence[Panel]], what: Multiples) -> list[tuple[float, float]]:
    """Limits of the vertical axis, one pair a row."""
    if what.scale == "proportion" and what.shared == "all":
        return [_PROPORTION_LIMITS] * len(panels)
    shown = [pd.concat([_shown(panel, what) for panel in row]) for row in panels]
    if what.shared == "all":
        shown = [pd.concat(shown)] * len(panels)
    return [_around(values, what) for values in shown]


def _shown(panel: Panel, what: Multiples) -> pd.Series:
    """All values that a panel must show."""
    value = panel.rows["value"].astype(float)
    reach = curves.NORMAL_97_5 * panel.rows["mcse"].astype(float).fillna(0.0)
    parts = [value]
    low = value - reach
    parts += [value + reach, low.clip(lower=value / 2.0) if what.scale == "log" else low]
    if panel.theory is not None:
        parts.append(panel.theory["value"].astype(float))
    if what.level is not None:
        parts.append(pd.Series([what.level]))
    return pd.concat([part for part in parts if not part.empty] or [pd.Series([1.0])])


def _around(values: pd.Series, what: Multiples) -> tuple[float, float]:
    """Limits that leave some room around values."""
    if what.scale == "log":
        values = values[values > 0.0]
        if values.empty:
            return 0.1, 10.0
        return float(values.min()) / _LOG_ROOM, float(values.max()) * _LOG_ROOM
    if what.scale == "proportion":
        low = float(values.min())
        # Far from zero the axis opens where the values are, else small shortfalls are not seen.
        return (
            low - _PROPORTION_ROOM if low > _FAR_FROM_ZERO else _PROPORTION_LIMITS[0]
        ), 1.0 + _PROPORTION_ROOM / 2
    low, high = float(values.min()), float(values.max())
    room = _SIGNED_ROOM * (high - low) or 1.0
    return low - room, high + room


def _left_out(
    panels: Sequence[Sequence[Panel]], once: bool, estimators: Sequence[str]
) -> list[list[pd.DataFrame]]:
    """Counts under each panel, or those of a whole column under its last panel."""
    counts = [[left_out(panel.rows, estimators) for panel in row] for row in panels]
    if once:
        for column in range(len(panels[0])):
            here = [row for row, in_row in enumerate(panels) if column < len(in_row)]
            whole = pd.concat([panels[row][column].rows for row in here])
            for row in here[:-1]:
                counts[row][column] = counts[row][column].iloc[:0]
            counts[here[-1]][column] = left_out(whole, estimators)
    return counts
