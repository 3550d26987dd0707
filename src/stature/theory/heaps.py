"""Heaps: heights that some people rounded to one grid, some to another, and some not at all.

A height that lies on a grid may stand for any height that is rounded to it; one that lies on
several, for a cell of each. A height that lies on none is exact.
"""

from dataclasses import dataclass

import numpy as np

from stature.arrays import Bools, Floats
from stature.domain.observation import Heaped
from stature.theory.seen import Seen, of_cells

ON_A_GRID = 1e-6  # of a step: what decimals in a file may be off


@dataclass(frozen=True, slots=True)
class Heaps:
    """Which grids each row may have been rounded to."""

    half: Floats  # shape (g,): half a step of each grid, in the units of the rows
    # shape (m, g): log of the share of the people who round to the grid, where the row lies on it;
    # else minus infinity
    log_share: Floats

    @property
    def here(self) -> Bools:
        """Rows that lie on a grid, shape (m,)."""
        return np.asarray(np.isfinite(self.log_share).any(axis=1))


def heaps_of(observation: Heaped, heights_cm: Floats, scale_cm: float) -> Heaps:
    """Grids that heights lie on.

    Examples
    --------
    >>> from stature.domain.recording import Grid
    >>> seen = Heaped((Grid(5.0, 0.3), Grid(2.5, 0.2)))
    >>> heaps_of(seen, np.array([165.0, 162.5, 161.0]), 1.0).log_share.round(2).tolist()
    [[-1.2, -1.61], [-inf, -1.61], [-inf, -inf]]
    """
    steps_cm = np.array([grid.step_cm for grid in observation.grids])
    multiple = heights_cm[:, None] / steps_cm
    on = np.abs(multiple - np.rint(multiple)) < ON_A_GRID
    with np.errstate(divide="ignore"):
        log_share = np.log([grid.share for grid in observation.grids])
    return Heaps(0.5 * steps_cm / scale_cm, np.where(on, log_share, -np.inf))


def of_heaps(x: Floats, heaps: Heaps, means: Floats, sds: Floats) -> Seen:
    """Heights that lie on a grid.

    Parameters
    ----------
    x : array, shape (m,)
        Heights, in the units of the heaps.
    heaps : Heaps
        Their grids, at least one each.
    means, sds : array, shape (k,)
        The groups, in the same units.

    Returns
    -------
    Seen
        ``sum_g p_g P(cell of x in grid g)`` for each group, and the means over grids, given the
        row and the group, of what a cell tells (derived).
    """
    cells = [of_cells(x - half, x + half, means, sds) for half in heaps.half.tolist()]
    terms = np.stack([cell.log_mass for cell in cells]) + heaps.log_share.T[:, :, None]
    log_mass = np.logaddexp.reduce(terms, axis=0)
    chance = np.exp(terms - log_mass)[..., None]

    def mean(values: list[Floats]) -> Floats:
        return (chance * np.stack(values)).sum(axis=0)

    return Seen(
        log_mass,
        mean([cell.first for cell in cells]),
        mean([cell.outer for cell in cells]),
        mean([cell.curvature for cell in cells]),
    )
