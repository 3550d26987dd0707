import hashlib
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from stature.arrays import Floats, Int8s, Ints
from stature.design.samples import DrawSpec, Sketches, draw
from stature.design.streams import Purpose, decode, encode
from stature.domain.bias import (
    Bias,
    Chance,
    Classes,
    Coding,
    Labelling,
    NoBias,
    Recording,
    Rounding,
    Selecting,
    Selection,
    Sequence,
    Truncation,
    keep_probability,
    labels_after,
    recorded_cm,
    steps_of,
    writes_labels,
)
from stature.domain.model import Sampling
from stature.domain.population import DataFile, Group, Pool, Population
from stature.domain.sampling import stratified_groups
from tests.domain.test_bias import BIASES, SCHOOL, THREE

GOLDEN_PEOPLE = "b439ea206f37ea9d8d7686b642314d23e87a5c73c0b73643e00f1465e58a6a0e"
SPEC = DrawSpec(SCHOOL, NoBias(), "stratified", 1, 0, 4, 500)
POOL = Pool((np.array([150.0, 160.0, 161.0]), np.array([170.0, 171.0])))
FILED = Population(
    "filed",
    (Group("girls", 0.6, 157.0, 4.97), Group("boys", 0.4, 170.5, 0.5)),
    DataFile("people.csv", "height", "cm", "sex", "00"),
)


@pytest.mark.parametrize("bias", BIASES, ids=str)
@pytest.mark.parametrize("sampling", ["stratified", "random"])
def test_a_sample_begins_with_every_smaller_one_in_any_block(bias: Bias, sampling: Sampling):
    spec = replace(SPEC, bias=bias, sampling=sampling)
    whole = draw(spec)
    small = draw(replace(spec, first=3, last=3, largest_size=77))
    assert small.replicates.tolist() == [3]
    assert (small.heights_cm[0] == whole.heights_cm[3, :77]).all()
    assert (small.group_index[0] == whole.group_index[3, :77]).all()
    assert (small.written_labels[0] == whole.written_labels[3, :77]).all()


@pytest.mark.parametrize("bias", BIASES, ids=str)
def test_a_stratified_sample_has_exactly_its_shares_under_every_bias(bias: Bias):
    samples = draw(replace(SPEC, bias=bias))
    assert (samples.group_index.sum(axis=1) == 300).all()


def test_selection_shifts_shares_of_a_random_sample_as_theory_says():
    bias = Selection(0.1)
    samples = draw(replace(SPEC, bias=bias, sampling="random", last=99, largest_size=1000))
    x = np.linspace(100, 240, 20001)
    kept = 1 / (1 + np.exp(-0.1 * (x - SCHOOL.mean_cm)))
    rate = [
        np.trapezoid(kept * np.exp(-0.5 * ((x - g.mean_cm) / g.sd_cm) ** 2) / g.sd_cm, x) * g.share
        for g in SCHOOL.groups
    ]
    expected = rate[1] / sum(rate)
    assert expected > 0.62
    error = np.sqrt(expected * (1 - expected) / samples.group_index.size)
    assert abs(samples.group_index.mean() - expected) < 4 * error


@pytest.mark.parametrize(("population", "pool"), [(SCHOOL, POOL), (FILED, None)])
def test_a_pool_goes_with_a_data_file_and_with_nothing_else(
    population: Population, pool: Pool | None
):
    with pytest.raises(ValueError, match="a pool of people goes with a data file"):
        draw(replace(SPEC, population=population), pool)


def test_a_spec_without_sketches_has_the_json_that_it_always_had():
    text = encode(SPEC)
    assert "sketched" not in text
    assert decode(DrawSpec, text) == SPEC
    sketched = replace(SPEC, sketched_sizes=(1000, 2000))
    assert '"sketched_sizes":[1000,2000]' in encode(sketched)
    assert decode(DrawSpec, encode(sketched)) == sketched


def test_people_of_the_first_kinds_of_bias_never_change():
    # Golden: a change here redraws every published sample.
    digest = hashlib.sha256()
    for bias in (NoBias(), Selection(0.05), Selection(0.3, "boys"), Truncation(160.0, 190.0)):
        for sampling in ("stratified", "random"):
            samples = draw(replace(SPEC, bias=bias, sampling=sampling))
            digest.update(samples.heights_cm.tobytes() + samples.group_index.tobytes())
    assert digest.hexdigest() == GOLDEN_PEOPLE


@pytest.mark.parametrize("bias", BIASES, ids=str)
@pytest.mark.parametrize("pool", [None, POOL], ids=["normal", "file"])
def test_a_sequence_of_one_step_is_that_step(bias: Bias, pool: Pool | None):
    if len(steps_of(bias)) != 1:
        pytest.skip("no single step")
    spec = replace(SPEC, population=SCHOOL if pool is None else FILED, largest_size=100)
    alone = draw(replace(spec, bias=bias), pool)
    sequence = draw(replace(spec, bias=Sequence(steps_of(bias))), pool)
    assert (alone.heights_cm == sequence.heights_cm).all()


