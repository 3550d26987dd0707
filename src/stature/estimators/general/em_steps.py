"""Methods that go by steps of EM: stopped where popular programs stop, or with hard labels.

Both answer what people get who use them; neither is a maximum of the likelihood.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from stature.arrays import Floats
from stature.estimators.estimator import Status, Stop
from stature.estimators.general.objective import (
    Objective,
    constrained_variances,
    coordinates_of,
    theta_at,
    within_ratio,
)
from stature.estimators.general.optimise import SAME_MAXIMUM, Result, in_order
from stature.theory.newton import decrement_at


class _Path(NamedTuple):
    """The end of one path, and the value by which paths are compared."""

    u: Floats
    status: Status
    value: float
    steps: int


def m_step(posterior: Floats, u: Floats, objective: Objective) -> Floats:
    """Coordinates of the mixture that fits best if people belong to groups in part, (3 k - 1,).

    An M-step [1]_; variances are taken about the new means.

    References
    ----------
    .. [1] Dempster, Laird & Rubin (1977), JRSS-B 39; with the penalty Chen, Tan & Zhang (2008),
       and within a ratio of SDs Hathaway (1985).
    """
    model, rows = objective.estimator.model, objective.rows
    shares, _, sds = np.split(theta_at(u), 3)
    x = rows.lower
    masses = posterior * rows.weight[:, None]
    people = masses.sum(axis=0)
    # Nobody in a group leaves it without a mean, which the caller sees.
    with np.errstate(divide="ignore", invalid="ignore"):
        means = masses.T @ x / people
        squares = (masses * (x[:, None] - means) ** 2).sum(axis=0)
        extra = 2.0 * objective.penalty
        if model.shares == "free":
            informing = masses[rows.informs].sum(axis=0)
            shares = informing + objective.estimator.share_penalty
            shares = shares / shares.sum()
        if model.sds == "free":
            spread = people + extra, squares + extra
            sds = np.sqrt(spread[1] / spread[0])
            ratio = objective.estimator.sd_ratio
            if ratio and np.isfinite(sds).all():
                sds = np.sqrt(constrained_variances(*spread, ratio))
        elif model.sds == "equal":
            groups = len(people)
            variance = (squares.sum() + groups * extra) / (people.sum() + groups * extra)
            sds = np.full(groups, np.sqrt(variance))
        eta = np.log(shares[:-1] / shares[-1])
        return np.concatenate([eta, means, np.log(sds)])


def iterate_em(objective: Objective, starts: Floats, offset: float) -> Result:
    """EM or hard EM from all starts: the best end, by the likelihood or by that of hard labels.

    Converged if its own rule is satisfied; the decrement says how far the maximum is.
    """
    estimator = objective.estimator
    begin = [within_ratio(coordinates_of(one, objective), estimator.sd_ratio) for one in starts]
    if estimator.method == "hard-em":
        paths = [_hard_path(u, objective) for u in begin]
    else:
        steps = estimator.screening_steps
        screened = [_em_path(u, objective, None, steps, offset) for u in begin]
        alive = [path for path in screened if path.status == Status.STEP_LIMIT]
        best = max(alive or screened, key=lambda path: path.value)
        limit = max(estimator.step_limit - best.steps, 0)
        rest = _em_path(best.u, objective, estimator.stop, limit, offset)
        paths = [rest._replace(steps=rest.steps + best.steps)]
    done = [path for path in paths if path.status == Status.CONVERGED]
    chosen = max(done or paths, key=lambda path: path.value)
    at, free = objective.evaluate(chosen.u), objective.free
    result = Result(
        chosen.u,
        chosen.status,
        at,
        decrement_at(at, free) if chosen.status != Status.DEGENERATE else np.nan,
        sum(path.steps + 1 for path in paths),
        chosen.steps,
        free,
        len(paths),
        sum(chosen.value - path.value < SAME_MAXIMUM for path in done),
    )
    return result if objective.is_labelled else in_order(result)


def _em_path(
    u: Floats, objective: Objective, stop: Stop | None, limit: int, offset: float
) -> _Path:
    """Steps of EM until its rule is satisfied, or so many."""
    at = objective.evaluate(u)
    for steps in range(limit):
        after = m_step(at.posterior, u, objective)
        if not np.isfinite(after).all() or objective.is_degenerate(after):
            return _Path(u, Status.DEGENERATE, at.value, steps)
        u, before, at = after, at.value, objective.evaluate(after)
        if stop is None:
            continue
        rise = (at.value + offset) - (before + offset)
        if stop.gain == "mean":
            rise /= float(objective.rows.weight.sum())
        elif stop.gain == "relative":
            rise /= abs(at.value + offset)
        if rise < stop.below:
            return _Path(u, Status.CONVERGED, at.value, steps + 1)
    return _Path(u, Status.STEP_LIMIT, at.value, limit)


def _hard_path(u: Floats, objective: Objective) -> _Path:
    """Everybody goes to their likeliest group, until nobody moves."""
    group, value = None, -np.inf
    limit = objective.estimator.step_limit
    for steps in range(limit):
        posterior = objective.evaluate(u).posterior
        nearest = posterior.argmax(axis=1)
        if group is not None and (nearest == group).all():
            return _Path(u, Status.CONVERGED, value, steps)
        group = nearest
        after = m_step(np.eye(posterior.shape[1])[group], u, objective)
        if not np.isfinite(after).all() or objective.is_degenerate(after):
            return _Path(u, Status.DEGENERATE, value, steps)
        u = after
        value = replace(objective, rows=replace(objective.rows, group=group)).evaluate(u).value
    return _Path(u, Status.STEP_LIMIT, value, limit)
