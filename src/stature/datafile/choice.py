"""Choice: which of several models of one file is recommended, and of how many groups.

The number of groups is that of the model with the smallest BIC. Among models of so many groups
that with a prior is recommended, because with few observations and hidden labels a weak prior on
shares and on the ratio of SDs is nearer to the truth than the highest likelihood; unless there is
none, or its likelihood is so much lower that the values contradict the prior. Then it is the model
with the smallest BIC.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from stature.datafile.fits import CellFit, Finding, fit_cells, fit_people, runs_of_cells
from stature.datafile.people import Counts, People
from stature.datafile.request import FitRequest, UsageError
from stature.datafile.runs import Runs, plan_runs
from stature.datafile.signs import step_of
from stature.design.streams import stream_key
from stature.domain.mixture import modes_cm
from stature.domain.model import Model
from stature.domain.observation import Exact
from stature.estimators.estimator import Estimator, Status

if TYPE_CHECKING:
    from stature.estimators.ratio import RatioTest

# Two fits that the likelihood hardly tells apart contradict each other where they differ by more.
# Log-likelihoods that differ by less than the first: a test at 5 % of one parameter takes 1.92.
HARDLY, SHARES_APART, MEANS_APART_SDS = 2.0, 0.1, 0.25
# A difference of BIC below it is next to no evidence: Raftery (1995).
NO_EVIDENCE = 2.0
# BIC that differs by less is that of one maximum.
TIED = 1e-3

Refit = Callable[[Estimator, tuple[float, ...]], Finding]
Planned = Mapping[str, tuple[Estimator, Runs]]
Progress = Callable[[Planned], Iterable[tuple[Estimator, Runs]]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A file, and what all estimators made of it."""

    of: People | Counts
    runs: Runs  # of the first number of groups; values, weights and labels are those of all
    findings: tuple[Finding, ...]
    alone: tuple[Finding, ...] = ()  # one group beside, for each way in which heights are seen
    notes: tuple[str, ...] = ()
    refit: Refit | None = None  # by an estimator with known shares, from its own starts
    of_cells: tuple[CellFit, ...] = ()  # the findings, of a table of counts
    tests: "tuple[RatioTest, ...]" = ()  # of so many groups against one more, where asked for

    @property
    def recommended(self) -> Finding | None:
        """The fit that is recommended; None where none reached a maximum."""
        return recommended(self.findings, self.told)

    @property
    def cells(self) -> Counts | None:
        """The table of counts, if it is one."""
        return self.of if isinstance(self.of, Counts) else None

    @property
    def told(self) -> bool:
        """Whether a person gave shares or SDs, which are not those of labels."""
        return self.runs.labels == "absent"


def fit_all(
    request: FitRequest, people: People, progress: Progress = lambda planned: planned.values()
) -> Fitted:
    """Fit everything that was asked for, and one group beside it where groups are looked for."""
    counts = request.groups if len(request.groups) > 1 and not people.group_names else ()
    plans = [plan_runs(replace(request, groups=(k,)), people) for k in dict.fromkeys(counts)]
    runs = plans[0] if plans else plan_runs(request, people)
    planned = {
        one.name: (one, each) for each in plans or [runs] for one in (_named(each, len(plans) > 1))
    }
    if request.test:
        check_test(request, runs)
    # Random starts belong to the seed and to the bytes of the file.
    key = stream_key(request.seed, people.sha256)
    findings = tuple(fit_people(*one, key) for one in progress(planned))
    notes = tuple(dict.fromkeys(note for each in plans or [runs] for note in each.notes))

    def refit(estimator: Estimator, shares: tuple[float, ...]) -> Finding:
        alike = next((each for each in plans if len(each.group_names) == len(shares)), runs)
        return fit_people(estimator, replace(alike, known_shares=shares), key, enough=False)

    alone = _alone(request, people, findings, key)
    fitted = Fitted(people, runs, findings, alone, notes, refit)
    return replace(fitted, tests=_tests(request, fitted, key)) if request.test else fitted


def check_test(request: FitRequest, runs: Runs) -> None:
    """Refuse a test of the number of groups where there is none."""
    words = ""
    if runs.labels == "seen":
        words = "expected values without labels, as labels say how many groups there are"
    elif runs.weights is not None:
        words = "expected a row for each value without weights or counts"
    elif request.rounded is not None or request.reading.cuts != (None, None):
        words = "expected values as they stand, got a rounding or a cut"
    elif request.shares or request.sds:
        words = "expected shares and SDs that are estimated, got known ones"
    if words:
        raise UsageError((f"--test: {words}; leave it out",))


def _tests(request: FitRequest, fitted: Fitted, key: str) -> "tuple[RatioTest, ...]":
    """Tests of each number of groups against the next one, with SDs as BIC prefers them."""
    # Compiled code is slow to import.
    from stature.estimators.ratio import Null, ratio_test

    values, step = fitted.runs.values, step_of(fitted.runs.values)
    counts = sorted({len(one.group_names) for one in fitted.findings})
    counts = counts[:-1] if len(counts) > 1 else [max(counts[0] - 1, 1)]
    able = [one for one in models_of(fitted.findings) if not has_prior(one) and not _known(one)]
    able = [one for one in able if one.status is Status.CONVERGED]
    several = [one for one in able if len(one.group_names) > 1]
    model = min(several, key=lambda one: one.bic).estimator.model if several else Model("none")
    tests: list[RatioTest] = []
    for groups in counts:
        nulls = [one for one in (*able, *fitted.alone) if len(one.group_names) == groups]
        same = [one for one in nulls if groups == 1 or one.estimator.model == model]
        if same:
            null = Null(same[0].mixture, model, step, float(values[0]))
            tests.append(ratio_test(values, null, key, request.test))
    return tuple(tests)


