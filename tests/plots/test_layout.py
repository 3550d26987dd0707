from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from stature.plots import layout
from stature.plots.layout import LINE_SPACING, End, label, spread
from stature.plots.look import MM, SMALL_POINTS


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


PLACES = st.lists(st.floats(-100.0, 100.0), min_size=1, max_size=12)


@given(PLACES)
def test_labels_keep_their_distance_and_their_order(places: list[float]):
    moved = spread(places, 3.0)
    order = sorted(range(len(places)), key=lambda index: places[index])
    gaps = [moved[above] - moved[below] for below, above in pairwise(order)]
    assert all(gap >= 3.0 - 1e-9 for gap in gaps)


@given(PLACES)
def test_labels_stay_within_limits_that_have_room(places: list[float]):
    moved = spread(places, 1.0, low=-20.0, high=20.0)
    assert min(moved) >= -20.0
    assert max(moved) <= 20.0


def test_labels_that_are_far_apart_are_not_moved():
    assert spread([5.0, -5.0, 0.0], 1.0) == [5.0, -5.0, 0.0]


def test_a_crowd_moves_as_little_as_it_can():
    # Three at 0, one apart: -1, 0, 1 has squares 2; any other spacing of 1 has more.
    assert spread([0.0, 0.0, 0.0], 1.0) == [-1.0, 0.0, 1.0]


def test_written_labels_do_not_overlap():
    figure = Figure(figsize=(3.0, 3.0))
    axes = figure.add_axes((0.1, 0.1, 0.5, 0.8))
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.0)
    label(axes, [End(1.0, 0.5, name, "black") for name in "abcd"], "above")
    heights = sorted(text.get_position()[1] for text in axes.texts)
    points = [high - low for low, high in pairwise(heights)]
    assert all(gap >= LINE_SPACING * SMALL_POINTS - 1e-6 for gap in points)
