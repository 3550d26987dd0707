"""Estimators and fits: the records that the rest of the package passes around.

A setting of an estimator is a field here, or of its model: with what a study file may say of it,
and, further down, what it does not go with.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Annotated, Literal

from stature.arrays import Bools, Floats, Int8s, Int16s, Int32s
from stature.domain.functions import moved
from stature.domain.model import Model, Sampling
from stature.domain.model import parameter_rows as parameter_rows
from stature.domain.observation import Exact, Weighted
from stature.domain.settings import LeftOut

Method = Literal[
    "closed-form", "newton", "em", "squarem", "hard-em", "moments", "python", "command"
]
Interval = Literal["wald", "sandwich", "profile", "bootstrap", "posterior"]
Criterion = Literal["bic", "aic", "icl"]
MOST_PROFILED_GROUPS = 2
COMPILED: tuple[Method, ...] = ("closed-form", "newton", "em", "squarem")
"""Methods of the compiled search, for plain models."""
OUTSIDE: tuple[Method, ...] = ("python", "command")
"""Methods that people bring: `stature.estimators.outside`."""
ENOUGH_STARTS = 0
"""In place of a number of starts: as many as it takes, for files of one's own."""
BOOTSTRAP_SAMPLES = 200
"""Bootstrap samples unless a study says otherwise: the ends are then order statistics 5 from the
outermost. A hundred would make them twice as uncertain, a thousand takes five times as long."""


@dataclass(frozen=True, slots=True)
class Stop:
    """EM stops when the log-likelihood rises by less than a number in a step."""

    gain: Literal["total", "mean", "relative"]
    below: float


@dataclass(frozen=True, slots=True)
class Outside:
    """What people bring as an estimator, and what it may take; nothing of it where they do not."""

    function: Annotated[str, LeftOut("")] = ""
    command: Annotated[tuple[str, ...], LeftOut(())] = ()
    files: Annotated[tuple[str, ...], LeftOut(())] = ()
    batched: Annotated[bool, LeftOut(False)] = False
    format: Annotated[Literal["csv", "parquet"], LeftOut("csv")] = "csv"
    seconds: Annotated[float, LeftOut(0.0)] = 0.0  # 0: as long as said there
    memory_mb: Annotated[int, LeftOut(0)] = 0  # 0: any
    quantities: Annotated[tuple[str, ...], LeftOut(())] = ()
    # files that the config names, as it names them, and the digest of their content
    sources: Annotated[tuple[str, ...], LeftOut(())] = ()
    sha256: Annotated[str, LeftOut("")] = ""

    @property
    def patience(self) -> float:
        """Seconds that a call may take."""
        return self.seconds or (3600.0 if self.command else 60.0)

    def opened(self, paths: Sequence[str]) -> "Outside":
        """Return the same with its files where they lie."""
        where = dict(zip(self.sources, paths, strict=True))
        return replace(
            self,
            function=moved(self.function, where),
            command=tuple(where.get(word, word) for word in self.command),
            files=tuple(where.get(word, word) for word in self.files),
            sources=tuple(paths),
        )


NOTHING_OUTSIDE = Outside()


@dataclass(frozen=True, slots=True)
class Prior:
    """A prior that is added to the likelihood: few people say little of shares and SDs.

    What it adds does not grow with the sample, so that its estimates have the large-sample limit
    and the bound of the likelihood alone.
    """

    form: Annotated[Literal["ratio", "mclust"], LeftOut("ratio")] = "ratio"
    shares: float = 5.0
    sd_ratio: float = 0.2


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the models among which an estimator chooses."""

    sds: Literal["free", "equal", "ratio"] = "free"
    prior: Annotated[Prior | None, LeftOut(None)] = None
    groups: Annotated[int, LeftOut(0)] = 0  # 0: those of the population


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice among models, made for each sample."""

    by: Criterion
    among: tuple[Alternative, ...]
    average: Annotated[bool, LeftOut(False)] = False


