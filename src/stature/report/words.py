"""A study in words: its estimators with every setting, its statuses, its people and its biases."""

from collections.abc import Iterator
from dataclasses import fields
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from math import exp, floor, isfinite, log10
from typing import Any

from stature.config.keys import settings_of, words_of
from stature.config.study import Study, several
from stature.domain.bias import CAP_SDS, Bias, NoBias, Nonresponse, Sequence, strength_of
from stature.domain.model import Model
from stature.domain.observation import Exact, numbers_of
from stature.domain.population import Match, Population
from stature.estimators.estimator import OUTSIDE, Choice, Estimator, Status
from stature.estimators.intervals.wald import Z_95
from stature.report.shared import prior_words

_DIGITS = 12  # of the digest of a file
_LONG = Context(prec=400)  # digits of the largest double

METHODS = {
    "closed-form": "the textbook formulas: shares, means and SDs (divisor n) of each group",
    "newton": "Newton's method, in steps that never lower the likelihood",
    "em": "expectation–maximisation",
    "squarem": "expectation–maximisation with squared extrapolation (SQUAREM)",
    "hard-em": "hard EM: each person is assigned to a single group at each step",
    "moments": "the method of moments for two groups",
    "python": "a function of the study's own",
    "command": "a program of the study's own",
}
"""What each method does."""

STATUSES: dict[Status, str] = {
    Status.CONVERGED: "the method came to its end: where it seeks a maximum, the squared Newton "
    "decrement is below the tolerance, and the information matrix is positive definite",
    Status.STEP_LIMIT: "the limit of steps was reached first",
    Status.DEGENERATE: "a group collapsed onto too few people, or its SD to zero",
    Status.NONFINITE: "a number was not finite",
    Status.TOO_FEW: "there are fewer people, or fewer of a group, than the model needs",
    Status.SWAPPED: "the groups changed places although the known shares tell them apart",
    Status.NO_MAXIMUM: "there is no solution: the likelihood rises without bound, or the moment "
    "equations have no root",
    Status.ERROR: "the function or program of an estimator from outside failed: it raised an "
    "exception, had an exit code other than 0, or its process was lost; the log says how",
    Status.MALFORMED: "what it returned is no estimate: not of the shape that was asked for, no "
    "numbers, negative, or shares that do not sum to 1; the log says what",
    Status.TIMED_OUT: "it took longer than it may, and was ended",
    Status.FEWER_GROUPS: "the criterion chose fewer groups than the population has, so that there "
    "are no estimates of these groups",
    Status.MORE_GROUPS: "the criterion chose more groups than the population has",
}
"""What each status means."""


def scope(study: Study, estimator: Estimator) -> str:
    """What an estimator is fitted to, where that is not every scenario."""
    for one in study.scopes:
        if one.estimator == estimator.name:
            clauses = [", ".join(names) for names in (one.populations, one.biases) if names]
            return f"only {' with '.join(clauses)}"
    return ""


def uses(model: Model, groups: bool = True) -> str:
    """The data that an estimator uses, and its known parameters.

    Examples
    --------
    >>> uses(Model("none", shares="known"))
    'heights; the shares of the population'
    """
    parts = ["heights and everybody's group" if model.labels == "all" and groups else "heights"]
    if model.labels == "some":
        parts.append(f"the group of {100.0 * model.labelled_share:.3g} % of the people")
    if model.labels == "recorded":
        parts.append("the group of those whose group was recorded")
    if model.unlabelled == "ignored":
        parts.append("the heights of nobody else")
    if not isinstance(model.observation, Exact):
        numbers = " ".join(numbers_of(model.observation))
        parts.append(f"that heights are {model.observation.kind} ({numbers})")
    if model.shares == "known":
        parts.append(_known("shares", model.assumed_shares))
    if model.sds == "known":
        parts.append(_known("SDs", model.assumed_sds_cm))
    if model.sds == "ratio":
        parts.append("the ratio of the SDs of the population")
    return "; ".join(parts)


def _known(what: str, assumed: tuple[float, ...] | None) -> str:
    """Known numbers, in words."""
    if assumed is None:
        return f"the {what} of the population"
    return f"{what} taken as {', '.join(f'{number:g}' for number in assumed)}"


def estimates(model: Model, groups: bool = True) -> str:
    """What an estimator estimates, in words.

    Examples
    --------
    >>> estimates(Model("none", sds="equal"))
    'shares, means, one SD for all'
    """
    if not groups:
        return "mean" if model.sds == "known" else "mean, SD"
    free = ["shares"] if model.shares == "free" else []
    free.append("means")
    free += {"free": ["SDs"], "equal": ["one SD for all"], "ratio": ["one scale of all SDs"]}.get(
        model.sds, []
    )
    if model.freedom:
        free.append(f"groups of Student's t distribution with {model.freedom:g} degrees of freedom")
    return ", ".join(free)


def settings(estimator: Estimator) -> str:
    """Every setting of an estimator: starts (without labels), stop, and what it maximises."""
    return "; ".join([_path(estimator), *_extras(estimator)])


