"""The compiled likelihood is that of theory, which is written without it, to rounding."""

from dataclasses import replace

import numpy as np
import pytest

from stature.domain.observation import Conditional, Heaped
from stature.domain.recording import Grid
from stature.estimators.general.likelihoods import likelihood
from stature.theory.likelihood import HIDDEN, Rows, rows_of
from stature.theory.likelihood import likelihood as of_theory
from stature.theory.terms import heaps_of
from tests.theory.test_likelihood import CONDITIONS, POINTS, kinds

X = np.random.default_rng(2).normal(size=40)


def assert_same(u: np.ndarray, rows: Rows, digits: float = 1e-11) -> None:
    got, expected = likelihood(u, rows), of_theory(u, rows)
    np.testing.assert_allclose(got.value, expected.value, rtol=1e-12)
    for name in ("score", "information", "completed", "outer", "posterior"):
        scale = np.abs(getattr(expected, name)).max()
        np.testing.assert_allclose(
            getattr(got, name), getattr(expected, name), rtol=0, atol=digits * scale
        )


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
@pytest.mark.parametrize("groups", [1, 2, 3])
def test_every_kind_of_row_gives_what_theory_gives(groups: int, condition: Conditional | None):
    for rows in kinds(groups, condition):
        assert_same(POINTS[groups], rows)
        assert_same(POINTS[groups], replace(rows, square=rows.weight**1.5))


def test_cells_far_in_the_tail_wide_and_narrow_agree():
    ones = np.ones(40)
    for lower, width in ((X, 1e-3), (X, 1.0), (X - 3.0, 6.0)):
        assert_same(POINTS[2], rows_of(lower, lower + width, ones))
    # Far out the recursion of the moments cancels, in either code.
    for lower, width in ((X + 8.0, 1.0), (X - 30.0, 1.0), (X + 25.0, 9.0)):
        assert_same(POINTS[2], rows_of(lower, lower + width, ones), 1e-9)


def test_labels_of_student_groups_agree():
    group = np.where(np.arange(40) < 20, np.arange(40) % 2, HIDDEN)
    rows = replace(rows_of(X, X, np.ones(40)), group=group, freedom=3.5)
    assert_same(POINTS[2], rows)
    assert_same(POINTS[2], replace(rows, informs=group == HIDDEN))


def test_heaped_people_agree():
    heaped = np.where(np.arange(40) < 20, np.rint(X / 0.5) * 0.5, X)
    rows = rows_of(heaped, heaped, np.ones(40))
    heaps = heaps_of(Heaped((Grid(0.5, 0.4),)), heaped, 1.0)
    assert heaps.here.any()
    assert_same(POINTS[2], replace(rows, heaps=heaps))
    assert (
        likelihood(POINTS[2], rows).value != likelihood(POINTS[2], replace(rows, heaps=heaps)).value
    )


def test_people_whom_no_group_explains_have_no_likelihood():
    rows = rows_of(np.array([1e200]), np.array([1e200]), np.ones(1))
    assert not np.isfinite(likelihood(POINTS[2], rows).value)
