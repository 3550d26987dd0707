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
    (l - l1) / (l2 - l1) (x2 - x1)``; its error is that of l1 and l2, to first order. Samples are
    nested: errors of a mean from n1 and from n2 of the same people correlate by ``r = sqrt(n1 /
    n2)``, and hits, even functions of normal errors, by at most r^2 [1]_, which is taken for what
    they do: the error is too large rather than too small, by a factor of less than 1.4.

    Parameters
    ----------
    rates : list of Measure
        How often all means are near enough, by size, smallest first.

    Returns
    -------
    bound : str
        Empty; ``">"`` if more people than the largest size are needed, ``"<"`` if fewer than the
        smallest.
    size : float
        Number of people.
    mcse : float or None
        Its Monte-Carlo standard error; None where the size is an end of the study's.

    References
    ----------
    .. [1] Lancaster (1957), Biometrika 44:289-292.
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
    of_first, of_second, correlation = (1.0 - part) * s1, part * s2, exp(-wide)  # [1]
    variance = of_first**2 + of_second**2 + 2.0 * correlation * of_first * of_second
    return "", size, size * wide / rise * sqrt(variance)


def _logit(row: Measure) -> tuple[float, float, float]:
    """Logarithm of the size, logit of the rate, and its standard error.

    A rate of 0 or 1 is taken as half a replicate away, but on its side of what is asked for. The
    variance is ``1 / (x + 1/2) + 1 / (n - x + 1/2)`` for x of n [2]_: near 0 and 1, where no
    failure or no hit was seen, it is not small, and nowhere zero.

    References
    ----------
    .. [2] Gart & Zweifel (1967), Biometrika 54:181-187.
    """
    replicates = max(row.replicates_expected, 1)
    half = min(0.5 / replicates, 0.5 * (1.0 - WANTED))
    rate = min(max(row.value or 0.0, half), 1.0 - half)
    hits = (row.value or 0.0) * replicates
    variance = 1.0 / (hits + 0.5) + 1.0 / (replicates - hits + 0.5)  # [2]
    return log(row.size or 1), log(rate / (1.0 - rate)), sqrt(variance)
