"""Stature's own methods, fitted in a batch as a study fits them, standard errors and all."""

from dataclasses import dataclass
from typing import get_args

import numpy as np

from benchmarks.clock import timed
from benchmarks.problems import SEED
from stature.arrays import Floats
from stature.design.samples import Samples
from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Estimator, FitSpec, Method
from stature.estimators.plain.batch import Outcome
from stature.estimators.plain.block import fit_unlabelled, starts_of

FREE = Model("none")
GROUPS = ("lower", "upper")


@dataclass(frozen=True, slots=True)
class Ours:
    """One of Stature's methods, and from how many starts it searches."""

    name: str
    estimator: Estimator


def entrants() -> list[Ours]:
    """Every method of the package from one start, as the peers, and the quickest from its ten."""
    found: list[Ours] = []
    for word in ("newton", "squarem", "em"):  # fastest first
        if word in get_args(Method):
            # The limit on steps is the package's; EM hits it where groups overlap much.
            one = Estimator(word, FREE, word, starts=1, kept_starts=1)
            found.append(Ours(word, one))
            if word == "newton":
                found.append(Ours(f"{word}, 10 starts", CATALOGUE["newton"]))
    return found


def uniforms(estimator: Estimator, replicates: int) -> Floats:
    """Numbers for the starts."""
    return np.random.default_rng(SEED).random((replicates, estimator.starts, 6))


def samples_of(heights_cm: Floats) -> Samples:
    """People whose labels nobody knows, shape (r, n)."""
    replicates = len(heights_cm)
    unlabelled = np.zeros((replicates, 0), dtype=np.int8)
    return Samples(np.arange(replicates, dtype=np.int32), heights_cm, unlabelled, GROUPS)


def spec_of(
    estimator: Estimator,
    replicates: int,
    sizes: tuple[int, ...],
    shares: tuple[float, ...] | None = None,
) -> FitSpec:
    """The spec of a block of unlabelled samples."""
    given = estimator, GROUPS, shares, None
    return FitSpec(*given, "random", sizes, 0, replicates - 1, "0" * 32, 0)


def fit(entrant: Ours, heights_cm: Floats) -> tuple[float, Outcome]:
    """Seconds a fit of a batch, shape (r, n), and the fits; compile before by a call."""
    replicates, size = heights_cm.shape
    numbers, samples = uniforms(entrant.estimator, replicates), samples_of(heights_cm)
    spec = spec_of(entrant.estimator, replicates, (size,))
    begin_at = starts_of(spec, numbers)
    seconds, (outcome, _) = timed(lambda: fit_unlabelled(spec, samples, begin_at))
    return seconds / replicates, outcome
