import numpy as np
import pytest

from stature.domain.bias import (
    Bias,
    Classes,
    Coding,
    Contamination,
    NoBias,
    ProbitSelection,
    Rounding,
    Selection,
    SelfReport,
    Sequence,
    Tilt,
    Truncation,
    keep_probability,
)
from stature.domain.population import Group, Population
from stature.report import bias_words
from tests.domain.test_bias import BIASES, HEAPS


def test_the_formula_of_selection_is_the_probability_of_being_kept():
    bias = Selection(0.05)
    text = bias_words.formula(bias)
    assert text.startswith("P(kept | x) = 1 / (1 + exp(−0.05 (x − m)))")
    one = Population("one", (Group("all", 1.0, 170.0, 6.0),))
    (kept,) = keep_probability(bias, np.array([180.0]), "boys", one)
    assert kept == pytest.approx(1 / (1 + np.exp(-0.05 * (180.0 - 170.0))))


@pytest.mark.parametrize("bias", BIASES, ids=str)
def test_every_bias_has_its_formula_and_its_phrase(bias: Bias):
    text = bias_words.formula(bias)
    assert text
    assert "None" not in text
    assert "-" not in text.replace("non-", "")
    words = bias_words.phrase(bias)
    assert words[0].isupper()


def test_formulas_hold_the_numbers():
    formula = bias_words.formula
    assert formula(Truncation(below_cm=160.0)) == "kept if and only if x ≥ 160 cm"
    assert "and x ≤ 190 cm" in formula(Truncation(160.0, 190.0))
    assert "of other groups than boys, 1/2" in formula(Selection(0.1, "boys"))
    assert formula(Rounding(5.0)).startswith("written down: 5 cm")
    assert "everybody" in formula(NoBias())
    assert formula(ProbitSelection(172.0, 8.0)) == "P(kept | x) = Φ((x − 172 cm) / 8 cm)"
    assert "exp(−0.02 (x − c))), c the farthest mean − 5 SDs" in formula(Tilt(-0.02))
    assert formula(Coding(above_cm=185.0)) == "written down: 185 cm if x is more; else x"
    assert "with probability 0.3 the multiple of 2.54 cm nearest to x" in formula(HEAPS)
    assert formula(SelfReport(-1.0, 0.0)) == "written down: x − 1 cm"
    assert "with probability 0.05 0.3937 x, else x" in formula(Contamination(0.05, 0.3937))
    assert "N(140 cm, (8 cm)²)" in formula(Contamination(0.1, None, 140.0, 8.0))
    assert "not independent" in formula(Classes(25, 2.0))


def test_a_sequence_is_told_step_by_step():
    bias = Sequence((Selection(0.1, "boys"), Rounding(5.0)))
    assert bias_words.phrase(bias) == "Selection by height, then rounding to 5 cm"
    assert bias_words.formula(bias).startswith("(1) P(kept | x) =")
    assert "; (2) written down: 5 cm" in bias_words.formula(bias)
    assert (bias_words.only(bias), bias_words.only(bias.steps[0])) == ("", "boys")
