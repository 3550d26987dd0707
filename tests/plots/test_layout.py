import pytest

from stature.plots import layout
from stature.plots.style import MM


def test_panels_do_not_overlap_and_leave_room_for_labels():
    figure, axes = layout.grid(3, 2, 40.0, [0, 2, 1], "title", "note")
    boxes = [panel.get_position() for row in axes for panel in row]
    for left, right in zip(boxes[::2], boxes[1::2], strict=True):
        gap_mm = (right.x0 - left.x1) * figure.get_figwidth() / MM
        assert gap_mm == pytest.approx(layout.LABELS_MM + layout.LEFT_MM)
    for above, below in zip(boxes[::2], boxes[2::2], strict=False):
        assert above.y0 > below.y1


def test_rows_of_counts_make_their_figure_longer():
    short, _ = layout.grid(1, 1, 40.0, [0], "")
    long, _ = layout.grid(1, 1, 40.0, [3], "")
    added_mm = (long.get_figheight() - short.get_figheight()) / MM
    assert added_mm == pytest.approx(3 * layout.LEFT_OUT_ROW_MM)


def test_panels_have_the_height_that_was_asked():
    figure, axes = layout.grid(2, 1, 33.0, [0, 1], "")
    for (panel,) in axes:
        assert panel.get_position().height * figure.get_figheight() / MM == pytest.approx(33.0)
