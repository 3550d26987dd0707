"""Notes: what a page says of how a study was made, each sentence with what makes it true.

A sentence whose condition does not hold of the study is not on its page.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

from stature.config.study import Study, several
from stature.design.scenarios import Scenario
from stature.domain.bias import (
    Classes,
    ProbitSelection,
    Selection,
    SizeBias,
    Step,
    Tilt,
    steps_of,
)
from stature.domain.model import parameter_rows
from stature.domain.observation import Truncated
from stature.estimators.estimator import OUTSIDE, Estimator, Status
from stature.measures.measure import Measure
from stature.report.tables import FLAGS, SHOWN, Lookup
from stature.report.words import is_none, only, with_error
from stature.theory.bounds import why_no_bound

DIRECT = ("closed-form", "moments", *OUTSIDE)
_BEYOND_CHANCE = 2.0  # Monte-Carlo standard errors by which an efficiency is above 1
_MOST_CELLS = 3


@dataclass(frozen=True)
class Facts:
    """What is the case in a study."""

    study: Study
    measures: Lookup

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Biases of the study, and the steps of those that have some."""
        return tuple(step for named in self.study.biases for step in steps_of(named.bias))

    @cached_property
    def rows(self) -> tuple[Measure, ...]:
        """Measures that have a value."""
        return tuple(row for row in self.measures.usual.values() if row.value is not None)

    @cached_property
    def measured(self) -> frozenset[str]:
        """Names of the measures that have a value."""
        return frozenset(row.measure for row in self.rows)

    @cached_property
    def ended(self) -> frozenset[Status]:
        """How fits ended."""
        return frozenset(
            one
            for one in Status
            if any(row.measure == one.name.lower() and row.count for row in self.rows)
        )

    @property
    def is_biased(self) -> bool:
        """Whether there is a bias."""
        return any(not is_none(one.bias) for one in self.study.biases)

    @property
    def has_groups(self) -> bool:
        """Whether a population has several groups."""
        return any(len(one.groups) > 1 for one in self.study.populations)

    @property
    def any_fails(self) -> bool:
        """Whether a fit failed."""
        return bool(self.ended - {Status.CONVERGED})

    def any(self, holds: Callable[[Estimator], bool]) -> bool:
        """Whether something is true of an estimator."""
        return any(map(holds, self.study.estimators))

    def meets(self, *kinds: type) -> bool:
        """Whether a bias, or a step of one, is of a kind."""
        return any(isinstance(step, kinds) for step in self.steps)


Holds = Callable[[Facts], bool]


def _unlabelled(one: Estimator) -> bool:
    return one.model.labels != "all"


def _iterates(one: Estimator) -> bool:
    return one.method not in DIRECT


def _has_errors(one: Estimator) -> bool:
    return one.method not in ("moments", "hard-em", *OUTSIDE) and not one.trimmed


CHOICES: dict[str, Holds] = {
    "bootstrap": lambda of: of.any(lambda one: one.interval == "bootstrap"),
    "classes": lambda of: of.meets(Classes),
    "cuts": lambda of: of.any(lambda one: isinstance(one.model.observation, Truncated)),
    "equivalents": lambda of: bool({"hidden_equivalent", "labelled_equivalent"} & of.measured),
    "failures": lambda of: of.any_fails,
    "files": lambda of: any(one.data is not None for one in of.study.populations),
    "one group": lambda of: any(
        only(step) and isinstance(step, Selection | ProbitSelection | Tilt | SizeBias)
        for step in of.steps
    ),
    "posterior": lambda of: of.any(lambda one: one.interval == "posterior"),
    "posterior means": lambda of: of.any(lambda one: one.estimate == "posterior"),
    "profiles": lambda of: of.any(lambda one: one.interval == "profile"),
    "selection": lambda of: of.meets(Selection),
    "some labels": lambda of: of.any(lambda one: one.model.labels == "some"),
    "theory": lambda of: of.any(lambda one: _unlabelled(one) or one.method != "closed-form"),
    "weights": lambda of: of.meets(Tilt, SizeBias),
}
"""What makes a modelling choice one of a study, by the word in brackets behind the mark."""