def fitted_cells(request: FitRequest, table: Counts, fits: tuple[CellFit, ...]) -> Fitted:
    """What estimators made of a table of counts."""

    def refit(estimator: Estimator, shares: tuple[float, ...]) -> Finding:
        asked = replace(request, shares=shares)
        return fit_cells(asked, table, estimator, len(shares), enough=False).finding

    findings = tuple(one.finding for one in fits)
    single = tuple(one for one in findings if len(one.group_names) == 1)
    runs = runs_of_cells(table, len(findings[0].group_names))
    return Fitted(table, runs, findings, single, table.notes, refit, fits)


def _named(runs: Runs, among_others: bool) -> list[Estimator]:
    """Estimators, named by their number of groups where that of two is not the only one."""
    groups = len(runs.group_names)
    suffix = f"-of-{groups}" if among_others and groups > 2 else ""
    return [replace(one, name=f"{one.name}{suffix}") for one in runs.estimators]


def _alone(
    request: FitRequest, people: People, findings: tuple[Finding, ...], key: str
) -> tuple[Finding, ...]:
    """Fits of one group, for comparison with those of several that were looked for."""
    single = [one for one in findings if len(one.group_names) == 1]
    hidden = [one for one in findings if one.estimator.model.labels == "none"]
    if single or not hidden:
        return tuple(single)
    asked = replace(request, groups=(1,), shares=None, sds=None, estimators=(), hide_group=False)
    nobody = replace(people, group_names=(), group_index=np.full(len(people.rows), -1, np.int8))
    try:
        runs = plan_runs(asked, nobody)
    except UsageError:
        return ()
    return tuple(fit_people(one, runs, key) for one in runs.estimators)


def models_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The fits of one kind of data that are compared: labels as recorded, else none, else all."""
    every = tuple(findings)
    for labels in ("recorded", "none", "all"):
        if mine := tuple(one for one in every if one.estimator.model.labels == labels):
            return mine
    return ()


def recommended(findings: Iterable[Finding], told: bool = True) -> Finding | None:
    """The fit that is recommended; None where none of them reached a maximum.

    Where a person said how heights were recorded, or gave shares or SDs, a fit that takes it into
    account; those of labels that only score the fits are no such numbers.
    """
    able = [one for one in models_of(findings) if one.status is Status.CONVERGED]
    able = [one for one in able if not one.suspect] or able
    able = [one for one in able if told or not _known(one)] or able
    able = _most(able, lambda one: not isinstance(one.estimator.model.observation, Exact))
    able = _most(able, lambda one: _known(one) if told else 0)
    if not able:
        return None
    plain = [one for one in able if not has_prior(one)] or able
    lowest = min(one.bic for one in plain)
    # Of one maximum that was found in several ways, the formula's.
    tied = [one for one in plain if one.bic < lowest + TIED]
    best = min(tied, key=lambda one: one.estimator.method != "closed-form")
    same = [one for one in able if one.group_names == best.group_names]
    highest = max(one.log_likelihood for one in same)
    near = [one for one in same if has_prior(one) and highest - one.log_likelihood < HARDLY]
    return near[0] if near else best


def has_prior(one: Finding) -> bool:
    """Whether a fit is the maximum of a likelihood and a prior."""
    return one.estimator.prior is not None


def _known(one: Finding) -> int:
    """How many kinds of numbers a fit takes for known."""
    model = one.estimator.model
    return (model.shares == "known") + (model.sds == "known")


def _most(findings: list[Finding], of: Callable[[Finding], int]) -> list[Finding]:
    """Those of which something is largest."""
    most = max(map(of, findings), default=0)
    return [one for one in findings if of(one) == most]


def is_alone_as_good(one: Finding, alone: Iterable[Finding]) -> Finding | None:
    """One group that has no larger BIC, but for what is no evidence; None if there is none."""
    # A likelihood that saw labels is that of other data.
    for other in alone if one.estimator.model.labels == "none" else ():
        if (
            other.estimator.model.observation == one.estimator.model.observation
            and one is not other
        ):
            return other if other.bic < one.bic + NO_EVIDENCE else None
    return None


def contradicting(findings: Iterable[Finding], best: Finding) -> list[tuple[Finding, Finding]]:
    """Pairs of fits that differ, though the likelihood hardly tells them apart.

    Of as many groups, and of heights as recorded in one way, as the one that is recommended; the
    pair first whose shares differ most.
    """
    able = [
        one
        for one in models_of(findings)
        if one.status is Status.CONVERGED and not one.suspect and not _known(one)
    ]
    pairs = [
        (one, other)
        for one, other in combinations(able, 2)
        if all(_is_alike(each, best) for each in (one, other))
        and abs(one.log_likelihood - other.log_likelihood) < HARDLY
        and _are_apart(one, other)
    ]
    return sorted(pairs, key=lambda two: -np.ptp([one.mixture.shares[0] for one in two]))


def _is_alike(one: Finding, other: Finding) -> bool:
    """Whether two fits are of as many groups, and of heights as recorded in one way."""
    views = (each.estimator.model.observation for each in (one, other))
    return one.group_names == other.group_names and len(set(views)) == 1


def _are_apart(one: Finding, other: Finding) -> bool:
    """Whether two fits are different answers."""
    a, b = one.mixture, other.mixture
    shares = np.abs(a.shares - b.shares).max()
    means = np.abs(a.means_cm - b.means_cm).max() / min(a.sds_cm.max(), b.sds_cm.max())
    return bool(shares > SHARES_APART or means > MEANS_APART_SDS)


def modes(one: Finding) -> int:
    """How many modes the fitted density has."""
    return len(modes_cm(one.mixture))
