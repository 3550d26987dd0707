"""The search for the highest maximum from several starts, of all people or of the likeliest ones.

EM goes to the same maximum by its own steps. Stopped where popular programs stop, or with hard
labels, it answers what people get who use them, and does not end at a maximum of the likelihood.

A trimmed fit [1]_ leaves out the least likely people, whoever they are at the
moment: each concentration step chooses them anew and goes on with the others, so that the trimmed
log-likelihood never falls. Its SDs come out too small, since the tails of the groups are cut too,
and it has no standard errors.

References
----------
.. [1] Neykov, Filzmoser, Dimova & Neytchev (2007), Robust fitting of mixtures using the trimmed
   likelihood estimator, Comput. Statist. Data Anal. 52; Rousseeuw & Van Driessen (1999).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import floor
from typing import cast

import numpy as np

from stature.arrays import Floats
from stature.domain.model import theta_at
from stature.estimators.estimator import Status, Stop
from stature.estimators.general.objective import (
    Objective,
    coordinates_of,
    within_ratio,
)
from stature.kernels.newton import SINGULAR, constrained_variances, directions, to_release
from stature.kernels.prior import MEAN, POWER, RATIO, SCALE, SHARES, draw_together
from stature.theory.likelihood import Likelihood, Rows, summed
from stature.theory.newton import End, Rules
from stature.theory.newton import maximise as maximise_target

MOST_STEPS = 200  # Newton has arrived in twenty, or follows a ridge that has no end
SAME_MAXIMUM = 1e-6  # of the log-likelihood: results that are closer are one maximum
KNOWN_AGREES = 1e-9
MOST_ROUNDS = 100
ACTIVE = 1e-9  # a constraint that a log-ratio of SDs is nearer to holds with equality
MOST_TRIES = 3  # starts from which EM seeks the maximum that Newton found
STEPS_BETWEEN_CERTIFICATES = 16  # of EM, which moves slowly
INTEGER = 1e-9  # rounding of a number of people


@dataclass(frozen=True, slots=True)
class Result:
    """Where the iterations from one start ended, or the best of such results."""

    u: Floats  # (3 K - 1,)
    status: Status  # converged: a certified maximum inside the parameter space
    at: Likelihood  # the objective there
    decrement: float
    passes: int  # evaluations of the likelihood; of all starts in the result of a search
    steps: int  # accepted steps
    free: Floats  # (3 K - 1, q): the model's directions along the constraints that are active
    starts: int = 0  # of a search: starts that were followed to an end, and those that agree
    agreeing: int = 0


def maximise(
    u: Floats, objective: Objective, early: int, step_limit: int, tolerance: float
) -> Result:
    """Newton's iterations from a start; the first `early` ones go as EM would."""
    return _in_full(_ends(u[None], objective, early, step_limit, tolerance)[0], objective)


def _ends(
    starts: Floats, objective: Objective, early: int, step_limit: int, tolerance: float
) -> list[End]:
    """Newton's iterations from the coordinates of all starts."""
    rules = Rules(early, min(step_limit, MOST_STEPS), tolerance)
    u = within_ratio(starts, objective.estimator.sd_ratio)
    return maximise_target(u, objective.target, rules)


def _follow(starts: Floats, objective: Objective) -> list[End]:
    """Where starts lead."""
    estimator = objective.estimator
    return _ends(starts, objective, 0, estimator.step_limit, estimator.tolerance)


def _in_full(end: End, objective: Objective) -> Result:
    """An end with all that the likelihood says there."""
    free = directions(objective.target, end.active)
    at, status = objective.evaluate(end.u), Status(end.status)
    return Result(end.u, status, at, end.decrement, end.passes, end.steps, free)