NOTES: dict[str, tuple[tuple[Holds, str], ...]] = {
    "bars": (
        (
            lambda of: of.study.replicates > 1,
            "Bars are 95 % Monte-Carlo intervals: of a proportion Wilson's, else the value ± 1.96 "
            "Monte-Carlo standard errors.",
        ),
        (
            lambda of: of.any_fails,
            "Numbers under a panel count the replicates that a point leaves out because the fit "
            "failed; without a number none is left out. A point that leaves out more than 20 % is "
            "hollow, and one that leaves out more than half is not drawn (×).",
        ),
    ),
    "brackets": (
        (
            lambda of: any(row.mcse for row in of.rows),
            "A number in brackets is the Monte-Carlo standard error (MCSE) of the number before "
            "it: about how much that would change if the study were run with another seed. Numbers "
            "are given to the digits that their MCSE supports.",
        ),
        (
            lambda of: of.is_biased and "limit_bias" in of.measured,
            "The large-sample limit of an estimator is the value that it approaches as the number "
            "of people grows.",
        ),
    ),
    "estimands": (
        (
            lambda of: of.has_groups,
            "Shares, means and standard deviations of each group, and the gap between neighbouring "
            "means.",
        ),
        (lambda of: not of.has_groups, "The mean and the standard deviation."),
        (
            lambda of: of.is_biased,
            "Under a bias, too, estimates are compared with the truth of the population.",
        ),
    ),
    "methods": (
        (
            lambda of: of.has_groups and of.any(lambda one: _unlabelled(one) and _iterates(one)),
            "The estimate is the highest interior maximum of the log-likelihood found from the "
            "starts. The likelihood of a mixture is unbounded, so no global maximum is claimed.",
        ),
        (
            lambda of: of.any(lambda one: one.ends_at_maximum and _iterates(one)),
            "That an estimate is a maximum is certified by the squared Newton decrement, the "
            "squared distance to the maximum in standard errors, which must be below the tolerance "
            "of the estimator.",
        ),
        (
            lambda of: of.any(lambda one: one.stop is not None),
            "An estimator with a rule of its own to stop ends where that rule says, short of the "
            "maximum.",
        ),
        (
            lambda of: of.any(lambda one: one.interval == "wald" and _has_errors(one)),
            "Wald intervals are 95 % intervals from the observed information: SDs on the log "
            "scale, means as they are.",
        ),
        (
            lambda of: of.has_groups and of.any(_has_errors),
            "Intervals of shares are made on the logit scale.",
        ),
        (
            lambda of: of.any(lambda one: one.interval == "sandwich"),
            "Sandwich intervals are the same with standard errors that hold where the model is "
            "wrong, too.",
        ),
        (
            lambda of: of.any(lambda one: one.interval == "profile"),
            "Profile intervals hold the values that the likelihood does not rule out.",
        ),
        (
            lambda of: of.any(lambda one: one.interval == "bootstrap"),
            "Bootstrap intervals are percentiles of fits to samples drawn from the fit.",
        ),
        (
            lambda of: of.any(lambda one: one.interval == "posterior"),
            "Posterior intervals hold the middle 95 % of what a weak prior and the sample leave "
            "likely, whatever the estimator.",
        ),
        (
            lambda of: of.any(lambda one: not _has_errors(one)),
            "An estimator for which no standard errors are known has no intervals.",
        ),
    ),
    "performance": (
        (lambda of: True, "The primary measure is the RMSE of the means."),
        (
            lambda of: of.any_fails,
            "A failure is a fit with any status other than converged. Measures of one estimator "
            "use its converged fits (policy available); rates count all fits.",
        ),
        (
            lambda of: any(row.policy == "joint" for row in of.rows),
            "Comparisons use the replicates in which both estimators converged (policy joint).",
        ),
    ),
    "replicates": (
        (
            lambda of: of.study.precision is None,
            "The number of replicates is set in the config.",
        ),
        (
            lambda of: of.study.replicates > 1,
            "With R replicates and an estimator with normal errors the bias has an MCSE of EmpSE / "
            "√R, the RMSE of 1 / √(2R) of itself, coverage of √(0.95 × 0.05 / R).",
        ),
        (
            lambda of: of.study.replicates == 1,
            "One replicate has no standard deviation, and no MCSE: what needs two is left empty.",
        ),
    ),
    "failures": (
        (lambda of: not of.any_fails, "Every fit converged."),
        (
            lambda of: of.any_fails,
            "A fit that fails is kept, with its status; no sample is drawn again because of it. "
            "The thresholds were fixed before the run: if more than 20 % fail, a point is drawn "
            "hollow; if more than 50 % fail, it is in the tables but not drawn.",
        ),
    ),
    "streams": (
        (
            lambda of: len(of.study.estimators) > 1,
            "All estimators of a scenario see the same samples; comparisons take this into "
            "account.",
        ),
        (
            lambda of: len(of.study.biases) > 1,
            "All biases of a population meet the same stream of people.",
        ),
        (
            lambda of: len(of.study.sizes) > 1,
            "Sizes are nested: the first people of a larger sample are the smaller one.",
        ),
    ),
    "compared": (
        (
            lambda of: any(row.reference for row in of.rows),
            "A the estimator that is compared with, B the estimator",
        ),
    ),
    "results": (
        (
            lambda of: (
                of.has_groups
                and of.study.sampling == "stratified"
                and of.any(lambda one: one.model.labels == "all")
            ),
            "Shares that the design fixes are left out.",
        ),
        (
            lambda of: of.any(lambda one: "known" in (one.model.shares, one.model.sds)),
            "Known parameters are left out.",
        ),
    ),
}
"""Sentences of each part of the page, with what makes each true."""

