"""Items of `biases` in a study file: every kind, its keys, and what they mean.

The keys of a kind are the fields of its record in `stature.domain`, so that an item becomes a
record, and a record an item, without a word on any single kind.
"""

from typing import Annotated, Literal

from pydantic import Field

from stature.config.fields import Closed, Name, Takes, Text, items, real, text, whole

TALLEST_CM = 400.0
"""Mean heights lie below; a larger number is a slip of the unit."""
STEEPEST_PER_CM = 50.0
"""Log-odds per cm beyond which a selection is a cut: a millimetre changes the odds by e^5."""
FINEST_CM = 0.1
"""Spreads of chance below a millimetre show nowhere, and would make quadrature long."""

_NAME = "Name of the bias; it becomes part of folder names. A step of a sequence has none."
_WHY = "Where such a bias comes from. A step of a sequence has none of its own."
_KIND = "What the bias does."
_ONLY = "The only group that it concerns; without it all groups."


def _share(what: str) -> Takes:
    """A share that may be nobody, or everybody."""
    return real(f"a number from 0 to 1 ({what})", lowest=0.0, highest=1.0)


_Cut = Annotated[float | None, real("a number (cut in cm)")]
_Limit = Annotated[float | None, real("a number (limit in cm)")]
_Group = Annotated[str | None, text("the name of a group")]
_Slope = Annotated[
    float,
    real(
        "a number from -50 to 50 (log-odds per cm; a steeper one is a cut: use truncation)",
        lowest=-STEEPEST_PER_CM,
        highest=STEEPEST_PER_CM,
    ),
]
_Weight = Annotated[
    float,
    real(
        "a number from -50 to 50 (log-weight per cm)",
        lowest=-STEEPEST_PER_CM,
        highest=STEEPEST_PER_CM,
    ),
]
_Step = Annotated[float, real("a number > 0 (step in cm)", above=0.0)]
_Spread = Annotated[
    float,
    real(
        "a number ≥ 0.1 (spread in cm; a narrower one is a cut: use truncation)", lowest=FINEST_CM
    ),
]


class BiasItem(Closed):
    """What items of all kinds have."""

    name: Name = Field("", description=_NAME)


class NoBiasItem(BiasItem):
    """Everybody is kept and written down as they are."""

    kind: Literal["none"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)


