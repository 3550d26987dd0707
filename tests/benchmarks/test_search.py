import pytest

from benchmarks import search
from benchmarks.problems import HARD


def test_a_search_finds_what_other_starts_find(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "STARTS", 200)
    found = {row.quantity: row.value for row in search.against_others(8)}
    assert found["nothing_better_found"] == found["sets"] == 8
    assert found["sets_with_a_maximum_that_counts"] >= 6
    assert found["most_starts"] >= found["median_starts"] > 0


def test_the_bound_of_a_page_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SAMPLES", 60)
    found = {row.quantity: row.value for row in search.moved_in_studies(HARD, 20)}
    again = found["moved_by_as_many_random_starts_again"]
    # Three random starts more, each of which may move a tenth of those that one of ten reached.
    bound = 3 * found["reached_by_one_start"] / 10
    assert 0 < again <= bound + 4 * bound**0.5
    assert found["moved_by_as_many_as_it_takes"] >= again
