from dataclasses import replace

import numpy as np
import pytest

from stature.design.samples import Sketches
from stature.domain.model import Model
from stature.domain.observation import Rounded, Truncated, Weighted
from stature.estimators.general.standardise import people_of, standardise, standardise_cells
from stature.theory.likelihood import HIDDEN
from tests.estimators.laws import samples

PEOPLE = samples(2, 600)


def test_the_first_people_are_those_whose_label_is_seen():
    people = people_of(PEOPLE, 0, 50, Model("some", labelled_share=0.1))
    assert (people.group[:5] == PEOPLE.group_index[0, :5]).all()
    assert (people.group[5:] == HIDDEN).all()
    assert (people_of(PEOPLE, 0, 50, Model("none")).group == HIDDEN).all()
    assert (people_of(PEOPLE, 0, 50, Model("all")).group == PEOPLE.group_index[0, :50]).all()


def test_who_lies_beyond_the_cut_is_left_out():
    people = people_of(PEOPLE, 1, 600, Model("none", observation=Truncated(160.0, 190.0)))
    assert people.heights_cm.min() >= 160.0
    assert people.heights_cm.max() <= 190.0
    assert (
        len(people.heights_cm)
        == ((PEOPLE.heights_cm[1] >= 160) & (PEOPLE.heights_cm[1] <= 190)).sum()
    )


def test_rows_are_in_units_of_the_people_who_are_left():
    model = Model("none")
    sample = standardise(people_of(PEOPLE, 0, 600, model), model, "random", np.inf)
    z = sample.rows.lower
    assert abs(z.mean()) < 1e-12
    assert abs(z.std() - 1) < 1e-12
    np.testing.assert_allclose(sample.scale_cm, PEOPLE.heights_cm[0].std())
    np.testing.assert_allclose(sample.offset, -600 * np.log(sample.scale_cm))


def test_many_distinct_heights_become_fewer_nodes_with_the_same_moments():
    model = Model("none")
    people = people_of(PEOPLE, 0, 600, model)
    few, all_of_them = (
        standardise(people, model, "random", 100),
        standardise(people, model, "random", np.inf),
    )
    assert few.width_cm > 0.0
    assert all_of_them.width_cm == 0.0
    assert len(few.rows.weight) < 600
    np.testing.assert_allclose(few.rows.weight.sum(), 600)
    np.testing.assert_allclose(few.scale_cm, all_of_them.scale_cm, rtol=1e-12)


def test_a_rounded_height_is_a_cell_and_weights_are_scaled_to_the_people():
    rounded = Model("none", observation=Rounded(5.0))
    sample = standardise(people_of(PEOPLE, 0, 300, rounded), rounded, "random")
    np.testing.assert_allclose(sample.rows.upper - sample.rows.lower, 5.0 / sample.scale_cm)
    weighted = Model("none", observation=Weighted(0.1, 170.0))
    sample = standardise(people_of(PEOPLE, 0, 300, weighted), weighted, "random")
    np.testing.assert_allclose(sample.rows.weight.sum(), 300)
    np.testing.assert_allclose(sample.rows.square, sample.rows.weight**2)
    assert (np.diff(sample.rows.weight[np.argsort(sample.rows.lower)]) < 0).all()


def test_cells_with_nobody_are_left_out():
    sample = standardise_cells(
        np.array([-np.inf, 160, 170]), np.array([160, 170, 180.0]), np.array([3, 0, 5])
    )
    assert len(sample.rows.weight) == 2
    assert sample.rows.lower[0] == -np.inf


def test_a_sketch_does_not_know_whose_labels_are_seen():
    node = np.array([160.0, 170.0])
    ends, nobody = np.array([[2], [4]]), np.zeros(4, np.int8)
    sketches = Sketches((1000,), 1.0, ends, nobody, np.tile(node, 2), np.full(4, 500.0))
    with pytest.raises(ValueError, match="samples: keep"):
        people_of(replace(PEOPLE, sketches=sketches), 0, 1000, Model("some", labelled_share=0.1))