class SelectionItem(BiasItem):
    """Taller (or shorter) people volunteer: every cm multiplies the odds of being kept.

    The odds are 1 at the mean height of the population.
    """

    kind: Literal["selection"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    log_odds_per_cm: _Slope = Field(
        description="Log-odds of being kept, per cm of height; positive: the tall volunteer."
    )
    group: _Group = Field(
        None, description="The only group that selects itself so; without it all groups do."
    )


class ProbitSelectionItem(BiasItem):
    """Whoever is taller than a hurdle is kept; the hurdles of people are normal."""

    kind: Literal["probit-selection"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    centre_cm: Annotated[float, real("a number (height in cm)")] = Field(
        description="Height in cm of which half of the people are kept: the mean hurdle."
    )
    spread_cm: _Spread = Field(description="SD of the hurdles in cm, ≥ 0.1.")
    group: _Group = Field(None, description=_ONLY)


class TiltItem(BiasItem):
    """Every cm multiplies the chance of being kept by the same factor (exponential tilt).

    The chance is 1 from 5 SDs beyond the farthest mean on.
    """

    kind: Literal["tilt"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    log_weight_per_cm: _Weight = Field(
        description="Log of the factor, per cm of height; positive: the tall are kept more often."
    )
    group: _Group = Field(None, description=_ONLY)


class SizeBiasItem(BiasItem):
    """People are kept in proportion to their height.

    The chance is 1 from 5 SDs beyond the farthest mean on.
    """

    kind: Literal["size-bias"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    group: _Group = Field(None, description=_ONLY)


class TruncationItem(BiasItem):
    """Nobody outside an interval of heights is in the sample."""

    kind: Literal["truncation"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    below_cm: _Cut = Field(None, description="Nobody below this height in cm is kept.")
    above_cm: _Cut = Field(None, description="Nobody above this height in cm is kept.")


class NonresponseItem(BiasItem):
    """One group answers less often than the others, whatever the height.

    In a stratified sample others of the group are asked until it is full.
    """

    kind: Literal["nonresponse"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    group: Annotated[str, text("the name of a group")] = Field(description="The group.")
    answers: Annotated[
        float, real("a number > 0 and ≤ 1 (probability of an answer)", above=0.0, highest=1.0)
    ] = Field(description="Probability that a person of the group answers; all others do.")


class RoundingItem(BiasItem):
    """Heights are written down to the nearest multiple of a step."""

    kind: Literal["rounding"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    step_cm: _Step = Field(description="The step, in cm, > 0.")


class CodingItem(BiasItem):
    """Heights beyond a limit are written down as the limit: bottom-coding and top-coding."""

    kind: Literal["coding"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    below_cm: _Limit = Field(None, description="Whoever is shorter is written down so, in cm.")
    above_cm: _Limit = Field(None, description="Whoever is taller is written down so, in cm.")


class GridItem(Closed):
    """A grid that a share of the people round to."""

    step_cm: _Step = Field(description="The step, in cm, > 0.")
    share: Annotated[float, _share("share of the people")] = Field(
        description="Share of the people who round to it. The shares sum to 1 or less."
    )


class HeapingItem(BiasItem):
    """Some people round to one grid, some to another, and the rest not at all."""

    kind: Literal["heaping"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    grids: Annotated[
        list[GridItem], items("a list of grids: start each with '- {step_cm: 5, share: 0.2}'")
    ] = Field(description="The grids, each with its `step_cm` and `share`.")


class SelfReportItem(BiasItem):
    """People say how tall they are: a little too tall, and not exactly."""

    kind: Literal["self-report"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    shift_cm: Annotated[float, real("a number (shift in cm)")] = Field(
        description="What people add to their height on average, in cm."
    )
    sd_cm: Annotated[
        float, real("a number from 0 to 400 (SD in cm)", lowest=0.0, highest=TALLEST_CM)
    ] = Field(description="SD in cm of the normal noise that comes on top: 0, or at least 0.1.")
    group: _Group = Field(None, description=_ONLY)


class ContaminationItem(BiasItem):
    """Some heights are not what they seem: of another unit, or of other people.

    Either `factor`, or `mean_cm` and `sd_cm`.
    """

    kind: Literal["contamination"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    share: Annotated[
        float, real("a number ≥ 0 and < 1 (share of the heights)", lowest=0.0, below=1.0)
    ] = Field(description="Share of such heights.")
    factor: Annotated[
        float | None, real("a number from 0.01 to 100 (factor)", lowest=0.01, highest=100.0)
    ] = Field(None, description="What such a height is multiplied by: 0.3937 makes inches of cm.")
    mean_cm: Annotated[
        float | None, real("a number from 0 to 400 (mean in cm)", above=0.0, highest=TALLEST_CM)
    ] = Field(None, description="Mean height of the other people, who are normal, in cm.")
    sd_cm: Annotated[
        float | None,
        real("a number from 0.1 to 400 (SD in cm)", lowest=FINEST_CM, highest=TALLEST_CM),
    ] = Field(None, description="SD of their heights, in cm.")


class ClassesItem(BiasItem):
    """People come in classes, each of which happens to be a little taller or shorter.

    A class is so many people who are met one after another.
    """

    kind: Literal["classes"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    size: Annotated[int, whole("a whole number from 1 to 10^6", 1, 10**6)] = Field(
        description="People in a class."
    )
    shift_sd_cm: Annotated[
        float, real("a number from 0 to 400 (SD in cm)", lowest=0.0, highest=TALLEST_CM)
    ] = Field(description="SD in cm of the normal shift that a class shares: 0, or at least 0.1.")


class MissingLabelsItem(BiasItem):
    """The groups of some people are not written down: a recording bias of labels, not of heights.

    Labels are missing at random, by height, or in one group.
    """

    kind: Literal["missing-labels"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    share: Annotated[float, _share("share of the people")] = Field(
        description="Share of the people of the population's mean height without a label."
    )
    log_odds_per_cm: _Slope = Field(
        0.0, description="Log-odds of having no label, per cm of height; 0: at random."
    )
    group: _Group = Field(
        None, description="The only group whose labels are missing; without it those of all are."
    )


class SwappedLabelsItem(BiasItem):
    """Some people are written down as of another group."""

    kind: Literal["swapped-labels"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    share: Annotated[float, _share("share of the people")] = Field(
        description="Share of the labels that are wrong."
    )
    group: _Group = Field(
        None, description="The only group whose people are mistaken; without it those of all are."
    )


StepItem = (
    SelectionItem
    | ProbitSelectionItem
    | TiltItem
    | SizeBiasItem
    | TruncationItem
    | NonresponseItem
    | RoundingItem
    | CodingItem
    | HeapingItem
    | SelfReportItem
    | ContaminationItem
    | ClassesItem
    | MissingLabelsItem
    | SwappedLabelsItem
)


class SequenceItem(BiasItem):
    """Several biases in the stated order: each sees the heights as the one before wrote them down.

    A step is an item of another kind, without `name` and `why`.
    """

    kind: Literal["sequence"] = Field(description=_KIND)
    why: Text = Field("", description=_WHY)
    steps: Annotated[
        list[Annotated[StepItem, Field(discriminator="kind")]],
        items("a list of biases: start each with '- kind:'"),
    ] = Field(description="The biases, in their order.")


STEP_ITEMS: dict[str, type[BiasItem]] = {
    "selection": SelectionItem,
    "probit-selection": ProbitSelectionItem,
    "tilt": TiltItem,
    "size-bias": SizeBiasItem,
    "truncation": TruncationItem,
    "nonresponse": NonresponseItem,
    "rounding": RoundingItem,
    "coding": CodingItem,
    "heaping": HeapingItem,
    "self-report": SelfReportItem,
    "contamination": ContaminationItem,
    "classes": ClassesItem,
    "missing-labels": MissingLabelsItem,
    "swapped-labels": SwappedLabelsItem,
}
"""Kinds that can be a step of a sequence."""
BIAS_ITEMS: dict[str, type[BiasItem]] = {"none": NoBiasItem, **STEP_ITEMS, "sequence": SequenceItem}
"""All kinds."""
AnyBiasItem = NoBiasItem | StepItem | SequenceItem
