"""How estimators see heights, and where EM may stop: items of a study file, and their records."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import Field

from stature.config.bias_items import GridItem
from stature.config.fields import Closed, items, real, word
from stature.domain.observation import (
    Heaped,
    MiddleSelected,
    Observation,
    Rounded,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    Weighted,
)
from stature.domain.recording import Grid
from stature.estimators.estimator import Stop

STEEPEST_PER_CM = 50.0
"""Log-odds per cm beyond which a selection is a cut."""

Centimetres = Annotated[float, real("a number (height in cm)")]
Slope = Annotated[
    float,
    real("a number from -50 to 50 (per cm)", lowest=-STEEPEST_PER_CM, highest=STEEPEST_PER_CM),
]


class RoundedItem(Closed):
    """A height stands for the cell of heights that are rounded to it."""

    kind: Literal["rounded"] = Field(description="How heights are seen.")
    step_cm: Annotated[float, real("a number > 0 (step in cm)", above=0.0)] = Field(
        description="Width of the cells, in cm, > 0."
    )


class HeapedItem(Closed):
    """Known shares of the people round to one grid or another, and the rest not at all."""

    kind: Literal["heaped"] = Field(description="How heights are seen.")
    grids: Annotated[
        list[GridItem], items("a list of grids: start each with '- {step_cm: 5, share: 0.2}'")
    ] = Field(description="The grids, each with its `step_cm` and `share`.")


class TruncatedItem(Closed):
    """Nobody outside an interval could have been measured; who lies there is left out."""

    kind: Literal["truncated"] = Field(description="How heights are seen.")
    below_cm: Centimetres | None = Field(None, description="Nobody below this height in cm.")
    above_cm: Centimetres | None = Field(None, description="Nobody above this height in cm.")


class SelectedItem(Closed):
    """Taller (or shorter) people volunteer, by known odds: the conditional likelihood."""

    kind: Literal["selected"] = Field(description="How heights are seen.")
    log_odds_per_cm: Slope = Field(description="Log-odds of being measured, per cm of height.")
    centre_cm: Centimetres = Field(description="Height in cm at which the odds are 1.")


class WeightedItem(Closed):
    """The same odds, mended by weights: everybody counts inversely to their chance."""

    kind: Literal["weighted"] = Field(description="How heights are seen.")
    log_odds_per_cm: Slope = Field(description="Log-odds of being measured, per cm of height.")
    centre_cm: Centimetres = Field(description="Height in cm at which the odds are 1.")


class TiltedItem(Closed):
    """The chance of being measured is small, and changes by a known factor for every cm."""

    kind: Literal["tilted"] = Field(description="How heights are seen.")
    log_chance_per_cm: Slope = Field(description="Logarithm of that factor.")


class SizeBiasedItem(Closed):
    """The chance of being measured is in proportion to height."""

    kind: Literal["size-biased"] = Field(description="How heights are seen.")
    origin_cm: Centimetres = Field(0.0, description="Height in cm at which the chance is zero.")


class MiddleSelectedItem(Closed):
    """The chance of being measured falls off like a bell curve around a height."""

    kind: Literal["middle-selected"] = Field(description="How heights are seen.")
    centre_cm: Centimetres = Field(description="Height in cm at which it is largest.")
    width_cm: Annotated[float, real("a number > 0 (width in cm)", above=0.0)] = Field(
        description="SD of the bell curve in cm, > 0."
    )


class StopItem(Closed):
    """EM stops when the log-likelihood rises by less than a number in a step."""

    gain: Annotated[Literal["total", "mean", "relative"], word("total", "mean", "relative")] = (
        Field(description="The rise as it is, per person, or over the log-likelihood's size.")
    )
    below: Annotated[float, real("a number > 0", above=0.0)] = Field(
        description="EM stops when it is smaller."
    )


ObservationItem = (
    RoundedItem
    | HeapedItem
    | TruncatedItem
    | SelectedItem
    | WeightedItem
    | TiltedItem
    | SizeBiasedItem
    | MiddleSelectedItem
)
OBSERVATION_ITEMS: dict[str, type[Closed]] = {
    "rounded": RoundedItem,
    "heaped": HeapedItem,
    "truncated": TruncatedItem,
    "selected": SelectedItem,
    "weighted": WeightedItem,
    "tilted": TiltedItem,
    "size-biased": SizeBiasedItem,
    "middle-selected": MiddleSelectedItem,
}
_RECORDS: dict[str, type[Observation]] = {
    "rounded": Rounded,
    "heaped": Heaped,
    "truncated": Truncated,
    "selected": Selected,
    "weighted": Weighted,
    "tilted": Tilted,
    "size-biased": SizeBiased,
    "middle-selected": MiddleSelected,
}


def observation_of(item: ObservationItem) -> Observation:
    """The observation of an item."""
    if isinstance(item, HeapedItem):
        return Heaped(tuple(Grid(grid.step_cm, grid.share) for grid in item.grids))
    return _RECORDS[item.kind](**item.model_dump(exclude={"kind"}))


def stop_of(item: StopItem) -> Stop:
    """The stop of an item."""
    return Stop(item.gain, item.below)


def item_of(observation: Observation) -> dict[str, Any]:
    """An observation as a study file says it."""
    fields = OBSERVATION_ITEMS[observation.kind].model_fields
    item = {name: getattr(observation, name) for name in fields}
    if isinstance(observation, Heaped):
        item["grids"] = [asdict(grid) for grid in observation.grids]
    return {name: value for name, value in item.items() if value is not None}
