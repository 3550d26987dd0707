"""All checks of the results of a study, in one call."""

from collections.abc import Iterable

from stature.measures.asymptotics import at_the_largest_size
from stature.measures.check import Check, ChecksSpec, index_of
from stature.measures.exactness import against_limits, against_theory
from stature.measures.invariants import accounting, agreement, mse_identity, rows
from stature.measures.measure import Measure


def check_results(spec: ChecksSpec, measures: Iterable[Measure]) -> tuple[Check, ...]:
    """Check the measures of a study against its design and against theory."""
    index = index_of(measures)
    found = [
        *rows(spec, index),
        *accounting(index),
        *mse_identity(index),
        *agreement(index),
        *against_theory(spec, index),
        *against_limits(spec, index),
        *at_the_largest_size(spec, index),
    ]
    return tuple(sorted(found, key=sort_key))


def sort_key(check: Check) -> tuple[str, str, str, bool, int, str, str]:
    """Place of a check in the table; what is over all sizes comes after the sizes."""
    return (
        check.check,
        check.scenario,
        check.estimator,
        check.size is None,
        check.size or 0,
        check.group,
        check.parameter,
    )
