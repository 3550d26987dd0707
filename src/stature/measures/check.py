"""The record of one check of the results, and the sentence for one that failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from stature.design.canonical import is_unset
from stature.design.scenarios import Scenario
from stature.estimators.estimator import Estimator
from stature.measures.measure import Measure

# A cell: scenario, estimator, size, group, parameter.
Cell = tuple[str, str, int | None, str, str]
# A measure of a cell: its name, reference and policy.
Which = tuple[str, str, str]
Index = dict[Cell, dict[Which, Measure]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A scenario to which not all estimators of a study are fitted.

    Attributes
    ----------
    scenario : str
        Its slug.
    estimators : tuple of str
        Names of those that are.
    """

    scenario: str
    estimators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChecksSpec:
    """What the results of a study should hold.

    Attributes
    ----------
    scenarios : tuple of Scenario
        The scenarios of the study.
    sizes : tuple of int
        Its sizes.
    replicates : int
        Replicates of each scenario.
    estimators : tuple of Estimator
        Its estimators.
    fitted : tuple of Fitted
        The scenarios to which not all of them are fitted.
    """

    scenarios: tuple[Scenario, ...]
    sizes: tuple[int, ...]
    replicates: int
    estimators: tuple[Estimator, ...]
    fitted: Annotated[tuple[Fitted, ...], Field(exclude_if=is_unset)] = ()

    def estimators_of(self, scenario: str) -> tuple[Estimator, ...]:
        """Estimators that are fitted to a scenario.

        Parameters
        ----------
        scenario : str
            Its slug.

        Returns
        -------
        tuple of Estimator
            In the order of the study.
        """
        for restricted in self.fitted:
            if restricted.scenario == scenario:
                names = restricted.estimators
                return tuple(one for one in self.estimators if one.name in names)
        return self.estimators


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of a result with what it must be: one row of the table of checks.

    Attributes
    ----------
    check : str
        Name of the check.
    scenario, estimator : str
        The cell; empty: the whole study.
    size : int or None
        Number of people; None: over all sizes.
    group, parameter : str
        The cell; empty for a whole fit.
    expected, got : float or None
        What it must be, and what it is; None: there is none.
    mcse : float or None
        Standard error of `got` if theory is right; None where no chance is in it.
    z : float or None
        ``(got - expected) / mcse``.
    passed : bool
        Whether the result is what it must be.
    """

    check: str
    scenario: str
    estimator: str
    size: int | None
    group: str
    parameter: str
    expected: float | None
    got: float | None
    mcse: float | None
    z: float | None
    passed: bool


def index_of(measures: Iterable[Measure]) -> Index:
    """Measures by cell, then by name, reference and policy.

    Parameters
    ----------
    measures : iterable of Measure
        Measures of a study.

    Returns
    -------
    dict
        The same measures.
    """
    index: Index = {}
    for row in measures:
        cell = (row.scenario, row.estimator, row.size, row.group, row.parameter)
        index.setdefault(cell, {})[(row.measure, row.reference, row.policy)] = row
    return index


def exact(
    check: str, cell: Cell, expected: float, got: float | None, tolerance: float = 0.0
) -> Check:
    """Check of a number in which there is no chance.

    Parameters
    ----------
    check : str
        Name of the check.
    cell : tuple
        Scenario, estimator, size, group and parameter.
    expected : float
        What it must be.
    got : float or None
        What it is; None fails.
    tolerance : float
        Largest distance allowed, in the unit of the numbers.

    Returns
    -------
    Check
        The outcome.
    """
    passed = got is not None and abs(got - expected) <= tolerance
    return Check(check, *cell, expected=expected, got=got, mcse=None, z=None, passed=passed)


def sentences(checks: Iterable[Check]) -> tuple[str, ...]:
    """A sentence for each check that failed, naming its cell.

    Parameters
    ----------
    checks : iterable of Check
        Checks of a study.

    Returns
    -------
    tuple of str
        One sentence a failed check; empty: all passed.

    Examples
    --------
    >>> sentences([Check("bias", "school.none", "mle", 20, "boys", "mean_cm", 0.0, 9.0, 1.0, 9.0,
    ...                  False)])
    ('bias: mle in school.none, size 20, mean_cm of boys: expected 0, got 9 (z = 9.0)',)
    """
    return tuple(_sentence(check) for check in checks if not check.passed)


class FailedChecks(Exception):
    """Results that are not what they must be; the message names every failed cell."""


def demand(checks: Iterable[Check]) -> None:
    """Raise if a check failed.

    Parameters
    ----------
    checks : iterable of Check
        Checks of a study.

    Raises
    ------
    FailedChecks
        If a check failed; one sentence for each that did.
    """
    failed = sentences(checks)
    if failed:
        raise FailedChecks(
            f"{len(failed)} of the checks on the results failed; the table of checks has all of "
            "them, and no figure should be trusted before they pass:\n" + "\n".join(failed)
        )


def _sentence(check: Check) -> str:
    """What failed, where, what was expected and what was got."""
    place = [f"{check.estimator} in {check.scenario}" if check.estimator else "the study"]
    if check.size is not None:
        place.append(f"size {check.size}")
    if check.parameter:
        place.append(f"{check.parameter} of {check.group}" if check.group else check.parameter)
    text = (
        f"{check.check}: {', '.join(place)}: "
        f"expected {_number(check.expected)}, got {_number(check.got)}"
    )
    return text if check.z is None else f"{text} (z = {check.z:.1f})"


def _number(value: float | None) -> str:
    """A number for a sentence, to twelve digits."""
    return "nothing" if value is None else f"{value:.12g}"
