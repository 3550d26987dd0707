import numpy as np

from stature.estimators.estimator import Status
from tests.estimators.laws import fit, samples


def test_near_ties_and_suspect_fits_are_flagged_and_kept():
    # Two groups a tenth of an SD apart: some fits pile up, some fix on a handful of people.
    fits = fit("em", samples(60, 60, gap_cm=0.5))
    assert fits.near_tie.any()
    assert fits.suspect.any()
    shares, means, sds = (fits.estimate[..., [i, i + 3]] for i in range(3))
    pooled = np.sqrt((shares * sds**2).sum(axis=-1))
    assert (fits.near_tie == (means[..., 1] - means[..., 0] < 0.5 * pooled)).all()
    few = 60 * shares.min(axis=-1) < 5
    unlike = sds.min(axis=-1) < 0.2 * sds.max(axis=-1)
    assert (fits.suspect == (few | unlike)).all()


def test_groups_far_apart_are_neither():
    fits = fit("em", samples(10, 400, gap_cm=40.0))
    assert (fits.status == Status.CONVERGED).all()
    assert not fits.near_tie.any()
    assert not fits.suspect.any()
