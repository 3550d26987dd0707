"""Which intervals an estimator cannot have. Imports nothing compiled."""

from stature.estimators.estimator import Estimator

MOST_PROFILED_GROUPS = 2


def why_refused(estimator: Estimator, groups: int) -> str:
    """What stands against the intervals that an estimator asks for."""
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
