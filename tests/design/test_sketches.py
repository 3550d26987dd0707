import numpy as np

from stature.design.sketches import Sketches


def test_rows_of_samples_follow_one_another():
    ends = np.array([[2, 5], [5, 9]])
    sketches = Sketches((10, 20), 1.0, ends, np.zeros(9, np.int8), np.arange(9.0), np.ones(9))
    found = [sketches.node_cm[sketches.rows(r, j)].tolist() for r in (0, 1) for j in (0, 1)]
    assert found == [[0, 1], [2, 3, 4], [], [5, 6, 7, 8]]
