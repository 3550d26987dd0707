"""Fits of people's own files: what each estimator made of one, and which fit is recommended.

The number of groups is that of the model with the smallest BIC. Among models of so many groups
that with a prior is recommended, because with few observations and hidden labels a weak prior on
shares and on the ratio of SDs is nearer to the truth than the highest likelihood; unless there is
none, or its likelihood is so much lower that the values contradict the prior. Then it is the model
with the smallest BIC.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from stature.arrays import Floats
from stature.datafile.faults import ODD_ROBUST_Z, centre_and_spread
from stature.datafile.people import People
from stature.datafile.request import FitRequest, UsageError
from stature.datafile.runs import Runs, plan_runs, plans
from stature.datafile.signs import step_of
from stature.design.streams import stream_key
from stature.domain.mixture import Mixture, crossings_cm, cut_cm, modes_cm, responsibilities
from stature.domain.model import Model, free_coordinates, parameter_rows
from stature.domain.observation import Exact, Truncated
from stature.estimators.estimator import (
    ENOUGH_STARTS,
    Estimator,
    Fits,
    FitSpec,
    Search,
    SeStatus,
    Status,
)

if TYPE_CHECKING:
    from stature.estimators.ratio import RatioTest

# A group of less than this share of all may be a few outliers.
SMALL_SHARE = 0.02
TINY = 1e-300  # in place of a probability of 0, whose product with its logarithm is 0
# What a finding and its output take from the record of a fit as it is.
NUMBERS = (
    "log_likelihood", "decrement", "passes", "steps", "starts", "starts_agreeing", "suspect",
    "near_tie",
)  # fmt: skip
# What fits are compared by.
CRITERIA = ("log_likelihood", "parameters", "aic", "bic", "icl")
# Two fits that the likelihood hardly tells apart contradict each other where they differ by more.
# Log-likelihoods that differ by less than the first: a test at 5 % of one parameter takes 1.92.
HARDLY, SHARES_APART, MEANS_APART_SDS = 2.0, 0.1, 0.25
# A difference of BIC below it is next to no evidence: Raftery (1995).
NO_EVIDENCE = 2.0
# BIC that differs by less is that of one maximum.
TIED = 1e-3


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its uncertainty; what is not known is NaN."""

    value: float  # the estimate
    std_error: float  # standard error from the observed information, and the sandwich one
    robust_std_error: float
    lower: float  # ends of the 95 % interval
    upper: float


@dataclass(frozen=True, slots=True)
class Score:
    """How well hidden groups were found, judged by their labels."""

    # estimated mean less the mean of those labelled so, for each group
    mean_errors: tuple[float, ...]
    right: int  # people whose likeliest group is their own, and all people who have a label
    people: int


@dataclass(frozen=True, slots=True)
class OddGroup:
    """A group so small or so far off that it may be outliers."""

    name: str
    share: float
    people: float  # how many they are
    distance: float  # of its mean from the median of all, in robust SDs; below it if negative


