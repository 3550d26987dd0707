"""Runs: which estimators are fitted to a person's file, and what each is shown and told."""

from dataclasses import dataclass
from difflib import get_close_matches
from math import sqrt
from typing import Literal

import numpy as np

from stature.arrays import Bools, Floats, Int8s, Ints
from stature.cli.observed import as_seen, one_group
from stature.cli.request import FitRequest, UsageError
from stature.datafile.cautions import few_people
from stature.datafile.people import EVERYBODY, People, groups_of
from stature.domain.observation import Rounded
from stature.domain.population import Group
from stature.estimators.catalogue import CATALOGUE, GENERAL
from stature.estimators.estimator import Estimator

Labels = Literal["seen", "hidden", "absent"]

YARDSTICK = "mle"
QUICKER_WAYS = ("em-squarem", "newton")
# Who sees the labels that there are, and the heights of everybody.
AS_RECORDED = GENERAL["labels-as-recorded"]
NAMED = {**CATALOGUE, AS_RECORDED.name: AS_RECORDED}
TWO_GROUPS = ("lower", "upper")


@dataclass(frozen=True, slots=True)
class Runs:
    """What is fitted to whom."""

    labels: Labels  # whether estimators see groups, are scored against them, or there are none
    group_names: tuple[str, ...]  # names of the K groups, in the order of their means
    heights_cm: Floats  # shape (n,): heights in cm of those who are fitted
    # shape (n,): their groups, -1 where nobody wrote one down; None where there are none
    group_index: Int8s | None
    rows: Ints  # shape (n,): their row numbers in the file
    known_shares: tuple[float, ...] | None  # what estimators of known shares and SDs are told
    known_sds_cm: tuple[float, ...] | None
    groups: tuple[Group, ...]  # the groups as labelled; empty where there are none
    estimators: tuple[Estimator, ...]  # estimators, in the order of the output
    notes: tuple[str, ...]  # what was left out, and why
    # shape (n,): how many people each row stands for; None: one each
    weights: Floats | None = None
    # whether rows are cells of a table, whose people have no height of their own
    in_cells: bool = False

    def count_of(self, rows: Bools) -> int | float:
        """Return how many people some rows are, or rows where these only stand for people."""
        if self.in_cells and self.weights is not None:
            return float(self.weights[rows].sum())
        return int(rows.sum())

    @property
    def has_label(self) -> Bools:
        """Whose group was written down, shape (n,)."""
        if self.group_index is None:
            return np.zeros(len(self.rows), np.bool_)
        return self.group_index >= 0

    @property
    def in_part(self) -> bool:
        """Whether some people who are fitted have a label and others have none."""
        return bool(self.has_label.any() and not self.has_label.all())


def plan_runs(request: FitRequest, people: People) -> Runs:
    """Decide what is fitted to whom."""
    named = bool(people.group_names)
    labels: Labels = "absent" if not named else "hidden" if request.hide_group else "seen"
    groups = groups_of(people) if named else ()
    known = request.shares or request.sds_cm
    looked_for = len(known) if known else (*request.groups, len(TWO_GROUPS))[0]
    names = people.group_names if groups else component_names(looked_for)
    shares = request.shares or (tuple(group.share for group in groups) or None)
    sds_cm = request.sds_cm or (tuple(_sd_cm(group, people.cell_cm) for group in groups) or None)
    problems = _count_problems(request, names)
    fitted = people.group_index >= 0 if named else np.ones(len(people.rows), np.bool_)
    # One name says nothing of who the others are; and whoever is to be scored needs a label.
    in_part = labels == "seen" and len(names) > 1 and not fitted.all()
    able, notes = _estimators("hidden" if in_part else labels, names, shares, sds_cm)
    estimators = able
    if in_part:
        fitted = np.ones(len(people.rows), np.bool_)
        estimators, notes = (CATALOGUE[YARDSTICK], AS_RECORDED, CATALOGUE["em"]), []
    if len(names) == 1 and not groups:
        estimators, notes = one_group(estimators), []
        if request.estimators:
            listed = ", ".join(one.name for one in estimators)
            problems.append(f"--estimator: for one group there is only {listed}; leave it out")
    elif request.estimators:
        estimators, found = _asked_for(request.estimators, labels, able, people.group, in_part)
        problems += found
        notes = []
    if problems:
        raise UsageError(tuple(problems))
    counted = (
        people.weights if people.cell_cm and people.weights is not None else np.ones(len(fitted))
    )
    n, everybody = float(counted[fitted].sum()), float(counted.sum())
    if not fitted.all():
        left_out = f"{everybody - n:.10g} of {everybody:.10g}"
        notes.append(f"people without a label, who are left out: {left_out}")
    estimators = as_seen(estimators, request, labels)
    if people.cell_cm:
        estimators = tuple(one for one in estimators if isinstance(one.model.observation, Rounded))
    if len(names) > 1 and any(estimator.model.labels == "none" for estimator in estimators):
        notes += few_people(int(n))
    return Runs(
        labels=labels,
        group_names=names,
        heights_cm=people.heights_cm[fitted],
        group_index=people.group_index[fitted] if groups else None,
        rows=people.rows[fitted],
        known_shares=shares,
        known_sds_cm=sds_cm,
        groups=groups,
        estimators=estimators,
        notes=tuple(notes),
        weights=None if people.weights is None else people.weights[fitted],
        in_cells=people.cell_cm > 0.0,
    )


