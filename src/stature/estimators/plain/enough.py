"""How many starts are enough: a search of one sample goes on until a better maximum is unlikely.

Many starts find many maxima, and some of them again and again. How often a new one still turns up
tells how likely it is that another start leads to one [1]_; the search ends when that chance is
small. Starts are as unlike each other as can be: some take no notice of the heights, some take
people, or runs of neighbours, for groups, and some change the best maxima so far, where two groups
become one and another becomes two [2]_. For files of one's own: a study has a number of starts.

References
----------
.. [1] Boender & Rinnooy Kan (1987), Bayesian stopping rules for multistart global optimization
   methods, Mathematical Programming 37.
.. [2] Ueda, Nakano, Ghahramani & Hinton (2000), SMEM algorithm for mixture models, Neural
   Computation 12.
.. [3] Arthur & Vassilvitskii (2007), k-means++: the advantages of careful seeding, SODA.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from stature.arrays import Bools, Floats
from stature.estimators.estimator import Search
from stature.estimators.plain.starts import fixed_starts, random_starts

ENOUGH = 0.01  # the estimated chance of a better maximum at which a search ends
FIRST_STARTS, MORE_STARTS, MOST_STARTS, MOST_IN_VAIN = 60, 40, 1500, 100
SAME_MAXIMUM = 1e-4  # log-likelihoods that are closer are of one maximum
# Taken for granted (of files; a study does not search so): a group of fewer people, or of a smaller
# SD in SDs of the sample, is a cluster of chance, whose maximum counts only where it is so much
# higher that chance does not explain it.
FEWEST_PEOPLE, SMALLEST_SD = 2.5, 0.06
CHANCE_RISE = 5.0  # times log n; of 300 random samples clusters of chance rose by up to 3.9 log n
MOST_NODES = 2000  # of which starts are made
LEAST = 1e-6  # in place of an exponential number that is zero
CROWDS, LONGER, MOST_LOOKED_AT, TINY = 8, 1.5, 30, 1e-300
SHORTEST_RUN, NARROWEST = 3.0, 0.05  # people and SD of a run of neighbours taken for a group
# Of two groups that one becomes, as parts of it: shares, distances of the means from its own and
# SDs, in its SDs. Side by side, one within the other, and a small one on either side.
HALVES = (
    ((0.5, -0.8, 0.6), (0.5, 0.8, 0.6)),
    ((0.6, 0.0, 0.5), (0.4, 0.0, 1.4)),
    ((0.85, -0.25, 0.8), (0.15, 1.6, 0.4)),
    ((0.85, 0.25, 0.8), (0.15, -1.6, 0.4)),
)


class Ends(NamedTuple):
    """Where starts lead, s of them."""

    theta: Floats  # (s, 3 k): shares, means and SDs in units of the sample
    value: Floats  # (s,): what is maximised; minus infinity where there is no maximum


@dataclass(frozen=True, slots=True)
class Ground:
    """What is searched: a sample in units of its mean and SD, and where starts lead on it."""

    x: Floats  # (m,): heights, or nodes that stand for them, ascending
    w: Floats  # (m,): how many people each stands for
    groups: int
    shares: Floats | None  # (k,): known shares
    ends: Callable[[Floats], Ends]
    most: int = MOST_STARTS  # starts, whatever the chance of a better maximum is then


def thinned(x: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Ascending heights with their weights, or quantiles where they are very many."""
    if len(x) <= MOST_NODES:
        return x, w
    until = np.cumsum(w)
    each = until[-1] / MOST_NODES
    place = np.searchsorted(until, (np.arange(MOST_NODES) + 0.5) * each)
    return x[np.minimum(place, len(x) - 1)], np.full(MOST_NODES, each)


def chance_of_better(count: int, maxima: int) -> float:
    """Estimated chance that another start leads to a maximum that none of so many led to [1]_.

    A better one is new, so that its chance is no larger.

    Examples
    --------
    Of 40 starts that led to 3 maxima: ``3 x 4 / (40 x 39) = 1 / 130``.

    >>> round(1 / chance_of_better(40, 3))
    130
    """
    return min(1.0, maxima * (maxima + 1) / (count * (count - 1))) if count > 1 else 1.0


