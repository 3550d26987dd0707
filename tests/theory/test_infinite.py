"""Infinite samples: their weights, strata and moments are those of the scenario."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm, truncnorm

from stature.domain.bias import (
    Bias,
    MissingLabels,
    NoBias,
    Nonresponse,
    Rounding,
    Selection,
    Sequence,
    SwappedLabels,
    Truncation,
)
from stature.domain.model import Model, Sampling
from stature.domain.observation import Rounded, SizeBiased, Truncated, Weighted
from stature.domain.population import Group, Population
from stature.theory.infinite import InfiniteSample, infinite_sample
from stature.theory.likelihood import HIDDEN

SCHOOL = Population("school", (Group("girls", 0.4, 163.0, 6.5), Group("boys", 0.6, 176.0, 7.0)))
SOME = Model("some", labelled_share=0.25)


def sample_in(
    model: Model, sampling: Sampling = "random", bias: Bias | None = None
) -> InfiniteSample:
    found = infinite_sample(SCHOOL, bias or NoBias(), model, sampling)
    assert found is not None
    return found


@pytest.mark.parametrize("sampling", ["random", "stratified"])
@pytest.mark.parametrize("labels", ["none", "all", "some"])
def test_rows_have_the_weight_and_the_moments_of_the_people(labels: str, sampling: Sampling):
    model = {"none": Model("none"), "all": Model("all"), "some": SOME}[labels]
    sample = sample_in(model, sampling)
    assert_allclose(sample.rows.weight.sum(), 1.0, rtol=1e-12)
    assert_allclose(sample.strata.sum(axis=1), sample.people, rtol=1e-12)
    assert_allclose(sample.centre_cm, 0.4 * 163 + 0.6 * 176, rtol=1e-13)
    variance = 0.4 * 6.5**2 + 0.6 * 7**2 + 0.24 * 13**2
    assert_allclose(sample.scale_cm, np.sqrt(variance), rtol=1e-12)
    labelled = sample.rows.weight[sample.rows.group != HIDDEN].sum()
    assert labelled == pytest.approx({"none": 0.0, "all": 1.0, "some": 0.25}[labels], rel=1e-12)
    tells = sample.rows.informs[sample.rows.group != HIDDEN]
    assert (tells == (sampling == "random")).all()


@pytest.mark.parametrize("asked", [0.25, 0.01])
def test_strata_are_groups_of_a_design_and_who_was_asked_for_a_label(asked: float):
    some, rest = Model("some", labelled_share=asked), 1.0 - asked
    assert sample_in(Model("none")).people.tolist() == [1.0]
    assert_allclose(sample_in(some).people, [rest, asked])
    assert_allclose(sample_in(Model("none"), "stratified").people, [0.4, 0.6])
    expected = [0.4 * rest, 0.6 * rest, 0.4 * asked, 0.6 * asked]
    assert_allclose(sample_in(some, "stratified").people, expected)
    # Of those who were asked, half have a label.
    half = sample_in(some, bias=MissingLabels(0.5)).rows
    assert_allclose(half.weight[half.group != HIDDEN].sum(), asked / 2)


def test_labels_tell_the_shares_where_a_design_does_not_fix_how_many_have_each():
    # A design fixes how many people have each label, right or wrong, where everyone has one.
    for bias, tell in ((SwappedLabels(0.1), False), (MissingLabels(0.1), True)):
        assert (sample_in(Model("recorded"), "stratified", bias).rows.informs == tell).all()


@pytest.mark.parametrize("answers", [1.0, 0.01, 0.0])
def test_a_cut_of_the_model_leaves_people_out_and_cuts_the_quadrature(answers: float):
    # The scenario turns away nobody for their height: the estimator itself leaves out who is below.
    bias, model = Nonresponse("girls", answers), Model("none", observation=Truncated(160.0))
    people = np.array([0.4 * answers, 0.6]) / (0.4 * answers + 0.6)
    inside = people * [norm.sf(160, 163, 6.5), norm.sf(160, 176, 7.0)]
    sample, kept = sample_in(model, bias=bias), inside.sum()
    assert_allclose(sample.strata.sum(), kept, rtol=1e-12)
    assert_allclose(sample.people.sum(), 1.0, rtol=1e-12)
    means = truncnorm.mean(-3 / 6.5, np.inf, 163, 6.5), truncnorm.mean(-16 / 7, np.inf, 176, 7)
    assert_allclose(sample.centre_cm, inside @ means / kept, rtol=1e-12)
    same = sample_in(model, bias=Sequence((bias, Truncation(160.0))))
    assert_allclose(same.centre_cm, sample.centre_cm, rtol=1e-12)
    assert_allclose(same.strata.sum(), 1.0, rtol=1e-12)
    low = sample_in(Model("none", observation=SizeBiased(160.0)), bias=bias)
    assert_allclose(low.strata.sum(), kept, rtol=1e-12)
    # A stratified sample is never full where a group never answers.
    assert (infinite_sample(SCHOOL, bias, model, "stratified") is None) == (answers == 0.0)


def test_cells_are_about_the_heights_that_were_written_down():
    sample = sample_in(Model("none", observation=Rounded(5.0)), bias=Rounding(5.0))
    width = (sample.rows.upper - sample.rows.lower) * sample.scale_cm
    assert_allclose(width, 5.0, rtol=1e-12)
    lower_cm = sample.centre_cm + sample.scale_cm * sample.rows.lower
    assert_allclose(lower_cm / 5.0 - 0.5, np.rint(lower_cm / 5.0 - 0.5), atol=1e-9)
    assert sample.resolution == 0.0


def test_weights_undo_the_selection():
    model = Model("none", observation=Weighted(0.05, SCHOOL.mean_cm))
    sample = sample_in(model, bias=Selection(0.05))
    assert_allclose(sample.centre_cm, SCHOOL.mean_cm, rtol=1e-10)
    assert_allclose(sample.rows.weight, sample.strata[0] * sample.each, rtol=1e-12)
    assert_allclose(sample.rows.square, sample.strata[0] * sample.each**2, rtol=1e-12)


def test_a_group_of_whom_nobody_is_ever_kept_leaves_no_sample():
    for cut in (Truncation(below_cm=900.0), Truncation(above_cm=10.0)):
        assert infinite_sample(SCHOOL, cut, SOME, "stratified") is None