def _path(estimator: Estimator) -> str:
    """Where the iterations start, and when they stop."""
    if estimator.method in OUTSIDE:
        own = estimator.outside
        what = own.function or " ".join(own.command)
        return f"{what} (digest {own.sha256[:_DIGITS]}), at most {own.patience:g} s a call"
    if estimator.method in ("closed-form", "moments"):
        return "no iterations"
    if estimator.method == "hard-em":
        return f"{estimator.starts} starts; stops when nobody changes groups"
    starts = f"{estimator.starts} starts of {estimator.screening_steps} EM steps each"
    if estimator.stop is not None:
        return (
            f"{starts}; EM goes on from the best until the {estimator.stop.gain} gain of the "
            f"log-likelihood is below {_power(estimator.stop.below)}"
        )
    stop = (
        f"stops at a squared Newton decrement of {_power(estimator.tolerance)} (squared standard "
        f"errors), or after {estimator.step_limit:,} steps"
    )
    if estimator.model.labels == "all":
        return stop
    kept = f"{starts}; Newton's method goes on from the best {estimator.kept_starts} to a maximum"
    if estimator.method == "newton":
        return f"{kept}, and the highest is taken; {stop}"
    return f"{kept}; the method itself iterates from the start that led to the highest; {stop}"


def _power(number: float) -> str:
    """A tiny number, such as ``1e-8``."""
    return f"{number:g}".replace("e-0", "e-")


def _extras(estimator: Estimator) -> Iterator[str]:
    """Settings that change what is maximised."""
    usual = {one.name: one.default for one in fields(Estimator)}
    for key, setting in settings_of("Estimator").items():
        if setting.page and getattr(estimator, key) != usual[key]:
            yield _filled(setting.page, estimator)


@cache
def _filled(template: str, record: Any) -> str:
    """Words of `keys.yaml` with the numbers of a record."""
    from jinja2 import Environment, StrictUndefined

    templates = Environment(undefined=StrictUndefined)
    templates.filters |= {"g": "{:g}".format, "signed": _signed}
    group = getattr(record, "group", "")
    return templates.from_string(
        template,
        {
            "others": lambda what: f"; for groups other than {group}, {what}" if group else "",
            "like_the_mean": "P(kept | m), m the mean of all",
            "cap_sds": CAP_SDS,
            "digits": _DIGITS,
            "choice": _choice,
            "prior_words": prior_words,
        },
    ).render({one.name: getattr(record, one.name) for one in fields(record)})


def _choice(choose: Choice) -> str:
    """A choice among models, in words."""
    models = [
        (f"{several(one.groups, 'group')} with " if one.groups else "")
        + ("SDs in the population's ratio" if one.sds == "ratio" else f"{one.sds} SDs")
        + (f" {prior_words(one.prior)}" if one.prior else "")
        for one in choose.among
    ]
    by = choose.by.upper()
    if choose.average:
        return f"the average, weighted by {by}, of {' and '.join(models)}"
    return f"of each sample the model with the smallest {by} among {' and '.join(models)}"


MATCHES: dict[Match, str] = {
    "mean": "in the order of their means",
    "sd": "in the order of their SDs",
    "share": "in the order of their shares",
    "nearest": "by the assignment that is nearest to the truth, in standard errors of labelled "
    "people",
}
"""How components are matched to groups."""


def matching(study: Study) -> str:
    """How components that are found without labels become groups; empty where there are none."""
    several = [one for one in study.populations if len(one.groups) > 1]
    if not several or all(one.model.labels != "none" for one in study.estimators):
        return ""
    of: dict[Match, list[str]] = {}
    for one in several:
        of.setdefault(one.match, []).append(one.name)
    each = [
        MATCHES[way] + (f" ({', '.join(names)})" if len(names) < len(several) else "")
        for way, names in of.items()
    ]
    return f"Components that are found without labels are matched to groups {' or '.join(each)}."


def people(population: Population, file: str) -> str:
    """Where the people of a population come from, in words."""
    if population.draw:
        digest = population.sha256[:_DIGITS]
        return (
            f"people are drawn by the function {population.draw} (digest {digest}); the table "
            "of true values states their truth"
        )
    if population.data is None:
        return "people are drawn from normal groups"
    data = population.data
    return (
        f"people are drawn with replacement from column {data.height} ({data.unit}) of {file}; "
        "the file is the truth (SDs with divisor n)"
    )


def is_none(bias: Bias) -> bool:
    """Whether there is no bias, or one of no strength."""
    strength = strength_of(bias)
    return isinstance(bias, NoBias) or (strength is not None and strength.value == strength.none)


def phrase(bias: Bias) -> str:
    """A bias in a few words, at the beginning of a sentence.

    Examples
    --------
    >>> from stature.domain.bias import Rounding
    >>> phrase(Rounding(5.0))
    'Rounding to 5 cm'
    """
    if is_none(bias):
        bias = NoBias()
    if isinstance(bias, Sequence):
        first, *rest = [phrase(step) for step in bias.steps]
        return ", then ".join([first, *(words[0].lower() + words[1:] for words in rest)])
    return _filled(words_of(type(bias).__name__).phrase, bias)


