"""Expected Monte-Carlo standard errors: what a run would know, and how well, before it runs."""

from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from stature.config.record import Study
from stature.tables import measures
from stature.tables.store import TableError

_MEASURE, _PARAMETER = "rmse", "mean_cm"


@dataclass(frozen=True, slots=True)
class ExpectedError:
    """The Monte-Carlo standard error of the RMSE of a mean, in the worst cell of an estimator.

    Attributes
    ----------
    estimator : str
        The estimator.
    scenario, group : str
        The cell in which it is largest.
    size : int
        Number of people there.
    mcse_cm : float
        The error to be expected, in cm.
    replicates_before : int
        Replicates of the earlier run that it was scaled from.
    """

    estimator: str
    scenario: str
    group: str
    size: int
    mcse_cm: float
    replicates_before: int


def relative_mcse(replicates: int) -> float:
    """Monte-Carlo standard error of an RMSE, as a fraction of it, where errors are normal.

    Parameters
    ----------
    replicates : int
        Number of replicates.

    Returns
    -------
    float
        1 / sqrt(2 R): the squared error of a normal estimate has twice its squared mean as
        variance, and the root halves the relative error (Morris, White & Crowther 2019, table 6).
    """
    return 1.0 / sqrt(2.0 * replicates)


def coverage_mcse(replicates: int, coverage: float = 0.95) -> float:
    """Monte-Carlo standard error of a coverage.

    Parameters
    ----------
    replicates : int
        Number of replicates.
    coverage : float
        The coverage.

    Returns
    -------
    float
        sqrt(p (1 - p) / R).
    """
    return sqrt(coverage * (1.0 - coverage) / replicates)


def expected_errors(study: Study, folder: Path) -> tuple[ExpectedError, ...]:
    """Errors to be expected, scaled from the measures of an earlier run.

    Parameters
    ----------
    study : Study
        The study.
    folder : Path
        Its results.

    Returns
    -------
    tuple of ExpectedError
        One for each estimator with earlier measures, by the root of the number of replicates.
    """
    try:
        rows = measures.read(folder / "measures.parquet")
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
