"""A choice among models and their average, against the two fits worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stature.domain.mixture import Mixture, responsibilities
from stature.domain.model import Model
from stature.estimators.catalogue import GENERAL
from stature.estimators.estimator import (
    Alternative,
    Choice,
    Criterion,
    Prior,
    Status,
    why_refused,
)
from stature.estimators.fit import fit_block
from stature.measures.catalogue import CATALOGUE
from stature.measures.measure import scopes_of
from tests.estimators.laws import fit, samples, spec_of

SIZES = (20, 60, 300)
PEOPLE = samples(40, 300)
ONE = GENERAL["em-bic"]
FREE = replace(ONE, name="free", choose=None)
EQUAL = replace(FREE, name="equal", model=replace(FREE.model, sds="equal"))
NUMBERS = tuple(Alternative("equal", groups=k) for k in (1, 2, 3))
EACH = [fit(one, PEOPLE, *SIZES) for one in (EQUAL, FREE)]


def criterion(by: Criterion) -> np.ndarray:
    """Of equal and of free SDs, with 4 and 5 parameters, shape (2, r, s)."""
    found = np.empty((2, 40, 3))
    for m, (fits, q) in enumerate(zip(EACH, (4, 5), strict=True)):
        for r, s in np.ndindex(40, 3):
            cost = 2 if by == "aic" else np.log(SIZES[s])
            found[m, r, s] = q * cost - 2 * fits.log_likelihood[r, s]
            if by == "icl":
                share, mean, sd = fits.estimate[r, s, :6].reshape(2, 3).T
                p = responsibilities(Mixture(share, mean, sd), PEOPLE.heights_cm[r, : SIZES[s]])
                found[m, r, s] -= 2 * np.sum(p * np.log(np.maximum(p, 1e-300)))
    return np.where([one.status == Status.CONVERGED for one in EACH], found, np.inf)


@pytest.mark.parametrize("by", ["bic", "aic", "icl"])
def test_the_model_with_the_smallest_criterion_is_taken(by: Criterion):
    fits = fit(
        replace(ONE, choose=Choice(by, (Alternative("equal"), Alternative("free")))), PEOPLE, *SIZES
    )
    free = np.argmin(criterion(by), axis=0) == 1
    assert free.any()
    assert not free.all()
    for name in ("estimate", "std_error", "robust_std_error", "lower", "log_likelihood", "status"):
        equal, other = (getattr(one, name) for one in EACH)
        which = free[..., None] if equal.ndim == 3 else free
        assert_array_equal(getattr(fits, name), np.where(which, other, equal))
    assert_array_equal(fits.passes, EACH[0].passes + EACH[1].passes)


def test_an_average_weighs_the_models_and_counts_that_they_differ():
    fits = fit(GENERAL["em-average"], PEOPLE, 300)
    bic = criterion("bic")[:, :, 2:]
    weight = 1 / (1 + np.exp((bic - bic[::-1]) / 2))[..., None]
    equal, free = (np.array([one.estimate, one.std_error])[:, :, 2:] for one in EACH)
    middle = weight[0] * equal[0] + weight[1] * free[0]
    assert_allclose(fits.estimate, middle, rtol=1e-12)
    errors = np.stack([np.hypot(one[1], one[0] - middle) for one in (equal, free)])
    error = (weight * errors).sum(axis=0)
    assert_allclose(fits.std_error, error, rtol=1e-12)
    assert (error >= np.minimum(equal[1], free[1])).all()
    # A mean's interval is the estimate with 1.96 of these errors on either side.
    assert_allclose(fits.upper[..., 1], middle[..., 1] + 1.959963985 * error[..., 1], rtol=1e-9)


def test_a_choice_of_one_is_that_model_and_no_maximum_is_a_status():
    prior = Prior(shares=2, sd_ratio=0.3)
    alone = replace(ONE, choose=Choice("bic", (Alternative("free", prior),), average=True))
    assert_allclose(
        fit(alone, PEOPLE, 300).estimate,
        fit(replace(FREE, prior=prior), PEOPLE, 300).estimate,
        rtol=1e-14,
    )
    alike = replace(PEOPLE, heights_cm=np.full((40, 300), 170.0))
    for average in (False, True):
        fits = fit(
            replace(
                ONE, choose=replace(GENERAL["em-bic"].choose or Choice("bic", ()), average=average)
            ),
            alike,
            300,
        )
        assert (fits.status == Status.DEGENERATE).all()


@pytest.mark.parametrize(
    "settings",
    [{"prior": Prior()}, {"method": "hard-em"}, {"model": replace(ONE.model, labels="all")}],
)
def test_what_a_choice_does_not_go_with_is_refused(settings: dict[str, object]):
    with pytest.raises(ValueError, match="a choice"):
        fit_block(spec_of(replace(ONE, **settings), (300,), 40), PEOPLE)


def test_the_number_of_groups_with_the_smallest_criterion_is_taken():
    people = samples(60, 60, gap_cm=16.0)
    two = fit(EQUAL, people, 60)
    spec = replace(spec_of(EQUAL, (60,), 60), group_names=("a", "b", "c"))
    three = fit_block(spec, people)[0]
    # One normal has 2 parameters and this likelihood; groups with one SD have 2 k.
    one = -30 * (np.log(2 * np.pi * people.heights_cm.var(axis=1)) + 1)
    aic = [
        2 * q - 2 * value
        for q, value in ((2, one), (4, two.log_likelihood[:, 0]), (6, three.log_likelihood[:, 0]))
    ]
    found = [two.status[:, 0] == Status.CONVERGED, three.status[:, 0] == Status.CONVERGED]
    best = np.where([[True] * 60, *found], aic, np.inf).argmin(axis=0)
    assert set(best) == {0, 1, 2}
    chosen = fit(replace(ONE, choose=Choice("aic", NUMBERS)), people, 60)
    expected = np.array([Status.FEWER_GROUPS, Status.CONVERGED, Status.MORE_GROUPS])[best]
    assert_array_equal(chosen.status[:, 0], expected)
    for name in ("estimate", "std_error", "robust_std_error", "lower", "upper"):
        numbers = getattr(chosen, name)
        assert np.isnan(numbers[best != 1]).all()
        assert_array_equal(numbers[best == 1], getattr(two, name)[best == 1])
    assert_allclose(chosen.log_likelihood[best == 0, 0], one[best == 0], rtol=1e-12)


def test_a_number_of_groups_that_is_not_found_is_counted():
    scopes = scopes_of(replace(ONE, choose=Choice("bic", NUMBERS)), (ONE,))
    assert "groups" in scopes
    assert "groups" not in scopes_of(ONE, (ONE,))
    named = {kind.name for kind in CATALOGUE if kind.scope == "groups"}
    assert named == {"fewer_groups", "more_groups"}


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (Choice("bic", NUMBERS, average=True), "chosen and not averaged"),
        (Choice("bic", (NUMBERS[0], NUMBERS[2])), "here 2"),
    ],
)
def test_numbers_of_groups_that_have_no_answer_are_refused(choice: Choice, sentence: str):
    with pytest.raises(ValueError, match=sentence):
        fit(replace(ONE, choose=choice), PEOPLE, 300)


RATIO = Alternative("ratio")


def test_a_known_ratio_of_sds_is_a_model_of_one_sd_where_all_are_alike():
    known = replace(FREE, name="ratio", model=replace(FREE.model, sds="ratio"))
    for method in ("newton", "em", "squarem"):
        one = fit(replace(known, method=method), PEOPLE, 300, sds_cm=(3.0, 3.0))
        equal = fit(replace(EQUAL, method=method), PEOPLE, 300)
        assert_allclose(one.estimate, equal.estimate, rtol=1e-7)
        assert_allclose(one.log_likelihood, equal.log_likelihood, rtol=1e-10)
        assert_allclose(one.std_error, equal.std_error, rtol=1e-6)
        # Of others it is the ratio that counts, and is kept; SDs of 6 and 7 are a thousandth of it.
        assert_array_equal(one.status, Status.CONVERGED)
        unlike = fit(replace(known, method=method), PEOPLE, 300, sds_cm=(6e-3, 7e-3))
        assert_allclose(unlike.estimate[..., 5] / unlike.estimate[..., 2], 7 / 6, rtol=1e-12)
        other = fit(replace(known, method=method), PEOPLE, 300, sds_cm=(6.0, 7.0))
        assert_allclose(unlike.estimate, other.estimate, rtol=1e-7)


def test_a_known_ratio_is_chosen_where_it_is_right():
    # SDs of 6 and 7 at 300 people: the ratio has a parameter less, and nearly the same likelihood.
    members = Alternative("free"), RATIO
    chosen = fit(replace(ONE, choose=Choice("bic", members)), PEOPLE, 300)
    alone = fit(replace(FREE, model=replace(FREE.model, sds="ratio")), PEOPLE, 300)
    same = (chosen.estimate == alone.estimate).all(axis=-1)
    bic = [
        q * np.log(300) - 2 * one.log_likelihood for q, one in ((4, alone), (5, fit(FREE, PEOPLE)))
    ]
    assert_array_equal(same, bic[0] < bic[1])
    assert same.mean() > 0.9


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"choose": Choice("bic", (replace(RATIO, groups=3), RATIO))}, "which are 2"),
        ({"choose": None, "model": Model("all", sds="ratio")}, "a known ratio of SDs is for"),
        ({"choose": None, "model": Model("none", sds="ratio"), "penalty": 1.0}, "a known ratio"),
    ],
)
def test_where_a_ratio_of_sds_has_no_meaning_it_is_refused(
    settings: dict[str, object], sentence: str
):
    assert sentence in why_refused(replace(ONE, **settings), 2)