def only(bias: Bias) -> str:
    """Name of the only group that a bias concerns; empty if it concerns all, or is a sequence."""
    # These names of groups say whom the bias concerns; that of a nonresponse is in its phrase.
    return "" if isinstance(bias, Nonresponse) else getattr(bias, "group", "")


def formula(bias: Bias) -> str:
    """A bias as a formula, for a person of x cm."""
    if isinstance(bias, Sequence):
        in_order = [f"({i}) {formula(step)}" for i, step in enumerate(bias.steps, 1)]
        return f"{'; '.join(in_order)}; in each step x is what the step before recorded"
    return _filled(words_of(type(bias).__name__).formula, bias)


def _signed(number: float) -> str:
    """A number with a minus sign that is one."""
    return f"{number:g}".replace("-", "−")


NOTHING = "–"
"""What stands where there is no number."""

_SIGNIFICANT = 4
"""Digits of a number without a Monte-Carlo error, such as a truth."""
_ROUNDING = 1e-9
"""An error this small against its number is one of floating-point arithmetic."""


def with_error(value: float | None, mcse: float | None) -> str:
    """A number with its Monte-Carlo standard error behind it.

    Both to the decimal place of the error's first significant digit, or one more if that digit is
    1. A number without an error, or with one of rounding only, has four significant digits.

    Examples
    --------
    >>> with_error(0.4213, 0.031), with_error(0.4213, 0.0131), with_error(1234.0, 41.0)
    ('0.42 (0.03)', '0.421 (0.013)', '1,230 (40)')
    >>> with_error(0.999999999999994, 3e-15)
    '1'
    """
    if value is None or not isfinite(value):
        return NOTHING
    if mcse is None or not isfinite(mcse) or mcse <= _ROUNDING * abs(value):
        return plain(value)
    places = places_of(mcse)
    return f"{_fixed(value, places)} ({_fixed(mcse, places)})"


def supported(value: float | None, mcse: float | None) -> str:
    """A number alone, to the digits that its Monte-Carlo standard error supports.

    Examples
    --------
    >>> supported(0.4213, 0.031), supported(1.5, None)
    ('0.42', '1.5')
    """
    return with_error(value, mcse).partition(" (")[0]


def number_of_people(count: float, mcse: float | None) -> str:
    """A number of people; where its error would reach below nobody, the 95 % interval in log n.

    Examples
    --------
    >>> number_of_people(1234.0, 41.0), number_of_people(700.0, 800.0)
    ('1,230 (40)', '70–7,000')
    """
    if mcse is None or Z_95 * mcse < count:
        number, bracket, error = with_error(count, mcse).partition(" (")
        return f"{float(number.replace(',', '')):,.0f}{bracket}{error}"
    factor = exp(Z_95 * mcse / count)
    low, high = (float(f"{end:.0e}") for end in (count / factor, count * factor))
    return f"{low:,.0f}–{high:,.0f}"


def listed(parts: list[str]) -> str:
    """Parts of a sentence: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def per_cent(value: float | None, mcse: float | None) -> str:
    """A proportion as a percentage, to the digits that its Monte-Carlo standard error supports.

    Such as ``34 % (2)``.

    Examples
    --------
    >>> per_cent(0.344, 0.024)
    '34 % (2)'
    """
    number, bracket, error = with_error(
        None if value is None else 100.0 * value, None if mcse is None else 100.0 * mcse
    ).partition(" (")
    return number if number == NOTHING else f"{number} %{bracket}{error}"


def plain(value: float) -> str:
    """A number without an error, to four significant digits, never in powers of ten.

    Examples
    --------
    >>> plain(0.485010707), plain(10000.0), plain(0.0)
    ('0.485', '10,000', '0')
    """
    if value == 0.0:
        return "0"
    text = _fixed(value, _SIGNIFICANT - 1 - floor(log10(abs(value))))
    return text.rstrip("0").rstrip(".") if "." in text else text


def places_of(mcse: float) -> int:
    """Decimal places that a Monte-Carlo standard error supports; negative: tens and hundreds.

    The place of its first significant digit, or one more if that digit is 1.

    Examples
    --------
    >>> places_of(0.031), places_of(0.0131), places_of(41.0)
    (2, 3, -1)
    """
    exponent = floor(log10(mcse))
    first_digit = int(mcse / 10.0**exponent)
    return -exponent + (first_digit == 1)


def _fixed(value: float, places: int) -> str:
    """A number to so many decimal places, with a true minus sign and no negative zero."""
    exact = Decimal(f"{value:.12g}")  # as it is written: .925 is no less than half way to .93
    rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _LONG)
    text = f"{rounded:,.{max(places, 0)}f}"
    return ("−" if rounded < 0 else "") + text.lstrip("-")
