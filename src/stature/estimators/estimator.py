"""Estimators and fits: the records that the rest of the package passes around."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

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
    """A popular rule by which EM stops: where the log-likelihood hardly rises any more.

    Attributes
    ----------
    gain : {"total", "mean", "relative"}
        The rise of the log-likelihood in a step: as it is, per person, or over its size.
    below : float
        EM stops when it is smaller than this.
    """

    gain: Literal["total", "mean", "relative"]
    below: float


@dataclass(frozen=True, slots=True)
class Estimator:
    """A named method with its settings.

    Attributes
    ----------
    name : str
        Name of the estimator.
    model : Model
        Which labels it sees and which parameters are free.
    method : {"closed-form", "newton", "em", "squarem", "hard-em", "moments"}
        How the estimate is found; the last two do not maximise the likelihood.
    starts : int
        Number of starts, the fixed ones first, then random ones.
    screening_steps : int
        Steps that each start makes before the best are chosen.
    kept_starts : int
        Number of starts from which the search goes on: Newton finds where they lead, and the
        method itself climbs from the one that leads highest.
    step_limit : int
        Steps after which a fit ends with status ``step_limit``.
    tolerance : float
        The squared Newton decrement at which a fit has converged, in squared standard errors.
    penalty : float
        Weight of a penalty on SDs far from that of the sample, times root n; 0: none.
    stop : Stop or None
        A rule at which EM stops before it has arrived; None: the decrement.
    share_penalty : float
        Weight b of a penalty ``b sum log pi_k`` on small shares: as if b people more were of each
        group; 0: none.
    variances : {"likelihood", "unbiased"}
        Of a closed form: whether variances have the divisor n_k, or n_k - 1.
    oracle : bool
        Whether it is told the truth and begins there.
    sd_ratio : float
        The smallest SD is at least so many times the largest (Hathaway's constraint); 0: any.
    trimmed : float
        Share of the people, the least likely ones, who are left out; 0: nobody.
    interval : {"wald", "sandwich", "profile", "bootstrap"}
        Where the ends of the 95 % intervals come from: standard errors of the observed information
        or sandwich ones, the profile likelihood, or samples drawn from the fitted mixture.
    bootstrap_samples : int
        Number of these samples; 0 with other intervals.
    """

    name: str
    model: Model
    method: Method
    starts: int = 10
    screening_steps: int = 5
    kept_starts: int = 10
    step_limit: int = 20000
    tolerance: float = 1e-8
    penalty: Annotated[float, Field(exclude_if=_is_unset)] = 0.0
    stop: Annotated[Stop | None, Field(exclude_if=_is_unset)] = None
    share_penalty: Annotated[float, Field(exclude_if=_is_unset)] = 0.0
    variances: Annotated[Variances, Field(exclude_if=_is_unset)] = "likelihood"
    oracle: Annotated[bool, Field(exclude_if=_is_unset)] = False
    sd_ratio: Annotated[float, Field(exclude_if=_is_unset)] = 0.0
    trimmed: Annotated[float, Field(exclude_if=_is_unset)] = 0.0
    interval: Annotated[Interval, Field(exclude_if=_is_unset)] = "wald"
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
    """All that the fits of a block depend on, besides its samples.

    Attributes
    ----------
    estimator : Estimator
        The estimator.
    group_names : tuple of str
        Names of the groups, in the order of their means.
    known_shares, known_sds_cm : tuple of float or None
        What the estimator is told, in that order; None where its model estimates them.
    sampling : {"stratified", "random"}
        Whether the number of people of each group was fixed: then labels tell nothing of shares.
    sizes : tuple of int
        Sizes, ascending.
    first, last : int
        First and last replicate of the block.
    stream_key : str
        Key of the streams of starts.
    traced : int
        The steps of the first so many replicates of the block are kept.
    oracle : tuple of float or None
        Shares, means and SDs of the population in cm, for a search that starts there; else None.
    """

    estimator: Estimator
    group_names: tuple[str, ...]
    known_shares: tuple[float, ...] | None
    known_sds_cm: tuple[float, ...] | None
    sampling: Sampling
    sizes: tuple[int, ...]
    first: int
    last: int
    stream_key: str
    traced: int
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

    Attributes
    ----------
    replicates : array of int32, shape (R,)
        Absolute replicate numbers.
    sizes : array of int32, shape (S,)
        Sizes, ascending.
    group_names : tuple of str
        Names of the groups, in the order of their means.
    estimate, std_error, robust_std_error, lower, upper : array, shape (R, S, Q)
        Estimates, standard errors from the observed information and sandwich ones, and the ends
        of the estimator's 95 % interval; NaN where `status`, `se_status` or `interval_status`
        says why.
    interval_status : array of int8, shape (R, S, Q)
        Codes of `IntervalStatus`.
    status, se_status : array of int8, shape (R, S)
        Codes of `Status` and `SeStatus`.
    log_likelihood, decrement : array, shape (R, S)
        Log-likelihood and squared Newton decrement at the estimate.
    passes, steps : array of int32, shape (R, S)
        Passes over the data (EM-map evaluations) of all starts, and steps of the winning one.
    starts, starts_agreeing : array of int16, shape (R, S)
        Starts that Newton followed to an end, and how many reached the best maximum (to 1e-6).
    suspect, near_tie : array of bool, shape (R, S)
        A group of fewer than 5 people or an SD ratio under .2; means closer than half a pooled SD.
    resamples_failed : array of int32, shape (R, S)
        Bootstrap samples whose fit did not converge; 0 with other intervals.
    at_constraint : array of bool, shape (R, S), or None
        Two SDs as different as they may be; None: they may be as different as they like.
    """

    replicates: NDArray[np.int32]
    sizes: NDArray[np.int32]
    group_names: tuple[str, ...]
    estimate: NDArray[np.float64]
    std_error: NDArray[np.float64]
    robust_std_error: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    interval_status: NDArray[np.int8]
    status: NDArray[np.int8]
    se_status: NDArray[np.int8]
    log_likelihood: NDArray[np.float64]
    decrement: NDArray[np.float64]
    passes: NDArray[np.int32]
    steps: NDArray[np.int32]
    starts: NDArray[np.int16]
    starts_agreeing: NDArray[np.int16]
    suspect: NDArray[np.bool_]
    near_tie: NDArray[np.bool_]
    resamples_failed: NDArray[np.int32]
    at_constraint: NDArray[np.bool_] | None = None