def go_on(ground: Ground, draw: np.random.Generator) -> tuple[Floats, Search]:
    """A start that leads to the best maximum, once a better one is unlikely, and the search."""
    k, people = ground.groups, float(ground.w.sum())
    nothing = np.empty((0, 3 * k))
    begin = more_starts(ground, nothing, draw.random((FIRST_STARTS, 3 * k + 3)))
    begin = np.array([*fixed_starts(ground.shares, k).values(), *begin])
    tried, ends, seen = nothing, Ends(nothing, np.empty(0)), set[float]()
    while True:
        tried = np.concatenate([tried, begin])
        ends = Ends(*map(np.concatenate, zip(ends, ground.ends(begin), strict=True)))
        counted = is_counted(ends, people)
        search, best = judged(ends, counted), best_of(ends, counted)
        # A new best maximum has neighbours that may be better still. So has the highest of those
        # that do not count: where one group sits on a cluster of chance, the others may be right.
        fresh = [i for i in best if round(float(ends.value[i]), 3) not in seen]
        # Where so many found none there is hardly one.
        most = ground.most if best else MOST_IN_VAIN
        if search.tried >= most or (not fresh and search.chance_of_better < ENOUGH):
            return tried[best[0]] if best else tried[0], search
        if fresh:
            seen |= {round(float(ends.value[i]), 3) for i in fresh}
            near = (neighbours(ground, ends.theta[i]) for i in fresh)
            begin = np.array([one for each in near for one in each])
        else:
            uniforms = draw.random((MORE_STARTS, 3 * k + 3))
            begin = more_starts(ground, ends.theta[best], uniforms)


def is_counted(ends: Ends, people: float) -> Bools:
    """Which ends are maxima that are believed, shape (s,)."""
    groups = ends.theta.shape[1] // 3
    there = np.isfinite(ends.value)
    with np.errstate(invalid="ignore"):
        usual = there & (people * ends.theta[:, :groups].min(axis=1) >= FEWEST_PEOPLE)
        usual &= ends.theta[:, 2 * groups :].min(axis=1) >= SMALLEST_SD
    highest = ends.value[usual].max(initial=-np.inf)
    return usual | (there & (ends.value > highest + CHANCE_RISE * np.log(people)))


def judged(ends: Ends, counted: Bools) -> Search:
    """What some ends say of the search."""
    values = np.sort(ends.value[counted])[::-1]
    count, highest = len(values), values.max(initial=-np.inf)
    above = ends.value[~counted]
    return Search(
        tried=len(ends.value),
        starts=count,
        agreeing=int((values > highest - SAME_MAXIMUM).sum()),
        maxima=_distinct(values),
        chance_of_better=chance_of_better(count, _distinct(values)),
        passed_over=_distinct(above[above > highest + SAME_MAXIMUM]),
    )


def _distinct(values: Floats) -> int:
    """How many maxima some log-likelihoods are of."""
    return int((np.diff(np.sort(values)) > SAME_MAXIMUM).sum()) + 1 if len(values) else 0


def best_of(ends: Ends, counted: Bools) -> list[int]:
    """The best end that counts, and the highest of all; the first start of those that agree."""
    found: list[int] = []
    for which in (counted, np.isfinite(ends.value)):
        if which.any():
            values = np.where(which, ends.value, -np.inf)
            found.append(int(np.argmax(values > values.max() - SAME_MAXIMUM)))
    return list(dict.fromkeys(found))


def neighbours(ground: Ground, theta: Floats) -> Iterator[Floats]:
    """Mixtures in which two groups are one, and that or another is two [2]_, or a crowd is one."""
    groups = theta.reshape(3, -1).T
    crowds = crowded(ground, theta)
    for pair in combinations(range(len(groups)), 2):
        fewer = merged(groups, pair)
        for crowd in crowds:
            yield mixture([*fewer, crowd], ground.shares)
        for k in range(len(fewer)):
            for halves in HALVES:
                others = np.delete(fewer, k, axis=0)
                yield mixture([*others, *parts(fewer[k], halves)], ground.shares)


