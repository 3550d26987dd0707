"""Notes: what is the case in a study, and what its page says of how it was made.

Sentences without a number stand in the template of the page, behind the fact that makes them true.
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
from stature.report.tables import SHOWN, Lookup
from stature.report.words import is_none, only, with_error
from stature.theory.bounds import why_no_bound

DIRECT = ("closed-form", "moments", *OUTSIDE)
_BEYOND_CHANCE = 2.0  # Monte-Carlo standard errors by which an efficiency is above 1
_MOST_CELLS = 3


@dataclass(frozen=True)
class Conditions:
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
    def raised(self) -> frozenset[str]:
        """Names of the measures that are somewhere not zero."""
        return frozenset(row.measure for row in self.rows if row.value)

    @cached_property
    def ended(self) -> frozenset[Status]:
        """How fits ended."""
        counted = {row.measure for row in self.rows if row.count}
        return frozenset(one for one in Status if one.name.lower() in counted)

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

    @cached_property
    def intervals(self) -> frozenset[str]:
        """Kinds of intervals, of estimators that have standard errors where these are needed."""
        return frozenset(
            one.interval
            for one in self.study.estimators
            if one.interval != "wald" or has_errors(one)
        )

    @property
    def searches(self) -> bool:
        """Whether groups are looked for in steps."""
        return self.has_groups and self.any(lambda one: _unlabelled(one) and _iterates(one))

    @property
    def certifies(self) -> bool:
        """Whether an estimator ends in steps at a maximum."""
        return self.any(lambda one: one.ends_at_maximum and _iterates(one))

    @property
    def has_errors(self) -> bool:
        """Whether an estimator has standard errors."""
        return self.any(has_errors)

    @property
    def lacks_errors(self) -> bool:
        """Whether an estimator has none."""
        return not all(map(has_errors, self.study.estimators))

    @property
    def fixes_shares(self) -> bool:
        """Whether the design fixes shares that labels tell."""
        labelled = self.any(lambda one: one.model.labels == "all")
        return self.has_groups and self.study.sampling == "stratified" and labelled

    @property
    def knows(self) -> bool:
        """Whether an estimator takes a parameter for known."""
        return self.any(lambda one: "known" in (one.model.shares, one.model.sds))

    def any(self, holds: Callable[[Estimator], bool]) -> bool:
        """Whether something is true of an estimator."""
        return any(map(holds, self.study.estimators))

    def meets(self, *kinds: type) -> bool:
        """Whether a bias, or a step of one, is of a kind."""
        return any(isinstance(step, kinds) for step in self.steps)


Holds = Callable[[Conditions], bool]


def _unlabelled(one: Estimator) -> bool:
    return one.model.labels != "all"


def _iterates(one: Estimator) -> bool:
    return one.method not in DIRECT


def has_errors(one: Estimator) -> bool:
    """Whether standard errors of an estimator are known."""
    return one.method not in ("moments", "hard-em", *OUTSIDE) and not one.trimmed


CHOICES: dict[str, Holds] = {
    "bootstrap": lambda of: "bootstrap" in of.intervals,
    "classes": lambda of: of.meets(Classes),
    "cuts": lambda of: of.any(lambda one: isinstance(one.model.observation, Truncated)),
    "equivalents": lambda of: bool({"hidden_equivalent", "labelled_equivalent"} & of.measured),
    "failures": lambda of: of.any_fails,
    "files": lambda of: any(one.data is not None for one in of.study.populations),
    "one group": lambda of: any(
        only(step) and isinstance(step, Selection | ProbitSelection | Tilt | SizeBias)
        for step in of.steps
    ),
    "posterior": lambda of: "posterior" in of.intervals,
    "posterior means": lambda of: of.any(lambda one: one.estimate == "posterior"),
    "profiles": lambda of: "profile" in of.intervals,
    "selection": lambda of: of.meets(Selection),
    "some labels": lambda of: of.any(lambda one: one.model.labels == "some"),
    "theory": lambda of: of.any(lambda one: _unlabelled(one) or one.method != "closed-form"),
    "weights": lambda of: of.meets(Tilt, SizeBias),
}
"""What makes a modelling choice one of a study, by the word in brackets behind the mark."""


def extent(conditions: Conditions) -> str:
    """How much a study is."""
    study, counts = conditions.study, conditions.study.counts
    several_of = (
        (counts.scenarios, "scenario"),
        (len(study.sizes), "size"),
        (len(study.estimators), "estimator"),
        (study.replicates, "replicate"),
    )
    parts = ", ".join(several(count, noun) for count, noun in several_of)
    return f"{parts}: {several(counts.fits, 'fit')}"


def efficiency(conditions: Conditions) -> str:
    """Why an estimator scatters less than the bound, where one does."""
    above = [
        row
        for row in conditions.rows
        if row.measure == "efficiency"
        if (row.value or 0.0) > 1.0 + _BEYOND_CHANCE * (row.mcse or 0.0)
    ]
    if not above:
        return ""
    cells: list[str] = []
    for row in sorted(above, key=lambda one: -(one.value or 0.0))[:_MOST_CELLS]:
        key = row.scenario, row.estimator, row.size, row.group, row.parameter, "bias"
        bias = conditions.measures.usual.get(key)
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


def empty_cells(conditions: Conditions, scenario: Scenario) -> list[str]:
    """Why cells of the tables of results of a scenario are empty, a sentence for each reason."""
    sizes: dict[tuple[str, str], list[str]] = {}
    for estimator, size in product(
        conditions.study.estimators_of(scenario.slug), conditions.study.sizes
    ):
        at = scenario.slug, estimator.name, size
        converged = conditions.measures.usual.get((*at, "", "", "converged"))
        fits = 0 if converged is None else converged.count or 0
        rows = parameter_rows(scenario.population.group_names)
        for name in SHOWN:
            means = [
                conditions.measures.usual.get((*at, *row, name))
                for row in rows
                if row[1] == "mean_cm"
            ]
            if any(row is not None and row.value is None for row in means):
                why = _why_empty(name, fits, scenario, estimator)
                sizes.setdefault((why, estimator.name), []).append(f"{size:,}")
    said: dict[str, list[str]] = {}
    for (why, name), some in sizes.items():
        some = list(dict.fromkeys(some))
        where = "" if len(some) == len(conditions.study.sizes) else f" at n = {', '.join(some)}"
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


def assumptions(conditions: Conditions) -> list[tuple[str, str]]:
    """Module and sentence of every modelling choice that is one of the study."""
    return [(module, words) for of, module, words in choices() if CHOICES[of](conditions)]