FLAG_WORDS = {
    "suspect": "a group of fewer than 5 people, or an SD less than 0.2 times another",
    "near_tie": "means closer than half a pooled SD",
    "at_constraint": "the ratio of SDs is at its bound",
    "se_singular": "a singular information matrix, and so no standard errors",
    "se_none": "no standard errors",
}


def notes(facts: Facts) -> dict[str, str]:
    """What is true of a study, by part of its page."""
    said = {
        part: " ".join(words for holds, words in sentences if holds(facts))
        for part, sentences in NOTES.items()
    }
    return said | {"efficiency": efficiency(facts)}


def extent(facts: Facts) -> str:
    """How much a study is."""
    study, counts = facts.study, facts.study.counts
    several_of = (
        (counts.scenarios, "scenario"),
        (len(study.sizes), "size"),
        (len(study.estimators), "estimator"),
        (study.replicates, "replicate"),
    )
    parts = ", ".join(several(count, noun) for count, noun in several_of)
    return f"{parts}: {several(counts.fits, 'fit')}"


def mechanism(facts: Facts) -> str:
    """What is drawn."""
    study, count = facts.study, len(facts.study.scenarios)
    sizes = ", ".join(f"{size:,}" for size in study.sizes)
    replicates = (
        "one replicate is" if study.replicates == 1 else f"{study.replicates:,} replicates are"
    )
    said = [
        f"The study has one scenario, {study.scenarios[0].slug}."
        if count == 1
        else f"Every population is combined with every bias: {len(study.populations)} × "
        f"{len(study.biases)} = {count} scenarios.",
        f"In {'it' if count == 1 else 'each'}, {replicates} drawn; "
        + (
            f"the sample of n people is the first n of the replicate, for n = {sizes}."
            if len(study.sizes) > 1
            else f"{'it is a sample' if study.replicates == 1 else 'each is a sample'} of {sizes} "
            "people."
        ),
    ]
    if study.sketched_sizes:
        said.append(f"Of samples of more than {study.sketch_from:,} people, sketches are kept.")
    if facts.has_groups and study.sampling == "stratified":
        said.append(
            "Sampling is stratified: the number of people of each group follows the shares, as "
            "nearly as whole numbers allow."
        )
    elif facts.has_groups:
        said.append("Sampling is random: the group of each person is left to chance.")
    return " ".join(said)


def flags_raised(facts: Facts) -> list[tuple[str, str]]:
    """Flags that a fit has, and what each means."""
    raised = {row.measure for row in facts.rows if row.value}
    return [(flag.replace("_", " "), FLAG_WORDS[flag]) for flag in FLAGS if flag in raised]