def search(objective: Objective, starts: Floats) -> Result:
    """The highest maximum inside the parameter space that gives what is known to its own group.

    Where there is none, the status says how the iterations ended.
    """
    estimator, begin = objective.estimator, coordinates_of(starts, objective)
    early = estimator.screening_steps
    if estimator.trimmed:
        screened = [_screen_trimmed(u, objective) for u in begin]
    else:
        screened = _ends(begin, objective, early, early, 0.0)
    alive = [one for one in screened if np.isfinite(one.value)]
    best = sorted(alive, key=lambda one: -one.value)[: estimator.kept_starts]
    if estimator.trimmed:
        results = [_follow_trimmed(one.u, objective) for one in best]
    else:
        results = _follow(np.array([one.u for one in best]), objective) if best else []
    passes = sum(one.passes for one in (*screened, *results))
    if not results:
        return replace(_in_full(screened[0], objective), status=Status.NONFINITE, passes=passes)
    named = objective.is_labelled

    def chosen(one: End) -> Result:
        result = _in_full(one, trimmed_at(one.u, objective) if estimator.trimmed else objective)
        return replace(result if named else in_order(result), passes=passes, starts=len(results))

    maxima = [one for one in results if one.status == Status.CONVERGED]
    right = [one for one in maxima if named or _keeps_what_is_known(one.u, objective)]
    if right:
        winner = max(right, key=lambda one: one.value)
        same = sum(winner.value - one.value < SAME_MAXIMUM for one in right)
        return replace(chosen(winner), agreeing=same)
    if maxima:
        return replace(chosen(maxima[0]), status=Status.SWAPPED)
    order = [Status.STEP_LIMIT, Status.NO_MAXIMUM, Status.DEGENERATE, Status.NONFINITE]
    return chosen(min(results, key=lambda one: order.index(Status(one.status))))


def follow_from(start: Floats, objective: Objective) -> Result:
    """Where one start leads; converged if what is known is still that of its own group."""
    early = objective.estimator.screening_steps
    (screened,) = _ends(coordinates_of(start, objective)[None], objective, early, early, 0.0)
    if not np.isfinite(screened.value):
        return replace(_in_full(screened, objective), status=Status.NONFINITE)
    result = _in_full(_follow(screened.u[None], objective)[0], objective)
    if objective.is_labelled or result.status != Status.CONVERGED:
        return result
    result = in_order(result)
    kept = _keeps_what_is_known(result.u, objective)
    return result if kept else replace(result, status=Status.SWAPPED)


def in_order(result: Result) -> Result:
    """The same result with its groups in the order of their means."""
    groups = (len(result.u) + 1) // 3
    order = np.argsort(result.u[groups - 1 : 2 * groups - 1], kind="stable")
    if (order == np.arange(groups)).all():
        return result
    # eta of the new order is eta_k - eta_last: linear in the old coordinates.
    turn = np.zeros((len(result.u), len(result.u)))
    for new, old in enumerate(order):
        if new < groups - 1:
            for group, sign in ((old, 1.0), (order[-1], -1.0)):
                if group < groups - 1:
                    turn[new, group] += sign
        turn[groups - 1 + new, groups - 1 + old] = 1.0
        turn[2 * groups - 1 + new, 2 * groups - 1 + old] = 1.0
    back = np.linalg.inv(turn)
    at = result.at
    turned = replace(
        at,
        score=back.T @ at.score,
        information=back.T @ at.information @ back,
        completed=back.T @ at.completed @ back,
        outer=back.T @ at.outer @ back,
        posterior=at.posterior[:, order],
        scores=at.scores @ back,
    )
    return replace(result, u=turn @ result.u, at=turned, free=turn @ result.free)


def _keeps_what_is_known(u: Floats, objective: Objective) -> bool:
    """Whether known numbers are still those of their groups, after these were put in order."""
    model = objective.estimator.model
    if model.shares != "known" and model.sds in ("free", "equal"):
        return True
    theta = theta_at(u).reshape(3, -1)
    theta = theta[:, np.argsort(theta[1], kind="stable")].ravel()
    expected = theta_at(coordinates_of(theta, objective))
    return bool(np.allclose(theta, expected, rtol=0.0, atol=KNOWN_AGREES))


