"""A study in words: its estimators with every setting, its statuses, its people."""

from stature.domain.model import Model
from stature.domain.observation import Observation, Rounded, Selected, Truncated, Weighted
from stature.domain.population import Population
from stature.estimators.estimator import Estimator, Status

METHODS = {
    "closed-form": "the textbook formulas: shares, means and SDs (divisor n) of each group",
    "newton": "Newton's climb, in steps that never lower the likelihood",
    "em": "expectation–maximisation",
    "squarem": "expectation–maximisation extrapolated along its own path (SQUAREM)",
}
"""What each method does."""

STATUSES: dict[Status, str] = {
    Status.CONVERGED: "the maximum is certified: the squared Newton decrement is below the "
    "tolerance, with a positive definite information",
    Status.STEP_LIMIT: "the limit of steps was reached first",
    Status.DEGENERATE: "a group collapsed onto too few people, or its SD onto zero",
    Status.NONFINITE: "a number was not finite",
    Status.TOO_FEW: "fewer people, or fewer of a group, than the model needs",
    Status.SWAPPED: "the groups changed places although the shares say which is which",
}
"""What each status means."""


def knows(model: Model) -> str:
    """What an estimator is told, in words.

    Parameters
    ----------
    model : Model
        Its model.

    Returns
    -------
    str
        A clause; known numbers that the model assumes are listed.

    Examples
    --------
    >>> knows(Model("none", shares="known"))
    'heights; the shares of the population'
    """
    told = [
        {
            "all": "heights and everybody's group",
            "none": "heights",
            "some": f"heights, and the group of {model.labelled_share:.0%} of the people",
        }[model.labels]
    ]
    if model.shares == "known":
        told.append(_told("shares", model.assumed_shares))
    if model.sds == "known":
        told.append(_told("SDs", model.assumed_sds_cm))
    told += _how_heights_are_seen(model.observation)
    if model.freedom:
        told.append(f"groups have Student's law with {model.freedom:g} degrees of freedom")
    return "; ".join(told)


def _how_heights_are_seen(observation: Observation) -> list[str]:
    """What the likelihood knows of how people came to be measured, in words."""
    match observation:
        case Rounded(step_cm=step):
            return [f"a height is the cell of {step:g} cm around it"]
        case Truncated(below_cm=below, above_cm=above):
            sides = [("below", below), ("above", above)]
            cuts = [f"{side} {cut:g} cm" for side, cut in sides if cut is not None]
            return [f"nobody {' or '.join(cuts)} could be measured"]
        case Selected(log_odds_per_cm=slope, centre_cm=centre):
            return [f"log-odds of being measured are {slope:g} (x − {centre:g} cm)"]
        case Weighted(log_odds_per_cm=slope, centre_cm=centre):
            odds = f"log-odds of being measured are {slope:g} (x − {centre:g} cm)"
            return [f"{odds}, and people count by the inverse of their chance"]
        case _:
            return []


def estimates(model: Model) -> str:
    """What an estimator estimates, in words.

    Parameters
    ----------
    model : Model
        Its model.

    Returns
    -------
    str
        The free parameters.

    Examples
    --------
    >>> estimates(Model("none", sds="equal"))
    'shares, means, one SD for all'
    """
    free = ["shares"] if model.shares == "free" else []
    free.append("means")
    free += {"free": ["SDs"], "equal": ["one SD for all"], "known": []}[model.sds]
    return ", ".join(free)


def settings(estimator: Estimator) -> str:
    """Starts and stop of an estimator, every setting.

    Parameters
    ----------
    estimator : Estimator
        The estimator.

    Returns
    -------
    str
        A clause; starts only where labels are hidden, nothing but that for a closed form.
    """
    if estimator.method == "closed-form":
        return "no start, no stop"
    stop = (
        f"stops at a squared Newton decrement of {_power(estimator.tolerance)} (squared standard "
        f"errors), at the latest after {estimator.step_limit:,} steps"
    )
    if estimator.penalty:
        stop = f"penalty {estimator.penalty:g} on unlikely SDs; {stop}"
    if estimator.model.labels == "all":
        return stop
    scouted = (
        f"{estimator.starts} starts, {estimator.screening_steps} EM steps each; from the best "
        f"{estimator.kept_starts} Newton goes on to a maximum"
    )
    if estimator.method == "newton":
        return f"{scouted}, and the highest is taken; {stop}"
    return f"{scouted}, and the method climbs from the start that leads highest; {stop}"


def people(population: Population, file: str) -> str:
    """Where the people of a population come from, in words.

    Parameters
    ----------
    population : Population
        The population.
    file : str
        Path of its data file as the config has it, so that the words are the same everywhere.

    Returns
    -------
    str
        A clause.
    """
    if population.data is None:
        return "people are drawn from normal groups"
    data = population.data
    return (
        f"people are drawn with replacement from column {data.height} ({data.unit}) of {file}; "
        "the file is the truth (SDs with divisor n)"
    )


def _power(number: float) -> str:
    """A tiny number, such as ``1e-8``."""
    return f"{number:g}".replace("e-0", "e-")


def _told(what: str, assumed: tuple[float, ...] | None) -> str:
    """Known numbers, in words."""
    if assumed is None:
        return f"the {what} of the population"
    return f"{what} taken as {', '.join(f'{number:g}' for number in assumed)}"
