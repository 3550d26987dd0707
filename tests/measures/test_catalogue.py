from stature.measures.catalogue import CATALOGUE, names
from stature.measures.measure import Measure


def test_the_catalogue_lists_exactly_the_measures_of_a_study(
    measures: tuple[Measure, ...],
) -> None:
    assert {row.measure for row in measures} == set(names())


def test_each_measure_is_listed_once_with_a_definition() -> None:
    assert len(set(names())) == len(CATALOGUE)
    assert all(kind.definition for kind in CATALOGUE)


def test_what_has_no_error_is_theory_or_free_of_chance() -> None:
    without = {kind.name for kind in CATALOGUE if not kind.mcse}
    assert without == set(names("theory", "theory-fit", "same-model"))