def kept_rows(u: Floats, rows: Rows, share: float) -> Rows:
    """Rows without the least likely people, who are a share of all."""
    people = float(rows.weight.sum())
    keep = people - floor(share * people + INTEGER)
    order = np.argsort(-summed(u, rows).values, kind="stable")
    before = np.cumsum(rows.weight[order]) - rows.weight[order]
    weight = np.empty_like(rows.weight)
    weight[order] = np.clip(keep - before, 0.0, rows.weight[order])
    return replace(rows, weight=weight, square=weight).where(weight > 0.0)


def trimmed_at(u: Floats, objective: Objective) -> Objective:
    """The same objective for the people who are likeliest at some coordinates."""
    return replace(objective, rows=kept_rows(u, objective.rows, objective.estimator.trimmed))


def _screen_trimmed(u: Floats, objective: Objective) -> End:
    """The first concentration steps from a start."""
    (end,), passes = _ends(u[None], trimmed_at(u, objective), 1, 1, 0.0), 0
    for _ in range(objective.estimator.screening_steps):
        passes += end.passes
        (end,) = _ends(end.u[None], trimmed_at(end.u, objective), 1, 1, 0.0)
    return end._replace(passes=passes)


def _follow_trimmed(u: Floats, objective: Objective) -> End:
    """Maximise and trim in turn until the same people are kept."""
    kept = trimmed_at(u, objective)
    (end,) = _follow(u[None], kept)
    passes, steps = end.passes, end.steps
    for _ in range(MOST_ROUNDS):
        before, kept = kept.rows, trimmed_at(end.u, objective)
        same = np.array_equal(kept.rows.lower, before.lower)
        same = same and np.array_equal(kept.rows.weight, before.weight)
        if end.status != Status.CONVERGED or same:
            return end._replace(passes=passes, steps=steps)
        (end,) = _follow(end.u[None], kept)
        passes, steps = passes + end.passes, steps + end.steps
    return end._replace(status=Status.STEP_LIMIT, passes=passes, steps=steps)


def _ended(u: Floats, objective: Objective, status: Status, value: float, steps: int) -> End:
    """The end of a path of EM, and the value by which paths are compared."""
    nothing = np.zeros(len(objective.target.normals), dtype=np.bool_)
    return End(u, value, np.nan, nothing, status, steps + 1, steps)


def m_step(posterior: Floats, u: Floats, objective: Objective) -> Floats:
    """Coordinates of the mixture that fits best if people belong to groups in part, (3 k - 1,).

    An M-step [1]_; variances are taken about the new means.

    References
    ----------
    .. [1] Dempster, Laird & Rubin (1977), JRSS-B 39; with the penalty on SDs Chen, Tan &
       Zhang (2008), and within a ratio of SDs Hathaway (1985).
    """
    model, rows = objective.estimator.model, objective.rows
    shares, _, sds = np.split(theta_at(u), 3)
    x, prior = rows.lower, objective.prior
    masses = posterior * rows.weight[:, None]
    people = masses.sum(axis=0)
    # Nobody in a group leaves it without a mean, which the caller sees.
    with np.errstate(divide="ignore", invalid="ignore"):
        means = masses.T @ x / (people + prior[MEAN])
        squares = (masses * (x[:, None] - means) ** 2).sum(axis=0) + prior[MEAN] * means**2
        spread = people + prior[POWER], squares + prior[SCALE]
        if model.shares == "free":
            informing = masses[rows.informs].sum(axis=0)
            shares = informing + prior[SHARES]
            shares = shares / shares.sum()
        if model.sds == "free":
            sds = np.sqrt(spread[1] / spread[0])
            ratio = objective.estimator.sd_ratio
            if ratio and np.isfinite(sds).all():
                sds = np.sqrt(constrained_variances(*spread, ratio))
            if prior[RATIO] and np.isfinite(sds).all():
                draw_together(spread[0], prior[RATIO], sds)
        elif model.sds == "equal":
            sds = np.full(len(people), np.sqrt(spread[1].sum() / spread[0].sum()))
        elif model.sds == "ratio":
            sds = sds * np.sqrt((spread[1] / sds**2).sum() / spread[0].sum())
        eta = np.log(shares[:-1] / shares[-1])
        return np.concatenate([eta, means, np.log(sds)])


