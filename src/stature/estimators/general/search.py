"""The search for the highest maximum inside the parameter space, from several starts."""

from dataclasses import dataclass, replace

import numpy as np

from stature.arrays import Floats
from stature.domain.model import Model
from stature.estimators.estimator import Estimator, Status
from stature.estimators.general.climb import End, Goal, climb

SAME_MAXIMUM = 1e-6  # of the log-likelihood: two climbs that end closer have found one maximum
KNOWN_AGREES = 1e-9


@dataclass(frozen=True, slots=True)
class Facts:
    """What a search is told of its model, in standard units."""

    model: Model  # which parameters are free
    shares: Floats | None  # shape (k,): what is known
    sds: Floats | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found."""

    # the end of the winning climb, its groups in the order of their means where that is theirs
    end: End
    status: Status  # how the fit ended
    passes: int  # evaluations of the likelihood, of all starts
    starts: int  # starts that were followed to an end, and how many of them reached this maximum
    agreeing: int


def coordinates_of(theta: Floats, facts: Facts) -> Floats:
    """Coordinates of a start, with what is known in its place, shape (3 k - 1,).

    ``(eta, mu, lambda)``.
    """
    shares, means, sds = np.split(theta, 3)
    if facts.shares is not None:
        shares = facts.shares
    if facts.sds is not None:
        sds = facts.sds
    elif facts.model.sds == "equal":
        sds = np.full_like(sds, np.sqrt(shares @ sds**2))
    return np.concatenate([np.log(shares[:-1] / shares[-1]), means, np.log(sds)])


def search(goal: Goal, begun: Floats, facts: Facts, estimator: Estimator) -> Found:
    """Search from all starts.

    The highest maximum inside the parameter space that gives what is known to its own group; else
    how the climbs ended.
    """
    early = estimator.screening_steps
    scouts = [climb(coordinates_of(one, facts), goal, early, early, 0.0) for one in begun]
    passes = sum(scout.passes for scout in scouts)
    alive = [scout for scout in scouts if np.isfinite(scout.at.value)]
    best = sorted(alive, key=lambda scout: -scout.at.value)[: estimator.kept_starts]
    ends = [climb(one.u, goal, 0, estimator.step_limit, estimator.tolerance) for one in best]
    passes += sum(end.passes for end in ends)
    # Labels say which group is which.
    named = bool((goal.rows.group >= 0).any())
    return best_of(ends, scouts, named, facts, passes)


def best_of(ends: list[End], scouts: list[End], named: bool, facts: Facts, passes: int) -> Found:
    """The best of the ends of some climbs."""
    ends = ends if named else [in_order(end) for end in ends]
    maxima = [end for end in ends if end.status == Status.CONVERGED]
    right = [end for end in maxima if named or _keeps_what_is_known(end, facts)]
    if right:
        winner = max(right, key=lambda end: end.at.value)
        same = [end for end in right if winner.at.value - end.at.value < SAME_MAXIMUM]
        return Found(winner, Status.CONVERGED, passes, len(ends), len(same))
    if maxima:
        return Found(maxima[0], Status.SWAPPED, passes, len(ends), 0)
    if not ends:
        return Found(scouts[0], Status.NONFINITE, passes, 0, 0)
    order = [Status.STEP_LIMIT, Status.NO_MAXIMUM, Status.DEGENERATE, Status.NONFINITE]
    worst = min(ends, key=lambda end: order.index(end.status))
    return Found(worst, worst.status, passes, len(ends), 0)


def in_order(end: End) -> End:
    """The same end with its groups in the order of their means.

    Coordinates, score, information and sandwich all in the new order.
    """
    groups = (len(end.u) + 1) // 3
    order = np.argsort(end.u[groups - 1 : 2 * groups - 1], kind="stable")
    if (order == np.arange(groups)).all():
        return end
    # eta of the new order is eta_k - eta_last: linear in the old coordinates.
    turn = np.zeros((len(end.u), len(end.u)))
    for new, old in enumerate(order):
        if new < groups - 1:
            for group, sign in ((old, 1.0), (order[-1], -1.0)):
                if group < groups - 1:
                    turn[new, group] += sign
        turn[groups - 1 + new, groups - 1 + old] = 1.0
        turn[2 * groups - 1 + new, 2 * groups - 1 + old] = 1.0
    back = np.linalg.inv(turn)
    at = end.at
    turned = replace(
        at,
        score=back.T @ at.score,
        information=back.T @ at.information @ back,
        completed=back.T @ at.completed @ back,
        outer=back.T @ at.outer @ back,
        posterior=at.posterior[:, order],
    )
    free = None if end.free is None else turn @ end.free
    return replace(end, u=turn @ end.u, at=turned, free=free)


def _keeps_what_is_known(end: End, facts: Facts) -> bool:
    """Whether known numbers are still those of their groups, after these were put in order."""
    groups = (len(end.u) + 1) // 3
    expected = coordinates_of(theta_at(end.u), facts)
    checked = np.ones(len(end.u), dtype=np.bool_)
    checked[groups - 1 : 2 * groups - 1] = False
    return bool(np.allclose(end.u[checked], expected[checked], rtol=0.0, atol=KNOWN_AGREES))


def theta_at(u: Floats) -> Floats:
    """Shares, means and SDs at some coordinates, shape (3 k,)."""
    groups = (len(u) + 1) // 3
    eta = np.append(u[: groups - 1], 0.0)
    shares = np.exp(eta - np.logaddexp.reduce(eta))
    return np.concatenate([shares, u[groups - 1 : 2 * groups - 1], np.exp(u[2 * groups - 1 :])])
