"""Labels at the ends of lines, moved apart where they would overlap.

Labels are text in the colour of their line, on its right, joined to its last point by a thin
leader. They are moved as little as it takes (least squares), keeping their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from matplotlib.axes import Axes

from stature.plots.style import SMALL_POINTS

LINE_SPACING = 1.25
"""Distance of neighbouring labels, in heights of their text."""

_LEADER_POINTS = 9.0
_POINTS_PER_INCH = 72.0


@dataclass(frozen=True, slots=True)
class End:
    """The end of a line, and its label."""

    x: float  # its last point, in the units of the axes
    y: float
    text: str  # the label
    colour: str  # colour of label and leader


def spread(
    places: Sequence[float], gap: float, low: float = -inf, high: float = inf
) -> list[float]:
    """Places moved apart to a least distance, as little as possible.

    The new places, in the order given; the sum of squares of the moves is least.

    With ``z_i = place_i - i gap`` in ascending order the condition is that z never falls, so the
    answer is isotonic regression by pooling adjacent violators [1]_, cut off at the limits of
    ``z``. Cost O(n log n).

    References
    ----------
    .. [1] Barlow, Bartholomew, Bremner & Brunk (1972), Statistical Inference under Order
       Restrictions, section 1.2.

    Examples
    --------
    >>> spread([0.0, 0.0, 5.0], 1.0)
    [-0.5, 0.5, 5.0]
    >>> spread([0.0, 0.0, 5.0], 1.0, low=0.0)
    [0.0, 1.0, 5.0]
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    pools: list[tuple[float, int]] = []
    for rank, index in enumerate(order):
        mean, count = places[index] - rank * gap, 1
        while pools and pools[-1][0] > mean:  # [1]: pool with the violator before
            before, people = pools.pop()
            mean = (before * people + mean * count) / (people + count)
            count += people
        pools.append((mean, count))
    level = [mean for mean, count in pools for _ in range(count)]
    highest = high - (len(places) - 1) * gap
    moved = [0.0] * len(places)
    for rank, index in enumerate(order):
        moved[index] = max(min(level[rank], highest), low) + rank * gap
    return moved


def label(axes: Axes, ends: Sequence[End], header: str = "") -> None:
    """Write labels on the right of a panel."""
    if not ends:
        return
    figure = axes.figure
    scale = _POINTS_PER_INCH / figure.dpi
    right, top = (float(value) for value in axes.transAxes.transform((1.0, 1.0)) * scale)
    bottom = float(axes.transAxes.transform((0.0, 0.0))[1]) * scale
    here = [axes.transData.transform((end.x, end.y)) * scale for end in ends]
    gap = LINE_SPACING * SMALL_POINTS
    wanted = [min(max(float(y), bottom), top) for _, y in here]
    places = spread(wanted, gap, bottom, top - gap if header else top)
    for end, (x, _), near, y in zip(ends, here, wanted, places, strict=True):
        axes.annotate(
            end.text,
            xy=(float(x), near),
            xycoords="figure points",
            xytext=(right + _LEADER_POINTS, y),
            textcoords="figure points",
            color=end.colour,
            size=SMALL_POINTS,
            va="center_baseline",
            ha="left",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": end.colour,
                "linewidth": 0.4,
                "shrinkA": 1.0,
                "shrinkB": 3.0,
                "relpos": (0.0, 0.5),
            },
        )
    if header:
        axes.annotate(
            header,
            xy=(right + _LEADER_POINTS, max(places) + gap),
            xycoords="figure points",
            color="black",
            size=SMALL_POINTS,
            va="center_baseline",
            ha="left",
            annotation_clip=False,
        )
