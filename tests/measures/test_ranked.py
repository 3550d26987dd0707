from dataclasses import replace

import numpy as np
import pytest

from stature.estimators.estimator import Fits, Status
from stature.measures.measure import MeasureSpec
from stature.measures.ranked import rank_intervals, shown_size


def test_the_shown_size_is_the_nearest_to_the_lesson():
    assert shown_size((20, 50, 100, 200, 500)) == 200
    assert shown_size((1000, 5000)) == 1000


def test_intervals_are_ranked_by_distance_in_standard_errors(
    spec: MeasureSpec, fits: dict[str, Fits]
) -> None:
    ranked = rank_intervals(spec, fits)
    assert [one.estimator for one in ranked] == [one.name for one in spec.estimators]
    size = shown_size(fits["em"].sizes.tolist())
    for one in ranked:
        at = fits[one.estimator].sizes.tolist().index(size)
        own = fits[one.estimator]
        off = np.abs(own.estimate[:, at, 1] - one.truth) / own.std_error[:, at, 1]
        assert (np.diff(off[np.argsort(one.centile)]) >= 0.0).all()
        # The middles of n equal parts of 0 to 100.
        n = len(off)
        np.testing.assert_allclose(np.sort(one.centile), 100.0 * (np.arange(n) + 0.5) / n)
        # These are intervals of ± 1.96: who misses is who is farthest off.
        missed = (one.lower > one.truth) | (one.truth > one.upper)
        assert (one.centile[missed].min() if missed.any() else 100.0) > one.centile[~missed].max()


def test_a_fit_that_failed_has_a_row_without_a_place(
    spec: MeasureSpec, fits: dict[str, Fits]
) -> None:
    status = fits["em"].status.copy()
    status[3] = Status.STEP_LIMIT
    before = {one.estimator: one for one in rank_intervals(spec, fits)}
    after = rank_intervals(spec, {**fits, "em": replace(fits["em"], status=status)})
    em = next(one for one in after if one.estimator == "em")
    assert np.flatnonzero(np.isnan(em.centile)).tolist() == [3]
    assert np.isnan(em.estimate[3])
    assert len(em.replicate) == len(before["em"].replicate)


def test_no_sizes_have_none_to_show() -> None:
    with pytest.raises(ValueError, match="empty"):
        shown_size(())