@dataclass(frozen=True, slots=True)
class Estimator:
    """A named method with its settings."""

    name: str
    model: Model  # which labels it uses and which parameters are free
    method: Method
    starts: int = 10
    screening_steps: int = 5
    kept_starts: int = 10
    step_limit: int = 20000
    tolerance: float = 1e-8
    penalty: Annotated[float, LeftOut(0.0)] = 0.0
    stop: Annotated[Stop | None, LeftOut(None)] = None
    prior: Annotated[Prior | None, LeftOut(None)] = None
    choose: Annotated[Choice | None, LeftOut(None)] = None
    variances: Annotated[Literal["likelihood", "unbiased"], LeftOut("likelihood")] = "likelihood"
    oracle: Annotated[bool, LeftOut(False)] = False
    sd_ratio: Annotated[float, LeftOut(0.0)] = 0.0  # 0: any
    trimmed: Annotated[float, LeftOut(0.0)] = 0.0
    interval: Annotated[Interval, LeftOut("wald")] = "wald"
    estimate: Annotated[Literal["maximum", "posterior"], LeftOut("maximum")] = "maximum"
    bootstrap_samples: Annotated[int, LeftOut(0)] = 0  # 0: with other intervals
    outside: Annotated[Outside, LeftOut(NOTHING_OUTSIDE)] = NOTHING_OUTSIDE

    @property
    def is_penalised(self) -> bool:
        """Whether it maximises more than the likelihood."""
        return bool(self.penalty or self.prior or self.choose or self.estimate == "posterior")

    @property
    def ends_at_maximum(self) -> bool:
        """Whether what it converges to is a maximum of the likelihood, perhaps with a penalty."""
        averages = self.estimate == "posterior" or bool(self.choose and self.choose.average)
        maximises = self.method in COMPILED and self.stop is None and not self.trimmed
        return maximises and not averages and self.variances == "likelihood"

    @property
    def takes_sds(self) -> bool:
        """Whether it takes SDs as known, or their ratio."""
        among = self.choose.among if self.choose else ()
        return self.model.takes_sds or any(one.sds == "ratio" for one in among)

    @property
    def is_compiled(self) -> bool:
        """Whether the compiled search can fit it."""
        extras = self.penalty or self.stop or self.oracle or self.sd_ratio or self.trimmed
        if self.variances == "unbiased":
            extras = extras or self.method != "closed-form" or self.model.sds == "known"
        extras = extras or (self.prior and self.model.labels != "none")
        return self.model.is_plain and self.method in COMPILED and not extras


def why_refused(estimator: Estimator, groups: int) -> str:
    """What an estimator that is not compiled asks for that no method does; empty if nothing."""
    model, method = estimator.model, estimator.method
    # Weights leave the heights as they are, so that a step of EM has its closed form.
    normal = isinstance(model.observation, Exact | Weighted) and not model.freedom
    exact = isinstance(model.observation, Exact) and not model.freedom
    if method in OUTSIDE:
        return _why_not_outside(estimator)
    if model.unlabelled == "ignored" and model.labels not in ("some", "recorded"):
        return "unlabelled people are ignored only with labels: recorded, or a share of labels"
    if estimator.variances == "unbiased" and (method != "closed-form" or model.sds == "known"):
        return "unbiased variances are for method closed-form, with SDs that are free or equal"
    own = estimator.interval == "posterior" and not (estimator.prior or estimator.penalty)
    if estimator.estimate == "posterior" and not own:
        return "estimate: posterior goes with interval: posterior, and with no other prior"
    if estimator.sd_ratio and (model.sds != "free" or method not in ("newton", "em")):
        return "a ratio of SDs needs free sds, and method newton or em"
    if estimator.trimmed and (method != "newton" or not exact or estimator.is_penalised):
        return "trimming takes exact heights of normal groups, no penalty, and method newton"
    if (estimator.choose or model.sds == "ratio") and (
        not estimator.is_compiled or model.labels != "none"
    ):
        what = "a choice" if estimator.choose else "a known ratio of SDs"
        return f"{what} is for labels: none, normal groups, exact heights, em, squarem or newton"
    if estimator.choose and (estimator.prior or model.sds != "free" or model.shares != "free"):
        return "a choice leaves sds and prior to its models, and takes free shares"
    choose = estimator.choose
    among = {one.groups for one in choose.among} if choose else {0}
    if choose and any(among) and (choose.average or not among & {0, groups}):
        return f"numbers of groups, here {groups} among them, are chosen and not averaged"
    if choose and any(one.sds == "ratio" and one.groups not in (0, groups) for one in choose.among):
        return f"a ratio of SDs is known of the population's groups, which are {groups}"
    if estimator.prior and (estimator.penalty or estimator.sd_ratio):
        return "a prior goes with no penalty and no sd_ratio of its own"
    if estimator.prior and model.shares == "known" and model.sds != "free":
        return "a prior needs free shares or free sds"
    if estimator.prior and model.labels == "all":
        return "a prior is for hidden labels; labels tell shares and SDs"
    if estimator.is_compiled:
        return ""
    if estimator.stop is not None and method != "em":
        return f"a stop is a rule of method em, got method {method}; leave the stop out"
    match method:
        case "newton":
            return ""
        case "em" | "hard-em" if model.labels == "all":
            return f"method {method} is for hidden labels; with all labels use newton"
        case "em" if normal:
            return ""
        case "hard-em" if exact:
            return "hard-em takes no penalty" if estimator.is_penalised else ""
        case "em" | "hard-em":
            # A step would take a search of its own: the M-step has no closed form there.
            same = ", which finds the maximum that em would" if method == "em" else ""
            return f"method {method} takes exact heights of normal groups; use newton{same}"
        case "moments":
            if not exact or model.labels != "none" or estimator.is_penalised or groups != 2:
                return "moments are for two groups, exact heights, no labels and no penalty"
            known = model.shares == "known" or model.sds == "known"
            return "moments take free shares, and sds that are free or equal" if known else ""
        case _:
            ways = "em or newton" if normal and model.labels != "all" else "newton"
            return f"method {method} is for plain models; use {ways}"