@dataclass(frozen=True, slots=True)
class Counted:
    """How well a fit describes a table of counts."""

    # shape (m,): people that it expects in each cell; NaN if the fit failed
    expected: tuple[float, ...]
    # Pearson's statistic of the joined cells and its probability; NaN where there is no test, as at
    # an end that is no maximum
    chi_square: float = np.nan
    p_value: float = np.nan
    cells: int = 0  # how many joined cells there are, and the degrees of freedom
    freedom: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one estimator made of a file."""

    estimator: Estimator
    group_names: tuple[str, ...]  # names of the K groups, in the order of their means
    status: Status  # how the fit ended
    se_status: SeStatus  # whether there are standard errors
    log_likelihood: float  # at the estimate; the decrement is squared
    decrement: float
    passes: int  # as in `stature.estimators.estimator.Fits`
    steps: int
    starts: int
    starts_agreeing: int
    suspect: bool  # likewise
    near_tie: bool
    # by group and parameter; gaps have an empty group, or the lower group's name if K > 2
    estimates: dict[tuple[str, str], Estimate]
    cuts: tuple[float, ...]  # cut between each group and the next; NaN where there is none
    # all values at which each group and the next are as likely
    crossings: tuple[tuple[float, ...], ...]
    # shape (n, K): probability of each group for each person; NaN if the fit failed
    probability: Floats
    score: Score | None  # the score against labels, where there are any
    search: Search | None = None  # where groups were looked for
    odd_groups: tuple[OddGroup, ...] = ()  # of groups that were looked for
    observations: int = 0  # how many were fitted; of a survey, the effective sample size
    # of the probabilities: - sum over observations and groups of p log p; 0 where all are certain
    entropy: float = np.nan
    # shape (q, q): covariance of the unconstrained coordinates; empty or NaN where it is not known
    covariance: Floats = field(default_factory=lambda: np.empty((0, 0)))
    # of a table of counts, whose people have no probability of their own
    counted: Counted | None = None

    @property
    def parameters(self) -> int:
        """How many numbers were estimated."""
        return free_coordinates(self.estimator.model, len(self.group_names)).shape[1]

    @property
    def aic(self) -> float:
        """Akaike's criterion, smaller is better: ``2 p - 2 ln L``."""
        return 2.0 * self.parameters - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion, smaller is better: ``p ln n - 2 ln L`` (1978, eq. 3, times -2)."""
        return self.parameters * float(np.log(self.observations)) - 2.0 * self.log_likelihood

    @property
    def icl(self) -> float:
        """Integrated completed likelihood, smaller is better: BIC plus twice the entropy.

        It holds that groups should be apart (Biernacki, Celeux & Govaert 2000).
        """
        return self.bic + 2.0 * self.entropy

    @property
    def mixture(self) -> Mixture:
        """The estimated groups, in the unit of the file."""
        parts = ("share", "mean", "sd")
        return Mixture(
            *(
                np.array([self.estimates[name, of].value for name in self.group_names])
                for of in parts
            )
        )

    @property
    def means(self) -> tuple[float, ...]:
        """Estimated means, in the order of the groups."""
        return tuple(self.estimates[name, "mean"].value for name in self.group_names)


def fit_one(estimator: Estimator, runs: Runs, key: str, enough: bool = True) -> Finding:
    """Fit one estimator to all people or cells; `key` names the stream of its random starts.

    With as many starts as it takes where groups are looked for, or with its own.
    """
    # Compiled code is slow to import: only for a file that can be fitted.
    from stature.estimators.fit import fit_heights, spec_of_one

    labels, model = estimator.model.labels, estimator.model
    shares = runs.known_shares if model.shares == "known" else None
    sds = runs.known_sds if model.sds == "known" else None
    looks_for = len(runs.group_names) > 1 and labels != "all"
    one = replace(estimator, starts=ENOUGH_STARTS) if enough and looks_for else estimator
    spec = spec_of_one(one, runs.group_names, key, shares, sds)
    if runs.cells is not None:
        return _fit_cells(estimator, spec, runs)
    there = runs.has_label if labels == "all" else np.ones(len(runs.rows), np.bool_)
    index = None if labels == "none" or runs.group_index is None else runs.group_index[there]
    weights = None if runs.weights is None else runs.weights[there]
    return finding(
        estimator, fit_heights(spec, runs.values[there], index, weights, runs.sampling), runs
    )


def _fit_cells(estimator: Estimator, spec: FitSpec, runs: Runs) -> Finding:
    """Fit one estimator to a table of counts."""
    from stature.estimators.fit import fit_cells
    from stature.estimators.general.goodness import goodness

    table, view = runs.cells, estimator.model.observation
    if table is None:
        raise ValueError("expected a table of counts, got people")
    cut = view if isinstance(view, Truncated) else None
    cells = table.lower, table.upper, table.count
    fits, theta = fit_cells(spec, cells, cut)
    one = finding(estimator, fits, runs)
    if one.status not in (Status.CONVERGED, Status.STEP_LIMIT):
        return replace(one, counted=Counted((np.nan,) * len(table.count)))
    judged = goodness(theta, *cells, one.parameters, cut)
    counted = Counted(tuple(judged.expected.tolist()))
    # A parameter takes a degree of freedom where it was fitted, which is at a maximum only.
    if one.status is Status.CONVERGED:
        test = judged.chi_square, judged.p_value, judged.cells, judged.freedom
        counted = Counted(counted.expected, *test)
    return replace(one, counted=counted)


def finding(estimator: Estimator, fits: Fits, runs: Runs) -> Finding:
    """Read what an estimator found off its fits."""
    at = (0, 0)
    columns = (fits.estimate, fits.std_error, fits.robust_std_error, fits.lower, fits.upper)
    names = fits.group_names
    numbers = zip(*(column[at].tolist() for column in columns), strict=True)
    estimates = {
        (name, parameter.removesuffix("_cm")): Estimate(*each)
        for (name, parameter), each in zip(parameter_rows(names), numbers, strict=True)
    }
    mixture = Mixture(
        *(
            np.array([estimates[name, parameter].value for name in names])
            for parameter in ("share", "mean", "sd")
        )
    )
    probability = _probability(mixture, runs.values)
    weights = np.ones(len(probability)) if runs.weights is None else runs.weights
    uncertain = -(weights @ (probability * np.log(np.maximum(probability, TINY)))).sum()
    neighbours, status = range(len(names) - 1), Status(int(fits.status[at]))
    odd_may_be = estimator.model.labels != "all" and status == Status.CONVERGED
    return Finding(
        estimator=estimator,
        group_names=names,
        status=status,
        se_status=SeStatus(int(fits.se_status[at])),
        **{name: getattr(fits, name)[at].item() for name in NUMBERS},
        estimates=estimates,
        cuts=tuple(cut_cm(mixture, k) for k in neighbours),
        crossings=tuple(tuple(crossings_cm(mixture, k, k + 1).tolist()) for k in neighbours),
        probability=probability,
        search=fits.search,
        score=_score(mixture, probability, runs),
        odd_groups=_odd_groups(names, mixture, runs) if odd_may_be else (),
        observations=int(fits.sizes[0]),
        # Of a survey the weights sum to its effective size.
        entropy=float(uncertain * fits.sizes[0] / weights.sum()),
        covariance=np.empty((0, 0)) if fits.covariance is None else fits.covariance[at],
    )


def _odd_groups(names: tuple[str, ...], mixture: Mixture, runs: Runs) -> tuple[OddGroup, ...]:
    """Groups that a reader should look at before he believes in them."""
    centre, spread = centre_and_spread(runs.values, runs.weights)
    if len(names) == 1 or not np.isfinite([mixture.shares, mixture.means_cm]).all():
        return ()
    odd: list[OddGroup] = []
    for name, share, mean in zip(
        names, mixture.shares.tolist(), mixture.means_cm.tolist(), strict=True
    ):
        distance = (mean - centre) / spread if spread > 0.0 else 0.0
        if share < SMALL_SHARE or abs(distance) > ODD_ROBUST_Z:
            odd.append(OddGroup(name, share, share * runs.total, distance))
    return tuple(odd)


def _probability(mixture: Mixture, values: Floats) -> Floats:
    """Probability of each group for each person, shape (n, K)."""
    known = np.isfinite(mixture.shares) & np.isfinite(mixture.means_cm)
    if not (known & (mixture.shares > 0.0) & (mixture.sds_cm > 0.0)).all():
        return np.full((len(values), len(mixture.shares)), np.nan)
    return responsibilities(mixture, values)


def _score(mixture: Mixture, probability: Floats, runs: Runs) -> Score | None:
    """Score against the labels, where there are any and the fit has estimates."""
    # A row that stands for many people is not one that is right or wrong.
    if runs.group_index is None or runs.weights is not None or np.isnan(probability).any():
        return None
    labelled = np.array([group.mean_cm for group in runs.groups])
    likeliest = np.argmax(probability, axis=1)
    return Score(
        mean_errors=tuple((mixture.means_cm - labelled).tolist()),
        # Nobody is found to be of a group that has no name.
        right=int((likeliest == runs.group_index).sum()),
        people=int(runs.has_label.sum()),
    )


Refit = Callable[[Estimator, tuple[float, ...]], Finding]
Planned = Mapping[str, tuple[Estimator, Runs]]
Progress = Callable[[Planned], Iterable[tuple[Estimator, Runs]]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A file, and what all estimators made of it."""

    of: People
    runs: Runs  # of the first number of groups; values, weights and labels are those of all
    findings: tuple[Finding, ...]
    alone: tuple[Finding, ...] = ()  # one group beside, for each way in which heights are seen
    notes: tuple[str, ...] = ()
    refit: Refit | None = None  # by an estimator with known shares, from its own starts
    tests: "tuple[RatioTest, ...]" = ()  # of so many groups against one more, where asked for

    @property
    def recommended(self) -> Finding | None:
        """The fit that is recommended; None where none reached a maximum."""
        return recommended(self.findings, self.are_given)

    @property
    def are_given(self) -> bool:
        """Whether a person gave shares or SDs, which are not those of labels."""
        return self.runs.labels == "absent"


