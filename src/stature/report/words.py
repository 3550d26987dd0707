"""A study in words: its estimators with every setting, its statuses, its people."""

from collections.abc import Iterator

from stature.config.study import Study
from stature.domain.model import Model
from stature.domain.observation import Exact, numbers_of
from stature.domain.population import Population
from stature.estimators.estimator import Estimator, Status

METHODS = {
    "closed-form": "the textbook formulas: shares, means and SDs (divisor n) of each group",
    "newton": "Newton's climb, in steps that never lower the likelihood",
    "em": "expectation–maximisation",
    "squarem": "expectation–maximisation extrapolated along its own path (SQUAREM)",
    "hard-em": "hard EM: everybody in one group at each step",
    "moments": "moments of two groups",
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
    Status.NO_MAXIMUM: "there is no solution: the likelihood rises without end, or the moments "
    "have no root",
}
"""What each status means."""


def scope(study: Study, estimator: Estimator) -> str:
    """What an estimator is fitted to, where that is not every scenario."""
    for one in study.scopes:
        if one.estimator == estimator.name:
            clauses = [", ".join(names) for names in (one.populations, one.biases) if names]
            return f"only {' with '.join(clauses)}"
    return ""


def knows(model: Model) -> str:
    """What an estimator is told, in words.

    Examples
    --------
    >>> knows(Model("none", shares="known"))
    'heights; the shares of the population'
    """
    told = ["heights and everybody's group" if model.labels == "all" else "heights"]
    if model.labels == "some":
        told.append(f"the group of {model.labelled_share:.3g} of the people")
    if model.labels == "recorded":
        told.append("the group of those of whom it was written down")
    if model.unlabelled == "ignored":
        told.append("the heights of nobody else")
    if not isinstance(model.observation, Exact):
        numbers = " ".join(numbers_of(model.observation))
        told.append(f"that heights are {model.observation.kind} ({numbers})")
    if model.shares == "known":
        told.append(_told("shares", model.assumed_shares))
    if model.sds == "known":
        told.append(_told("SDs", model.assumed_sds_cm))
    return "; ".join(told)


def estimates(model: Model) -> str:
    """What an estimator estimates, in words.

    Examples
    --------
    >>> estimates(Model("none", sds="equal"))
    'shares, means, one SD for all'
    """
    free = ["shares"] if model.shares == "free" else []
    free.append("means")
    free += {"free": ["SDs"], "equal": ["one SD for all"], "known": []}[model.sds]
    if model.freedom:
        free.append(f"groups of Student's law with {model.freedom:g} degrees of freedom")
    return ", ".join(free)


def settings(estimator: Estimator) -> str:
    """Starts and stop of an estimator, every setting.

    A clause; starts only where labels are hidden, nothing but that for a closed form.
    """
    return "; ".join([_path(estimator), *_extras(estimator)])


def _extras(estimator: Estimator) -> Iterator[str]:
    """Settings that change what is sought, or what is known of it."""
    if estimator.oracle:
        yield "it is told the truth and begins there"
    if estimator.penalty:
        yield (
            f"penalised by {estimator.penalty:g} / √n for SDs far from that of the sample (Chen, "
            "Tan & Zhang 2008)"
        )
    if estimator.share_penalty:
        yield f"penalised for small shares: as if {estimator.share_penalty:g} more were of each"
    if estimator.sd_ratio:
        yield f"no SD may be less than {estimator.sd_ratio:g} of another (Hathaway 1985)"
    if estimator.trimmed:
        yield (
            f"at each step the least likely {estimator.trimmed:.3g} of the people are left out "
            "(Neykov et al. 2007)"
        )
    if estimator.variances == "unbiased":
        yield "variances divided by one less of each group"


def _path(estimator: Estimator) -> str:
    """Where it begins, and when it stops."""
    if estimator.method in ("closed-form", "moments"):
        return "no start, no stop"
    if estimator.method == "hard-em":
        return f"{estimator.starts} starts; stops when nobody changes groups"
    if estimator.stop is not None:
        return (
            f"{estimator.starts} starts, {estimator.screening_steps} EM steps each; EM goes on "
            f"from the best until the {estimator.stop.gain} gain of the log-likelihood is below "
            f"{_power(estimator.stop.below)}"
        )
    stop = (
        f"stops at a squared Newton decrement of {_power(estimator.tolerance)} (squared standard "
        f"errors), at the latest after {estimator.step_limit:,} steps"
    )
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
    """Where the people of a population come from, in words."""
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
