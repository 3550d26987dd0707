"""What cannot be fitted: settings that no method goes with. Imports nothing compiled."""

from stature.domain.model import Model
from stature.domain.observation import Exact
from stature.estimators.estimator import Estimator


def _has_sds(model: Model) -> bool:
    """Whether a model estimates SDs."""
    return model.sds != "known"


def why_refused(estimator: Estimator, groups: int) -> str:
    """What an estimator asks for that no method does."""
    model, method = estimator.model, estimator.method
    exact = isinstance(model.observation, Exact) and not model.freedom
    if model.unlabelled == "ignored" and model.labels not in ("some", "recorded"):
        return "unlabelled people are ignored only with labels: recorded, or a share of labels"
    if estimator.variances == "unbiased" and not (method == "closed-form" and _has_sds(model)):
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
