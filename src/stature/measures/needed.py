"""How many people a study says are needed: the smallest size at which means are found often enough.

Between the sizes of a study the logit of the rate of hits is interpolated in the logarithm of n.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Literal

from stature.measures.measure import Measure

WANTED = 0.8
"""The rate of hits that is asked for: the usual power of studies."""
HITS = "within_2cm"


@dataclass(frozen=True, slots=True)
class Needed:
    """The smallest size from which on an estimator finds all means in enough of the samples."""

    population: str
    bias: str
    scenario: str
    estimator: str
    wanted: float  # the rate that is asked for
    # empty: `size` is interpolated; ">" and "<": it is more than the largest, or less than the
    # smallest size of the study, which `size` then is
    bound: Literal["", ">", "<"]
    size: float
    mcse: float | None  # Monte-Carlo standard error of an interpolated size


def needed(measures: Iterable[Measure]) -> tuple[Needed, ...]:
    """Smallest sizes of every scenario and estimator with a rate of hits, in their order."""
    rates: dict[tuple[str, str, str, str], dict[int, Measure]] = {}
    for row in measures:
        if row.measure == HITS and row.size is not None and row.value is not None:
            key = row.population, row.bias, row.scenario, row.estimator
            rates.setdefault(key, {})[row.size] = row
    return tuple(
        Needed(*key, WANTED, *smallest([found[size] for size in sorted(found)]))
        for key, found in rates.items()
    )


def smallest(rates: list[Measure]) -> tuple[Literal["", ">", "<"], float, float | None]:
    """Size from which on a rate is high enough, with its Monte-Carlo standard error.

    With ``x = log n`` and logits l of the last size below and the first above, ``x = x1 +
    (l - l1) / (l2 - l1) (x2 - x1)``; its error is that of l1 and l2, to first order. That takes
    the two rates as independent; samples are nested, so that it can be too small, at most by a
    factor of 1.4.
    """
    last = max((n for n, row in enumerate(rates) if (row.value or 0.0) < WANTED), default=None)
    if last is None or last + 1 == len(rates):
        end = rates[-1 if last is not None else 0]
        return "<" if last is None else ">", float(end.size or 0), None
    (x1, l1, s1), (x2, l2, s2) = map(_logit, rates[last : last + 2])
    wide, rise = x2 - x1, l2 - l1
    part = (log(WANTED / (1.0 - WANTED)) - l1) / rise
    size = exp(x1 + part * wide)
    # d x / d l1 = -(1 - part) wide / rise, d x / d l2 = -part wide / rise
    return "", size, size * wide / rise * sqrt(((1.0 - part) * s1) ** 2 + (part * s2) ** 2)


def _logit(row: Measure) -> tuple[float, float, float]:
    """Logarithm of the size, logit of the rate, and its standard error.

    A rate of 0 or 1 is taken as half a replicate away, but on its side of what is asked for.
    """
    half = min(0.5 / max(row.replicates_expected, 1), 0.5 * (1.0 - WANTED))
    rate = min(max(row.value or 0.0, half), 1.0 - half)
    spread = rate * (1.0 - rate)
    return log(row.size or 1), log(rate / (1.0 - rate)), (row.mcse or 0.0) / spread
