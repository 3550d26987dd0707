import pytest

from stature.estimators.batch import width_of_cells


@pytest.mark.parametrize(("sd", "width"), [(6.0, 1.0), (11.9, 1.0), (5.9, 0.5), (0.09, 2**-7)])
def test_cells_are_a_sixth_to_a_twelfth_of_the_sd(sd: float, width: float):
    assert width_of_cells(sd) == width
    assert sd / 12 < width <= sd / 6
