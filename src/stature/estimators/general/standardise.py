"""From people, or a table of cells, to the rows of a likelihood in standard units."""

from dataclasses import dataclass
from typing import cast

import numpy as np

from stature.arrays import Floats, Ints
from stature.design.samples import Samples
from stature.domain.model import Model, Sampling
from stature.domain.observation import (
    Conditional,
    Weighted,
    log_chance,
    standardised,
)
from stature.estimators.plain.problem import width_of_cells
from stature.kernels.sketch import sketch
from stature.theory.likelihood import HIDDEN, Rows, in_units, rows_of

SORTED = 1000
MOST_ROWS = 400  # more distinct heights are replaced by the nodes of a sketch


@dataclass(frozen=True, slots=True)
class People:
    """The people of one sample, or the nodes that stand for them; t of them."""

    heights_cm: Floats  # (t,)
    weight: Floats  # (t,): how many people each stands for
    group: Ints  # (t,): the label; `HIDDEN` where there is none, or the model does not use it
    # (t,): squares of weights that are no counts; None where they count people
    square: Floats | None = None


@dataclass(frozen=True, slots=True)
class Standardised:
    """A sample in standard units."""

    rows: Rows
    centre_cm: float  # mean and SD (divisor n) of the people
    scale_cm: float
    offset: float  # log-likelihood of the people, per cm, less that of the rows
    width_cm: float = 0.0  # of the cells of the sketch whose nodes the rows are; 0: they are people


def people_of(samples: Samples, row: int, size: int, model: Model) -> People:
    """The people of one sample whom a model takes into account, with the labels that it uses."""
    sketches = samples.sketches
    if sketches is None or size <= samples.heights_cm.shape[1]:
        heights_cm, groups = samples.heights_cm[row, :size], samples.written_labels[row, :size]
        weight = np.ones(size)
    else:
        if model.labels in ("some", "recorded"):
            raise ValueError(
                f"{size} people were sketched, so nobody knows which of them have a label; "
                "use samples: keep"
            )
        here = sketches.rows(row, sketches.sizes.index(size))
        heights_cm, groups = sketches.node_cm[here], sketches.group_index[here]
        weight = sketches.weight[here]
    # ASSUME [some labels] the group is known of the people who are met first.
    asked = {"none": 0.0, "some": round(model.labelled_share * size)}.get(model.labels, np.inf)
    hidden = np.arange(len(heights_cm)) >= asked
    group = np.where(hidden, HIDDEN, groups.astype(np.int64))
    # ASSUME [cuts] people beyond a cut that the estimator assumes are left out, as by historians
    # who cut a sample themselves to be sure of its edge.
    there = np.isfinite(log_chance(model.observation, heights_cm))
    if model.labels == "all" or model.unlabelled == "ignored":
        there &= group != HIDDEN
    return People(heights_cm[there], weight[there], group[there])


def standardise(
    people: People, model: Model, sampling: Sampling, most_rows: float = MOST_ROWS
) -> Standardised:
    """Rows of people: their distinct heights, or the nodes of a sketch where these are too many."""
    parts = [
        (group, *_reduced(people.heights_cm[mine], people.weight[mine], most_rows))
        for group in np.unique(people.group).tolist()
        for mine in [people.group == group]
    ]
    heights_cm = np.concatenate([x for _, x, _, _ in parts])
    count = np.concatenate([w for _, _, w, _ in parts])
    group = np.concatenate([np.full(len(x), group) for group, x, _, _ in parts])
    each = np.ones_like(count)
    if isinstance(model.observation, Weighted):
        each = np.exp(-log_chance(model.observation, heights_cm))
        each *= count.sum() / (count @ each)
    weight = count * each
    centre = float(weight @ heights_cm / weight.sum())
    scale = float(np.sqrt(weight @ (heights_cm - centre) ** 2 / weight.sum()))
    # Of labels that a design fixed nothing is learned of the shares. Those that chance, or height,
    # left out were not fixed, and without their shares the likelihood would be wrong.
    chance = sampling == "random" or (model.labels == "recorded" and HIDDEN in people.group)
    square = weight * each if people.square is None else _squares(people) * each**2
    informs = (group == HIDDEN) | chance
    rows = Rows(heights_cm, heights_cm, weight, square, group, informs, None, model.freedom or None)
    rows = in_units(rows, model.observation, centre, scale)
    # A cell has a probability, which has no unit; a height has a density.
    exact = rows.lower == rows.upper
    if rows.heaps is not None:
        exact &= ~rows.heaps.here
    offset = -float(weight[exact].sum()) * float(np.log(scale))
    if rows.condition is not None:
        offset += float(weight @ log_chance(rows.condition, rows.lower))
    return Standardised(rows, centre, scale, offset, max(width for *_, width in parts))


def _squares(people: People) -> Floats:
    """Sum of the squared weights of those of one height and label, in the order of the rows."""
    squares: list[Floats] = []
    for group in np.unique(people.group).tolist():
        mine = people.group == group
        _, place = np.unique(people.heights_cm[mine], return_inverse=True)
        squares.append(np.bincount(place, cast(Floats, people.square)[mine]).astype(np.float64))
    return np.concatenate(squares)


def standardise_cells(
    lower_cm: Floats, upper_cm: Floats, count: Floats, condition: Conditional | None = None
) -> Standardised:
    """Rows of a table of cells, as old books print heights."""
    people = count / count.sum()
    # An open cell stands where it begins; a closed one has the variance of a uniform distribution.
    first = np.where(np.isfinite(lower_cm), lower_cm, upper_cm)
    last = np.where(np.isfinite(upper_cm), upper_cm, lower_cm)
    middle, width = 0.5 * (first + last), last - first
    centre = float(people @ middle)
    scale = float(np.sqrt(people @ ((middle - centre) ** 2 + width**2 / 12.0)))
    there = count > 0
    lower, upper = ((end[there] - centre) / scale for end in (lower_cm, upper_cm))
    weight = count[there].astype(np.float64)
    moved = None if condition is None else standardised(condition, centre, scale)
    rows = rows_of(lower, upper, weight, cast(Conditional | None, moved))
    return Standardised(rows, centre, scale, 0.0)


def _reduced(x: Floats, w: Floats, most_rows: float) -> tuple[Floats, Floats, float]:
    """Distinct heights and their people, or nodes of a sketch, and the width of its cells."""
    # Of many people the first ones tell that there are too many heights, without a sort of all.
    if len(x) < SORTED or len(np.unique(x[:SORTED])) <= most_rows:
        distinct, place = np.unique(x, return_inverse=True)
        if len(distinct) <= most_rows:
            return distinct, np.bincount(place, w, len(distinct)).astype(np.float64), 0.0
    spread = float(np.sqrt(w @ (x - w @ x / w.sum()) ** 2 / w.sum()))
    width = width_of_cells(spread)
    nodes = sketch(np.ascontiguousarray(x), np.ascontiguousarray(w), width)
    return nodes.x, nodes.w, width