def efficiency(facts: Facts) -> str:
    """Why an estimator scatters less than the bound, where one does."""
    above = [
        row
        for row in facts.rows
        if row.measure == "efficiency"
        if (row.value or 0.0) > 1.0 + _BEYOND_CHANCE * (row.mcse or 0.0)
    ]
    if not above:
        return ""
    cells: list[str] = []
    for row in sorted(above, key=lambda one: -(one.value or 0.0))[:_MOST_CELLS]:
        key = row.scenario, row.estimator, row.size, row.group, row.parameter, "bias"
        bias = facts.measures.usual.get(key)
        off = f", whose bias is {with_error(bias.value, bias.mcse)}" if bias is not None else ""
        what = {"mean_cm": "mean", "sd_cm": "SD", "gap_cm": "gap"}.get(row.parameter, row.parameter)
        whose = f" of {row.group}" if row.group else ""
        cells.append(
            f"{row.estimator} at n = {row.size:,} ({what}{whose}: {with_error(row.value, row.mcse)}"
            f"{off})"
        )
    more = f" and {len(above) - len(cells)} more" if len(above) > len(cells) else ""
    return (
        "The bound holds for unbiased estimators. One that is biased can scatter less, and so can "
        f"one whose failed fits are left out: here {'; '.join(cells)}{more}. An efficiency above 1 "
        "is no gain by itself: look at the RMSE."
    )


def empty_cells(facts: Facts, scenario: Scenario) -> list[str]:
    """Why cells of the tables of results of a scenario are empty, a sentence for each reason."""
    sizes: dict[tuple[str, str], list[str]] = {}
    for estimator, size in product(facts.study.estimators_of(scenario.slug), facts.study.sizes):
        at = scenario.slug, estimator.name, size
        converged = facts.measures.usual.get((*at, "", "", "converged"))
        fits = 0 if converged is None else converged.count or 0
        rows = parameter_rows(scenario.population.group_names)
        for name in SHOWN:
            means = [
                facts.measures.usual.get((*at, *row, name)) for row in rows if row[1] == "mean_cm"
            ]
            if any(row is not None and row.value is None for row in means):
                why = _why_empty(name, fits, scenario, estimator)
                sizes.setdefault((why, estimator.name), []).append(f"{size:,}")
    said: dict[str, list[str]] = {}
    for (why, name), some in sizes.items():
        some = list(dict.fromkeys(some))
        where = "" if len(some) == len(facts.study.sizes) else f" at n = {', '.join(some)}"
        said.setdefault(why, []).append(name + where)
    return [f"{'; '.join(names)}: {why}." for why, names in said.items()]


def _why_empty(name: str, fits: int, scenario: Scenario, estimator: Estimator) -> str:
    """Why a measure of a mean has no value, of so many fits that converged."""
    if fits == 0:
        return "no fit converged"
    if fits == 1 and name in ("empirical_se", "efficiency"):
        return "one fit converged, and a spread (EmpSE, efficiency) takes two"
    if name == "efficiency" and estimator.method in OUTSIDE:
        return "no efficiency, because nothing is derived of an estimator from outside"
    if name == "efficiency":
        of = scenario.population, scenario.bias.bias, estimator.model, scenario.sampling
        singular = "its information is singular: no number of people would tell the groups apart"
        return f"no efficiency, because there is no bound: {why_no_bound(*of) or singular}"
    return "no standard errors, and so no ModSE and no coverage"


MARK = "ASSUME"
LAYERS = ("domain", "design", "kernels", "theory", "estimators", "measures")
"""The layers whose choices bear on the numbers of a study."""
# The comments on the lines right after a mark go on with the sentence.
_CHOICE = re.compile(rf"^ *# {MARK} (?:\[([^\]]+)\] )?(.+(?:\n *# (?!{MARK}).+)*)", re.MULTILINE)


def choices() -> Iterator[tuple[str, str, str]]:
    """Word, module and sentence of every modelling choice that a comment marks, by layer."""
    root = Path(__file__).parents[1]
    for layer in LAYERS:
        for path in sorted((root / layer).rglob("*.py")):
            module = ".".join(path.relative_to(root.parent).with_suffix("").parts)
            for choice in _CHOICE.finditer(path.read_text(encoding="utf-8")):
                yield choice[1], module, re.sub(r"\n *#", "", choice[2])


def assumptions(facts: Facts) -> list[tuple[str, str]]:
    """Module and sentence of every modelling choice that is one of the study."""
    return [(module, words) for of, module, words in choices() if CHOICES[of](facts)]
