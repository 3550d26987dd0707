from stature.estimators.catalogue import CATALOGUE, GENERAL


def test_estimators_differ_in_more_than_their_name():
    assert not CATALOGUE.keys() & GENERAL.keys()
    described = {(one.model, one.method) for one in CATALOGUE.values()}
    assert len(described) == len(CATALOGUE) == 8


def test_every_general_estimator_has_a_name_of_its_own():
    # As many as there are lines: twenty-five, and the eight rules of popular programs.
    assert len(GENERAL) == 25 + 8
