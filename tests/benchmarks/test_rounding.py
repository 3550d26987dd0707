import pytest

from benchmarks import rounding


def found(size: int) -> dict[str, float]:
    """What is counted of samples that EM fits, by its name."""
    return {row.quantity: row.value for row in rounding.moved("em", size)}


def test_a_rounding_error_leads_few_samples_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    few = found(50)
    assert 0 < few["of_them_marked"] <= few["at_another_maximum"] < 0.1 * few["samples"]
    monkeypatch.setattr(rounding, "LAST_BITS", 0.0)
    assert found(50)["estimates_apart_by_over_1e-9_cm"] == 0
