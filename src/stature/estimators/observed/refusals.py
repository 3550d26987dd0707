"""What cannot be fitted: settings that no method goes with. Imports nothing compiled."""

from stature.domain.observation import Exact
from stature.estimators.estimator import Estimator


def why_refused(estimator: Estimator, groups: int) -> str:
    """What an estimator asks for that no method does.

    Parameters
    ----------
    estimator : Estimator
        The estimator.
    groups : int
        Number of groups.

    Returns
    -------
    str
        A clause; empty: it can be fitted.
    """
    model, method = estimator.model, estimator.method
    exact = isinstance(model.observation, Exact) and not model.freedom
    if (estimator.stop is None) == (method == "em"):
        # EM that runs on to the maximum is Newton's answer, at many times the price.
        return "a stop goes with method em, and for this model em needs one: else use newton"
    match method:
        case "newton":
            return ""
        case "em" | "hard-em":
            if not exact or model.labels == "all":
                return f"method {method} takes exact heights of normal groups; use newton"
            return "hard-em takes no penalty" if estimator.penalty and method != "em" else ""
        case "moments":
            if not exact or model.labels != "none" or estimator.penalty or groups != 2:
                return "moments are for two groups, exact heights, no labels and no penalty"
            known = model.shares == "known" or model.sds == "known"
            return "moments take free shares, and sds that are free or equal" if known else ""
        case _:
            return f"method {method} is for plain models; use newton"
