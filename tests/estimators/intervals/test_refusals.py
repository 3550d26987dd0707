import pytest

from stature.domain.model import Model
from stature.domain.observation import Rounded
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Estimator, Stop
from stature.estimators.intervals.refusals import why_refused


@pytest.mark.parametrize("name", CATALOGUE)
def test_wald_and_sandwich_go_with_every_estimator_of_the_catalogue(name: str) -> None:
    model, method = CATALOGUE[name].model, CATALOGUE[name].method
    for interval in ("wald", "sandwich"):
        assert why_refused(Estimator("one", model, method, interval=interval), 3) == ""


@pytest.mark.parametrize(
    ("estimator", "groups", "words"),
    [
        (Estimator("a", Model("all"), "closed-form", interval="profile"), 2, "labels: none"),
        (Estimator("a", Model("all"), "closed-form", interval="bootstrap"), 2, "labels: none"),
        (
            Estimator("a", Model("none", observation=Rounded(5.0)), "newton", interval="profile"),
            2,
            "exact heights",
        ),
        (Estimator("a", Model("none"), "newton", interval="profile"), 3, "here are 3"),
        (Estimator("a", Model("none"), "hard-em", interval="sandwich"), 2, "need a maximum"),
        (
            Estimator("a", Model("none"), "em", stop=Stop("mean", 1e-3), interval="sandwich"),
            2,
            "need a maximum",
        ),
    ],
)
def test_a_refusal_says_what_would_do(estimator: Estimator, groups: int, words: str) -> None:
    refusal = why_refused(estimator, groups)
    assert words in refusal
    assert "use" in refusal


def test_two_hidden_groups_may_have_any() -> None:
    for interval in ("wald", "sandwich", "profile", "bootstrap"):
        assert why_refused(Estimator("a", Model("none"), "em", interval=interval), 2) == ""
