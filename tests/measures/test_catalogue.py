from dataclasses import replace

from stature.estimators.estimator import Fits
from stature.measures.catalogue import CATALOGUE, names
from stature.measures.measure import MeasureSpec
from stature.measures.summarise import measure
from stature.theory.bounds import Bounds


def test_the_catalogue_lists_exactly_the_measures_of_a_study(
    spec: MeasureSpec, fits: dict[str, Fits], bounds: Bounds
) -> None:
    em = next(one for one in spec.estimators if one.name == "em")
    other = replace(em, name="em-boot", interval="bootstrap", bootstrap_samples=200)
    both = replace(spec, estimators=(*spec.estimators, other))
    found = measure(both, {**fits, "em-boot": fits["em"]}, bounds)
    assert {row.measure for row in found} == set(names())
    # Without such intervals there is nothing to say of them.
    alone = {row.measure for row in measure(spec, fits, bounds)}
    assert alone == set(names()) - set(names("interval", "against-wald", "bootstrap"))


def test_each_measure_is_listed_once_with_a_definition() -> None:
    assert len(set(names())) == len(CATALOGUE)
    assert all(kind.definition for kind in CATALOGUE)


def test_what_has_no_error_is_theory_or_free_of_chance() -> None:
    without = {kind.name for kind in CATALOGUE if not kind.mcse}
    assert without == set(names("theory", "theory-fit", "same-model"))
