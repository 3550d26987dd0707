"""Fits to heights in a file that is larger than memory.

One pass turns all heights into a sketch, the fit runs on its nodes, and one exact pass over all
heights certifies what was found; a Newton step is taken where that pass asks for it. Memory is a
chunk and the sketch, whatever the number of people.
"""

import mmap
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from stature.arrays import Floats
from stature.design.streams import Purpose, Streams
from stature.estimators.estimator import Estimator, Fits
from stature.estimators.plain.batch import (
    FEWEST_PER_GROUP,
    SE_SINGULAR,
    TOO_FEW,
    Outcome,
    Told,
    empty_outcome,
    write_fit,
)
from stature.estimators.plain.block import fits_of
from stature.estimators.plain.climb import Settings
from stature.estimators.plain.finish import (
    EXACT,
    MOST_CORRECTIONS,
    Certificate,
    correct,
    decrement_of_people,
    is_correction_needed,
    polish,
)
from stature.estimators.plain.hidden import settings, told
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    STEP_LIMIT,
    Problem,
    Room,
    certify,
    make_room,
)
from stature.estimators.plain.sample import Sample, width_of_cells
from stature.estimators.plain.search import search
from stature.estimators.plain.sketched import is_faithful, mean_and_sd_of_nodes
from stature.estimators.plain.starts import starts
from stature.kernels.cells import Nodes, cells_needed, covering, nodes_of
from stature.kernels.people import people_pass
from stature.kernels.sketch import add_people, empty_cells, is_exact_to

CHUNK = 1 << 16  # heights read at a time: half a megabyte, which stays in the cache
GIVE_BACK = 1 << 21  # heights after which pages of a mapped file are given back
PILOT_SLICES, PILOT_SLICE = 64, 1 << 10  # heights from all over the file that tell the SD
# Cells that one sketch may have, some 20 MB; heights farther apart get wider ones.
MOST_CELLS = 1 << 17
REFINEMENT = 4.0  # cells are so much narrower where the guard of the sketch has failed
EVERYBODY_ONCE = np.empty(0)  # no weights


def fit_file(
    estimator: Estimator,
    heights: NDArray[np.floating],
    group_names: tuple[str, ...],
    known_shares: tuple[float, ...] | None,
    known_sds_cm: tuple[float, ...] | None,
    stream_key: str,
    cm_per_unit: float = 1.0,
) -> Fits:
    """Fit one sample of any size, such as a file mapped to memory.

    One replicate, one size. A maximum that the pass over all heights does not certify has the
    status ``step_limit``.

    Cost: two passes over the heights, of about 4 and 3 ns a person; one more for each time that
    the guard of the sketch asks for narrower cells. Memory: some 30 MB beyond that of Python.
    """
    if estimator.model.labels == "all":
        raise ValueError(f"estimator {estimator.name!r} needs the group of every person")
    if not estimator.is_compiled:
        raise ValueError(f"estimator {estimator.name!r} cannot be fitted in one stream")
    if heights.ndim != 1 or not len(heights):
        raise ValueError(f"expected one row of heights, got an array of shape {heights.shape}")
    groups, outcome = len(group_names), empty_outcome(1, 1, len(group_names))
    uniforms = Streams(stream_key).at(Purpose.STARTS, 0).random((1, estimator.starts, 3 * groups))
    shares = None if known_shares is None else np.array(known_shares)
    begun = starts(uniforms, shares, groups)[0]
    facts = told(estimator.model, groups, known_sds_cm)
    _fit(heights, cm_per_unit, begun, facts, settings(estimator), outcome)
    sizes = np.array([len(heights)], np.int32)
    return fits_of(np.zeros(1, np.int32), sizes, group_names, outcome)


def sketch_of(
    heights: NDArray[np.floating], cm_per_unit: float, width_cm: float
) -> tuple[Nodes, float]:
    """Nodes of all heights, in one pass.

    Nodes in cm, and the width of their cells: wider than was asked for where heights lie so far
    apart that cells would fill the memory.
    """
    first_cm = float(heights[0]) * cm_per_unit
    smallest = largest = first_cm if np.isfinite(first_cm) else 0.0
    cells = empty_cells(smallest, largest, width_cm)
    for first, chunk_cm in _chunks_cm(heights, cm_per_unit):
        low, high = float(chunk_cm.min()), float(chunk_cm.max())
        if not np.isfinite(high - low):
            place = first + int(np.flatnonzero(~np.isfinite(chunk_cm))[0])
            raise ValueError(f"heights must be finite; height {place} is {heights[place]}")
        smallest, largest = min(smallest, low), max(largest, high)
        if cells_needed(smallest, largest, width_cm) > MOST_CELLS:
            least = 2.0 ** np.ceil(np.log2((largest - smallest) / MOST_CELLS))
            return sketch_of(heights, cm_per_unit, max(2.0 * width_cm, float(least)))
        cells = covering(cells, low, high)
        add_people(cells, chunk_cm, EVERYBODY_ONCE)
    return nodes_of(cells), width_cm


