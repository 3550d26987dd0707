"""From people to rows of a likelihood: who is left, in which units, and with which weight."""

from dataclasses import dataclass
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from stature.design.samples import Samples
from stature.domain.model import Model, Sampling
from stature.domain.observation import (
    Conditional,
    Heaped,
    Rounded,
    Weighted,
    log_chance,
    standardised,
)
from stature.estimators.batch import width_of_cells
from stature.kernels.cells import nodes_of
from stature.kernels.sketch import add_people, empty_cells
from stature.theory.heaps import heaps_of
from stature.theory.observed import HIDDEN, Rows

MOST_ROWS = 400  # more distinct heights are replaced by the nodes of a sketch
CONDITIONAL = get_args(Conditional)


@dataclass(frozen=True, slots=True)
class People:
    """The people of one sample, or the nodes that stand for them.

    Attributes
    ----------
    heights_cm : array, shape (t,)
        Heights in cm.
    weight : array, shape (t,)
        How many people each stands for.
    group : array of int, shape (t,)
        Group of each as far as it is seen; `HIDDEN` where it is not.
    """

    heights_cm: NDArray[np.float64]
    weight: NDArray[np.float64]
    group: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Seen:
    """A sample as its likelihood sees it.

    Attributes
    ----------
    rows : Rows
        The rows, in standard units.
    centre_cm, scale_cm : float
        Mean and SD (divisor n) of the people in cm.
    offset : float
        What the log-likelihood per cm of the people has beyond that of the rows.
    width_cm : float
        Width of the cells of the sketch that the rows are nodes of; 0: they are people.
    """

    rows: Rows
    centre_cm: float
    scale_cm: float
    offset: float
    width_cm: float = 0.0


def people_of(samples: Samples, row: int, size: int, model: Model) -> People:
    """The people of one sample, their groups as far as a model sees them.

    Parameters
    ----------
    samples : Samples
        The samples of a block.
    row : int
        Position of the replicate.
    size : int
        A size of which there are people or a sketch.
    model : Model
        Which labels are seen.

    Returns
    -------
    People
        Without those whom the observation model says cannot be there, and without those who have
        no label, where the model ignores them.

    Raises
    ------
    ValueError
        If some labels are seen, and the sample is a sketch, which does not tell whose.
    """
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
    # ASSUME the people who were met first are those who were asked for their group.
    asked = {"none": 0.0, "some": round(model.labelled_share * size)}.get(model.labels, np.inf)
    hidden = np.arange(len(heights_cm)) >= asked
    group = np.where(hidden, HIDDEN, groups.astype(np.int64))
    # ASSUME who lies beyond a cut that the estimator believes in is left out, as the historians do
    # who cut a sample themselves to be sure of its edge.
    there = np.isfinite(log_chance(model.observation, heights_cm))
    if model.labels == "all" or model.unlabelled == "ignored":
        there &= group != HIDDEN
    return People(heights_cm[there], weight[there], group[there])


def see(people: People, model: Model, sampling: Sampling, most_rows: float = MOST_ROWS) -> Seen:
    """Rows of a likelihood.

    Parameters
    ----------
    people : People
        The people, at least two of whom differ.
    model : Model
        How they are seen.
    sampling : {"stratified", "random"}
        Whether the number of people of each group was fixed: then labels say nothing of shares.
    most_rows : float
        More distinct heights of a group are replaced by a sketch, which serves neither grids nor
        methods that look at single people.

    Returns
    -------
    Seen
        The rows: distinct heights, or the nodes of a sketch where these are too many.
    """
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
    z = (heights_cm - centre) / scale
    observation = standardised(model.observation, centre, scale)
    half = 0.5 * observation.step_cm if isinstance(observation, Rounded) else 0.0
    condition = observation if isinstance(observation, CONDITIONAL) else None
    # Of labels that a design fixed nothing is learned of the shares. Those that chance, or height,
    # left out were not fixed, and without their shares the likelihood would be wrong.
    chance = sampling == "random" or (model.labels == "recorded" and HIDDEN in people.group)
    heaps = None
    exact = np.ones(len(z), dtype=np.bool_)
    if isinstance(model.observation, Heaped):
        heaps = heaps_of(model.observation, heights_cm, scale)
        exact = ~heaps.here
    rows = Rows(
        z - half,
        z + half,
        weight,
        weight * each,
        group,
        (group == HIDDEN) | chance,
        cast(Conditional | None, condition),
        model.freedom or None,
        heaps,
    )
    # A cell has a probability, which has no unit; a height has a density.
    offset = 0.0 if half else -float(weight[exact].sum()) * float(np.log(scale))
    if condition is not None:
        offset += float(weight @ log_chance(observation, z))
    return Seen(rows, centre, scale, offset, max(width for *_, width in parts))


def cells_seen(
    lower_cm: NDArray[np.float64],
    upper_cm: NDArray[np.float64],
    count: NDArray[np.float64],
    condition: Conditional | None = None,
) -> Seen:
    """Rows of a table of cells, as old books print heights.

    Parameters
    ----------
    lower_cm, upper_cm : array, shape (m,)
        Ends of the cells in cm; the first may begin, and the last end, at infinity.
    count : array, shape (m,)
        People in each.
    condition : Conditional or None
        Who could be measured.

    Returns
    -------
    Seen
        The rows; empty cells are left out.
    """
    people = count / count.sum()
    # An open cell stands where it begins; a closed one is as spread as a uniform law.
    first = np.where(np.isfinite(lower_cm), lower_cm, upper_cm)
    last = np.where(np.isfinite(upper_cm), upper_cm, lower_cm)
    middle, width = 0.5 * (first + last), last - first
    centre = float(people @ middle)
    scale = float(np.sqrt(people @ ((middle - centre) ** 2 + width**2 / 12.0)))
    there = count > 0
    ends = [(end[there] - centre) / scale for end in (lower_cm, upper_cm)]
    weight = count[there].astype(np.float64)
    seen = None if condition is None else standardised(condition, centre, scale)
    group, informs = np.full(len(weight), HIDDEN), np.ones(len(weight), dtype=np.bool_)
    rows = Rows(ends[0], ends[1], weight, weight, group, informs, cast(Conditional | None, seen))
    return Seen(rows, centre, scale, 0.0)


def _reduced(
    x: NDArray[np.float64], w: NDArray[np.float64], most_rows: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Distinct heights and their people, or nodes of a sketch, and the width of its cells."""
    distinct, place = np.unique(x, return_inverse=True)
    if len(distinct) <= most_rows:
        return distinct, np.bincount(place, w, len(distinct)).astype(np.float64), 0.0
    spread = float(np.sqrt(w @ (x - w @ x / w.sum()) ** 2 / w.sum()))
    cells = empty_cells(float(distinct[0]), float(distinct[-1]), width_of_cells(spread))
    add_people(cells, np.ascontiguousarray(x), np.ascontiguousarray(w))
    nodes = nodes_of(cells)
    return nodes.x, nodes.w, float(cells.width)
