"""Hidden labels: from settings and heights to the arrays of a mixture fit."""

import numpy as np

from stature.arrays import Floats, Int32s
from stature.design.samples import Samples
from stature.domain.model import Model, free_coordinates
from stature.estimators.estimator import Estimator
from stature.estimators.plain.batch import SKETCH_FROM, Outcome, Told, empty_outcome, fit_batch
from stature.estimators.plain.climb import EM, NEWTON, SQUAREM, Settings
from stature.estimators.plain.problem import SDS_EQUAL, SDS_FREE, SDS_KNOWN
from stature.estimators.plain.sketched import fit_sketches, split_sizes
from stature.estimators.plain.starts import starts

SDS_RULES = {"free": SDS_FREE, "equal": SDS_EQUAL, "known": SDS_KNOWN}
METHODS = {"em": EM, "newton": NEWTON, "squarem": SQUAREM}


def told(model: Model, groups: int, known_sds_cm: tuple[float, ...] | None) -> Told:
    """What the compiled search is told of a model."""
    sds_cm = np.ones(groups) if known_sds_cm is None else np.array(known_sds_cm)
    free = np.ascontiguousarray(free_coordinates(model, groups))
    return Told(free, model.shares == "known", SDS_RULES[model.sds], sds_cm)


def settings(estimator: Estimator) -> Settings:
    """Settings of the compiled search."""
    return Settings(
        METHODS[estimator.method],
        estimator.screening_steps,
        estimator.kept_starts,
        estimator.step_limit,
        estimator.tolerance,
        SKETCH_FROM,
    )


def fit_hidden(
    estimator: Estimator,
    samples: Samples,
    sizes: Int32s,
    uniforms: Floats,
    known_shares: tuple[float, ...] | None,
    known_sds_cm: tuple[float, ...] | None,
    sketch_from: int = SKETCH_FROM,
) -> tuple[Outcome, Floats]:
    """Fit a mixture to every size of every replicate, shape (r, t, 3 k))."""
    groups = uniforms.shape[2] // 3
    shares = None if known_shares is None else np.array(known_shares)
    begun = starts(uniforms, shares, groups)
    outcome = empty_outcome(len(samples.replicates), len(sizes), groups)
    facts = told(estimator.model, groups, known_sds_cm)
    how = settings(estimator)._replace(sketch_from=sketch_from)
    kept, columns = split_sizes(samples, sizes)
    fit_batch(np.ascontiguousarray(samples.heights_cm), sizes[:kept], begun, facts, how, outcome)
    if samples.sketches is not None:
        fit_sketches(samples.sketches, columns, kept, begun, facts, how, outcome)
    return outcome, begun
