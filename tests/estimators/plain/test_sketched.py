from dataclasses import replace

import numpy as np
import pytest

from stature.design.samples import Samples, draw
from stature.domain.bias import Bias, NoBias, Rounding, Selection, Truncation
from stature.domain.model import Sampling
from stature.domain.population import Group, Pool
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits, Status
from stature.estimators.fit import fit_block
from stature.estimators.plain.problem import weighted_observations
from stature.estimators.plain.traces import Traces
from tests.design.test_samples import FILED, SPEC
from tests.domain.test_bias import SCHOOL
from tests.estimators.laws import spec_of

SIZES = (100, 1000, 20_000, 100_000)
NUMBERS = ("estimate", "std_error", "robust_std_error", "log_likelihood")
# A file of women and men measured to a tenth of an inch.
TENTH_CM = 0.254
POOL = Pool(
    tuple(
        np.rint((mean + 6.5 * np.random.default_rng(k).standard_normal(400)) / TENTH_CM) * TENTH_CM
        for k, mean in enumerate((163.0, 176.0))
    )
)
MEASURED = replace(
    FILED,
    groups=tuple(
        Group(name, share, float(cm.mean()), float(cm.std()))
        for name, share, cm in zip(("women", "men"), (0.4, 0.6), POOL.heights_cm, strict=True)
    ),
)


def both(bias: Bias, sampling: Sampling, pool: Pool | None = None) -> tuple[Samples, Samples]:
    """Two replicates with all their people, and with sketches above 1000."""
    population = SCHOOL if pool is None else MEASURED
    spec = replace(SPEC, population=population, bias=bias, sampling=sampling, last=1)
    kept = replace(spec, largest_size=SIZES[-1])
    sketched = replace(spec, largest_size=1000, sketched_sizes=SIZES[2:])
    return draw(kept, pool), draw(sketched, pool)


def fitted(name: str, sampling: Sampling, people: Samples) -> tuple[Fits, Traces]:
    spec = replace(spec_of(name, SIZES, 2, traced=1), sampling=sampling)
    return fit_block(replace(spec, group_names=people.group_names), people)


@pytest.mark.parametrize(
    ("bias", "sampling", "pool"),
    [
        (NoBias(), "stratified", None),
        (Selection(0.05), "random", None),
        (Truncation(below_cm=160.0), "stratified", None),
        (Rounding(0.1), "random", None),
        (Rounding(5.0), "stratified", None),
        (NoBias(), "random", POOL),
    ],
)
def test_sketches_give_the_fits_of_their_people(bias: Bias, sampling: Sampling, pool: Pool | None):
    people, sketched = both(bias, sampling, pool)
    for name in CATALOGUE:
        (kept, kept_steps), (found, steps) = (
            fitted(name, sampling, samples) for samples in (people, sketched)
        )
        assert (found.status == kept.status).all(), name
        for number in NUMBERS:
            same = getattr(found, number), getattr(kept, number)
            np.testing.assert_allclose(*same, rtol=1e-9, err_msg=f"{name} {number}")
        if name == "em":
            assert (steps.step == kept_steps.step).all()
            np.testing.assert_allclose(steps.theta, kept_steps.theta, rtol=1e-9)
            np.testing.assert_allclose(steps.log_likelihood, kept_steps.log_likelihood, rtol=1e-12)


def test_people_of_a_sample_are_its_first_or_their_nodes():
    people, sketched = both(NoBias(), "stratified")
    heights_cm, weights = weighted_observations(sketched, 1, 1000)
    assert (heights_cm == people.heights_cm[1, :1000]).all()
    assert (weights == 1).all()
    nodes_cm, weights = weighted_observations(sketched, 1, 20_000)
    everybody = people.heights_cm[1, :20_000]
    assert len(nodes_cm) < 2000
    for power in range(8):  # four nodes a cell keep the moments up to the seventh
        moment = weights @ ((nodes_cm - 170) / 10) ** power
        expected = (((everybody - 170) / 10) ** power).sum()
        assert abs(moment - expected) < 1e-10 * (np.abs((everybody - 170) / 10) ** power).sum()


def test_a_size_without_people_or_a_sketch_is_refused():
    _, sketched = both(NoBias(), "stratified")
    message = "at least 50000 people, got 1000 and sketches of 20000, 100000"
    with pytest.raises(ValueError, match=message):
        fit_block(spec_of("em", (100, 50_000), 2), sketched)


def test_groups_narrower_than_the_cells_are_not_believed():
    wide, sketched = both(NoBias(), "stratified")
    assert sketched.sketches is not None
    coarse = replace(sketched, sketches=replace(sketched.sketches, width_cm=50.0))
    fits, _ = fitted("em-equal-sds", "stratified", coarse)
    assert (fits.status[:, 2:] == Status.DEGENERATE).all()
    assert (fits.status[:, :2] == fitted("em-equal-sds", "stratified", wide)[0].status[:, :2]).all()
