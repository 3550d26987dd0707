from dataclasses import replace

import pytest

from stature.estimators.estimator import Stop
from stature.estimators.general.catalogue import CATALOGUE
from stature.estimators.general.refusals import why_refused
from tests.estimators.laws import fit, samples

PEOPLE = samples(3, 120)


def test_what_no_method_does_is_refused():
    rounded, plain = CATALOGUE["mixture-rounded"], CATALOGUE["penalised"]
    stop = Stop("total", 0.1)
    for estimator, words in (
        (replace(rounded, method="squarem"), "use newton"),
        (replace(rounded, method="em"), "needs one"),
        (replace(rounded, method="em", stop=stop), "exact heights"),
        (replace(rounded, stop=stop), "goes with method em"),
        (replace(plain, method="hard-em"), "no penalty"),
        (replace(plain, method="moments"), "no penalty"),
        (replace(rounded, method="moments"), "exact heights"),
    ):
        assert words in why_refused(estimator, 2)
        with pytest.raises(ValueError, match=words):
            fit(estimator, PEOPLE)


def test_a_catalogue_of_refusals_would_be_of_no_use():
    assert {why_refused(one, 2) for one in CATALOGUE.values() if not one.is_compiled} == {""}
