"""The record of one check of the results, and the sentence for one that failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from stature.design.scenarios import Scenario
from stature.estimators.estimator import Estimator
from stature.measures.catalogue import Policy
from stature.measures.measure import Measure

# A default study compares some 900 results with theory. If all is right, the chance that any |z|
# exceeds 5 is at most 900 x 5.7e-7 = 0.0005 (Bonferroni); at 4.5 it would be 0.006, one study in
# 160.
LARGEST_Z = 5.0

# What must hold in any study, whatever its numbers; all other checks are comparisons with theory.
INVARIANTS = ("rows", "replicates", "statuses", "unexpected", "accounting", "mse_identity")

Rigour = Literal["tell", "strict"]
"""Whether a comparison with theory that disagrees is told, or is fatal as a broken invariant is."""

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
    fitted: tuple[Fitted, ...] = ()

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
    # whether the result is what it must be; None: there is none, and so nothing to compare
    passed: bool | None

    @property
    def is_invariant(self) -> bool:
        """Whether it must hold in any study."""
        return self.check in INVARIANTS


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


def absent(check: str, cell: Cell, expected: float) -> Check:
    """Check of a number that a study has not, for a reason that its table of measures gives."""
    return Check(check, *cell, expected, got=None, mcse=None, z=None, passed=None)


def scored(check: str, cell: Cell, expected: float, got: float, mcse: float) -> Check:
    """Check by a z-score; without any chance the two must be equal."""
    if mcse == 0.0:
        return Check(check, *cell, expected, got, mcse, None, passed=got == expected)
    z = (got - expected) / mcse
    return Check(check, *cell, expected, got, mcse, z, passed=abs(z) <= LARGEST_Z)


def farthest(checks: Iterable[Check]) -> Check | None:
    """The comparison with theory that disagrees most; None if none does."""
    apart = [check for check in checks if check.passed is False and not check.is_invariant]
    return max(apart, key=lambda check: abs(check.z or 0.0), default=None)


def verdict(checks: Iterable[Check]) -> tuple[str, ...]:
    """What the checks say, in sentences: of what must hold, of theory, and of what is not there.

    Examples
    --------
    >>> cell = "school.none", "mle", 20, "boys", "mean_cm"
    >>> for line in verdict([exact("rows", cell, 1, 1), scored("spread", cell, 1.25, 1.0, 0.2)]):
    ...     print(line)
    All checks of what must hold in any study passed (1).
    All comparisons with theory agree (1).
    """
    every = tuple(checks)
    invariants = [check for check in every if check.is_invariant]
    broken = sum(check.passed is False for check in invariants)
    compared = [check for check in every if not check.is_invariant and check.passed is not None]
    apart, nothing = farthest(compared), len(every) - len(invariants) - len(compared)
    number = f"{len(compared):,}"
    said = [f"All checks of what must hold in any study passed ({len(invariants):,})."]
    if broken:
        said = [
            f"{broken:,} of {len(invariants):,} checks of what must hold in any study failed: use "
            "no number of this study before they pass."
        ]
    if apart is not None:
        few = sum(check.passed is False for check in compared)
        said.append(
            f"{few:,} of {number} comparisons with theory {'disagrees' if few == 1 else 'disagree'}"
            f". The farthest off: {_sentence(apart)}. Theory may be out of its range there, or the "
            "estimates are of something else, as where groups are taken for each other."
        )
    elif compared:
        said.append(f"All comparisons with theory agree ({number}).")
    elif not nothing:
        said.append("Theory has nothing to compare this study with.")
    if nothing:
        with_theory = "" if compared else " with theory"
        were = f"comparison{with_theory} was" if nothing == 1 else f"comparisons{with_theory} were"
        said.append(f"{nothing:,} {were} left out: too few replicates converged there for a value.")
    return tuple(said)


class FailedChecks(SystemExit):
    """Results that are not what they must be; ends a job with a sentence for each failed cell."""


def demand(checks: Iterable[Check], rigour: Rigour) -> None:
    """Raise if results are not what they must be."""
    failed = sentences(check for check in checks if check.is_invariant or rigour == "strict")
    if failed:
        raise FailedChecks(
            f"{len(failed)} of the checks on the results failed; the report of the study and the "
            "table of checks say more, and no number should be trusted before they pass:\n"
            + "\n".join(failed)
        )


def sentences(checks: Iterable[Check]) -> tuple[str, ...]:
    """A sentence for each check that failed, naming its cell; empty: none did."""
    return tuple(_sentence(check) for check in checks if check.passed is False)


_LIMIT = "the mean of the estimates less their large-sample limit"
_WHAT = {
    "rows": "the number of measures",
    "replicates": "the number of fits",
    "statuses": "the number of fits with a status",
    "unexpected": "the number of measures that nobody asked for",
    "accounting": "the number of measures that leave out replicates without counting them",
    "mse_identity": "the squared RMSE, beside squared bias and variance,",
    "agreement": "the largest relative difference from the reference of the same likelihood",
    "theory_bias": "the mean error",
    "theory_empirical_se": "the standard deviation of the estimates",
    "theory_rmse": "the RMSE",
    "theory_model_se": "the standard error that the estimator reports",
    "theory_coverage": "the coverage of the 95 % interval",
    "theory_rate": "the slope of log RMSE on log n",
    "limit": _LIMIT,
    "plateau": _LIMIT,
    "spread": "the standard deviation of the estimates",
}
"""What each check is of, in words."""
_PARAMETERS = {"mean_cm": "mean", "sd_cm": "SD", "gap_cm": "gap"}


def _sentence(check: Check) -> str:
    """What failed, where, what was expected and what was got."""
    place = [f"{check.estimator} in {check.scenario}" if check.estimator else "the study"]
    if check.size is not None:
        place.append(f"n = {check.size:,}")
    if check.parameter:
        name = _PARAMETERS.get(check.parameter, check.parameter)
        place.append(f"{name} of {check.group}" if check.group else name)
    digits = 12 if check.z is None else 4
    got = "missing" if check.got is None else f"{check.got:.{digits}g}"
    expected = "nothing" if check.expected is None else f"{check.expected:.{digits}g}"
    text = (
        f"{', '.join(place)}: {_WHAT.get(check.check, check.check)} is {got}; "
        f"{'it must be' if check.is_invariant else 'theory says'} {expected}"
    )
    return text if check.z is None else f"{text} ({abs(check.z):.1f} standard errors apart)"