def _why_not_outside(estimator: Estimator) -> str:
    """What an estimator that people bring has no use for; empty if nothing."""
    model = estimator.model
    known = model.shares, "free", model.assumed_shares, model.assumed_sds_cm
    plain = Model(model.labels, *known, labelled_share=model.labelled_share)
    plain = replace(plain, sds="known" if model.sds == "known" else "free")
    alone = Estimator(estimator.name, plain, estimator.method, outside=estimator.outside)
    if alone == estimator:
        return ""
    return (
        f"method {estimator.method} takes labels, shares and sds (free or known), and keys of its "
        "own; leave out the rest, which it would never see"
    )


def why_no_interval(estimator: Estimator, groups: int) -> str:
    """What stands against the intervals that an estimator asks for; empty if nothing."""
    model, interval = estimator.model, estimator.interval
    if interval == "wald" or estimator.method in OUTSIDE:
        return ""
    if interval == "sandwich":
        if estimator.method in ("hard-em", "moments") or estimator.stop is not None:
            return "sandwich intervals need a maximum: use newton, or em without a stop"
        return ""
    if estimator.choose:
        return f"{interval} intervals are of one model: use wald or sandwich with a choice"
    if not estimator.is_compiled or model.labels != "none":
        return (
            f"{interval} intervals are for labels: none, normal groups, exact heights and the "
            "methods em, squarem and newton; use wald or sandwich"
        )
    if interval == "profile" and model.sds == "ratio":
        return "profile intervals are for SDs that are free, equal or known; use bootstrap"
    if interval == "profile" and groups > MOST_PROFILED_GROUPS:
        return f"profile intervals are for two groups, here are {groups}; use bootstrap"
    return ""


@dataclass(frozen=True, slots=True)
class FitSpec:
    """All that the fits of a block depend on, besides its samples."""

    estimator: Estimator  # the estimator
    group_names: tuple[str, ...]  # names of the groups, in the order of their means
    # known parameters, in that order; None where its model estimates them
    known_shares: tuple[float, ...] | None
    known_sds_cm: tuple[float, ...] | None
    # whether the number of people of each group was fixed: then labels say nothing of shares
    sampling: Sampling
    sizes: tuple[int, ...]  # sizes, ascending
    first: int  # first and last replicate of the block
    last: int
    stream_key: str  # key of the streams of starts
    traced: int  # the steps of the first so many replicates of the block are kept
    # shares, means and SDs of the population in cm, for a search that starts there; else None
    oracle: Annotated[tuple[float, ...] | None, LeftOut(None)] = None

    def opened(self, paths: Sequence[str]) -> "FitSpec":
        """Return the same with the files of an estimator from outside where they lie."""
        outside = self.estimator.outside.opened(paths)
        return replace(self, estimator=replace(self.estimator, outside=outside))


