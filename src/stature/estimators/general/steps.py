"""Methods that go by steps of EM: stopped where popular programs stop, or with whole people.

Both answer what people get who use them; neither is a maximum of the likelihood.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from stature.arrays import Floats
from stature.domain.model import Model
from stature.estimators.estimator import Estimator, Status, Stop
from stature.estimators.general.climb import End, Goal, decrement_at, evaluate, is_degenerate
from stature.estimators.general.search import Facts, Found, coordinates_of, in_order, theta_at
from stature.estimators.general.walls import brought_inside, variances_within
from stature.theory.likelihood import HIDDEN


class _Path(NamedTuple):
    """The end of one path, and the value by which paths are compared."""

    u: Floats
    status: Status
    value: float
    steps: int


def m_step(posterior: Floats, u: Floats, goal: Goal, model: Model) -> Floats:
    """The mixture of a model that fits people best who belong to groups in part, shape (3 k - 1,).

    Coordinates of the mixture after [1]_; variances are taken about the new means.

    References
    ----------
    .. [1] Dempster, Laird & Rubin (1977), JRSS-B 39; with the penalty Chen, Tan & Zhang (2008),
       and within a ratio of SDs Hathaway (1985).
    """
    shares, _, sds = np.split(theta_at(u), 3)
    x, weight = goal.rows.lower, goal.rows.weight
    masses = posterior * weight[:, None]
    people = masses.sum(axis=0)
    # Nobody in a group leaves it without a mean, which the caller sees.
    with np.errstate(divide="ignore", invalid="ignore"):
        means = masses.T @ x / people
        squares = (masses * (x[:, None] - means) ** 2).sum(axis=0)
        extra = 2.0 * goal.penalty
        if model.shares == "free":
            informing = masses[goal.rows.informs].sum(axis=0)
            shares = informing + goal.share_penalty
            shares = shares / shares.sum()
        if model.sds == "free":
            spread = people + extra, squares + extra
            sds = np.sqrt(spread[1] / spread[0])
            if goal.sd_ratio and np.isfinite(sds).all():
                sds = np.sqrt(variances_within(*spread, goal.sd_ratio))
        elif model.sds == "equal":
            groups = len(people)
            variance = (squares.sum() + groups * extra) / (people.sum() + groups * extra)
            sds = np.full(groups, np.sqrt(variance))
        eta = np.log(shares[:-1] / shares[-1])
        return np.concatenate([eta, means, np.log(sds)])


def walk(goal: Goal, begun: Floats, facts: Facts, estimator: Estimator, offset: float) -> Found:
    """Walk from all starts, and keep the best end.

    The end of the best path, by likelihood, or for hard EM by that of the people in their groups.
    It is called converged if its own rule is satisfied; its decrement tells how far from the
    maximum it is.
    """
    starts = [brought_inside(coordinates_of(one, facts), goal.sd_ratio) for one in begun]
    if estimator.method == "hard-em":
        paths = [_hard_path(u, goal, facts.model, estimator.step_limit) for u in starts]
    else:
        steps = estimator.screening_steps
        scouts = [_em_path(u, goal, facts.model, None, steps, offset) for u in starts]
        alive = [path for path in scouts if path.status == Status.STEP_LIMIT]
        best = max(alive or scouts, key=lambda path: path.value)
        limit = max(estimator.step_limit - best.steps, 0)
        rest = _em_path(best.u, goal, facts.model, estimator.stop, limit, offset)
        paths = [rest._replace(steps=rest.steps + best.steps)]
    passes = sum(path.steps + 1 for path in paths)
    done = [path for path in paths if path.status == Status.CONVERGED]
    chosen = max(done or paths, key=lambda path: path.value)
    at = evaluate(chosen.u, goal)
    decrement = decrement_at(at, goal.free) if chosen.status != Status.DEGENERATE else np.nan
    end = End(chosen.u, chosen.status, at, decrement, passes, chosen.steps)
    if not (goal.rows.group != HIDDEN).any():
        end = in_order(end)
    agreeing = sum(chosen.value - path.value < 1e-6 for path in done)
    return Found(end, end.status, passes, len(paths), agreeing)


def _em_path(
    u: Floats, goal: Goal, model: Model, stop: Stop | None, limit: int, offset: float
) -> _Path:
    """Steps of EM until its rule is satisfied, or so many."""
    at = evaluate(u, goal)
    for steps in range(limit):
        after = m_step(at.posterior, u, goal, model)
        if not np.isfinite(after).all() or is_degenerate(after, goal):
            return _Path(u, Status.DEGENERATE, at.value, steps)
        later = evaluate(after, goal)
        u, before, at = after, at.value, later
        if (
            stop is not None
            and _gain(stop, before + offset, later.value + offset, goal) < stop.below
        ):
            return _Path(u, Status.CONVERGED, at.value, steps + 1)
    return _Path(u, Status.STEP_LIMIT, at.value, limit)


def _gain(stop: Stop, before: float, after: float, goal: Goal) -> float:
    """The rise of the log-likelihood as a rule counts it."""
    rise = after - before
    if stop.gain == "mean":
        return rise / float(goal.rows.weight.sum())
    return rise / abs(after) if stop.gain == "relative" else rise


def _hard_path(u: Floats, goal: Goal, model: Model, limit: int) -> _Path:
    """Everybody goes to their likeliest group, until nobody moves."""
    group, value = None, -np.inf
    for steps in range(limit):
        at = evaluate(u, goal)
        nearest = at.posterior.argmax(axis=1)
        if group is not None and (nearest == group).all():
            return _Path(u, Status.CONVERGED, value, steps)
        group = nearest
        after = m_step(np.eye(at.posterior.shape[1])[group], u, goal, model)
        if not np.isfinite(after).all() or is_degenerate(after, goal):
            return _Path(u, Status.DEGENERATE, value, steps)
        u = after
        named = replace(goal, rows=replace(goal.rows, group=group))
        value = evaluate(u, named).value
    return _Path(u, Status.STEP_LIMIT, value, limit)