def fit_all(
    request: FitRequest, people: People, progress: Progress = lambda planned: planned.values()
) -> Fitted:
    """Fit everything that was asked for, and one group beside it where groups are looked for."""
    every = plans(request, people)
    runs = every[0]
    planned = {one.name: (one, each) for each in every for one in _named(each, len(every) > 1)}
    if request.test:
        check_test(request, runs)
    # Random starts belong to the seed and to the bytes of the file.
    key = stream_key(request.seed, people.sha256)
    findings = tuple(fit_one(*one, key) for one in progress(planned))
    notes = tuple(dict.fromkeys(note for each in every for note in each.notes))

    def refit(estimator: Estimator, shares: tuple[float, ...]) -> Finding:
        alike = next((each for each in every if len(each.group_names) == len(shares)), runs)
        return fit_one(estimator, replace(alike, known_shares=shares), key, enough=False)

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
        raise UsageError(f"--test: {words}; leave it out")


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


def _named(runs: Runs, among_others: bool) -> list[Estimator]:
    """Estimators, named by their number of groups where that of two is not the only one."""
    groups = len(runs.group_names)
    suffix = f"-of-{groups}" if among_others and groups > 2 and runs.cells is None else ""
    return [replace(one, name=f"{one.name}{suffix}") for one in runs.estimators]


