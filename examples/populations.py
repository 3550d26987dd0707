"""Populations and a bias of one's own; the groups of `populations.yaml` state their truth."""

import numpy as np


def skewed(rng, people):
    """Two groups, each with a long tail to the right: gamma with 4 degrees of freedom."""
    tall = rng.random(people) < 0.5
    z = (rng.gamma(4.0, size=people) - 4.0) / 2.0  # mean 0, SD 1, skewness 1
    return np.where(tall, 176.0 + 7.0 * z, 163.0 + 6.5 * z), np.where(tall, "boys", "girls")


def heavy_tailed(rng, people):
    """Student's t with 5 degrees of freedom, whose SD is the root of 5/3."""
    tall = rng.random(people) < 0.5
    z = rng.standard_t(5, people) / np.sqrt(5 / 3)
    return np.where(tall, 176.0 + 7.0 * z, 163.0 + 6.5 * z), np.where(tall, "boys", "girls")


def generations(rng, people):
    """Grandmother, mother, daughter, family by family: each takes half after the one before."""
    z = rng.standard_normal((people // 3, 3))
    for before in (0, 1):
        z[:, before + 1] = 0.5 * z[:, before] + np.sqrt(0.75) * z[:, before + 1]
    names = np.tile(["grandmothers", "mothers", "daughters"], people // 3)
    return (np.array([154.0, 159.0, 163.0]) + 6.0 * z).ravel(), names


def looked_tall(heights, groups, rng):
    """Who was measured as 170 cm or more, with an error, is measured again: regression."""
    first, again = (heights + 3.0 * rng.standard_normal(len(heights)) for _ in range(2))
    return first >= 170.0, again
