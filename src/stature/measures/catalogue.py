"""The catalogue of measures: name, unit, definition, Monte-Carlo error and function of each.

Whatever computes, expects, prints or checks measures asks this list. A new measure is a function
of arrays in `performance` or `comparisons`, and an entry here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stature.arrays import Bools, Floats, Int32s
from stature.domain.model import parameter_rows
from stature.domain.quantity import HIT
from stature.estimators.estimator import Fits, IntervalStatus, SeStatus, Status
from stature.measures import comparisons, performance
from stature.measures.cells import Answers, Cells, TheoryCells
from stature.measures.performance import Measured, average, proportion, quantile, without_chance

# A tenth of a standard error: for all purposes such an estimate is the maximum.
NEAR = 0.1
MEDIAN = 0.5
HIGH_QUANTILE = 0.9

# parameter: every parameter at every size; fit: every size; rate: every parameter, over sizes;
# theory: as parameter, known without data; theory-fit: as fit, known without data; unlabelled: as
# parameter, for estimators without labels, against the labelled reference; same-model: as
# parameter, for estimators of the same maximum as the reference; interval: as parameter, for
# intervals that are not Wald's from the observed information; against-wald: the same where the
# study has such a Wald interval of the same fit; bootstrap, outside: as fit, for such estimators;
# quantity: every quantity that an estimator from outside returns.
# groups: as fit, for those that choose among numbers of groups.
Scope = Literal[
    "parameter",
    "fit",
    "rate",
    "theory",
    "theory-fit",
    "unlabelled",
    "same-model",
    "interval",
    "against-wald",
    "bootstrap",
    "outside",
    "quantity",
    "groups",
]
# Which replicates stand behind a measure. `available`: those in which this estimator converged
# (rates: all replicates); `joint`: those in which both compared estimators converged; `finite`:
# every finite estimate, converged or not; empty: none, the number is theory.
Policy = Literal["available", "joint", "finite", ""]

# Measures that are also given under the policy `finite`, at the sizes where a fit failed.
ALSO_OF_ALL_FINITE = ("bias", "empirical_se", "rmse")


@dataclass(frozen=True, slots=True)
class Results:
    """All that a measure of an estimator in a scenario may look at."""

    own: Cells
    theory: TheoryCells
    other: Cells  # of the estimator compared with; its own if there is none
    tolerance: float = HIT  # how far off a mean is still found

    @property
    def fits(self) -> Fits:
        """The fits of the estimator."""
        return self.own.fits


@dataclass(frozen=True, slots=True)
class MeasureKind:
    """What a measure is."""

    name: str  # its name in the tables
    scope: Scope  # what has it: each parameter, each fit, each parameter over all sizes
    unit: str  # its unit; ``parameter``: that of the parameter (cm, or none for a share)
    # what is computed. t estimate, e error, v squared standard error, theta truth, n replicates
    # used, S their standard deviation, a relative square (t - mean t)^2 / S^2 - 1.
    definition: str
    mcse: str  # its Monte-Carlo standard error
    # computes it: shape (S, Q); (S,) of fits; (Q,) over all sizes
    compute: Callable[[Results], Measured]
    policy: Policy = "available"  # which replicates stand behind it

    @property
    def of_fit(self) -> bool:
        """Whether it is of a fit, and not of each of its parameters."""
        return self.scope in ("fit", "theory-fit", "bootstrap", "outside", "groups")


@dataclass(frozen=True, slots=True)
class AnswerKind:
    """A measure that looks at estimates and what is claimed of them alone; fields as above."""

    name: str
    unit: str
    definition: str
    mcse: str
    compute: Callable[[Answers], Measured]


_OF_A_MEAN = "SD(x) / sqrt(n), x the averaged values"
_OF_A_SHARE = "sqrt(p (1 - p) / n); at 0 and 1 half of Wilson's interval / 1.96"
_OF_A_QUANTILE = "half the distance of the order statistics of rank n q ± sqrt(n q (1 - q))"


def _share(name: str, definition: str, happened: Callable[[Results], Floats]) -> MeasureKind:
    """A share of all fits, from what happened (1, or 0) in each, shape (S, R)."""
    return MeasureKind(
        name, "fit", "", definition, _OF_A_SHARE, lambda of: proportion(happened(of))
    )


def _ended(status: Status, definition: str, scope: Scope = "fit") -> MeasureKind:
    """The share of all fits that ended with a status."""
    kind = _flag(status.name.lower(), definition, lambda fits: fits.status == status)
    return replace(kind, scope=scope)


def _flag(name: str, definition: str, flags: Callable[[Fits], Bools]) -> MeasureKind:
    """The share of all fits with a flag, shape (R, S)."""
    return _share(name, definition, lambda of: of.own.of_fits(flags(of.fits)))


def _theory(
    name: str, definition: str, value: Callable[[Results], Floats], scope: Scope = "theory"
) -> MeasureKind:
    """A number that is known without data."""
    unit = "parameter" if scope == "theory" else ""
    return MeasureKind(name, scope, unit, definition, "", lambda of: without_chance(value(of)), "")


def _parameter(
    name: str, unit: str, definition: str, mcse: str, compute: Callable[[Results], Measured]
) -> MeasureKind:
    """A measure that every parameter has at every size."""
    return MeasureKind(name, "parameter", unit, definition, mcse, compute)


def _of_errors(
    name: str, unit: str, definition: str, mcse: str, measure: Callable[[Floats], Measured]
) -> AnswerKind:
    """A measure of the errors alone."""
    return AnswerKind(name, unit, definition, mcse, lambda of: measure(of.error))


def _of_own(kind: AnswerKind) -> Callable[[Results], Measured]:
    """A measure of the answers of the estimator itself."""
    return lambda of: kind.compute(of.own.answers)


def _of_search(of: Results, values: NDArray[Any]) -> Floats:
    """What each fit that converged has once of a search; NaN where the package made none."""
    return np.where(of.own.of_fits(of.fits.passes) > 0.0, of.own.of_converged(values), np.nan)


def _cost(
    name: str, unit: str, what: str, spent: Callable[[Fits], Int32s]
) -> tuple[MeasureKind, ...]:
    """Mean, median and 90 % quantile of what the converged fits cost."""

    def costs(of: Results) -> Floats:
        return _of_search(of, spent(of.fits))

    return (
        MeasureKind(name, "fit", unit, f"mean {what}", _OF_A_MEAN, lambda of: average(costs(of))),
        *(
            MeasureKind(
                f"{name}_{suffix}",
                "fit",
                unit,
                f"{words} of the same",
                _OF_A_QUANTILE,
                lambda of, probability=probability: quantile(costs(of), probability),
            )
            for suffix, words, probability in (
                ("median", "median", MEDIAN),
                ("p90", "90 % quantile", HIGH_QUANTILE),
            )
        ),
    )


def _within_2cm(of: Results) -> Floats:
    """Whether a fit converged with every mean within 2 cm of the truth."""
    means = [name == "mean_cm" for _, name in parameter_rows(of.fits.group_names)]
    # ASSUME [failures] a fit that failed is a miss: a user would have got no answer.
    return performance.within(of.own.error[:, means], of.tolerance)


def _distance(of: Results) -> Floats:
    """Distance of a fit from the maximum; infinite where the information is not positive."""
    return np.sqrt(np.maximum(of.own.of_converged(of.fits.decrement), 0.0))


def _at_boundary(of: Results) -> Floats:
    """Whether an end of an interval is the boundary of its parameter."""
    status = np.moveaxis(of.fits.interval_status[of.own.order], 0, -1)
    happened = (status == IntervalStatus.BOUNDARY).astype(np.float64)
    return np.where(np.isnan(of.own.lower), np.nan, happened)


def _alone(fits: Fits) -> Bools:
    """Whether one of several starts alone reached the maximum, shape (R, S)."""
    several = (fits.status == Status.CONVERGED) & (fits.starts > 1)
    return several & (fits.starts_agreeing == 1)


def _at_constraint(fits: Fits) -> Bools:
    """Whether the SDs of a fit are as different as they may be, shape (R, S)."""
    reached = fits.at_constraint
    return np.zeros_like(fits.suspect) if reached is None else reached


def _equivalent(target: Cells, other: Cells) -> Measured:
    """Number of people with whom another estimator has the RMSE of a target, shape (S, Q)."""
    sizes = target.fits.sizes
    people = comparisons.equivalent_size(
        comparisons.curve(sizes, np.swapaxes(target.error, 0, 1)),
        comparisons.curve(sizes, np.swapaxes(other.error, 0, 1)),
    )
    return Measured(people.value.T, people.mcse.T, people.lower.T, people.upper.T, people.used.T)


OF_ANSWERS: tuple[AnswerKind, ...] = (
    _of_errors("bias", "parameter", "mean e", "S / sqrt(n)", performance.bias),
    AnswerKind(
        "relative_bias",
        "",
        "mean e / theta",
        "S / (sqrt(n) |theta|)",
        lambda of: performance.relative_bias(of.error, of.truth),
    ),
    _of_errors(
        "empirical_se",
        "parameter",
        "S, the standard deviation of t (divisor n - 1)",
        "(S / 2) SD(a) / sqrt(n)",
        performance.empirical_se,
    ),
    _of_errors("mse", "parameter squared", "mean e^2", "SD(e^2) / sqrt(n)", performance.mse),
    _of_errors("rmse", "parameter", "sqrt(mean e^2)", "MCSE(MSE) / (2 RMSE)", performance.rmse),
    _of_errors("absolute_error", "parameter", "mean |e|", _OF_A_MEAN, lambda e: average(np.abs(e))),
    _of_errors(
        "median_error", "parameter", "median of e", _OF_A_QUANTILE, lambda e: quantile(e, MEDIAN)
    ),
    AnswerKind(
        "model_se",
        "parameter",
        "sqrt(mean v)",
        "SD(v) / (2 ModSE sqrt(n))",
        lambda of: performance.model_se(of.std_error),
    ),
    AnswerKind(
        "relative_error_model_se",
        "",
        "ModSE / EmpSE - 1, on replicates with both",
        "(ModSE / S) SD(v / (2 ModSE^2) - a / 2) / sqrt(n)",
        lambda of: performance.relative_error_model_se(of.error, of.std_error),
    ),
    AnswerKind(
        "coverage",
        "",
        "share of the closed 95 % intervals of the estimator that hold theta",
        _OF_A_SHARE,
        lambda of: performance.coverage(of.lower, of.upper, of.truth),
    ),
    AnswerKind(
        "bias_eliminated_coverage",
        "",
        "share of those intervals that hold the mean of t",
        _OF_A_SHARE,
        lambda of: performance.bias_eliminated_coverage(of.lower, of.upper, of.used),
    ),
    AnswerKind(
        "interval_width",
        "parameter",
        "mean width of the intervals that have two finite ends",
        _OF_A_MEAN,
        lambda of: average(of.upper - of.lower),
    ),
)
"""Measures of estimates, their standard errors and intervals: of a study, or of anybody's table."""