def component_names(count: int) -> tuple[str, ...]:
    """Names of groups that nobody has named.

    Examples
    --------
    >>> component_names(2), component_names(3)
    (('lower', 'upper'), ('group 1', 'group 2', 'group 3'))
    """
    if count == len(TWO_GROUPS):
        return TWO_GROUPS
    return (EVERYBODY,) if count == 1 else tuple(f"group {k + 1}" for k in range(count))


def _sd_cm(group: Group, cell_cm: float) -> float:
    """SD of a group as labelled, in cells less the spread within them (Sheppard's correction)."""
    return sqrt(max(group.sd_cm**2 - cell_cm**2 / 12.0, 0.0)) if cell_cm else group.sd_cm


def _count_problems(request: FitRequest, names: tuple[str, ...]) -> list[str]:
    """Known numbers that are not one for each group."""
    return [
        f"{option}: expected {len(names)} numbers, one for each group ({', '.join(names)}), got "
        f"{len(numbers)}"
        for option, numbers in (("--shares", request.shares), ("--sds", request.sds_cm))
        if numbers is not None and len(numbers) != len(names)
    ]


def _estimators(
    labels: Labels,
    names: tuple[str, ...],
    shares: tuple[float, ...] | None,
    sds_cm: tuple[float, ...] | None,
) -> tuple[tuple[Estimator, ...], list[str]]:
    """Estimators that can be fitted, and a note on each that cannot."""
    # One estimator for each likelihood: quicker ways to a maximum that another finds are for those
    # who name them.
    everything = tuple(one for one in CATALOGUE.values() if one.name not in QUICKER_WAYS)
    if labels == "seen":
        return tuple(one for one in everything if one.model.labels == "all"), []
    able: list[Estimator] = [CATALOGUE[YARDSTICK]] if labels == "hidden" else []
    notes: list[str] = []
    for estimator in everything:
        model = estimator.model
        if model.labels == "all":
            continue
        if model.shares == "known" and shares is None:
            notes.append(f"{estimator.name} is left out: tell it the shares with --shares")
        elif model.sds == "known" and sds_cm is None:
            notes.append(f"{estimator.name} is left out: tell it the SDs with --sds")
        elif model.sds == "known" and min(sds_cm or (0.0,)) <= 0.0:
            alike = " and ".join(
                name for name, sd in zip(names, sds_cm or (), strict=False) if sd <= 0.0
            )
            notes.append(f"{estimator.name} is left out: the heights of {alike} do not vary")
        else:
            able.append(estimator)
    return tuple(able), notes


def _asked_for(
    wanted: tuple[str, ...], labels: Labels, able: tuple[Estimator, ...], column: str, in_part: bool
) -> tuple[tuple[Estimator, ...], list[str]]:
    """Estimators that were asked for, the yardstick first, and why some cannot be fitted."""
    problems: list[str] = []
    for name in dict.fromkeys(wanted):
        if name not in NAMED:
            near = get_close_matches(name, NAMED, n=1)
            advice = f"did you mean {near[0]}?" if near else "name one of them"
            problems.append(f"--estimator: expected {', '.join(NAMED)}, got '{name}'; {advice}")
            continue
        model = NAMED[name].model
        if model.labels == "none" and labels == "seen" and not in_part:
            problems.append(f"--estimator: {name} takes heights without groups; add --hide-group")
        elif model.labels != "none" and labels == "absent":
            advice = f"nobody has one in column '{column}'" if column else "name it with --group"
            problems.append(f"--estimator: {name} needs each person's group; {advice}")
        elif NAMED[name] not in able and model.labels == "none" and name not in QUICKER_WAYS:
            needed = "--shares" if model.shares == "known" else "--sds"
            problems.append(f"--estimator: {name} needs known numbers above 0; add {needed}")
    names = dict.fromkeys(wanted)
    if labels == "hidden":
        names = {YARDSTICK: None, **names}
    return tuple(NAMED[name] for name in names if name in NAMED), problems
