"""Theory beside the measures: limits and bounds of one model, laid out like its errors."""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Int32s
from stature.domain.model import parameter_rows
from stature.estimators.estimator import Estimator
from stature.theory.bounds import Bounds, moments_name


class TheoryCells(NamedTuple):
    """Theory of one model at S sizes for Q parameters; NaN where there is none."""

    limit: Floats  # shape (S, Q): as in `Bounds`
    bound: Floats
    limit_se: Floats
    small_sample_bias: Floats
    # shape (S,): factor by which an EM step shrinks the error near the limit
    em_rate: Floats
    # shape (S,): probability that a sample has another maximum above the one near the limit
    rival_chance: Floats


def theory_name(estimator: Estimator) -> str:
    """Name of the theory of an estimator, in the column `model` of the bounds.

    The slug of its model, marked if it is fitted by moments.
    """
    return moments_name(estimator.model) if estimator.method == "moments" else estimator.model.slug


def ends_at_its_limit(estimator: Estimator) -> bool:
    """Whether the limit that was derived is that of an estimator.

    False for hard EM, and for EM that stops early: where they end depends on the start; and for who
    leaves out the least likely people, since nothing is derived of that.
    """
    early = estimator.stop is not None or estimator.trimmed
    return estimator.method != "hard-em" and not early


def theory_cells(
    bounds: Bounds, model: str, sizes: Int32s, group_names: tuple[str, ...]
) -> TheoryCells:
    """Theory of one model, by size and parameter.

    The theory; NaN for a model or a size that the bounds do not hold.
    """
    place = {
        key: row
        for row, key in enumerate(
            zip(bounds.model, bounds.size.tolist(), bounds.group, bounds.parameter, strict=True)
        )
    }
    rows = parameter_rows(group_names)
    # The last place of a padded column stands for what the bounds do not hold.
    index = np.array(
        [[place.get((model, size, *row), -1) for row in rows] for size in sizes.tolist()],
        dtype=np.int64,
    ).reshape(len(sizes), len(rows))

    def laid_out(column: Floats) -> Floats:
        return np.append(column, np.nan)[index]

    return TheoryCells(
        limit=laid_out(bounds.limit),
        bound=laid_out(bounds.bound),
        limit_se=laid_out(bounds.limit_se),
        small_sample_bias=laid_out(bounds.small_sample_bias),
        em_rate=laid_out(bounds.em_rate)[:, 0],
        rival_chance=laid_out(bounds.rival_chance)[:, 0],
    )