def crowded(ground: Ground, theta: Floats) -> list[Floats]:
    """Runs of neighbours who stand closer together than a mixture says; the most telling first."""
    crowd, shares = crowd_of(ground), theta[: ground.groups]
    means, sds = theta[ground.groups :].reshape(2, -1)
    z = (ground.x[:, None] - means) / sds
    density = np.exp(-0.5 * z**2) / sds @ shares
    before = np.append(0.0, np.cumsum(ground.w * np.log(np.maximum(density, TINY))))
    found: list[tuple[float, Floats]] = []
    count = SHORTEST_RUN
    while count <= max(crowd.people / 3.0, SHORTEST_RUN):
        first = np.searchsorted(crowd.until[0], crowd.until[0] + count - 0.5)
        begin = np.flatnonzero(first < len(crowd.until[0]))
        sums = crowd.until[:, first[begin]] - crowd.until[:, begin]
        people, mean = sums[0], sums[1] / sums[0]
        sd = np.sqrt(np.maximum(sums[2] / people - mean**2, SMALLEST_SD**2))
        # How much likelier these people are as a group of their own, each at the mean of squares.
        own = people * (np.log(people / crowd.people / sd) - 0.5)
        rise = own - (before[first[begin]] - before[begin])
        taken: list[int] = []
        for i in np.argsort(-rise)[:MOST_LOOKED_AT].tolist():
            if all(abs(mean[i] - mean[j]) > sd[j] for j in taken):
                taken.append(i)
        found += [
            (float(rise[i]), np.array([people[i] / crowd.people, mean[i], sd[i]])) for i in taken
        ]
        count *= LONGER
    return [group for _, group in sorted(found, key=lambda one: -one[0])[:CROWDS]]


def merged(groups: Floats, pair: tuple[int, int]) -> Floats:
    """Groups of which two have become one with their moments, shape (k - 1, 3)."""
    share, mean, sd = groups[list(pair)].T
    weight = share / share.sum()
    middle = weight @ mean
    spread = np.sqrt(weight @ (sd**2 + (mean - middle) ** 2))
    return np.vstack([np.delete(groups, pair, axis=0), [share.sum(), middle, spread]])


def parts(group: Floats, halves: tuple[tuple[float, float, float], ...]) -> list[Floats]:
    """Two groups that one becomes; see `HALVES`."""
    share, mean, sd = group
    return [np.array([share * p, mean + sd * away, sd * wide]) for p, away, wide in halves]


def mixture(groups: list[Floats], shares: Floats | None) -> Floats:
    """Groups as a start: in the order of their means, with the shares that are known, (3 k,)."""
    share, mean, sd = np.array(sorted(groups, key=lambda group: group[1])).T
    share = share / share.sum() if shares is None else shares
    return np.concatenate([share, mean, np.maximum(sd, NARROWEST)])


class _Crowd(NamedTuple):
    """People in the order of their heights, and sums of their weights, heights and squares."""

    x: Floats  # (m,)
    until: Floats  # (3, m + 1): sums over those before each

    @property
    def people(self) -> float:
        """How many they are."""
        return float(self.until[0, -1])

    def run(self, begin: float, count: float) -> Floats:
        """Share, mean and SD of so many neighbours from one on."""
        i = min(int(np.searchsorted(self.until[0], begin, "right")) - 1, len(self.x) - 1)
        j = max(int(np.searchsorted(self.until[0], begin + count, "left")), i + 1)
        people, total, squares = self.until[:, min(j, len(self.x))] - self.until[:, i]
        mean = total / people
        return np.array([people / self.people, mean, np.sqrt(max(squares / people - mean**2, 0.0))])

    def somebody(self, chance: float) -> float:
        """The height below which a share of the people are."""
        place = int(np.searchsorted(self.until[0], chance * self.people, "right")) - 1
        return float(self.x[min(place, len(self.x) - 1)])


def crowd_of(ground: Ground) -> _Crowd:
    """The people of whom starts are made."""
    powers = np.stack([ground.w, ground.w * ground.x, ground.w * ground.x**2])
    return _Crowd(ground.x, np.concatenate([np.zeros((3, 1)), np.cumsum(powers, axis=1)], axis=1))


