from stature.domain.bias import Classes, Rounding, SelfReport
from stature.theory.quadrature import blurs, noise_cm


def test_noise_is_of_the_group_that_is_concerned():
    bias = SelfReport(1.0, 2.0, group="boys")
    assert noise_cm(bias, "boys") == (1.0, 2.0)
    assert noise_cm(bias, "girls") == (0.0, 0.0)
    assert noise_cm(Classes(25, 3.0), "girls") == (0.0, 3.0)
    assert noise_cm(Rounding(1.0), "girls") == (0.0, 0.0)


def test_noise_without_spread_leaves_points():
    assert blurs(SelfReport(1.0, 2.0))
    assert not blurs(SelfReport(1.0, 0.0))
    assert blurs(Classes(25, 1.0))
    assert not blurs(Classes(25, 0.0))
    assert not blurs(Rounding(1.0))
