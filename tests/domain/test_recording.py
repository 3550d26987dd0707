import numpy as np

from stature.domain.recording import (
    Chance,
    Classes,
    Coding,
    Contamination,
    Grid,
    Heaping,
    Rounding,
    SelfReport,
    written_cm,
)

HEIGHTS_CM = np.array([161.0, 162.5, 164.0, 167.5])


def test_rounding_goes_to_the_nearest_multiple_and_to_the_even_one_of_two():
    # 162.5 lies between 160 = 32 * 5 and 165 = 33 * 5; 167.5 between 165 and 170 = 34 * 5.
    written = written_cm(Rounding(5.0), HEIGHTS_CM, "boys", Chance())
    assert written.tolist() == [160, 160, 165, 170]


def test_coding_writes_the_limit_down():
    written = written_cm(Coding(162.0, 165.0), HEIGHTS_CM, "boys", Chance())
    assert written.tolist() == [162.0, 162.5, 164.0, 165.0]
    assert written_cm(Coding(above_cm=163.0), HEIGHTS_CM, "", Chance()).tolist()[-1] == 163.0


def test_shares_of_people_round_to_their_grids():
    heaping = Heaping((Grid(10.0, 0.25), Grid(5.0, 0.5)))
    # Below .25: to 10 cm; from .25 to .75: to 5 cm; the rest as they are.
    chance = Chance(uniform=np.array([0.2499, 0.25, 0.7499, 0.75]))
    assert written_cm(heaping, HEIGHTS_CM, "", chance).tolist() == [160.0, 160.0, 165.0, 167.5]


def test_people_of_one_group_say_that_they_are_taller():
    chance = Chance(normal=np.array([0.0, 1.0, -1.0, 2.0]))
    bias = SelfReport(1.0, 0.5, group="boys")
    assert written_cm(bias, HEIGHTS_CM, "boys", chance).tolist() == [162.0, 164.0, 164.5, 169.5]
    assert (written_cm(bias, HEIGHTS_CM, "girls", chance) == HEIGHTS_CM).all()


def test_a_share_is_written_in_another_unit_or_is_of_other_people():
    chance = Chance(np.array([0.0, 0.1, 0.2, 0.9]), np.array([1.0, -1.0, 0.0, 0.0]))
    unit = written_cm(Contamination(0.2, factor=0.5), HEIGHTS_CM, "", chance)
    assert unit.tolist() == [80.5, 81.25, 164.0, 167.5]
    others = written_cm(Contamination(0.2, None, 100.0, 5.0), HEIGHTS_CM, "", chance)
    assert others.tolist() == [105.0, 95.0, 164.0, 167.5]


def test_a_class_shares_its_shift():
    chance = Chance(of_class=np.array([1.0, 1.0, -0.5, -0.5]))
    written = written_cm(Classes(2, 2.0), HEIGHTS_CM, "", chance)
    assert (written - HEIGHTS_CM).tolist() == [2.0, 2.0, -1.0, -1.0]
