from stature.estimators.catalogue import ALL, CATALOGUE


def test_names_are_told_apart():
    assert len(CATALOGUE) == len(ALL)


def test_estimators_differ_in_more_than_their_name():
    described = {(e.model, e.method) for e in ALL}
    assert len(described) == len(ALL)
