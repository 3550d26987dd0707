"""The record of one check of the results, and the sentence for one that failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from stature.design.scenarios import Scenario
from stature.domain.settings import left_out
from stature.estimators.estimator import Estimator
from stature.measures.catalogue import Policy
from stature.measures.measure import Measure

# A default study compares some 900 results with theory. If all is right, the chance that any |z|
# exceeds 5 is at most 900 x 5.7e-7 = 0.0005 (Bonferroni); at 4.5 it would be 0.006, one study in
# 160.
LARGEST_Z = 5.0

# A cell: scenario, estimator, size, group, parameter.
Cell = tuple[str, str, int | None, str, str]
# A measure of a cell: its name, reference and policy.
Which = tuple[str, str, str]
Index = dict[Cell, dict[Which, Measure]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A scenario to which not all estimators of a study are fitted."""

    scenario: str  # its slug
    estimators: tuple[str, ...]  # names of those that are


@dataclass(frozen=True, slots=True)
class ChecksSpec:
    """What the results of a study should hold."""

    scenarios: tuple[Scenario, ...]  # the scenarios of the study
    sizes: tuple[int, ...]  # its sizes
    replicates: int  # replicates of each scenario
    estimators: tuple[Estimator, ...]  # its estimators
    # the scenarios to which not all of them are fitted
    fitted: Annotated[tuple[Fitted, ...], left_out(())] = ()

    def estimators_of(self, scenario: str) -> tuple[Estimator, ...]:
        """Estimators that are fitted to a scenario."""
        for restricted in self.fitted:
            if restricted.scenario == scenario:
                names = restricted.estimators
                return tuple(one for one in self.estimators if one.name in names)
        return self.estimators


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of a result with what it must be: one row of the table of checks."""

    check: str  # name of the check
    scenario: str  # the cell; empty: all of the study
    estimator: str
    size: int | None  # number of people; None: over all sizes
    group: str  # the cell; empty for a measure of fits
    parameter: str
    expected: float | None  # what it must be, and what it is; None: there is none
    got: float | None
    mcse: float | None  # standard error of `got` if theory is right; None where no chance is in it
    z: float | None  # ``(got - expected) / mcse``
    passed: bool  # whether the result is what it must be


def index_of(measures: Iterable[Measure]) -> Index:
    """Measures by cell, then by name, reference and policy."""
    index: Index = {}
    for row in measures:
        cell = (row.scenario, row.estimator, row.size, row.group, row.parameter)
        index.setdefault(cell, {})[(row.measure, row.reference, row.policy)] = row
    return index


def row_of(index: Index, cell: Cell, name: str, policy: Policy) -> Measure | None:
    """A measure of a cell that is compared with no other estimator."""
    return index.get(cell, {}).get((name, "", policy))


def value_of(index: Index, cell: Cell, name: str) -> float | None:
    """What theory says of a cell; None: nothing."""
    row = row_of(index, cell, name, "")
    return None if row is None else row.value


def exact(
    check: str, cell: Cell, expected: float, got: float | None, tolerance: float = 0.0
) -> Check:
    """Check of a number in which there is no chance."""
    passed = got is not None and abs(got - expected) <= tolerance
    return Check(check, *cell, expected=expected, got=got, mcse=None, z=None, passed=passed)


def scored(check: str, cell: Cell, expected: float, got: float, mcse: float) -> Check:
    """Check by a z-score; without any chance the two must be equal."""
    if mcse == 0.0:
        return Check(check, *cell, expected, got, mcse, None, passed=got == expected)
    z = (got - expected) / mcse
    return Check(check, *cell, expected, got, mcse, z, passed=abs(z) <= LARGEST_Z)


def sentences(checks: Iterable[Check]) -> tuple[str, ...]:
    """A sentence for each check that failed, naming its cell; empty: all passed.

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
    """Raise if a check failed."""
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
