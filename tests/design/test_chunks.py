from dataclasses import replace

import numpy as np
import pytest

from stature.design import chunks
from stature.design.chunks import width_of_sketches
from stature.design.samples import DrawSpec, Samples, draw
from stature.domain.bias import Bias, MissingLabels, writes_labels
from stature.domain.model import Sampling
from stature.domain.population import Group, Pool, Population
from stature.kernels.sketch import Nodes, is_valid, sketch
from tests.design.test_samples import FILED, POOL, SPEC
from tests.domain.test_bias import BIASES, SCHOOL

SIZES = (700, 1500, 2999)


def drawn(spec: DrawSpec, pool: Pool | None) -> tuple[Samples, Samples]:
    """The people of all sizes, and the same with sketches above the first."""
    kept = replace(spec, last=2, largest_size=SIZES[-1])
    sketched = replace(kept, largest_size=100, sketched_sizes=SIZES)
    return draw(kept, pool), draw(sketched, pool)


def sketch_of(heights_cm: np.ndarray, width_cm: float) -> Nodes:
    """Nodes of some people, made at once."""
    return sketch(np.ascontiguousarray(heights_cm), np.ones(len(heights_cm)), width_cm)


@pytest.mark.parametrize("bias", [b for b in BIASES if not writes_labels(b)], ids=str)
@pytest.mark.parametrize("sampling", ["stratified", "random"])
@pytest.mark.parametrize("pool", [None, POOL], ids=["normal", "file"])
def test_a_sketch_is_that_of_the_first_people_of_each_group(
    bias: Bias, sampling: Sampling, pool: Pool | None, monkeypatch: pytest.MonkeyPatch
):
    # Chunks of a prime number of people, so that sizes end within them.
    monkeypatch.setattr(chunks, "CHUNK", 487)
    population = SCHOOL if pool is None else FILED
    kept, found = drawn(replace(SPEC, population=population, bias=bias, sampling=sampling), pool)
    assert (found.heights_cm == kept.heights_cm[:, :100]).all()
    sketches = found.sketches
    assert sketches is not None
    assert sketches.sizes == SIZES
    for replicate in range(3):
        for j, size in enumerate(SIZES):
            rows = sketches.rows(replicate, j)
            for k in range(2):
                mine = sketches.group_index[rows] == k
                group = kept.group_index[replicate, :size] == k
                expected = sketch_of(kept.heights_cm[replicate, :size][group], sketches.width_cm)
                np.testing.assert_allclose(sketches.node_cm[rows][mine], expected.x, rtol=1e-12)
                np.testing.assert_allclose(sketches.weight[rows][mine], expected.w, rtol=1e-9)


def test_a_sketch_has_no_labels():
    spec = replace(SPEC, bias=MissingLabels(0.5), sketched_sizes=(1000,))
    with pytest.raises(ValueError, match="keeps groups, not labels"):
        draw(spec)


def test_other_sizes_and_blocks_change_no_sketch():
    _, found = drawn(SPEC, None)
    alone = draw(replace(SPEC, first=1, last=1, largest_size=0, sketched_sizes=(1500,)))
    assert alone.heights_cm.shape == (1, 0)
    assert alone.sketches is not None
    assert found.sketches is not None
    rows = found.sketches.rows(1, 1)
    assert (alone.sketches.node_cm == found.sketches.node_cm[rows]).all()
    assert (alone.sketches.weight == found.sketches.weight[rows]).all()


@pytest.mark.parametrize("means_cm", [(163.0, 176.0), (100.0, 200.0), (163.0, 163.5)])
@pytest.mark.parametrize("sds_cm", [(6.5, 7.0), (1.0, 20.0), (3.0, 40.0)])
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_the_guard_lets_twice_the_width_pass_at_the_truth(
    means_cm: tuple[float, float], sds_cm: tuple[float, float], share: float
):
    shares = (share, 1 - share)
    groups = [Group(*one) for one in zip("ab", shares, means_cm, sds_cm, strict=True)]
    population = Population("two", tuple(groups))
    width_cm = width_of_sketches(population)
    assert np.log2(width_cm) == np.rint(np.log2(width_cm))
    assert width_cm <= min(sds_cm) / 12
    theta = np.array([*shares, *means_cm, *sds_cm])
    ends = means_cm[0] - 8 * max(sds_cm), means_cm[1] + 8 * max(sds_cm)
    assert is_valid(theta, 2 * width_cm, *ends)
    # And it is as wide as that allows.
    assert 2 * width_cm > min(sds_cm) / 12 or not is_valid(theta, 4 * width_cm, *ends)


def test_groups_without_a_spread_have_a_width_too():
    flat = Group("a", 0.5, 160.0, 0.0)
    assert width_of_sketches(Population("one", (flat,))) == 1.0
    tall = Group("b", 0.5, 170.0, 7.0)
    assert width_of_sketches(Population("two", (flat, tall))) == 0.5
