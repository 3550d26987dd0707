import pytest

from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Status
from stature.report import words


def test_every_status_has_its_meaning():
    assert set(words.STATUSES) == set(Status)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_setting_of_an_estimator_is_told(name: str):
    estimator = CATALOGUE[name]
    text = words.settings(estimator)
    assert estimator.method in words.METHODS
    if estimator.model.labels == "none":
        for number in (estimator.starts, estimator.screening_steps, estimator.kept_starts):
            assert str(number) in text
        assert f"{estimator.step_limit:,}" in text


def test_assumed_numbers_are_named():
    model = Model("none", shares="known", assumed_shares=(0.4, 0.6))
    assert words.knows(model) == "heights; shares taken as 0.4, 0.6"
