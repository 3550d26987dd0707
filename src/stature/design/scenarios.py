"""Scenarios: population x bias, what data a job draws."""

from dataclasses import dataclass

from stature.domain.bias import Bias
from stature.domain.model import Sampling
from stature.domain.population import Population


@dataclass(frozen=True, slots=True)
class NamedBias:
    """A bias with the name that it has in a study."""

    name: str  # name of the bias
    bias: Bias  # what it does
    why: str = ""  # where it comes from, in words


@dataclass(frozen=True, slots=True)
class Scenario:
    """A population seen through a bias, under a sampling design."""

    population: Population  # the truth
    bias: NamedBias  # how the sample departs from it
    sampling: Sampling  # whether the number of people of each group is fixed

    @property
    def slug(self) -> str:
        """Folder name of the scenario; names hold no dot, so no two scenarios share it."""
        return f"{self.population.name}.{self.bias.name}"


def names_of(slug: str) -> tuple[str, str]:
    """Names of the population and of the bias of a scenario.

    Examples
    --------
    >>> names_of("school.tall-volunteers")
    ('school', 'tall-volunteers')
    """
    population, _, bias = slug.partition(".")
    return population, bias
