"""Measures by what they are about, so that sentences and tables can ask for one."""

from collections.abc import Iterable
from dataclasses import dataclass

from stature.measures.measure import Measure

_FINITE = "finite"

Key = tuple[str, str, int | None, str, str, str]


@dataclass(frozen=True, slots=True)
class Lookup:
    """The measures of a study."""

    # measures under their usual policy, by scenario, estimator, size, group, parameter and name
    usual: dict[Key, Measure]
    finite: dict[Key, Measure]  # the same under the policy ``finite``, where some fits failed

    def get(
        self,
        name: str,
        scenario: str,
        estimator: str,
        size: int | None,
        group: str = "",
        parameter: str = "",
    ) -> Measure | None:
        """A measure that has a value.

        The measure; None where it is missing or has no value.
        """
        found = self.usual.get((scenario, estimator, size, group, parameter, name))
        return None if found is None or found.value is None else found


def lookup(measures: Iterable[Measure]) -> Lookup:
    """Measures by what they are about."""
    usual: dict[Key, Measure] = {}
    finite: dict[Key, Measure] = {}
    for row in measures:
        key = (row.scenario, row.estimator, row.size, row.group, row.parameter, row.measure)
        (finite if row.policy == _FINITE else usual)[key] = row
    return Lookup(usual, finite)
