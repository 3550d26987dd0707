"""All checks of the results of a study, and those of what must hold whatever the data are."""

from collections.abc import Iterable, Iterator

from stature.domain.model import parameter_rows
from stature.estimators.estimator import Status
from stature.measures.catalogue import CATALOGUE, of_quantities
from stature.measures.checks.check import Check, ChecksSpec, Index, absent, exact, index_of, row_of
from stature.measures.checks.theory import against_exact_theory, against_limits, at_the_largest_size
from stature.measures.measure import Measure, scopes_of

# Rounding of sums of squares of a few thousand replicates: some hundred units in the last place.
IDENTITY_TOLERANCE = 1e-12
# The numerical search ends on a root of the score, which double precision finds to this.
AGREEMENT_TOLERANCE = 1e-10


def check_results(spec: ChecksSpec, measures: Iterable[Measure]) -> tuple[Check, ...]:
    """Check the measures of a study against its design and against theory."""
    index = index_of(measures)
    return (
        *rows(spec, index),
        *accounting(index),
        *mse_identity(index),
        *agreement(index),
        *against_exact_theory(spec, index),
        *against_limits(spec, index),
        *at_the_largest_size(spec, index),
    )


def rows(spec: ChecksSpec, index: Index) -> Iterator[Check]:
    """Rows expected = rows found, for each scenario, estimator and size of the design.

    ``rows``: number of measures of the cell; ``replicates``: fits behind it; ``statuses``: fits
    with some status; ``unexpected``: cells that no design asked for.
    """
    found: dict[tuple[str, str, int | None], list[Measure]] = {}
    for cell, measures in index.items():
        found.setdefault(cell[:3], []).extend(measures.values())
    statuses = {status.name.lower() for status in Status}
    for scenario in spec.scenarios:
        parameters = len(parameter_rows(scenario.population.group_names))
        estimators = spec.estimators_of(scenario.slug)
        for estimator in estimators:
            kinds = [kind for kind in CATALOGUE if kind.scope in scopes_of(estimator, estimators)]
            number = sum(1 if kind.of_fit else parameters for kind in kinds)
            for quantity in estimator.outside.quantities:
                known = scenario.population.true_value(quantity) is not None
                number += len(of_quantities(known)) + known
            rates = parameters * sum(kind.scope == "rate" for kind in kinds)
            for size in spec.sizes:
                cell = (scenario.slug, estimator.name, size, "", "")
                # The policy `finite` comes on top, and only where a fit failed.
                here = [row for row in found.pop(cell[:3], []) if row.policy != "finite"]
                yield exact("rows", cell, number - rates, len(here))
                fits = [row for row in here if row.measure == Status.CONVERGED.name.lower()]
                behind = fits[0].replicates_expected if fits else None
                yield exact("replicates", cell, spec.replicates, behind)
                ended = sum(row.count or 0 for row in here if row.measure in statuses)
                yield exact("statuses", cell, spec.replicates, ended)
            cell = (scenario.slug, estimator.name, None, "", "")
            over = found.pop(cell[:3], [])
            yield exact("rows", cell, rates, len(over))
    yield exact("unexpected", ("", "", None, "", ""), 0, len(found))


def accounting(index: Index) -> Iterator[Check]:
    """Replicates used + failed = expected, in every row."""
    for cell, measures in index.items():
        wrong = [
            row
            for row in measures.values()
            if row.replicates_used + row.replicates_failed != row.replicates_expected
            or min(row.replicates_used, row.replicates_failed) < 0
        ]
        yield exact("accounting", cell, 0, len(wrong))


def mse_identity(index: Index) -> Iterator[Check]:
    """``RMSE^2 = bias^2 + S^2 (n - 1) / n`` in every cell, to rounding.

    For each cell and policy in which a replicate was used.
    """
    for cell in index:
        for policy in ("available", "finite"):
            bias = row_of(index, cell, "bias", policy)
            spread = row_of(index, cell, "empirical_se", policy)
            root = row_of(index, cell, "rmse", policy)
            if bias is None or spread is None or root is None or root.replicates_used == 0:
                continue
            used = root.replicates_used
            variance = (spread.value or 0.0) ** 2 * (used - 1) / used
            expected = (bias.value or 0.0) ** 2 + variance
            got = None if root.value is None else root.value**2
            yield exact("mse_identity", cell, expected, got, IDENTITY_TOLERANCE * expected)


def agreement(index: Index) -> Iterator[Check]:
    """Estimators of one likelihood agree, replicate by replicate.

    Largest relative difference from the reference, of shares, means and SDs. Gaps are left out: as
    differences of means they lose digits where means are close.
    """
    for cell, measures in index.items():
        if cell[4] == "gap_cm":
            continue
        for (name, _, _), row in measures.items():
            if name == "largest_relative_difference":
                yield (
                    absent("agreement", cell, 0.0)
                    if row.value is None
                    else exact("agreement", cell, 0.0, row.value, AGREEMENT_TOLERANCE)
                )
