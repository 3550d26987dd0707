"""Estimators and fits: the records that the rest of the package passes around."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from stature.arrays import Bools, Floats, Int8s, Int16s, Int32s
from stature.domain.model import Model, Sampling
from stature.domain.model import parameter_rows as parameter_rows

Method = Literal["closed-form", "newton", "em", "squarem", "hard-em", "moments"]
Interval = Literal["wald", "sandwich", "profile", "bootstrap"]
COMPILED: tuple[Method, ...] = ("closed-form", "newton", "em", "squarem")
"""Methods of the compiled search, for plain models."""


Variances = Literal["likelihood", "unbiased"]


def _is_unset(value: Any) -> bool:
    """Whether a setting is not used, so that the JSON of an estimator leaves it out."""
    return not value or value in ("likelihood", "wald")


@dataclass(frozen=True, slots=True)
class Stop:
    """A popular rule by which EM stops: where the log-likelihood hardly rises any more."""

    # the rise of the log-likelihood in a step: as it is, per person, or over its size
    gain: Literal["total", "mean", "relative"]
    below: float  # EM stops when it is smaller than this


@dataclass(frozen=True, slots=True)
class Estimator:
    """A named method with its settings."""

    name: str  # name of the estimator
    model: Model  # which labels it sees and which parameters are free
    method: Method  # how the estimate is found; the last two do not maximise the likelihood
    starts: int = 10  # number of starts, the fixed ones first, then random ones
    screening_steps: int = 5  # steps that each start makes before the best are chosen
    # number of starts from which the search goes on: Newton finds where they lead, and the method
    # itself climbs from the one that leads highest
    kept_starts: int = 10
    step_limit: int = 20000  # steps after which a fit ends with status ``step_limit``
    # the squared Newton decrement at which a fit has converged, in squared standard errors
    tolerance: float = 1e-8
    # weight of a penalty on SDs far from that of the sample, times root n; 0: none
    penalty: Annotated[float, Field(exclude_if=_is_unset)] = 0.0
    # a rule at which EM stops before it has arrived; None: the decrement
    stop: Annotated[Stop | None, Field(exclude_if=_is_unset)] = None
    # weight b of a penalty ``b sum log pi_k`` on small shares: as if b people more were of each
    # group; 0: none
    share_penalty: Annotated[float, Field(exclude_if=_is_unset)] = 0.0
    # of a closed form: whether variances have the divisor n_k, or n_k - 1
    variances: Annotated[Variances, Field(exclude_if=_is_unset)] = "likelihood"
    # whether it is told the truth and begins there
    oracle: Annotated[bool, Field(exclude_if=_is_unset)] = False
    # the smallest SD is at least so many times the largest (Hathaway's constraint); 0: any
    sd_ratio: Annotated[float, Field(exclude_if=_is_unset)] = 0.0
    # share of the people, the least likely ones, who are left out; 0: nobody
    trimmed: Annotated[float, Field(exclude_if=_is_unset)] = 0.0
    # where the ends of the 95 % intervals come from: standard errors of the observed information or
    # sandwich ones, the profile likelihood, or samples drawn from the fitted mixture
    interval: Annotated[Interval, Field(exclude_if=_is_unset)] = "wald"
    # number of these samples; 0 with other intervals
    bootstrap_samples: Annotated[int, Field(exclude_if=_is_unset)] = 0

    @property
    def is_penalised(self) -> bool:
        """Whether it maximises more than the likelihood."""
        return bool(self.penalty or self.share_penalty)

    @property
    def ends_at_maximum(self) -> bool:
        """Whether what it converges to is a maximum of the likelihood, perhaps with a penalty."""
        maximises = self.method in COMPILED and self.stop is None and not self.trimmed
        return maximises and self.variances == "likelihood"

    @property
    def is_compiled(self) -> bool:
        """Whether the compiled search can fit it."""
        extras = self.is_penalised or self.stop or self.oracle or self.sd_ratio or self.trimmed
        if self.variances == "unbiased":
            extras = extras or self.method != "closed-form" or self.model.sds == "known"
        return self.model.is_plain and self.method in COMPILED and not extras


@dataclass(frozen=True, slots=True)
class FitSpec:
    """All that the fits of a block depend on, besides its samples."""

    estimator: Estimator  # the estimator
    group_names: tuple[str, ...]  # names of the groups, in the order of their means
    # what the estimator is told, in that order; None where its model estimates them
    known_shares: tuple[float, ...] | None
    known_sds_cm: tuple[float, ...] | None
    # whether the number of people of each group was fixed: then labels tell nothing of shares
    sampling: Sampling
    sizes: tuple[int, ...]  # sizes, ascending
    first: int  # first and last replicate of the block
    last: int
    stream_key: str  # key of the streams of starts
    traced: int  # the steps of the first so many replicates of the block are kept
    # shares, means and SDs of the population in cm, for a search that starts there; else None
    oracle: Annotated[tuple[float, ...] | None, Field(exclude_if=_is_unset)] = None


class Status(IntEnum):
    """How a fit ended; the names, in lower case, are the words of the tables."""

    CONVERGED = 0
    STEP_LIMIT = 1
    DEGENERATE = 2
    NONFINITE = 3
    TOO_FEW = 4
    SWAPPED = 5
    NO_MAXIMUM = 6


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
    bootstrap fits failed.
    """

    OK = 0
    BOUNDARY = 1
    TOO_FEW = 2
    NONE = 3


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