def certify_on_all(
    heights: NDArray[np.floating],
    cm_per_unit: float,
    sample: Sample,
    problem: Problem,
    theta: Floats,
    converged: bool,
    room: Room,
) -> Certificate:
    """Certify a fit by a pass over all heights, and correct it where that is needed, in place.

    The same as `stature.estimators.plain.finish.finish`, chunk by chunk.
    """
    log_likelihood, decrement, passes = polish(problem, theta, converged, room)
    for correction in range(MOST_CORRECTIONS):
        is_exact = not np.isnan(decrement) and is_exact_to(
            EXACT, theta, sample.width, sample.smallest, sample.largest
        )
        of_people = _pass_over(heights, cm_per_unit, sample, theta, not is_exact, room)
        passes += 1
        if not is_exact:
            log_likelihood = of_people
        if np.isnan(decrement):
            break
        decrement = decrement_of_people(problem, theta, room)
        last = not converged or correction == MOST_CORRECTIONS - 1
        if last or not is_correction_needed(decrement):
            break
        correct(problem, theta, decrement, room)
        log_likelihood, _ = certify(problem, theta, room)
        passes += 1
    return Certificate(log_likelihood, decrement, passes)


def _fit(
    heights: NDArray[np.floating],
    cm_per_unit: float,
    begun: Floats,
    facts: Told,
    how: Settings,
    outcome: Outcome,
) -> None:
    """Sketch, search, certify, and write the results."""
    groups = begun.shape[1] // 3
    pilot_cm = np.array(_pilot(heights), np.float64) * cm_per_unit
    # Heights that are no numbers are told of by the first pass, with their place.
    usable_cm = pilot_cm[np.isfinite(pilot_cm)]
    spread_cm = float(usable_cm.std()) if len(usable_cm) else 0.0
    width_cm = float(width_of_cells(spread_cm)) if spread_cm > 0.0 else 1.0
    room, theta = make_room(groups, facts.free.shape[1]), np.empty(3 * groups)
    while True:
        nodes, width_cm = sketch_of(heights, cm_per_unit, width_cm)
        centre, scale = mean_and_sd_of_nodes(nodes.x, nodes.w)
        outcome.se_status[:] = SE_SINGULAR
        if len(heights) < FEWEST_PER_GROUP * groups:
            outcome.status[:] = TOO_FEW
            return
        if not scale > 0.0:
            outcome.status[:] = DEGENERATE
            return
        x = (nodes.x - centre) / scale
        problem = Problem(x, nodes.w, facts.free, facts.shares_known, facts.sds_rule)
        # To the search the nodes are all there is: its guard would have nothing finer to turn to.
        ends = float(x.min()), float(x.max())
        sample = Sample(nodes.x, nodes.w, centre, scale, x, nodes.w, 0.0, *ends)
        found = search(sample, problem, begun, facts.known_sds_cm / scale, how, room, theta)
        narrower_cm = width_cm / REFINEMENT
        needed = cells_needed(float(nodes.x.min()), float(nodes.x.max()), narrower_cm)
        if is_faithful(theta, x, nodes.w, width_cm / scale) or needed > MOST_CELLS:
            break
        width_cm = narrower_cm
    converged = found.status == CONVERGED
    sample = sample._replace(width=width_cm / scale)
    whole = certify_on_all(heights, cm_per_unit, sample, problem, theta, converged, room)
    if converged and not whole.decrement < how.tolerance:
        found = found._replace(status=STEP_LIMIT)
    write_fit(problem, theta, centre, scale, facts, found, whole, room, outcome, 0, 0)


def _pass_over(
    heights: NDArray[np.floating],
    cm_per_unit: float,
    sample: Sample,
    theta: Floats,
    is_likelihood_needed: bool,
    room: Room,
) -> float:
    """Log-likelihood of all heights if it is needed, with their sums in `room.people_sums`."""
    sums, total = np.zeros_like(room.people_sums), 0.0
    units = sample.centre, sample.scale
    for _, chunk_cm in _chunks_cm(heights, cm_per_unit):
        total += people_pass(
            chunk_cm,
            EVERYBODY_ONCE,
            *units,
            theta,
            is_likelihood_needed,
            room.work,
            room.people_sums,
        )
        sums += room.people_sums
    room.people_sums[:] = sums
    return total


def _pilot(heights: NDArray[np.floating]) -> NDArray[np.floating]:
    """Heights from all over a file, so that a file in some order is judged as a whole."""
    if len(heights) <= PILOT_SLICES * PILOT_SLICE:
        return heights
    firsts = np.linspace(0, len(heights) - PILOT_SLICE, PILOT_SLICES).astype(np.int64)
    slices: list[NDArray[np.floating]] = []
    for first in firsts.tolist():
        slices.append(np.array(heights[first : first + PILOT_SLICE]))
        _give_back(heights)  # a page that is looked at may bring megabytes of others
    return np.concatenate(slices)


def _give_back(heights: NDArray[np.floating]) -> None:
    """Give pages of a mapped file back, so that memory does not grow with it."""
    mapped = heights.base if isinstance(heights.base, mmap.mmap) else None
    # Pages that were changed in memory alone must not be given back: they would be lost.
    if mapped is not None and not heights.flags.writeable and hasattr(mapped, "madvise"):
        mapped.madvise(mmap.MADV_DONTNEED)


def _chunks_cm(heights: NDArray[np.floating], cm_per_unit: float) -> Iterator[tuple[int, Floats]]:
    """Place and heights in cm of each chunk, a copy that lasts until the next one."""
    room = np.empty(CHUNK)
    for first in range(0, len(heights), CHUNK):
        if first % GIVE_BACK == 0:
            _give_back(heights)
        chunk = room[: len(heights) - first]
        np.copyto(chunk, heights[first : first + CHUNK])
        if cm_per_unit != 1.0:
            chunk *= cm_per_unit
        yield first, chunk