_Rested = Callable[[Floats, Likelihood, float, int], bool]
"""Whether EM stops: at coordinates, the objective there, its value before, the steps so far."""


def iterate_em(objective: Objective, starts: Floats, offset: float) -> Result:
    """EM or hard EM from all starts: the best end, by the likelihood or by that of hard labels.

    Converged if its own rule is satisfied; the decrement says how far the maximum is.
    """
    estimator = objective.estimator
    if estimator.method == "hard-em":
        paths = [_hard_path(u, objective) for u in _begin(objective, starts)]
    else:
        best = _screened_em(objective, starts)[0]
        limit = max(estimator.step_limit - best.steps, 0)
        rest = _em_path(best.u, objective, limit, _by_gain(objective, offset))
        paths = [rest._replace(steps=rest.steps + best.steps, passes=rest.passes + best.steps)]
    done = [path for path in paths if path.status == Status.CONVERGED]
    chosen = max(done or paths, key=lambda path: path.value)
    result = replace(
        _in_full(chosen, objective),
        passes=sum(path.passes for path in paths),
        starts=len(paths),
        agreeing=sum(chosen.value - path.value < SAME_MAXIMUM for path in done),
    )
    if chosen.status != Status.DEGENERATE:
        result = replace(result, decrement=_decrement_along(result.free, result.at))
    return result if objective.is_labelled else in_order(result)


def em_to_maximum(objective: Objective, starts: Floats) -> Result:
    """The highest maximum, reached by EM from a start that leads there.

    Newton tells which maximum and which start, and takes the last step; where EM goes elsewhere
    from a few such starts, it begins at the maximum.
    """
    limit, tries, steps = objective.estimator.step_limit, 0, 0
    newtons = replace(objective, estimator=replace(objective.estimator, step_limit=MOST_STEPS))
    end = found = search(newtons, starts)
    if found.status != Status.CONVERGED:
        return found
    passes = found.passes
    last = _ended(found.u, objective, Status.STEP_LIMIT, np.nan, 0)
    for begin in [*_screened_em(objective, starts), last]:
        is_last = begin is last
        if not is_last:
            if tries == MOST_TRIES:
                continue
            ahead = _in_full(_follow(begin.u[None], newtons)[0], newtons)
            passes += begin.passes + ahead.passes
            if not _is_same(ahead, found):
                continue
        tries += 1
        path = _em_path(begin.u, objective, max(limit - begin.steps, 0), _by_certificate(objective))
        end = _in_full(_follow(path.u[None], newtons)[0], newtons)
        steps = begin.steps + path.steps
        passes += path.passes + end.passes
        if path.status == Status.STEP_LIMIT and not is_last:
            at = objective.evaluate(path.u)
            away = decrement(path.u, at, objective)
            end = replace(end, u=path.u, at=at, decrement=away, status=path.status)
            break
        if _is_same(end, found):
            break
    end = end if objective.is_labelled else in_order(end)
    return replace(end, passes=passes, steps=steps, starts=found.starts, agreeing=found.agreeing)


def _is_same(one: Result, other: Result) -> bool:
    """Whether two results are one maximum."""
    height = abs(one.at.value - other.at.value)
    return one.status == other.status and height < SAME_MAXIMUM


