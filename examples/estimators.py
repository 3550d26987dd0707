"""Estimators of one's own: heights in cm, labels or None, what is known, and a generator."""

import numpy as np
from sklearn.mixture import GaussianMixture


def median_split(heights, labels, known, rng):
    """Half of the people are of the shorter group: those who are shorter than the others."""
    halves = np.array_split(np.sort(heights), 2)
    return [0.5, 0.5], [half.mean() for half in halves], [half.std() for half in halves]


def sklearn_default(heights, labels, known, rng, **settings):
    """GaussianMixture as it comes."""
    model = GaussianMixture(len(known.group_names), **settings).fit(heights[:, None])
    return model.weights_, model.means_[:, 0], np.sqrt(model.covariances_[:, 0, 0])


def sklearn_maximum(heights, labels, known, rng):
    """GaussianMixture that goes on to the maximum."""
    return sklearn_default(heights, labels, known, rng, tol=1e-10, max_iter=100_000)


def sklearn_block(heights, labels, known, rngs):
    """GaussianMixture as it comes, for all samples of a size at once (`batched: true`)."""
    fits = [
        sklearn_default(sample, None, known, rng, random_state=int(rng.integers(2**31)))
        for sample, rng in zip(heights, rngs, strict=True)
    ]
    return tuple(np.stack(values) for values in zip(*fits, strict=True))
