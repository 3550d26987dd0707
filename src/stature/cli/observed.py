"""Estimators that know how heights were seen: cut, rounded, or a row for many people.

Each is the counterpart of one that takes heights as they stand, and is fitted beside it.
"""

from dataclasses import replace
from typing import Literal

from stature.cli.request import FitRequest
from stature.domain.model import Model
from stature.domain.observation import Rounded, Truncated
from stature.estimators.estimator import Estimator

KEPT_STARTS = 3
TOLERANCE = 1e-12
# Of the estimators that take heights as they stand, those with counterparts: one a likelihood.
WITH_COUNTERPARTS = (
    "mle",
    "labels-as-recorded",
    "normal",
    "em",
    "em-equal-sds",
    "em-known-shares",
    "em-known-sds",
)


def view_of(request: FitRequest) -> Truncated | Rounded | None:
    """How heights were seen, as far as a person said so."""
    if request.rounded_cm is not None:
        return Rounded(request.rounded_cm)
    if request.below_cm is None and request.above_cm is None:
        return None
    return Truncated(request.below_cm, request.above_cm)


def one_group(estimators: tuple[Estimator, ...]) -> tuple[Estimator, ...]:
    """Estimators of a single group, under the names that they deserve.

    One normal and, where its SD is told, one of known SD.
    """
    names = {"em": "normal", "em-known-sds": "normal-known-sds"}
    return tuple(
        replace(one, name=names[one.name], method="newton", starts=1, kept_starts=1)
        for one in estimators
        if one.name in names
    )


def as_seen(
    estimators: tuple[Estimator, ...],
    request: FitRequest,
    labels: Literal["seen", "hidden", "absent"],
) -> tuple[Estimator, ...]:
    """Estimators with their counterparts.

    The same where heights are as they stand; else each before its counterpart. Where rows stand for
    many people all are climbed to by Newton's method.
    """
    view = view_of(request)
    kept = [one for one in estimators if one.name in (*WITH_COUNTERPARTS, "normal-known-sds")]
    if view is None and request.weights is None:
        return estimators
    if view is not None and labels == "seen" and request.sds_cm is not None:
        # What historians do who believe the SD of another army.
        kept.append(Estimator("mle-known-sds", Model("all", sds="known"), "newton"))
    found: list[Estimator] = []
    for one in kept:
        climbed = replace(
            one, method="newton", kept_starts=min(one.starts, KEPT_STARTS), tolerance=TOLERANCE
        )
        weighted = replace(climbed, name=f"{one.name}-weighted")
        found.append(one if request.weights is None else weighted)
        if view is not None:
            word = "rounded" if isinstance(view, Rounded) else "truncated"
            model = replace(one.model, observation=view)
            found.append(replace(climbed, name=f"{one.name}-{word}", model=model))
    return tuple(found)
