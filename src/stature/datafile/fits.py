"""Fits of people's own files, and findings: what an estimator made of one, as a person reads it."""

from dataclasses import dataclass, field, replace

import numpy as np

from stature.arrays import Floats
from stature.datafile.faults import ODD_ROBUST_Z, centre_and_spread
from stature.datafile.people import Counts
from stature.datafile.request import FitRequest
from stature.datafile.runs import Runs, component_names
from stature.design.streams import stream_key
from stature.domain.mixture import Mixture, crossings_cm, cut_cm, responsibilities
from stature.domain.model import free_coordinates, parameter_rows
from stature.domain.observation import Truncated
from stature.estimators.estimator import (
    ENOUGH_STARTS,
    Estimator,
    Fits,
    Search,
    SeStatus,
    Status,
)

# A group of less than this share of all may be a few outliers.
SMALL_SHARE = 0.02
TINY = 1e-300  # in place of a probability of 0, whose product with its logarithm is 0
# What a finding and its output take from the record of a fit as it is.
NUMBERS = (
    "log_likelihood", "decrement", "passes", "steps", "starts", "starts_agreeing", "suspect",
    "near_tie",
)  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class CellFit:
    """What one estimator made of a table of counts."""

    finding: Finding  # its estimates; nobody has a probability of his own
    # shape (m,): people that it expects in each cell; NaN if the fit failed
    expected: tuple[float, ...]
    # Pearson's statistic of the joined cells and its probability; NaN where there is no test, as at
    # an end that is no maximum
    chi_square: float = np.nan
    p_value: float = np.nan
    cells: int = 0  # how many joined cells there are, and the degrees of freedom
    freedom: int = 0


def fit_people(estimator: Estimator, runs: Runs, key: str, enough: bool = True) -> Finding:
    """Fit one estimator to all people; `key` names the stream of its random starts.

    With as many starts as it takes where groups are looked for, or with its own.
    """
    # Compiled code is slow to import: only for a file that can be fitted.
    from stature.estimators.fit import fit_heights, spec_of_one

    labels = estimator.model.labels
    there = runs.has_label if labels == "all" else np.ones(len(runs.rows), np.bool_)
    index = None if labels == "none" or runs.group_index is None else runs.group_index[there]
    weights = None if runs.weights is None else runs.weights[there]
    known = _known(estimator, runs.known_shares, runs.known_sds)
    one = _with_enough_starts(estimator, len(runs.group_names)) if enough else estimator
    spec = spec_of_one(one, runs.group_names, key, *known)
    return finding(
        estimator, fit_heights(spec, runs.values[there], index, weights, runs.sampling), runs
    )


def fit_cells(
    request: FitRequest, table: Counts, estimator: Estimator, groups: int, enough: bool = True
) -> CellFit:
    """Fit one estimator to a table of counts; starts as in `fit_people`."""
    from stature.estimators import fit
    from stature.estimators.general.goodness import goodness

    names, view = component_names(groups), estimator.model.observation
    cut = view if isinstance(view, Truncated) else None
    key = stream_key(request.seed, table.sha256)
    spec = fit.spec_of_one(
        _with_enough_starts(estimator, groups) if enough else estimator,
        names,
        key,
        *_known(estimator, request.shares, request.sds_in(table.unit)),
    )
    cells = table.cells.lower, table.cells.upper, table.cells.count
    fits, theta = fit.fit_cells(spec, cells, cut)
    one = finding(estimator, fits, runs_of_cells(table, groups))
    if one.status not in (Status.CONVERGED, Status.STEP_LIMIT):
        return CellFit(one, (np.nan,) * len(table.cells.count))
    judged = goodness(theta, *cells, one.parameters, cut)
    expected = tuple(judged.expected.tolist())
    if one.status is not Status.CONVERGED:
        # A parameter takes a degree of freedom where it was fitted, which is at a maximum only.
        return CellFit(one, expected)
    test = judged.chi_square, judged.p_value, judged.cells, judged.freedom
    return CellFit(one, expected, *test)


def runs_of_cells(table: Counts, groups: int) -> Runs:
    """A table of counts as rows that stand for many people, at the middles of their cells."""
    cells, names = table.cells, component_names(groups)
    return Runs("absent", names, cells.middle, cells.rows, weights=cells.count, in_cells=True)


def _with_enough_starts(estimator: Estimator, groups: int) -> Estimator:
    """The same estimator, whose starts are as many as it takes where groups are looked for."""
    hidden = groups > 1 and estimator.model.labels != "all"
    return replace(estimator, starts=ENOUGH_STARTS) if hidden else estimator


def _known(
    estimator: Estimator, shares: tuple[float, ...] | None, sds: tuple[float, ...] | None
) -> tuple[tuple[float, ...] | None, tuple[float, ...] | None]:
    """Shares and SDs, as far as the model takes them for known."""
    model = estimator.model
    return shares if model.shares == "known" else None, sds if model.sds == "known" else None


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
    neighbours = range(len(names) - 1)
    return Finding(
        estimator=estimator,
        group_names=names,
        status=Status(int(fits.status[at])),
        se_status=SeStatus(int(fits.se_status[at])),
        **{name: getattr(fits, name)[at].item() for name in NUMBERS},
        estimates=estimates,
        cuts=tuple(cut_cm(mixture, k) for k in neighbours),
        crossings=tuple(tuple(crossings_cm(mixture, k, k + 1).tolist()) for k in neighbours),
        probability=probability,
        search=fits.search,
        score=_score(mixture, probability, runs),
        odd_groups=() if estimator.model.labels == "all" else _odd_groups(names, mixture, runs),
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
