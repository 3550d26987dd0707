"""The bootstrap likelihood-ratio test: so many hidden groups against one more [1]_.

Regularity fails between the two, so that the statistic has no chi-square distribution; here its
distribution is that of samples drawn from the fit of fewer groups. The values and every sample are
searched from equally many starts made in one way, so that a search that misses some maximum misses
it alike in both. For values as they stand, of normal groups with free or equal SDs.

References
----------
.. [1] McLachlan (1987), On bootstrapping the likelihood ratio test statistic for the number of
   components in a normal mixture, Applied Statistics 36:318.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import isnan, log, nan, pi, sqrt

import numpy as np

from stature.arrays import Floats
from stature.design.streams import Purpose, Streams
from stature.domain.mixture import Mixture
from stature.domain.model import Model
from stature.estimators.estimator import Estimator
from stature.estimators.fit import spec_of_one
from stature.estimators.plain.block import ground_of
from stature.estimators.plain.enough import is_counted, more_starts
from stature.estimators.plain.starts import fixed_starts

# Random starts beside the fixed ones. With equal SDs the fixed ones found the best maximum in 100
# of 100 samples of one normal and of two; with free ones a dozen maxima compete.
RANDOM_STARTS = {"equal": 4, "free": 32}
MOST_STEPS = 60  # a dozen are enough; what needs more is no maximum worth finding


@dataclass(frozen=True, slots=True)
class RatioTest:
    """A test of so many groups against one more."""

    groups: int  # if there are no more
    model: str  # its SDs: free or equal
    statistic: float  # twice the difference of the log-likelihoods
    p_value: float  # probability of one as large; NaN where it cannot be had
    mcse: float  # Monte-Carlo standard error of that
    resamples: int  # samples that it rests on, and those whose fit failed
    failed: int


@dataclass(frozen=True, slots=True)
class Null:
    """What is believed unless a test speaks against it: a fit, and how values are written."""

    mixture: Mixture
    model: Model
    step: float | None = None  # of the scale that values are read off; None: it is fine
    origin: float = 0.0  # a mark of that scale


def ratio_test(values: Floats, null: Null, key: str, count: int) -> RatioTest:
    """Test the groups of a fit against one more, with so many samples drawn from it.

    The p-value is ``(1 + #{LR* >= LR}) / (B + 1)`` [1]_.
    """
    workers = os.cpu_count() or 1

    def statistics(first: int) -> list[float]:
        streams = Streams(key)
        every = range(first, count + 1, workers)
        return [_resampled(streams.at(Purpose.BOOTSTRAP, b), len(values), null) for b in every]

    seen = _statistic(values, null, Streams(key).at(Purpose.BOOTSTRAP, 0))
    with ThreadPoolExecutor(workers) as pool:
        drawn = np.concatenate([*pool.map(statistics, range(1, workers + 1))])
    there = drawn[~np.isnan(drawn)]
    p, error, failed = nan, nan, int(np.isnan(drawn).sum())
    if len(there) and not isnan(seen):
        p = (1 + int((there >= seen).sum())) / (len(there) + 1)
        error = sqrt(p * (1.0 - p) / len(there))
    groups = len(null.mixture.shares)
    return RatioTest(groups, null.model.sds, seen, p, error, len(there), failed)


def _resampled(draw: np.random.Generator, size: int, null: Null) -> float:
    """The statistic of one sample drawn from a fit."""
    mixture = null.mixture
    group = np.searchsorted(np.cumsum(mixture.shares)[:-1], draw.random(size), side="right")
    values = mixture.means_cm[group] + mixture.sds_cm[group] * draw.standard_normal(size)
    if null.step is not None:
        # Samples are written on the scale of the values, whose marks hold as many ties.
        values = null.origin + null.step * np.rint((values - null.origin) / null.step)
    return _statistic(values, null, draw)


def _statistic(values: Floats, null: Null, draw: np.random.Generator) -> float:
    """Twice how much one more group raises the log-likelihood; NaN where the fewer have none."""
    mixture, model = null.mixture, null.model
    groups = len(mixture.shares)
    # Both in units of the sample; one normal has a maximum in closed form there.
    fewer = -0.5 * len(values) * (log(2.0 * pi) + 1.0)
    if groups > 1:
        fewer = _highest(values, groups, model, draw, mixture)
    more = _highest(values, groups + 1, model, draw)
    # Fewer groups are more groups of which one is empty: a search that ends lower has missed it.
    return max(2.0 * (more - fewer), 0.0) if np.isfinite(fewer) else nan


def _highest(
    values: Floats, groups: int, model: Model, draw: np.random.Generator, at: Mixture | None = None
) -> float:
    """The highest maximum that counts, in units of the sample; minus infinity where none does."""
    names = tuple(map(str, range(groups)))
    ground = ground_of(
        spec_of_one(Estimator("", model, "newton", step_limit=MOST_STEPS), names, "00"), values
    )
    if ground is None:
        return -np.inf
    uniforms = draw.random((RANDOM_STARTS[model.sds], 3 * groups + 3))
    starts = [*fixed_starts(None, groups).values()]
    starts += list(more_starts(ground, np.empty((0, 3 * groups)), uniforms))
    if at is not None:
        centre, scale = values.mean(), values.std()
        starts.append(
            np.concatenate([at.shares, (at.means_cm - centre) / scale, at.sds_cm / scale])
        )
    ends = ground.ends(np.array(starts))
    return float(ends.value[is_counted(ends, len(values))].max(initial=-np.inf))
