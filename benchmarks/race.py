"""The race: every method on the same samples in one run, in turns, on one core.

A package is timed with its default settings, and again on its way to the maximum. There an oracle
stops it at the first step within 1e-6 of the maximum, which no user could do; where that takes
longer than `LONGEST_SECONDS`, so many steps as fit are timed and the rest is scaled from them.
Stature is timed as it is, to its certificate and with its standard errors.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmarks import ours, scipy_bfgs
from benchmarks.judge import NEAR, judge, median_split, steps_needed
from benchmarks.measurement import Measurement
from benchmarks.peers import Peer
from benchmarks.problems import Pair, heights_cm
from stature.arrays import Floats

LONGEST_SECONDS, FEWEST_STEPS = 1.0, 5


class Effort(NamedTuple):
    """How many samples make a batch of ours, and how many of them the peers fit, one a round."""

    batch: int
    rounds: int


EFFORTS = {
    20: Effort(400, 9),
    50: Effort(400, 9),
    100: Effort(400, 9),
    200: Effort(200, 9),
    1_000: Effort(100, 5),
    10_000: Effort(20, 3),
    1_000_000: Effort(2, 2),
}
TRIAL = {size: Effort(50, 3) for size in (20, 50, 100, 200)} | {
    1_000: Effort(20, 2),
    10_000: Effort(5, 2),
    1_000_000: Effort(1, 1),
}


def race(pair: Pair, size: int, effort: Effort, peers: list[Peer]) -> Iterator[Measurement]:
    """All methods on one pair and size, round by round."""
    samples = heights_cm(pair, effort.batch, size)
    entrants = ours.entrants()
    for entrant in entrants:
        ours.fit(entrant, samples[:1])  # compiles
    for turn in range(min(effort.rounds, effort.batch)):
        heights = samples[turn]
        tops: list[float] = []
        for entrant in entrants:
            seconds, outcome = ours.fit(entrant, samples)
            passes = float(np.median(outcome.passes))
            verdict = judge(heights, outcome.theta[turn, 0])
            tops.append(verdict.maximum)
            found = {"seconds": seconds, "passes": passes, "gap": verdict.gap}
            found |= {"errors": verdict.errors, "reached": float(np.mean(outcome.status == 0))}
            # Its default is the maximum.
            for way in ("default", "maximum"):
                yield from _rows(pair, size, entrant.name, way, found)
        best = np.nanmax(tops)
        from_split = steps_needed(heights, median_split(heights))
        for peer in peers:
            if size > peer.largest_size:
                continue
            fitted = peer.fit(heights, None)
            verdict = judge(heights, fitted.theta_cm)
            found = {"seconds": fitted.seconds, "passes": fitted.steps, "gap": verdict.gap}
            found |= {"errors": verdict.errors, "below": best - verdict.maximum}
            yield from _rows(pair, size, peer.name, "default", found)
            if peer.to_maximum:
                per_step = fitted.seconds / max(fitted.steps, 1)
                found = _to_maximum(peer, heights, per_step, from_split)
                yield from _rows(pair, size, peer.name, "maximum", found)


def _to_maximum(peer: Peer, heights: Floats, per_step: float, from_split: int) -> dict[str, float]:
    """Seconds and passes of a peer that an oracle stops within 1e-6 of the maximum."""
    if peer.name == "scikit-learn":
        needed = _one_more(steps_needed(heights, peer.fit(heights, 1).theta_cm))
    else:
        needed = _one_more(from_split) if peer.is_em else bfgs_steps_needed(heights)
    if needed == 0:
        return {"reached": 0.0}
    affordable = max(int(LONGEST_SECONDS / per_step), FEWEST_STEPS) if peer.is_em else needed
    steps = min(needed, affordable)
    fitted = peer.fit(heights, steps)
    scale = needed / steps
    gap = judge(heights, fitted.theta_cm).gap if scale == 1 else NEAR
    return {
        "seconds": fitted.seconds * scale,
        "passes": fitted.steps * scale,
        "gap": gap,
        "scaled": float(scale > 1),
        "reached": float(gap < 2 * NEAR),
    }


def _one_more(steps: int) -> int:
    """A step more, because scikit-learn's start took one and mclust's is made by one."""
    return steps + 1 if steps > 0 else 0


def bfgs_steps_needed(heights: Floats) -> int:
    """Steps of BFGS until it is within 1e-6 of its maximum; 0 if it does not get there."""
    for step, theta_cm in enumerate(scipy_bfgs.path(heights), start=1):
        if judge(heights, theta_cm).gap <= NEAR:
            return step
    return 0


def _rows(
    pair: Pair, size: int, method: str, way: str, found: dict[str, float]
) -> Iterator[Measurement]:
    for quantity, value in found.items():
        yield Measurement(way, pair.name, size, method, quantity, value)
