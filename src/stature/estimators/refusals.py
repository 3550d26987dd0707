"""Settings of an estimator that have no meaning together. Imports nothing compiled."""

from stature.domain.observation import Exact
from stature.estimators.estimator import Estimator

MOST_PROFILED_GROUPS = 2


def why_refused(estimator: Estimator, groups: int) -> str:
    """What an estimator that is not compiled asks for that no method does; empty if nothing."""
    model, method = estimator.model, estimator.method
    exact = isinstance(model.observation, Exact) and not model.freedom
    if model.unlabelled == "ignored" and model.labels not in ("some", "recorded"):
        return "unlabelled people are ignored only with labels: recorded, or a share of labels"
    if estimator.variances == "unbiased" and (method != "closed-form" or model.sds == "known"):
        return "unbiased variances are for method closed-form, with SDs that are free or equal"
    if estimator.sd_ratio and (model.sds != "free" or method not in ("newton", "em")):
        return "a ratio of SDs needs free sds, and method newton, or em with a stop"
    if estimator.trimmed and (method != "newton" or not exact or estimator.is_penalised):
        return "trimming takes exact heights of normal groups, no penalty, and method newton"
    if estimator.share_penalty and model.shares == "known":
        return "a penalty on shares needs free shares"
    if (estimator.stop is None) == (method == "em"):
        # EM that runs on to the maximum is Newton's answer, at many times the price.
        return "a stop goes with method em, and for this model em needs one: else use newton"
    match method:
        case "newton":
            return ""
        case "em" | "hard-em":
            if not exact or model.labels == "all":
                return f"method {method} takes exact heights of normal groups; use newton"
            return "hard-em takes no penalty" if estimator.is_penalised and method != "em" else ""
        case "moments":
            if not exact or model.labels != "none" or estimator.is_penalised or groups != 2:
                return "moments are for two groups, exact heights, no labels and no penalty"
            known = model.shares == "known" or model.sds == "known"
            return "moments take free shares, and sds that are free or equal" if known else ""
        case _:
            return f"method {method} is for plain models; use newton"


def why_no_interval(estimator: Estimator, groups: int) -> str:
    """What stands against the intervals that an estimator asks for; empty if nothing."""
    model, interval = estimator.model, estimator.interval
    if interval == "wald":
        return ""
    if interval == "sandwich":
        if estimator.method in ("hard-em", "moments") or estimator.stop is not None:
            return "sandwich intervals need a maximum: use newton, or em without a stop"
        return ""
    if not estimator.is_compiled or model.labels != "none":
        return (
            f"{interval} intervals are for labels: none, normal groups, exact heights and the "
            "methods em, squarem and newton; use wald or sandwich"
        )
    if interval == "profile" and groups > MOST_PROFILED_GROUPS:
        return f"profile intervals are for two groups, here are {groups}; use bootstrap"
    return ""
