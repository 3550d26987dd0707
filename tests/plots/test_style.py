from itertools import combinations

import matplotlib as mpl

from stature.estimators.catalogue import CATALOGUE
from stature.plots.style import LOOKS, context, looks


def test_every_catalogue_entry_has_a_look():
    assert set(CATALOGUE) <= set(LOOKS)


def test_each_estimator_has_its_own_colour_marker_and_dash():
    for one, other in combinations(LOOKS.values(), 2):
        assert one.colour != other.colour
        assert one.marker != other.marker
        assert one.dash != other.dash


def test_a_look_does_not_depend_on_the_other_estimators():
    assert looks(["em", "mle"])["em"] == looks(["em", "em-known-shares", "zzz"])["em"]


def test_a_name_of_the_study_gets_a_look_that_no_catalogue_entry_has():
    found = looks(["em-half", "mle"])
    assert all(found["em-half"].marker != look.marker for look in LOOKS.values())


def test_the_look_leaves_global_settings_alone():
    before = dict(mpl.rcParams)
    with context():
        assert mpl.rcParams["svg.hashsalt"] == "stature"
    assert dict(mpl.rcParams) == before
