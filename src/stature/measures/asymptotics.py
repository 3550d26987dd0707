"""Checks of every estimator at the largest size against its own limit, as z-scores.

Theory knows the limit, the standard error around it and the first term of the bias, of order 1/n.
Where that term is small beside the error, it is what the mean of the estimates must show.
"""

from collections.abc import Iterator, Mapping
from math import sqrt

from stature.domain.model import parameter_rows
from stature.measures.check import Cell, Check, ChecksSpec, Index, Which
from stature.measures.exactness import scored
from stature.measures.measure import Measure
from stature.measures.theory import ends_at_its_limit

# ASSUME the next term of the bias is smaller than the first while the first is under a tenth of a
# standard error: both come of what is not linear in an estimator.
SMALL_BIAS = 0.1
# ASSUME the variance has terms of order 1/n of up to so many times the squared ratio of the first
# bias to the error: with one label in twenty and 200 people they are 14 times that.
OF_VARIANCE = 20.0
# Where one sample in so many has its highest maximum ten standard errors away, the standard
# deviation of the estimates moves by 0.5 %: below the Monte-Carlo error of 10,000 replicates.
RIVAL_CHANCE = 1e-4


def at_the_largest_size(spec: ChecksSpec, index: Index) -> Iterator[Check]:
    """Mean and spread of the estimates at the largest size against theory.

    ``plateau``: mean estimate minus limit; `expected` is the point nearest to the result between
    nothing and twice the first term of the bias. ``spread``: the standard deviation of the
    estimates against the standard error of theory, where its own terms of order 1/n are below the
    Monte-Carlo error. Neither where n is too small for the limit, where theory has none, where some
    samples have another highest maximum than the limit's, or where a fit failed: the mean of those
    that are left is another thing.
    """
    size = max(spec.sizes)
    for scenario in spec.scenarios:
        for estimator in spec.estimators_of(scenario.slug):
            # A penalty on shares, and walls that some samples meet, move estimates by order 1/n
            # too, of which the first term of the bias knows nothing.
            more = estimator.share_penalty or estimator.sd_ratio
            if more or not ends_at_its_limit(estimator):
                continue
            rival = index.get((scenario.slug, estimator.name, size, "", ""), {})
            if _chance(rival) > RIVAL_CHANCE:
                continue
            cells: list[Cell] = [
                (scenario.slug, estimator.name, size, *row)
                for row in parameter_rows(scenario.population.group_names)
            ]
            yield from _of_fit(index, cells)


def _of_fit(index: Index, cells: list[Cell]) -> Iterator[Check]:
    """Checks of all parameters of one estimator."""
    theory = {cell: _theory(index, cell) for cell in cells}
    known = {cell: found for cell, found in theory.items() if found is not None}
    if len(known) < len(cells):
        return
    ratio = max((abs(first) / spread for first, spread in known.values() if spread), default=0.0)
    if ratio > SMALL_BIAS:
        return
    for cell, (first, spread) in known.items():
        rows = index.get(cell, {})
        away = rows.get(("bias_to_limit", "", "available"))
        got = rows.get(("empirical_se", "", "available"))
        if not spread or away is None or away.value is None or away.replicates_failed:
            continue
        used = max(away.replicates_used, 1)
        mcse = max(spread / sqrt(used), away.mcse or 0.0)
        low, high = min(0.0, 2.0 * first), max(0.0, 2.0 * first)
        expected = min(max(away.value, low), high)
        yield scored("plateau", cell, expected, away.value, mcse)
        of_spread = 1.0 / sqrt(2.0 * used)
        if got is None or got.value is None or OF_VARIANCE * ratio**2 > of_spread:
            continue
        mcse = max(spread * of_spread, got.mcse or 0.0)
        yield scored("spread", cell, spread, got.value, mcse)


def _chance(rows: Mapping[Which, Measure]) -> float:
    """Probability that another maximum than the limit's is the highest; 0 where none is known."""
    found = rows.get(("rival_chance", "", ""))
    return 0.0 if found is None or found.value is None else found.value


def _theory(index: Index, cell: Cell) -> tuple[float, float] | None:
    """First term of the bias about the limit and standard error of a cell; None: there are none."""
    rows = index.get(cell, {})
    first, spread = rows.get(("small_sample_bias", "", "")), rows.get(("limit_se", "", ""))
    if first is None or spread is None or first.value is None or spread.value is None:
        return None
    return first.value, spread.value
