"""Expected Monte-Carlo standard errors: what a run would know, and how well, before it runs."""

from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from stature.config.study import Study
from stature.measures.measure import Measure
from stature.store import records
from stature.store.parquet import TableError

_MEASURE, _PARAMETER = "rmse", "mean_cm"


@dataclass(frozen=True, slots=True)
class ExpectedError:
    """The Monte-Carlo standard error of the RMSE of a mean, in the worst cell of an estimator."""

    estimator: str  # the estimator
    scenario: str  # the cell in which it is largest
    group: str
    size: int  # number of people there
    mcse_cm: float  # the error to be expected, in cm
    replicates_before: int  # replicates of the earlier run that it was scaled from


def relative_mcse(replicates: int) -> float:
    """Monte-Carlo standard error of an RMSE, as a fraction of it, where errors are normal."""
    return 1.0 / sqrt(2.0 * replicates)


def coverage_mcse(replicates: int, coverage: float = 0.95) -> float:
    """Monte-Carlo standard error of a coverage."""
    return sqrt(coverage * (1.0 - coverage) / replicates)


def expected_errors(study: Study, folder: Path) -> tuple[ExpectedError, ...]:
    """Errors to be expected, scaled from the measures of an earlier run."""
    try:
        rows = records.read(records.MEASURES, folder / "measures.parquet", Measure)
    except (OSError, TableError, ValueError):
        return ()
    worst: dict[str, ExpectedError] = {}
    scenarios = {scenario.slug for scenario in study.scenarios}
    for row in rows:
        is_asked = (row.measure, row.parameter, row.policy) == (_MEASURE, _PARAMETER, "available")
        if not is_asked or row.mcse is None or row.size not in study.sizes:
            continue
        if row.scenario not in scenarios:
            continue
        mcse = row.mcse * sqrt(row.replicates_expected / study.replicates)
        before = worst.get(row.estimator)
        if before is None or mcse > before.mcse_cm:
            worst[row.estimator] = ExpectedError(
                row.estimator, row.scenario, row.group, row.size, mcse, row.replicates_expected
            )
    return tuple(worst[one.name] for one in study.estimators if one.name in worst)
