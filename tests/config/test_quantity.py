"""Studies of other quantities than heights: limits, words and files."""

import pytest

from stature.domain.quantity import HEIGHTS, Quantity
from tests.config.conftest import Read, Refused, Write

RETURNS = "{name: return, unit: '%', tolerance: 0.5}"
FAR = """
  - name: far
    groups:
      - {name: low, share: 0.5, mean_cm: -1000000, sd_cm: 20000}
      - {name: high, share: 0.5, mean_cm: 1000000, sd_cm: 500000}"""


def test_means_may_be_anything_and_no_gate_of_heights_holds(read: Read) -> None:
    study = read(quantity=RETURNS, populations=FAR)
    assert study.quantity == Quantity("return", "%", 0.5)
    assert not [line for line in study.warnings if "metres" in line or "negative" in line]
    assert read().quantity == HEIGHTS


@pytest.mark.parametrize(
    ("quantity", "mean", "expected"),
    [
        (None, "-1", "expected a number > 0 and ≤ 400 (mean in cm), got -1"),
        ("{tolerance: 3}", "401", "expected a number > 0 and ≤ 400 (mean in cm), got 401"),
        (RETURNS, "2000000", "expected a number from -1,000,000 to 1,000,000 (mean), got 2000000"),
    ],
)
def test_limits_are_those_of_what_is_measured(
    refused: Refused, quantity: str | None, mean: str, expected: str
) -> None:
    populations = f"\n  - {{name: a, groups: [{{name: a, share: 1, mean_cm: {mean}, sd_cm: 6}}]}}"
    (message,) = refused(quantity=quantity, populations=populations)
    assert message.endswith(f"mean_cm: {expected}")


def test_words_of_messages_follow(refused: Refused) -> None:
    (message,) = refused(quantity="{name: mass, unit: g}", biases="\n  - {name: a, kind: rounding}")
    assert message == "biases[a].step_cm: missing; expected a number > 0 (step in g)"
    lacking = "\n  - {name: a, groups: [{name: a, share: 1, sd_cm: 6}]}"
    place = "populations[a].groups[a].mean_cm: missing; expected a number"
    for quantity, expected in [(RETURNS, "from -1,000,000 to 1,000,000 (mean)"),
                               ("{tolerance: 3}", "> 0 and ≤ 400 (mean in cm)")]:  # fmt: skip
        assert refused(quantity=quantity, populations=lacking) == [f"{place} {expected}"]


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ("{names: x}", "quantity: unknown key 'names'; did you mean 'name'?"),
        ("{tolerance: 0}", "quantity.tolerance: expected a number > 0 (tolerance), got 0"),
        ("mass", "quantity: expected a map of keys, got 'mass'"),
    ],
)
def test_a_wrong_quantity_is_told_of(refused: Refused, quantity: str, expected: str) -> None:
    assert refused(quantity=quantity) == [expected]


def test_numbers_of_a_file_are_taken_as_they_are(
    read: Read, refused: Refused, write: Write
) -> None:
    rows = "\n".join(f"{value},{'ab'[value % 2]}" for value in range(-30, 30))
    (write().parent / "r.csv").write_text(f"gain,side\n{rows}\n", encoding="utf-8")
    item = "\n  - {name: r, file: r.csv, height: gain, group: side}"
    low, high = read(quantity=RETURNS, populations=item).populations[0].groups
    # The even numbers from -30 to 28, and the odd ones from -29 to 29.
    assert (low.mean_cm, high.mean_cm) == (-1.0, 0.0)
    in_mm = item.replace("height:", "unit: mm, height:")
    (message,) = refused(quantity=RETURNS, populations=in_mm)
    assert message == "populations[r].unit: expected none: numbers are in % as they are, got 'mm'"
    none = item.replace("height:", "unit: none, height:")
    assert "populations[r].unit: expected one of: cm, m, mm, in; got 'none'" in refused(
        populations=none
    )
