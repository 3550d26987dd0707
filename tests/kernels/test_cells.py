import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stature.kernels.cells import cells_needed, covering, nodes_of
from stature.kernels.sketch import add_people, empty_cells


def sketched(heights: list[np.ndarray], width: float):
    """Cells that grow with every piece of a sample."""
    cells = empty_cells(heights[0][0], heights[0][0], width)
    for piece in heights:
        cells = covering(cells, piece.min(), piece.max())
        add_people(cells, piece, np.ones(len(piece)))
    return cells


@settings(deadline=None)  # the first call may compile
@given(
    st.lists(st.lists(st.floats(-50, 250), min_size=1, max_size=30), min_size=1, max_size=6),
    st.sampled_from([0.25, 1.0, 8.0]),
)
def test_cells_that_grew_are_those_that_were_large_enough(pieces: list[list[float]], width: float):
    heights = [np.array(piece) for piece in pieces]
    everybody = np.concatenate(heights)
    whole = empty_cells(everybody.min(), everybody.max(), width)
    for piece in heights:
        add_people(whole, piece, np.ones(len(piece)))
    grown, expected = nodes_of(sketched(heights, width)), nodes_of(whole)
    assert (grown.x == expected.x).all()
    assert (grown.w == expected.w).all()


def test_cells_that_cover_are_left_as_they_are():
    cells = empty_cells(150.0, 190.0, 1.0)
    assert covering(cells, 150.0, 190.9) is cells
    assert covering(cells, 150.0, 191.0) is not cells
    assert cells_needed(150.0, 190.9, 1.0) == len(cells.distinct)
