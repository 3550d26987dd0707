"""Scenarios: population x bias, what data a job draws."""

from dataclasses import dataclass

from stature.domain.bias import Bias
from stature.domain.model import Sampling
from stature.domain.population import Population


@dataclass(frozen=True, slots=True)
class NamedBias:
    """A bias with the name that it has in a study.

    Attributes
    ----------
    name : str
        Name of the bias.
    bias : Bias
        What it does.
    why : str
        Where it comes from, in words.
    """

    name: str
    bias: Bias
    why: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A population seen through a bias, under a sampling design.

    Attributes
    ----------
    population : Population
        The truth.
    bias : NamedBias
        How the sample departs from it.
    sampling : {"stratified", "random"}
        Whether the number of people of each group is fixed.
    """

    population: Population
    bias: NamedBias
    sampling: Sampling

    @property
    def slug(self) -> str:
        """Folder name of the scenario; names hold no dot, so no two scenarios share it."""
        return f"{self.population.name}.{self.bias.name}"


def names_of(slug: str) -> tuple[str, str]:
    """Names of the population and of the bias of a scenario.

    Parameters
    ----------
    slug : str
        Slug of the scenario.

    Returns
    -------
    tuple of (str, str)
        Population and bias.

    Examples
    --------
    >>> names_of("school.tall-volunteers")
    ('school', 'tall-volunteers')
    """
    population, _, bias = slug.partition(".")
    return population, bias
