import numpy as np

from stature.measures.theory import theory_cells
from stature.theory.bounds import Bounds


def test_theory_is_found_by_size_and_parameter(bounds: Bounds) -> None:
    theory = theory_cells(bounds, "labelled", np.array([50, 20], dtype=np.int32), ("girls", "boys"))
    # The bound of a labelled mean is sd / sqrt(n_k).
    np.testing.assert_allclose(theory.bound[:, 4], [7 / np.sqrt(25), 7 / np.sqrt(10)], rtol=1e-12)
    np.testing.assert_allclose(theory.limit[:, 1], 163.0, rtol=1e-12)
    assert theory.em_rate.tolist() == [0.0, 0.0]


def test_what_theory_does_not_hold_is_missing(bounds: Bounds) -> None:
    sizes = np.array([20, 21], dtype=np.int32)
    assert np.isnan(theory_cells(bounds, "labelled", sizes, ("girls", "boys")).limit[1]).all()
    assert np.isnan(theory_cells(bounds, "no-such", sizes, ("girls", "boys")).bound).all()