MEAN = AnswerKind("mean", "parameter", "mean t", _OF_A_MEAN, lambda of: average(of.used))
WITHOUT_TRUTH = (
    "empirical_se",
    "model_se",
    "relative_error_model_se",
    "bias_eliminated_coverage",
    "interval_width",
)
"""Measures that need no truth."""


def of_quantities(has_truth: bool) -> tuple[AnswerKind, ...]:
    """What is measured of a quantity that an estimator from outside returns."""
    return (MEAN, *(one for one in OF_ANSWERS if has_truth or one.name in WITHOUT_TRUTH))


CATALOGUE: tuple[MeasureKind, ...] = (
    MeasureKind(
        *("mean", "quantity", MEAN.unit, f"{MEAN.definition}, of a quantity of its own", MEAN.mcse),
        _of_own(MEAN),
    ),
    *(_parameter(one.name, one.unit, one.definition, one.mcse, _of_own(one)) for one in OF_ANSWERS),
    _parameter(
        "efficiency",
        "",
        "(bound / EmpSE)^2, the bound that of the sampling design used",
        "2 efficiency MCSE(S) / S",
        lambda of: performance.efficiency(of.own.error, of.theory.bound),
    ),
    _parameter(
        "bias_to_limit",
        "parameter",
        "mean t minus the large-sample limit of the estimator under this bias",
        "S / sqrt(n)",
        lambda of: performance.bias(of.own.error - (of.theory.limit - of.own.truth)[..., None]),
    ),
    _parameter(
        "limit_coverage",
        "",
        "share of the 95 % Wald intervals with sandwich standard errors that hold the limit "
        "(shares by logit, SDs by log)",
        _OF_A_SHARE,
        lambda of: performance.coverage(of.own.robust_lower, of.own.robust_upper, of.theory.limit),
    ),
    _theory("truth", "theta: what the population holds", lambda of: of.own.truth),
    _theory(
        "bound", "smallest standard error of an unbiased estimator", lambda of: of.theory.bound
    ),
    _theory(
        "limit_bias",
        "limit of the estimator minus theta",
        lambda of: of.theory.limit - of.own.truth,
    ),
    _theory("limit_se", "sandwich standard error around the limit", lambda of: of.theory.limit_se),
    _theory(
        "small_sample_bias",
        "mean t minus the limit, to the first order in 1/n (Rilstone et al. 1996)",
        lambda of: of.theory.small_sample_bias,
    ),
    _theory(
        "em_rate",
        "factor by which an EM step shrinks the error",
        lambda of: of.theory.em_rate,
        "theory-fit",
    ),
    _theory(
        "rival_chance",
        "probability that another maximum than that near the limit is the highest (Vuong 1989)",
        lambda of: of.theory.rival_chance,
        "theory-fit",
    ),
    MeasureKind(
        "rate",
        "rate",
        "",
        "slope of log RMSE on log size",
        "SD over replicates of sum c_k (e_k^2 / MSE_k - 1) / 2, over sqrt(n); sizes are nested",
        lambda of: comparisons.slope(of.fits.sizes, np.swapaxes(of.own.error, 0, 1)),
    ),
    _ended(Status.CONVERGED, "share of all fits that converged"),
    _ended(Status.STEP_LIMIT, "share that reached the limit of steps"),
    _ended(Status.DEGENERATE, "share in which a group collapsed"),
    _ended(Status.NONFINITE, "share that met a number that is not finite"),
    _ended(Status.TOO_FEW, "share with fewer people than the model needs"),
    _ended(Status.SWAPPED, "share whose groups changed places"),
    _ended(Status.NO_MAXIMUM, "share that have no solution inside"),
    _ended(Status.ERROR, "share in which an estimator from outside failed", "outside"),
    _ended(Status.MALFORMED, "share in which it returned no estimate", "outside"),
    _ended(Status.TIMED_OUT, "share in which it took too long", "outside"),
    _ended(Status.FEWER_GROUPS, "share in which fewer groups were chosen than there are", "groups"),
    _ended(Status.MORE_GROUPS, "share in which more groups were chosen than there are", "groups"),
    _flag(
        "se_singular",
        "share with a singular information",
        lambda fits: fits.se_status == SeStatus.SINGULAR,
    ),
    _flag(
        "se_none",
        "share for which there are no standard errors",
        lambda fits: fits.se_status == SeStatus.NONE,
    ),
    _flag("suspect", "share of maxima that look spurious", lambda fits: fits.suspect),
    _flag("near_tie", "share with means closer than half a pooled SD", lambda fits: fits.near_tie),
    _flag("at_constraint", "share whose SDs are as different as allowed", _at_constraint),
    _share(
        "within_2cm",
        "share of all fits that converged with every mean within 2 cm of the truth",
        _within_2cm,
    ),
    MeasureKind(
        "distance",
        "fit",
        "standard errors",
        "median distance of the result from the maximum, the root of its Newton decrement, where "
        "the information is positive definite",
        _OF_A_QUANTILE,
        lambda of: quantile(_distance(of), MEDIAN),
    ),
    _share(
        "near_maximum",
        "share of all fits that converged within a tenth of a standard error of a maximum",
        lambda of: (_distance(of) < NEAR).astype(np.float64),
    ),
    *_cost("passes", "evaluations", "likelihood evaluations, all starts", lambda fits: fits.passes),
    *_cost("steps", "steps", "steps of the winning start", lambda fits: fits.steps),
    MeasureKind(
        "starts_agreeing",
        "fit",
        "starts",
        "mean number that reached the best maximum",
        _OF_A_MEAN,
        lambda of: average(_of_search(of, of.fits.starts_agreeing)),
    ),
    # Were m starts all alike, the last would be the one that reached the best maximum alone with a
    # chance of 1/m; a start after it leads higher no more often.
    MeasureKind(
        "moved_by_a_start",
        "fit",
        "",
        "share of all fits that another start would move, at most: the mean of 1 over the starts "
        "where one alone reached the best maximum, else of 0",
        _OF_A_MEAN,
        lambda of: average(of.own.of_fits(_alone(of.fits) / np.maximum(of.fits.starts, 1))),
    ),
    MeasureKind(
        "price_of_hidden_labels",
        "unlabelled",
        "",
        "RMSE over that of the labelled reference on the same replicates",
        "ratio SD(e_B^2 / (2 MSE_B) - e_A^2 / (2 MSE_A)) / sqrt(n)",
        lambda of: comparisons.price(of.own.error, of.other.error),
        "joint",
    ),
    MeasureKind(
        "gain_in_precision",
        "unlabelled",
        "",
        "(S_A / S_B)^2 - 1, A the labelled reference",
        "(S_A / S_B)^2 SD(a_A - a_B) / sqrt(n)",
        lambda of: comparisons.gain_in_precision(of.own.error, of.other.error),
        "joint",
    ),
    MeasureKind(
        "labelled_equivalent",
        "unlabelled",
        "people",
        "labelled people with whom the reference has the RMSE that this estimator has at n",
        "by influence on both curves, log n* linear between sizes",
        lambda of: _equivalent(of.own, of.other),
    ),
    MeasureKind(
        "hidden_equivalent",
        "unlabelled",
        "people",
        "people without labels with whom this estimator has the RMSE that the reference has at n",
        "by influence on both curves, log n* linear between sizes",
        lambda of: _equivalent(of.other, of.own),
    ),
    MeasureKind(
        "largest_relative_difference",
        "same-model",
        "",
        "largest |t_B - t_A| / |t_A| over replicates, A the reference of the same likelihood",
        "",
        lambda of: comparisons.largest_relative_difference(
            of.own.answers.used, of.other.answers.used
        ),
        "joint",
    ),
    MeasureKind(
        "at_boundary",
        "interval",
        "",
        "share of the intervals with an end at the boundary of the parameter: nothing rules out "
        "what lies before it",
        _OF_A_SHARE,
        lambda of: proportion(_at_boundary(of)),
    ),
    MeasureKind(
        "closer_to_nominal",
        "against-wald",
        "",
        "|C_A - 0.95| - |C_B - 0.95|, C coverage, A Wald intervals and B these of the same fits",
        "SD over replicates of the difference of the influences, over sqrt(n); McNemar's where "
        "both cover too little",
        lambda of: comparisons.closer_to_nominal(
            (of.own.lower, of.own.upper), (of.other.lower, of.other.upper), of.own.truth
        ),
        "joint",
    ),
    MeasureKind(
        "resamples_failed",
        "bootstrap",
        "samples",
        "mean number of bootstrap samples whose fit did not converge; none is drawn again",
        _OF_A_MEAN,
        lambda of: average(of.own.of_converged(of.fits.resamples_failed)),
    ),
)