def far_apart(crowd: _Crowd, u: Floats) -> list[Floats]:
    """People far from each other, and those who are nearest to each [3]_."""
    x, w = crowd.x, np.diff(crowd.until[0])
    means = [crowd.somebody(float(u[0]))]
    for chance in u[1:].tolist():
        away = np.cumsum(w * np.min((x - np.array(means)[:, None]) ** 2, axis=0))
        means.append(float(x[min(int(np.searchsorted(away, chance * away[-1])), len(x) - 1)]))
    ends = np.sort(means)
    ranks = crowd.until[0][np.searchsorted(x, 0.5 * (ends[1:] + ends[:-1]))]
    return _between(crowd, ranks)


def anybody(crowd: _Crowd, u: Floats) -> list[Floats]:
    """Groups around people, some narrow and some wide, some small and some large."""
    who, share, width = u.reshape(3, -1)
    means = [crowd.somebody(chance) for chance in who.tolist()]
    sds = NARROWEST**width
    return list(np.stack([0.05 - np.log1p(-share), means, sds], axis=1))


def between_cuts(crowd: _Crowd, u: Floats) -> list[Floats]:
    """Everybody cut into parts, of which some are small."""
    sizes = (LEAST - np.log1p(-u)) ** 1.5
    return _between(crowd, crowd.people * np.cumsum(sizes)[:-1] / sizes.sum())


def _between(crowd: _Crowd, ranks: Floats) -> list[Floats]:
    """The groups between some ranks."""
    ends = [0.0, *ranks.tolist(), crowd.people]
    return [crowd.run(low, high - low) for low, high in pairwise(ends)]


def run_of_neighbours(crowd: _Crowd, where: float, size: float) -> Floats:
    """A run of neighbours: from a few of them to a third of all, anywhere."""
    most = max(crowd.people / 3.0, SHORTEST_RUN + 1.0)
    count = SHORTEST_RUN * (most / SHORTEST_RUN) ** size
    return crowd.run(where * (crowd.people - count), count)


def changed(crowd: _Crowd, base: Floats, u: Floats) -> list[Floats]:
    """A mixture in which two groups are one, and another is two or a run of neighbours is one."""
    groups = base.reshape(3, -1).T
    pairs = list(combinations(range(len(groups)), 2))
    fewer = merged(groups, pairs[int(u[0] * len(pairs))])
    if u[1] < 0.5:
        return [*fewer, run_of_neighbours(crowd, float(u[2]), float(u[3]))]
    k, first, away = int(u[2] * len(fewer)), 0.1 + 0.8 * u[3], 2.0 * u[4]
    narrow, wide = 0.2 * 7.5 ** u[5:7]
    halves = (first, -away * (1.0 - first), narrow), (1.0 - first, away * first, wide)
    return [*np.delete(fewer, k, axis=0), *parts(fewer[k], halves)]


KINDS = 7
"""Kinds of random starts, as likely as each other; the last two change a maximum."""


def more_starts(ground: Ground, best: Floats, uniforms: Floats) -> Floats:
    """Random starts, shape (s, 3 k), each from its row of 3 k + 3 uniform numbers."""
    crowd, k = crowd_of(ground), ground.groups
    made = random_starts(uniforms[:, 2 : 2 + 3 * k], k)
    kinds = (KINDS if len(best) else KINDS - 2) * uniforms[:, 0]
    for row, kind in enumerate(kinds.astype(np.intp).tolist()):
        u = uniforms[row, 2:]
        if kind == 0:
            groups = list(made[row].reshape(3, k).T)
        elif kind == 1:
            groups = far_apart(crowd, u[:k])
        elif kind == 2:
            groups = anybody(crowd, u[: 3 * k])
        elif kind == 3:
            groups = between_cuts(crowd, u[:k])
        elif kind == 4:
            pairs = u[: 2 * k].reshape(k, 2).tolist()
            groups = [run_of_neighbours(crowd, *pair) for pair in pairs]
        else:
            groups = changed(crowd, best[int(uniforms[row, 1] * len(best))], u)
        made[row] = mixture(groups, ground.shares)
    return made
