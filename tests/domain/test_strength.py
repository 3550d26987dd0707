import pytest

from stature.domain.bias import Bias, NoBias, Sequence
from stature.domain.recording import Contamination, Rounding
from stature.domain.selecting import Nonresponse, Selection, SizeBias, Truncation
from stature.domain.strength import strength_of


def number(bias: Bias) -> float | None:
    found = strength_of(bias)
    return None if found is None else found.value


@pytest.mark.parametrize(
    ("bias", "value"),
    [
        (Selection(0.05), 0.05),
        (Truncation(below_cm=160.0), 160.0),
        (Truncation(above_cm=190.0), 190.0),
        (Rounding(2.54), 2.54),
        (Nonresponse("boys", 0.4), 0.4),
        (Contamination(0.1, factor=0.98), 0.1),
    ],
)
def test_the_strength_is_the_number_that_was_set(bias: Bias, value: float) -> None:
    assert number(bias) == value


@pytest.mark.parametrize(
    "bias", [NoBias(), SizeBias(), Truncation(150.0, 190.0), Sequence((Rounding(1.0),))]
)
def test_what_no_one_number_makes_stronger_has_no_strength(bias: Bias) -> None:
    assert strength_of(bias) is None


def test_a_family_differs_in_strength_alone() -> None:
    def family(bias: Bias) -> Bias:
        found = strength_of(bias)
        assert found is not None
        return found.family

    assert family(Selection(0.05)) == family(Selection(-0.1))
    assert family(Selection(0.05)) != family(Selection(0.05, "boys"))
    assert family(Truncation(below_cm=160.0)) != family(Truncation(above_cm=160.0))
    strangers = Contamination(0.1, mean_cm=170.0, sd_cm=20.0)
    assert family(strangers) != family(Contamination(0.1, mean_cm=170.0, sd_cm=10.0))


def test_a_bias_of_one_group_says_so() -> None:
    found = strength_of(Selection(0.05, "boys"))
    assert found is not None
    assert found.words == "log-odds of volunteering, per cm (boys only)"
