"""Runs: which estimators are fitted to a file, and what each is shown of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Literal

import numpy as np

from stature.arrays import Bools, Floats, Int8s, Ints
from stature.datafile.cells import CellTable
from stature.datafile.digits import amount
from stature.datafile.faults import few_people
from stature.datafile.people import EVERYBODY, People, groups_of
from stature.datafile.request import FitRequest, UsageError
from stature.datafile.texts import meant
from stature.datafile.units import PEOPLE, Nouns
from stature.domain.model import Model
from stature.domain.observation import Rounded, Truncated
from stature.domain.population import Group
from stature.estimators.catalogue import CATALOGUE, GENERAL
from stature.estimators.estimator import Estimator, Prior

Labels = Literal["seen", "hidden", "absent"]

YARDSTICK, NUMERIC = "mle", "mle-numeric"
QUICKER_WAYS = ("em-squarem", "newton")
# Takes the labels that there are, and the heights of everybody.
AS_RECORDED = GENERAL["labels-as-recorded"]
NAMED = {**CATALOGUE, AS_RECORDED.name: AS_RECORDED}
TWO_GROUPS = ("lower", "upper")
# One normal has one maximum; its SD may be known.
OF_ONE_GROUP = {"em": "normal", "em-known-sds": "normal-known-sds"}
# Of a table of counts and of counterparts.
STARTS, KEPT_STARTS = 10, 3
TOLERANCE = 1e-12
# Without known numbers a table is fitted as one group and as two.
USUAL_GROUPS = (1, 2)
MAP = "-map"  # end of the names of models with a prior


@dataclass(frozen=True, slots=True)
class Runs:
    """What is fitted to which people.

    All lengths are in the unit of the file, those too that models and groups call cm.
    """

    labels: Labels  # whether estimators see groups, are scored against them, or there are none
    group_names: tuple[str, ...]  # names of the K groups, in the order of their means
    values: Floats  # shape (n,): those of the rows that are fitted
    rows: Ints  # shape (n,): their row numbers in the file
    # shape (n,): their groups, -1 where nobody wrote one down; None where there are none
    group_index: Int8s | None = None
    known_shares: tuple[float, ...] | None = None  # for estimators of known shares and SDs
    known_sds: tuple[float, ...] | None = None
    groups: tuple[Group, ...] = ()  # the groups as labelled; empty where there are none
    estimators: tuple[Estimator, ...] = ()  # estimators, in the order of the output
    notes: tuple[str, ...] = ()  # what was left out, and why
    # shape (n,): how many people each row stands for; None: one each
    weights: Floats | None = None
    sampling: bool = False  # whether those are weights of a survey
    # whether rows are cells of a table, whose people have no height of their own
    in_cells: bool = False
    nouns: Nouns = PEOPLE  # what to call rows and values
    cells: CellTable | None = None  # of a table of counts without groups

    @property
    def span(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        return float(self.values.min()), float(self.values.max())

    def count_of(self, rows: Bools) -> int | float:
        """Return how many people some rows are, or rows where these only stand for people."""
        if self.in_cells and self.weights is not None:
            return float(self.weights[rows].sum())
        return int(rows.sum())

    @property
    def total(self) -> float:
        """How many people there are, or rows where these only stand for people of a survey."""
        if self.weights is None or self.sampling:
            return float(len(self.rows))
        return float(self.weights.sum())

    @property
    def has_label(self) -> Bools:
        """Which people have a group that was written down, shape (n,)."""
        if self.group_index is None:
            return np.zeros(len(self.rows), np.bool_)
        return self.group_index >= 0

    @property
    def in_part(self) -> bool:
        """Whether some people who are fitted have a label and others have none."""
        return bool(self.has_label.any() and not self.has_label.all())


def plans(request: FitRequest, people: People) -> list[Runs]:
    """Decide what is fitted, for each number of groups."""
    if people.cells is not None:
        cells = plan_cells(request, people.unit)
        return [
            Runs(
                labels="absent",
                group_names=component_names(count),
                values=people.values,
                rows=people.rows,
                known_shares=request.shares,
                known_sds=request.sds_in(people.unit),
                estimators=tuple(one for one, groups in cells if groups == count),
                notes=people.notes,
                weights=people.weights,
                in_cells=True,
                nouns=people.nouns,
                cells=people.cells,
            )
            for count in dict.fromkeys(groups for _, groups in cells)
        ]
    if len(request.groups) < 2 or people.group_names:
        return [plan_runs(request, people)]
    counts = dict.fromkeys(request.groups)
    return [plan_runs(replace(request, groups=(count,)), people) for count in counts]


def plan_runs(request: FitRequest, people: People) -> Runs:
    """Decide what is fitted to which people."""
    named = bool(people.group_names)
    labels: Labels = "absent" if not named else "hidden" if request.hide_group else "seen"
    groups = groups_of(people) if named else ()
    known = request.shares or request.sds
    looked_for = len(known) if known else (*request.groups, len(TWO_GROUPS))[0]
    names = people.group_names if groups else component_names(looked_for)
    shares = request.shares or (tuple(group.share for group in groups) or None)
    sds = request.sds_in(people.unit) or (
        tuple(_sd(group, people.cell) for group in groups) or None
    )
    problems = [
        f"{option}: expected {len(names)} numbers, one for each group ({', '.join(names)}), got "
        f"{len(numbers)}"
        for option, numbers in (("--shares", request.shares), ("--sds", request.sds))
        if numbers is not None and len(numbers) != len(names)
    ]
    fitted = people.group_index >= 0 if named else np.ones(len(people.rows), np.bool_)
    # One name says nothing of who the others are; and nobody can be scored without a label.
    in_part = labels == "seen" and len(names) > 1 and not fitted.all()
    able, notes = _able("hidden" if in_part else labels, names, shares, sds)
    estimators = able
    if in_part:
        fitted = np.ones(len(people.rows), np.bool_)
        estimators, notes = (CATALOGUE[YARDSTICK], AS_RECORDED, CATALOGUE["em"]), []
    if len(names) == 1 and not groups:
        (estimators, untold), notes = one_group(estimators, request.estimators), []
        problems += untold
    elif request.estimators:
        asked = _asked_for(request.estimators, labels, able, people.group, in_part)
        estimators, notes = asked[0], []
        problems += asked[1]
    if problems:
        raise UsageError(*problems)
    weights = people.weights
    counted = np.ones(len(fitted)) if weights is None or not people.cell else weights
    n, everybody = float(counted[fitted].sum()), float(counted.sum())
    if not fitted.all():
        left_out = f"{amount(everybody - n)} of {amount(everybody)}"
        things = people.nouns.many if weights is None or people.cell else "rows"
        notes.append(f"{things} without a label are left out: {left_out}")
    view = Rounded(people.cell) if people.cell else view_of(request, people.unit)
    known_sds = request.sds is not None and labels == "seen"
    if not request.estimators and (view is not None or weights is not None):
        # Newton's method again says nothing beside counterparts, which all go by it.
        estimators = tuple(one for one in estimators if one.name != NUMERIC)
    estimators = counterparts(estimators, view, weights is not None, known_sds)
    if people.cell:
        estimators = tuple(one for one in estimators if isinstance(one.model.observation, Rounded))
    if len(names) > 1 and any(estimator.model.labels == "none" for estimator in estimators):
        notes += few_people(int(n), people.nouns)
    return Runs(
        labels=labels,
        group_names=names,
        values=people.values[fitted],
        rows=people.rows[fitted],
        group_index=people.group_index[fitted] if groups else None,
        known_shares=shares,
        known_sds=sds,
        groups=groups,
        estimators=estimators,
        notes=tuple(notes),
        weights=None if weights is None else weights[fitted],
        sampling=people.sampling,
        in_cells=people.cell > 0.0,
        nouns=people.nouns,
    )


def component_names(count: int) -> tuple[str, ...]:
    """Names of groups that nobody has named."""
    if count == len(TWO_GROUPS):
        return TWO_GROUPS
    return (EVERYBODY,) if count == 1 else tuple(f"group {k + 1}" for k in range(count))


def view_of(request: FitRequest, unit: str) -> Truncated | Rounded | None:
    """How heights were recorded, as far as a person said so."""
    if request.rounded is not None:
        return Rounded(request.rounded.to(unit))
    cuts = request.reading.cuts
    return None if cuts == (None, None) else Truncated(*request.reading.cuts_in(unit))


def one_group(
    able: tuple[Estimator, ...], wanted: Sequence[str] = ()
) -> tuple[tuple[Estimator, ...], list[str]]:
    """Estimators of a single group, and why some that were asked for cannot be fitted.

    One normal and, where its SD is known, one of known SD; every estimator of several groups is one
    of the two here, and keeps its name where it was asked for.
    """
    normal = {
        one.model.sds == "known": replace(one, method="newton", starts=1, kept_starts=1)
        for one in able
        if one.name in OF_ONE_GROUP
    }
    as_usual = {OF_ONE_GROUP[one.name]: one for one in normal.values()}
    chosen = {} if wanted else as_usual
    problems: list[str] = []
    for name in wanted:
        asked = as_usual.get(name) or NAMED.get(name)
        if asked is None:
            problems.append(_no_estimator("expected", name, as_usual | NAMED))
        elif (one := normal.get(asked.model.sds == "known")) is None:
            problems.append(f"--estimator: {name} needs known numbers above 0; add --sds")
        else:
            chosen[name] = one
    return tuple(replace(one, name=name) for name, one in chosen.items()), problems


def counterparts(
    estimators: tuple[Estimator, ...],
    view: Truncated | Rounded | None,
    weighted: bool,
    known_sds: bool,
) -> tuple[Estimator, ...]:
    """Estimators with their counterparts for how heights were recorded.

    The same where heights are as they stand; else each before its counterpart. Where rows stand for
    many people all go by Newton's method.
    """
    if view is None and not weighted:
        return estimators
    if view is not None and known_sds:
        # What historians do who believe the SD of another army.
        of_others = Estimator("mle-known-sds", Model("all", sds="known"), "newton")
        estimators = (*estimators, of_others)
    both: list[Estimator] = []
    for one in estimators:
        newton = replace(
            one, method="newton", kept_starts=min(one.starts, KEPT_STARTS), tolerance=TOLERANCE
        )
        both.append(replace(newton, name=f"{one.name}-weighted") if weighted else one)
        if view is not None:
            word = "rounded" if isinstance(view, Rounded) else "truncated"
            model = replace(one.model, observation=view)
            both.append(replace(newton, name=f"{one.name}-{word}", model=model))
    return tuple(both)


def plan_cells(request: FitRequest, unit: str) -> tuple[tuple[Estimator, int], ...]:
    """Estimators that are fitted to a table of counts, each with its number of groups.

    Where a cut was named, each without and with it.
    """
    known = request.shares or request.sds
    models: dict[str, tuple[Model, int]] = {}
    for count in (len(known),) if known else request.groups or USUAL_GROUPS:
        name = {1: "normal", 2: "mixture"}.get(count, f"mixture-of-{count}")
        models[name] = (Model("none"), count)
        if count > 1:
            models[f"{name}-equal-sds"] = (Model("none", sds="equal"), count)
            models[f"{name}{MAP}"] = (Model("none"), count)
        if request.shares is not None:
            models[f"{name}-known-shares"] = (Model("none", shares="known"), count)
        if request.sds is not None:
            models[f"{name}-known-sds"] = (Model("none", sds="known"), count)
    unknown = [name for name in request.estimators if name not in models]
    if unknown:
        raise UsageError(_no_estimator("for a table of counts expected", unknown[0], models))
    view = view_of(request, unit)
    planned: list[tuple[Estimator, int]] = []
    for name in dict.fromkeys(request.estimators or models):
        model, count = models[name]
        # One normal has one maximum, which any start leads to.
        starts = 1 if count == 1 else STARTS
        kept = min(starts, KEPT_STARTS)
        one = Estimator(name, model, "newton", starts, kept_starts=kept, tolerance=TOLERANCE)
        one = replace(one, prior=Prior()) if name.endswith(MAP) else one
        planned.append((one, count))
        if isinstance(view, Truncated):
            model = replace(model, observation=view)
            planned.append((replace(one, name=f"{name}-truncated", model=model), count))
    return tuple(planned)


def _sd(group: Group, cell: float) -> float:
    """SD of a group as labelled, in cells less the spread within them (Sheppard's correction)."""
    return sqrt(max(group.sd_cm**2 - cell**2 / 12.0, 0.0)) if cell else group.sd_cm


def _able(
    labels: Labels,
    names: tuple[str, ...],
    shares: tuple[float, ...] | None,
    sds: tuple[float, ...] | None,
) -> tuple[tuple[Estimator, ...], list[str]]:
    """Estimators that can be fitted, and a note on each that cannot."""
    # One estimator for each likelihood: quicker ways to a maximum that another finds are for those
    # who name them.
    everything = [one for one in CATALOGUE.values() if one.name not in QUICKER_WAYS]
    if labels == "seen":
        return tuple(one for one in everything if one.model.labels == "all"), []
    able: list[Estimator] = [CATALOGUE[YARDSTICK]] if labels == "hidden" else []
    notes: list[str] = []
    for estimator in everything:
        model, left_out = estimator.model, f"{estimator.name} is left out"
        if model.labels == "all":
            continue
        if model.shares == "known" and shares is None:
            notes.append(f"{left_out}: give it the shares with --shares")
        elif model.sds == "known" and sds is None:
            notes.append(f"{left_out}: give it the SDs with --sds")
        elif model.sds == "known" and min(sds or (0.0,)) <= 0.0:
            pairs = zip(names, sds or (), strict=False)
            alike = " and ".join(name for name, sd in pairs if sd <= 0.0)
            notes.append(f"{left_out}: the values of {alike} do not vary")
        else:
            able.append(estimator)
    return tuple(able), notes


def _asked_for(
    wanted: Sequence[str], labels: Labels, able: tuple[Estimator, ...], column: str, in_part: bool
) -> tuple[tuple[Estimator, ...], list[str]]:
    """Estimators that were asked for, the yardstick first, and why some cannot be fitted."""
    problems: list[str] = []
    for name in dict.fromkeys(wanted):
        if name not in NAMED:
            problems.append(_no_estimator("expected", name, NAMED))
            continue
        model = NAMED[name].model
        if model.labels == "none" and labels == "seen" and not in_part:
            problems.append(f"--estimator: {name} takes values without groups; add --hide-group")
        elif model.labels != "none" and labels == "absent":
            advice = f"no row has one in column '{column}'" if column else "name it with --group"
            problems.append(f"--estimator: {name} needs the group of each row; {advice}")
        elif NAMED[name] not in able and model.labels == "none" and name not in QUICKER_WAYS:
            needed = "--shares" if model.shares == "known" else "--sds"
            problems.append(f"--estimator: {name} needs known numbers above 0; add {needed}")
    names = dict.fromkeys([YARDSTICK, *wanted] if labels == "hidden" else wanted)
    return tuple(NAMED[name] for name in names if name in NAMED), problems


def _no_estimator(expected: str, name: str, known: Iterable[str]) -> str:
    """The problem of an estimator that there is not."""
    return f"--estimator: {expected} {', '.join(known)}, got '{name}'; {meant(name, known)}"
