"""Studies of other quantities than heights: limits, words and files."""

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