def _begin(objective: Objective, starts: Floats) -> list[Floats]:
    """Coordinates of all starts, within the constraints."""
    return [*within_ratio(coordinates_of(starts, objective), objective.estimator.sd_ratio)]


def _screened_em(objective: Objective, starts: Floats) -> list[End]:
    """Starts after a few steps of EM, the best first; those that ended only if all did."""
    steps = objective.estimator.screening_steps
    paths = [_em_path(u, objective, steps, _never) for u in _begin(objective, starts)]
    alive = [path for path in paths if path.status == Status.STEP_LIMIT]
    return sorted(alive or paths, key=lambda path: -path.value)


def _em_path(u: Floats, objective: Objective, limit: int, rested: _Rested) -> End:
    """Steps of EM until its rule is satisfied, or so many."""
    at, before = objective.evaluate(u), -np.inf
    for steps in range(limit):
        if rested(u, at, before, steps):
            return _ended(u, objective, Status.CONVERGED, at.value, steps)
        after = m_step(at.posterior, u, objective)
        if not np.isfinite(after).all() or objective.is_degenerate(after):
            return _ended(u, objective, Status.DEGENERATE, at.value, steps)
        u, before, at = after, at.value, objective.evaluate(after)
    status = Status.CONVERGED if rested(u, at, before, limit) else Status.STEP_LIMIT
    return _ended(u, objective, status, at.value, limit)


def _never(*_: object) -> bool:
    """The rule of steps that are counted and nothing else."""
    return False


def _by_gain(objective: Objective, offset: float) -> _Rested:
    """The rule of a popular program: a small rise of the log-likelihood."""
    stop = cast(Stop, objective.estimator.stop)

    def rested(_: Floats, at: Likelihood, before: float, __: int) -> bool:
        rise = (at.value + offset) - (before + offset)
        if stop.gain == "mean":
            rise /= float(objective.rows.weight.sum())
        elif stop.gain == "relative":
            rise /= abs(at.value + offset)
        return rise < stop.below

    return rested


def _by_certificate(objective: Objective) -> _Rested:
    """The rule of a maximum: a small squared Newton decrement, looked at now and then."""
    tolerance = objective.estimator.tolerance

    def rested(u: Floats, at: Likelihood, _: float, steps: int) -> bool:
        return steps % STEPS_BETWEEN_CERTIFICATES == 0 and decrement(u, at, objective) < tolerance

    return rested


def decrement(u: Floats, at: Likelihood, objective: Objective) -> float:
    """Squared Newton decrement within the constraints; infinite where one of them lets go."""
    target = objective.target
    active = target.normals @ u - target.bound < ACTIVE
    if to_release(target, at.score, active) >= 0:
        return np.inf
    return _decrement_along(directions(target, active), at)


def _decrement_along(free: Floats, at: Likelihood) -> float:
    """Squared Newton decrement; infinite where the information is not positive definite."""
    e, q = np.linalg.eigh(free.T @ at.information @ free)
    if not e.min() > SINGULAR * e.max():
        return np.inf
    return float(np.sum((q.T @ (free.T @ at.score)) ** 2 / e))


def _hard_path(u: Floats, objective: Objective) -> End:
    """Everybody goes to their likeliest group, until nobody moves."""
    group, value = None, -np.inf
    limit = objective.estimator.step_limit
    for steps in range(limit):
        posterior = objective.evaluate(u).posterior
        nearest = posterior.argmax(axis=1)
        if group is not None and (nearest == group).all():
            return _ended(u, objective, Status.CONVERGED, value, steps)
        group = nearest
        after = m_step(np.eye(posterior.shape[1])[group], u, objective)
        if not np.isfinite(after).all() or objective.is_degenerate(after):
            return _ended(u, objective, Status.DEGENERATE, value, steps)
        u = after
        value = replace(objective, rows=replace(objective.rows, group=group)).evaluate(u).value
    return _ended(u, objective, Status.STEP_LIMIT, value, limit)
