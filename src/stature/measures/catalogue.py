"""The list of measures: name, unit, definition and Monte-Carlo error of each.

The report prints this list, and the checks count rows against it. A new measure is computed in
`summarise` and gets a line here; a test holds the two together.
"""

from dataclasses import dataclass
from typing import Literal

# parameter: every parameter at every size; fit: every size; rate: every parameter, over sizes;
# theory: as parameter, known without data; theory-fit: as fit, known without data; hidden: as
# parameter, for estimators that do not see the labels, against the labelled reference; interval:
# as parameter, for intervals that are not Wald's from the observed information; against-wald: the
# same where the study has such a Wald interval of the same fit; bootstrap: as fit.
Scope = Literal[
    "parameter",
    "fit",
    "rate",
    "theory",
    "theory-fit",
    "hidden",
    "same-model",
    "interval",
    "against-wald",
    "bootstrap",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a measure is."""

    name: str  # its name in the tables
    scope: Scope  # what has it: each parameter, each fit, each parameter over all sizes
    unit: str  # its unit; ``parameter``: that of the parameter (cm, or none for a share)
    # what is computed. t estimate, e error, v squared standard error, theta truth, n replicates
    # used, S their standard deviation, a relative square (t - mean t)^2 / S^2 - 1.
    definition: str
    mcse: str  # its Monte-Carlo standard error


_OF_A_MEAN = "SD(x) / sqrt(n), x the averaged values"
_OF_A_SHARE = "sqrt(p (1 - p) / n); at 0 and 1 half of Wilson's interval / 1.96"
_OF_A_QUANTILE = "half the distance of the order statistics of rank n q ± sqrt(n q (1 - q))"

CATALOGUE: tuple[Kind, ...] = (
    Kind("bias", "parameter", "parameter", "mean e", "S / sqrt(n)"),
    Kind("relative_bias", "parameter", "", "mean e / theta", "S / (sqrt(n) |theta|)"),
    Kind(
        "empirical_se",
        "parameter",
        "parameter",
        "S, the standard deviation of t (divisor n - 1)",
        "(S / 2) SD(a) / sqrt(n)",
    ),
    Kind("mse", "parameter", "parameter squared", "mean e^2", "SD(e^2) / sqrt(n)"),
    Kind("rmse", "parameter", "parameter", "sqrt(mean e^2)", "MCSE(MSE) / (2 RMSE)"),
    Kind("absolute_error", "parameter", "parameter", "mean |e|", _OF_A_MEAN),
    Kind("median_error", "parameter", "parameter", "median of e", _OF_A_QUANTILE),
    Kind("model_se", "parameter", "parameter", "sqrt(mean v)", "SD(v) / (2 ModSE sqrt(n))"),
    Kind(
        "relative_error_model_se",
        "parameter",
        "",
        "ModSE / EmpSE - 1, on replicates with both",
        "(ModSE / S) SD(v / (2 ModSE^2) - a / 2) / sqrt(n)",
    ),
    Kind(
        "coverage",
        "parameter",
        "",
        "share of the closed 95 % intervals of the estimator that hold theta",
        _OF_A_SHARE,
    ),
    Kind(
        "bias_eliminated_coverage",
        "parameter",
        "",
        "share of those intervals that hold the mean of t",
        _OF_A_SHARE,
    ),
    Kind(
        "interval_width",
        "parameter",
        "parameter",
        "mean width of the intervals that have two finite ends",
        _OF_A_MEAN,
    ),
    Kind(
        "efficiency",
        "parameter",
        "",
        "(bound / EmpSE)^2, the bound that of the sampling design used",
        "2 efficiency MCSE(S) / S",
    ),
    Kind(
        "bias_to_limit",
        "parameter",
        "parameter",
        "mean t minus the limit of the estimator under this bias",
        "S / sqrt(n)",
    ),
    Kind(
        "limit_coverage",
        "parameter",
        "",
        "share of the 95 % Wald intervals with sandwich standard errors that hold the limit "
        "(shares by logit, SDs by log)",
        _OF_A_SHARE,
    ),
    Kind("truth", "theory", "parameter", "theta: what the population holds", ""),
    Kind("bound", "theory", "parameter", "smallest standard error of an unbiased estimator", ""),
    Kind("limit_bias", "theory", "parameter", "limit of the estimator minus theta", ""),
    Kind("limit_se", "theory", "parameter", "sandwich standard error around the limit", ""),
    Kind(
        "small_sample_bias",
        "theory",
        "parameter",
        "mean t minus the limit, to the first order in 1/n (Rilstone et al. 1996)",
        "",
    ),
    Kind("em_rate", "theory-fit", "", "factor by which an EM step shrinks the error", ""),
    Kind(
        "rival_chance",
        "theory-fit",
        "",
        "probability that another maximum than that near the limit is the highest (Vuong 1989)",
        "",
    ),
    Kind(
        "rate",
        "rate",
        "",
        "slope of log RMSE on log size",
        "SD over replicates of sum c_k (e_k^2 / MSE_k - 1) / 2, over sqrt(n); sizes are nested",
    ),
    Kind("converged", "fit", "", "share of all fits that converged", _OF_A_SHARE),
    Kind("step_limit", "fit", "", "share that reached the limit of steps", _OF_A_SHARE),
    Kind("degenerate", "fit", "", "share in which a group collapsed", _OF_A_SHARE),
    Kind("nonfinite", "fit", "", "share that met a number that is not finite", _OF_A_SHARE),
    Kind("too_few", "fit", "", "share with fewer people than the model needs", _OF_A_SHARE),
    Kind("swapped", "fit", "", "share whose groups changed places", _OF_A_SHARE),
    Kind("no_maximum", "fit", "", "share that have no solution inside", _OF_A_SHARE),
    Kind("se_singular", "fit", "", "share with a singular information", _OF_A_SHARE),
    Kind("se_none", "fit", "", "share for which there are no standard errors", _OF_A_SHARE),
    Kind("suspect", "fit", "", "share of maxima that look spurious", _OF_A_SHARE),
    Kind("near_tie", "fit", "", "share with means closer than half a pooled SD", _OF_A_SHARE),
    Kind("at_constraint", "fit", "", "share whose SDs are as different as allowed", _OF_A_SHARE),
    Kind(
        "within_2cm",
        "fit",
        "",
        "share of all fits that converged with every mean within 2 cm of the truth",
        _OF_A_SHARE,
    ),
    Kind(
        "distance",
        "fit",
        "standard errors",
        "median distance to the maximum from where the fit ended, the root of its Newton "
        "decrement, where the information is positive definite",
        _OF_A_QUANTILE,
    ),
    Kind(
        "near_maximum",
        "fit",
        "",
        "share of all fits that converged within a tenth of a standard error of a maximum",
        _OF_A_SHARE,
    ),
    Kind("passes", "fit", "passes", "mean passes over the data, all starts", _OF_A_MEAN),
    Kind("passes_median", "fit", "passes", "median of the same", _OF_A_QUANTILE),
    Kind("passes_p90", "fit", "passes", "90 % quantile of the same", _OF_A_QUANTILE),
    Kind("steps", "fit", "steps", "mean steps of the winning start", _OF_A_MEAN),
    Kind("steps_median", "fit", "steps", "median of the same", _OF_A_QUANTILE),
    Kind("steps_p90", "fit", "steps", "90 % quantile of the same", _OF_A_QUANTILE),
    Kind("starts_agreeing", "fit", "starts", "mean number that met the maximum", _OF_A_MEAN),
    Kind(
        "price_of_hidden_labels",
        "hidden",
        "",
        "RMSE over that of the labelled reference on the same replicates",
        "ratio SD(e_B^2 / (2 MSE_B) - e_A^2 / (2 MSE_A)) / sqrt(n)",
    ),
    Kind(
        "gain_in_precision",
        "hidden",
        "",
        "(S_A / S_B)^2 - 1, A the labelled reference",
        "(S_A / S_B)^2 SD(a_A - a_B) / sqrt(n)",
    ),
    Kind(
        "labelled_equivalent",
        "hidden",
        "people",
        "labelled people with whom the reference has the RMSE that this estimator has at n",
        "by influence on both curves, log n* linear between sizes",
    ),
    Kind(
        "hidden_equivalent",
        "hidden",
        "people",
        "people with hidden labels with whom this estimator has the RMSE that the reference "
        "has at n",
        "by influence on both curves, log n* linear between sizes",
    ),
    Kind(
        "largest_relative_difference",
        "same-model",
        "",
        "largest |t_B - t_A| / |t_A| over replicates, A the reference of the same likelihood",
        "",
    ),
    Kind(
        "at_boundary",
        "interval",
        "",
        "share of the intervals with an end at the boundary of the parameter: nothing rules out "
        "what lies before it",
        _OF_A_SHARE,
    ),
    Kind(
        "closer_to_nominal",
        "against-wald",
        "",
        "|C_A - 0.95| - |C_B - 0.95|, C coverage, A Wald intervals and B these of the same fits",
        "SD over replicates of the difference of the influences, over sqrt(n); McNemar's where "
        "both cover too little",
    ),
    Kind(
        "resamples_failed",
        "bootstrap",
        "samples",
        "mean number of bootstrap samples whose fit did not converge; none is drawn again",
        _OF_A_MEAN,
    ),
)


def names(*scopes: Scope) -> tuple[str, ...]:
    """Names of the measures of some scopes.

    Examples
    --------
    >>> names("rate")
    ('rate',)
    """
    return tuple(kind.name for kind in CATALOGUE if not scopes or kind.scope in scopes)