def test_rows_of_samples_follow_one_another():
    ends = np.array([[2, 5], [5, 9]])
    sketches = Sketches((10, 20), 1.0, ends, np.zeros(9, np.int8), np.arange(9.0), np.ones(9))
    found = [sketches.node_cm[sketches.rows(r, j)].tolist() for r in (0, 1) for j in (0, 1)]
    assert found == [[0, 1], [2, 3, 4], [], [5, 6, 7, 8]]


PURPOSES: dict[type, Purpose] = {
    **dict.fromkeys(get_args(Selecting), Purpose.SELECTION),
    **dict.fromkeys(get_args(Labelling), Purpose.LABELS),
    **dict.fromkeys(get_args(Recording), Purpose.RECORDING),
    Classes: Purpose.CLASSES,
}
# What reads no stream has no turn.
SILENT = (Truncation, Rounding, Coding)


def met_in_one_go(
    spec: DrawSpec, pool: Pool | None, replicate: int, people: int
) -> tuple[Floats, Ints, Int8s]:
    """Heights, groups and labels of a sample, of so many people who are met in one go."""
    population, words = spec.population, int(spec.stream_key, 16)
    key = np.array([words >> 64, words & (2**64 - 1)], np.uint64)

    def at(purpose: Purpose, turn: int = 0) -> np.random.Generator:
        counter = np.array([0, purpose, replicate, turn], np.uint64)
        return np.random.Generator(np.random.Philox(key=key, counter=counter))

    group = np.searchsorted(
        np.cumsum(population.shares)[:-1], at(Purpose.GROUPS).random(people), side="right"
    )
    if spec.sampling == "stratified":
        group = stratified_groups(population.shares, people).astype(np.int64)
    if pool is None:
        z = at(Purpose.PEOPLE).standard_normal(people)
        height = population.means_cm[group] + population.sds_cm[group] * z
    else:
        u = at(Purpose.PEOPLE).random(people)
        height = np.array(
            [
                pool.heights_cm[k][int(x * len(pool.heights_cm[k]))]
                for k, x in zip(group, u, strict=True)
            ]
        )
    kept, label = np.ones(people, bool), group.astype(np.int8)
    turns = dict.fromkeys(Purpose, 0)
    for step in steps_of(spec.bias):
        purpose, turn = PURPOSES[type(step)], 0
        if not isinstance(step, SILENT):
            turn = turns[purpose]
            turns[purpose] += 1
        uniform = at(purpose, turn).random(people)
        chance = Chance(uniform, at(Purpose.NOISE, turn).standard_normal(people))
        if isinstance(step, Classes):
            of_class = at(purpose, turn).standard_normal(people)[np.arange(people) // step.size]
            chance = replace(chance, of_class=of_class)
        before = height.copy()
        for k, name in enumerate(population.group_names):
            mine = group == k
            kept[mine] &= (uniform < keep_probability(step, before, name, population))[mine]
            height[mine] = recorded_cm(step, before, name, chance)[mine]
            if isinstance(step, Labelling):
                after = labels_after(step, label, before, name, population, uniform)
                label[mine] = after[mine]
    chosen = np.flatnonzero(kept)[: spec.largest_size]
    if spec.sampling == "stratified":
        places = stratified_groups(population.shares, spec.largest_size)
        chosen = np.empty(spec.largest_size, np.int64)
        for k in range(len(population.groups)):
            chosen[places == k] = np.flatnonzero(kept & (group == k))[: (places == k).sum()]
    return height[chosen], group[chosen], label[chosen]


@pytest.mark.parametrize("bias", BIASES, ids=str)
@pytest.mark.parametrize("sampling", ["stratified", "random"])
@pytest.mark.parametrize(
    ("population", "pool"),
    [(SCHOOL, None), (FILED, POOL), (THREE, None)],
    ids=["normal", "file", "three"],
)
def test_people_are_those_who_are_met_in_one_go_to_the_last_bit(
    bias: Bias, sampling: Sampling, population: Population, pool: Pool | None
) -> None:
    spec = replace(SPEC, population=population, bias=bias, sampling=sampling, first=3, last=4)
    spec = replace(spec, largest_size=90)
    found = draw(spec, pool)
    assert np.isfinite(found.heights_cm).all()
    assert (found.labels is None) == (not writes_labels(bias))
    for row, replicate in enumerate((3, 4)):
        height, group, label = met_in_one_go(spec, pool, replicate, 3000)
        assert found.replicates[row] == replicate
        assert (found.heights_cm[row] == height).all()
        assert (found.group_index[row] == group).all()
        assert (found.written_labels[row] == label).all()
