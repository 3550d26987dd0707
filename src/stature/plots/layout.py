"""Where panels stand: columns of equal panels, each with room on its right for line labels.

Everything is in millimetres and fixed before drawing, so that positions of text can be worked
out without drawing twice, and bytes do not depend on a layout engine.
"""

from collections.abc import Sequence
from textwrap import fill as wrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stature.plots.style import BASE_POINTS, MM, NARROW_MM, QUIET, SMALL_POINTS, WIDE_MM

LEFT_MM = 13.0
LABELS_MM = 33.0
HEAD_MM = 3.0
HEADING_LINE_MM = 4.6
NOTE_LINE_MM = 3.2
TITLE_MM = 6.0
TICKS_MM = 5.0
AXIS_NAME_MM = 4.0
LEFT_OUT_ROW_MM = 2.6
"""Room for: the value axis, line labels, the head of the figure, a line of its title and of its
note, a panel's title, the ticks of the size axis, its name in the last row, and one row of counts
of left-out replicates."""

_TITLE_CHARACTERS = {1: 44, 2: 100}
_NOTE_CHARACTERS = {1: 68, 2: 150}
"""Characters that fit on a line of title and of note, for one and two columns."""


def columns_for(panels: int) -> int:
    """Number of columns for so many panels: never more than two, so that they stay legible."""
    return 1 if panels == 1 else 2


def grid(
    rows: int,
    columns: int,
    panel_mm: float,
    left_out_rows: Sequence[int],
    title: str,
    note: str = "",
) -> tuple[Figure, list[list[Axes]]]:
    """A figure of rows and columns of panels.

    Returns figure: the figure, 90 mm wide with one column and 190 mm with two; axes: the panels,
    row by row.
    """
    width_mm = NARROW_MM if columns == 1 else WIDE_MM
    title = wrap(title, _TITLE_CHARACTERS[columns])
    note = wrap(note, _NOTE_CHARACTERS[columns])
    note_mm = HEAD_MM + HEADING_LINE_MM * len(title.splitlines())
    head_mm = note_mm + NOTE_LINE_MM * len(note.splitlines()) + HEAD_MM
    heights_mm = [
        TITLE_MM + panel_mm + TICKS_MM + LEFT_OUT_ROW_MM * count for count in left_out_rows
    ]
    height_mm = head_mm + sum(heights_mm) + AXIS_NAME_MM
    figure = Figure(figsize=(width_mm * MM, height_mm * MM))
    heading = figure.text(2.0 / width_mm, 1.0 - HEAD_MM / height_mm, title, va="top")
    heading.set(size=BASE_POINTS + 1.5, weight="bold")
    below = figure.text(2.0 / width_mm, 1.0 - note_mm / height_mm, note, va="top")
    below.set(size=SMALL_POINTS, color=QUIET)
    column_mm = width_mm / columns
    panel_width_mm = column_mm - LEFT_MM - LABELS_MM
    axes: list[list[Axes]] = []
    for row in range(rows):
        top_mm = head_mm + sum(heights_mm[:row]) + TITLE_MM
        bottom = 1.0 - (top_mm + panel_mm) / height_mm
        axes.append(
            [
                figure.add_axes(
                    (
                        (column * column_mm + LEFT_MM) / width_mm,
                        bottom,
                        panel_width_mm / width_mm,
                        panel_mm / height_mm,
                    )
                )
                for column in range(columns)
            ]
        )
    return figure, axes