class Status(IntEnum):
    """How a fit ended; the names, in lower case, are the words of the tables."""

    CONVERGED = 0
    STEP_LIMIT = 1
    DEGENERATE = 2
    NONFINITE = 3
    TOO_FEW = 4
    SWAPPED = 5
    NO_MAXIMUM = 6
    ERROR = 7
    MALFORMED = 8
    TIMED_OUT = 9
    FEWER_GROUPS = 10
    MORE_GROUPS = 11


class SeStatus(IntEnum):
    """Why a fit has standard errors, or has none."""

    OK = 0
    SINGULAR = 1
    NONE = 2


class IntervalStatus(IntEnum):
    """What is odd about an interval.

    `BOUNDARY`: an end is the boundary of its parameter, 0 or 1 of a share, 0 of an SD or a gap, or
    infinite: on the way there the likelihood does not fall far enough, or the interior maximum that
    is followed ceases to be one, so that nothing rules out what lies beyond. `TOO_FEW`: most
    bootstrap fits failed, or the draws of a posterior are worth fewer than 50 of its own.
    """

    OK = 0
    BOUNDARY = 1
    TOO_FEW = 2
    NONE = 3


@dataclass(frozen=True, slots=True)
class Search:
    """How a search went that had as many starts as it took."""

    tried: int  # starts
    starts: int  # those that led to a maximum that counts, and those that led to the best
    agreeing: int
    maxima: int  # different maxima that count
    chance_of_better: float  # estimated chance that another start leads to a better one
    passed_over: int  # maxima above the best that rest on a cluster of chance, and do not count


@dataclass(frozen=True, slots=True)
class Fits:
    """One estimator on a block of replicates at all sizes.

    R replicates, S sizes, Q parameters (`parameter_rows`).
    """

    replicates: Int32s  # shape (R,): absolute replicate numbers
    sizes: Int32s  # shape (S,): sizes, ascending
    group_names: tuple[str, ...]  # names of the groups, in the order of their means
    # shape (R, S, Q): estimates, standard errors from the observed information and sandwich ones,
    # and the ends of the estimator's 95 % interval; NaN where `status`, `se_status` or
    # `interval_status` says why
    estimate: Floats
    std_error: Floats
    robust_std_error: Floats
    lower: Floats
    upper: Floats
    interval_status: Int8s  # shape (R, S, Q): codes of `IntervalStatus`
    status: Int8s  # shape (R, S): codes of `Status` and `SeStatus`
    se_status: Int8s
    # shape (R, S): log-likelihood and squared Newton decrement at the estimate
    log_likelihood: Floats
    decrement: Floats
    # shape (R, S): passes over the data (EM-map evaluations) of all starts, and steps of the
    # winning one
    passes: Int32s
    steps: Int32s
    # shape (R, S): starts that Newton followed to an end, and how many reached the best maximum (to
    # 1e-6)
    starts: Int16s
    starts_agreeing: Int16s
    # shape (R, S): a group of fewer than 5 people or an SD ratio under .2; means closer than half a
    # pooled SD
    suspect: Bools
    near_tie: Bools
    # shape (R, S): bootstrap samples whose fit did not converge; 0 with other intervals
    resamples_failed: Int32s
    # shape (R, S): two SDs as different as they may be; None: they may be as different as they like
    at_constraint: Bools | None = None
    # of one fit with as many starts as it took
    search: Search | None = None
    # shape (R, S, q, q): covariance behind the standard errors, in the unconstrained coordinates
    covariance: Floats | None = None
    # names of what else an estimator from outside returned, and shape (R, S, 4, names): estimates,
    # standard errors and the ends of intervals of these
    quantities: tuple[str, ...] = ()
    of_quantities: Floats | None = None
