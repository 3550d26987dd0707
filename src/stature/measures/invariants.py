"""Checks of what must hold in any study, whatever the data: rows, counts and identities."""

from collections.abc import Iterator

from stature.domain.model import parameter_rows
from stature.estimators.estimator import Status
from stature.measures.catalogue import names
from stature.measures.check import Check, ChecksSpec, Index, exact
from stature.measures.measure import Measure
from stature.measures.summarise import agrees, reference_of, wald_sibling

# Rounding of sums of squares of a few thousand replicates: some hundred units in the last place.
IDENTITY_TOLERANCE = 1e-12
# The numerical climb ends on a root of the score, which double precision finds to this.
AGREEMENT_TOLERANCE = 1e-10


def rows(spec: ChecksSpec, index: Index) -> Iterator[Check]:
    """Rows expected = rows found, for each scenario, estimator and size of the design.

    ``rows``: number of measures of the cell; ``replicates``: fits behind it; ``statuses``: fits
    with some status; ``strangers``: cells that no design asked for.
    """
    known = {("", "")}
    designed = {
        (scenario.slug, estimator.name, size)
        for scenario in spec.scenarios
        for estimator in spec.estimators_of(scenario.slug)
        for size in (*spec.sizes, None)
    }
    found: dict[tuple[str, str, int | None], list[Measure]] = {}
    for cell, measures in index.items():
        found.setdefault(cell[:3], []).extend(measures.values())
    for scenario in spec.scenarios:
        parameters = parameter_rows(scenario.population.group_names)
        known.update(parameters)
        estimators = spec.estimators_of(scenario.slug)
        reference = reference_of(estimators)
        for estimator in estimators:
            per_fit = set(names("fit", "theory-fit"))
            per_parameter = set(names("parameter", "theory"))
            if estimator.interval != "wald":
                per_parameter.update(names("interval"))
            if estimator.interval == "bootstrap":
                per_fit.update(names("bootstrap"))
            if wald_sibling(estimator, estimators) is not None:
                per_parameter.update(names("against-wald"))
            if reference is not None and estimator.name != reference.name:
                if agrees(estimator, reference):
                    per_parameter.update(names("same-model"))
                elif estimator.model.labels == "none":
                    per_parameter.update(names("hidden"))
            for size in spec.sizes:
                cell = (scenario.slug, estimator.name, size, "", "")
                here = found.get(cell[:3], [])
                # The policy `finite` comes on top, and only where a fit failed.
                usual = [row for row in here if row.policy != "finite"]
                number = len(per_parameter) * len(parameters) + len(per_fit)
                yield exact("rows", cell, number, len(usual))
                fits = [row for row in usual if row.measure == Status.CONVERGED.name.lower()]
                behind = fits[0].replicates_expected if fits else None
                yield exact("replicates", cell, spec.replicates, behind)
                statuses = {status.name.lower() for status in Status}
                ended = sum(row.count or 0 for row in usual if row.measure in statuses)
                yield exact("statuses", cell, spec.replicates, ended)
            over = found.get((scenario.slug, estimator.name, None), [])
            cell = (scenario.slug, estimator.name, None, "", "")
            yield exact("rows", cell, len(names("rate")) * len(parameters), len(over))
    strangers = len(found.keys() - designed)
    yield exact("strangers", ("", "", None, "", ""), 0, strangers)


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

    ``RMSE^2`` against the sum, for each cell and policy in which a replicate was used.
    """
    for cell, measures in index.items():
        for policy in ("available", "finite"):
            bias = measures.get(("bias", "", policy))
            spread = measures.get(("empirical_se", "", policy))
            root = measures.get(("rmse", "", policy))
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
                yield exact("agreement", cell, 0.0, row.value, AGREEMENT_TOLERANCE)