def _alone(
    request: FitRequest, people: People, findings: tuple[Finding, ...], key: str
) -> tuple[Finding, ...]:
    """Fits of one group, for comparison with those of several that were looked for."""
    single = [one for one in findings if len(one.group_names) == 1]
    hidden = [one for one in findings if one.estimator.model.labels == "none"]
    if single or not hidden or people.cells is not None:
        return tuple(single)
    asked = replace(request, groups=(1,), shares=None, sds=None, estimators=())
    try:
        runs = plan_runs(asked, replace(people, group_names=()))
    except UsageError:
        return ()
    return tuple(fit_one(one, runs, key) for one in runs.estimators)


def models_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The fits of one kind of data that are compared: labels as recorded, else none, else all."""
    every = tuple(findings)
    for labels in ("recorded", "none", "all"):
        if mine := tuple(one for one in every if one.estimator.model.labels == labels):
            return mine
    return ()


def recommended(findings: Iterable[Finding], given: bool = True) -> Finding | None:
    """The fit that is recommended; None where none of them reached a maximum.

    Where a person said how heights were recorded, or gave shares or SDs, a fit that takes it into
    account; those of labels that only score the fits are no such numbers.
    """
    able = [one for one in models_of(findings) if one.status is Status.CONVERGED]
    able = [one for one in able if not one.suspect] or able
    able = [one for one in able if given or not _known(one)] or able
    able = _most(able, lambda one: not isinstance(one.estimator.model.observation, Exact))
    able = _most(able, lambda one: _known(one) if given else 0)
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
