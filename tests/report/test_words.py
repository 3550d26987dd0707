import pytest

from stature.domain.model import Model
from stature.domain.observation import Rounded, Selected, Truncated, Weighted
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Estimator, Status
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


def test_words_tell_how_heights_are_seen():
    cut = Model("all", observation=Truncated(below_cm=160.0))
    assert words.knows(cut).endswith("nobody below 160 cm could be measured")
    some = Model("some", labelled_share=0.1, freedom=4.0, observation=Rounded(5.0))
    assert words.knows(some) == (
        "heights, and the group of 10% of the people; a height is the cell of 5 cm around it; "
        "groups have Student's law with 4 degrees of freedom"
    )
    for seen in (Selected(0.05, 170.0), Weighted(0.05, 170.0)):
        assert "log-odds of being measured are 0.05 (x − 170 cm)" in words.knows(
            Model("none", observation=seen)
        )
    penalised = Estimator("p", Model("none"), "newton", penalty=1.0)
    assert "penalty 1 on unlikely SDs" in words.settings(penalised)
