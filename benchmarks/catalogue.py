"""What a fit costs by each estimator of the catalogue, against plain Newton in the same run."""

from collections.abc import Iterator

import numpy as np

from benchmarks.clock import timed
from benchmarks.measurement import Measurement
from benchmarks.ours import GROUPS
from benchmarks.problems import EASY, SEED, people_cm
from stature.design.samples import Samples
from stature.domain.observation import Heaped, Rounded
from stature.estimators.catalogue import CATALOGUE, GENERAL
from stature.estimators.estimator import Estimator, FitSpec
from stature.estimators.fit import fit_block

REPLICATES = {200: 100, 10_000: 20}
NEWTON = CATALOGUE["newton"]


def catalogue(rounds: int) -> Iterator[Measurement]:
    """Microseconds a fit, starts and record included, and how many times those of `newton`."""
    for size, replicates in REPLICATES.items():
        for estimator in (*CATALOGUE.values(), *GENERAL.values()):
            for _ in range(rounds):
                base, ours = (_seconds(one, replicates, size) for one in (NEWTON, estimator))
                key = "catalogue", "easy", size, estimator.name
                yield Measurement(*key, "microseconds", 1e6 * ours)
                yield Measurement(*key, "ratio", ours / base)


def _seconds(estimator: Estimator, replicates: int, size: int) -> float:
    """Seconds a fit of people as the estimator takes them."""
    rng = np.random.default_rng([SEED, size])
    observation = estimator.model.observation
    heights_cm = people_cm(EASY, rng, replicates, size)
    if isinstance(observation, Rounded):
        step_cm = observation.step_cm
        heights_cm = step_cm * np.rint(heights_cm / step_cm)
    elif isinstance(observation, Heaped):
        for grid in observation.grids:
            on = rng.random(heights_cm.shape) < grid.share
            rounded_cm = grid.step_cm * np.rint(heights_cm / grid.step_cm)
            heights_cm = np.where(on, rounded_cm, heights_cm)
    # Labels for those who look at them: the nearer mean, which takes as long as the truth.
    groups = (heights_cm > np.mean(EASY.means_cm)).astype(np.int8)
    samples = Samples(np.arange(replicates, dtype=np.int32), heights_cm, groups, GROUPS)
    shares = EASY.shares if estimator.model.shares == "known" else None
    sds_cm = EASY.sds_cm if estimator.model.sds == "known" else None
    given = estimator, GROUPS, shares, sds_cm
    spec = FitSpec(*given, "random", (size,), 0, replicates - 1, "0" * 32, 0)
    fit_block(spec, samples)
    return timed(lambda: fit_block(spec, samples))[0] / replicates
