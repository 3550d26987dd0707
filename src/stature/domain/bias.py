"""Biases: named ways in which a sample departs from its population.

A bias is a sequence of steps in a stated order, mostly of one. A step acts in one of three places:
it decides with which probability a person is kept, what is recorded as their height, or what is
recorded as their group. A later step sees what an earlier one recorded. Each kind is one record,
whose fields are the keys of a study file; what it does stands further down.

Logistic and probit selection are probabilities as they stand; a tilt and a size bias are weights,
which become probabilities under a cap far above (or, for a falling tilt, below) the people of the
population. A label is an index into the groups of the population, in the order of their means, or
`NO_LABEL`; the true group is kept beside it.
"""

from dataclasses import dataclass, field, replace
from math import erf, erfc, log, sqrt
from typing import Annotated, Any, Literal, get_args

import numpy as np

from stature.arrays import Floats, Int8s
from stature.domain.observation import Grid
from stature.domain.population import Population
from stature.domain.settings import LeftOut

# ASSUME [weights] weights of a tilt and of a size bias stop growing 5 SDs beyond the farthest mean,
# where everybody is kept: 3e-7 of a normal group lies beyond. Drawn samples and limits both have
# the cap.
CAP_SDS = 5.0
LARGEST_LOG_ODDS = 700.0  # exp overflows a little farther out
NO_LABEL = -1


@dataclass(frozen=True, slots=True)
class NoBias:
    """Everybody is kept and recorded as they are."""

    kind: Literal["none"] = "none"


@dataclass(frozen=True, slots=True)
class Selection:
    """Taller (or shorter) people volunteer: every cm multiplies the odds of being kept.

    The odds are 1 at the mean height of the population.
    """

    log_odds_per_cm: float
    group: str = ""
    kind: Literal["selection"] = "selection"


@dataclass(frozen=True, slots=True)
class ProbitSelection:
    """People who are taller than a hurdle are kept; each has a hurdle of their own, all normal."""

    centre_cm: float
    spread_cm: float
    group: str = ""
    kind: Literal["probit-selection"] = "probit-selection"


@dataclass(frozen=True, slots=True)
class Tilt:
    """Every cm multiplies the chance of being kept by the same factor (exponential tilt).

    The chance is 1 from 5 SDs beyond the farthest mean on.
    """

    log_weight_per_cm: float
    group: str = ""
    kind: Literal["tilt"] = "tilt"


@dataclass(frozen=True, slots=True)
class SizeBias:
    """People are kept in proportion to their height.

    The chance is 1 from 5 SDs beyond the farthest mean on.
    """

    group: str = ""
    kind: Literal["size-bias"] = "size-bias"


@dataclass(frozen=True, slots=True)
class Truncation:
    """Nobody outside an interval of heights is in the sample."""

    below_cm: float | None = None
    above_cm: float | None = None
    kind: Literal["truncation"] = "truncation"


@dataclass(frozen=True, slots=True)
class Nonresponse:
    """One group answers less often than the others, whatever the height.

    In a stratified sample others of the group are asked until it is full.
    """

    group: str
    answers: float
    kind: Literal["nonresponse"] = "nonresponse"


@dataclass(frozen=True, slots=True)
class Rounding:
    """Heights are recorded to the nearest multiple of a step."""

    step_cm: float
    kind: Literal["rounding"] = "rounding"


@dataclass(frozen=True, slots=True)
class Coding:
    """Heights beyond a limit are recorded as the limit: bottom-coding and top-coding."""

    below_cm: float | None = None
    above_cm: float | None = None
    kind: Literal["coding"] = "coding"


@dataclass(frozen=True, slots=True)
class Heaping:
    """Some people round to one grid, some to another, and the rest not at all."""

    grids: tuple[Grid, ...]
    kind: Literal["heaping"] = "heaping"


@dataclass(frozen=True, slots=True)
class SelfReport:
    """People say how tall they are: a little too tall, and not exactly."""

    shift_cm: float
    sd_cm: float
    group: str = ""
    kind: Literal["self-report"] = "self-report"


@dataclass(frozen=True, slots=True)
class Contamination:
    """Some heights are not what they seem: of another unit, or of other people.

    Either `factor`, or `mean_cm` and `sd_cm`.
    """

    share: float
    factor: float | None = None
    mean_cm: float | None = None
    sd_cm: float | None = None
    kind: Literal["contamination"] = "contamination"

    @property
    def others(self) -> tuple[float, float] | None:
        """Mean and SD in cm of the other people, or None if heights are multiplied."""
        if self.mean_cm is None or self.sd_cm is None:
            return None
        return self.mean_cm, self.sd_cm


@dataclass(frozen=True, slots=True)
class Classes:
    """People come in classes, each of which happens to be a little taller or shorter."""

    size: int
    shift_sd_cm: float
    kind: Literal["classes"] = "classes"


@dataclass(frozen=True, slots=True)
class MissingLabels:
    """The groups of some people are not recorded: a recording bias of labels, not of heights.

    Labels are missing at random, by height, or in one group.
    """

    share: float
    log_odds_per_cm: float = 0.0
    group: str = ""
    kind: Literal["missing-labels"] = "missing-labels"


@dataclass(frozen=True, slots=True)
class SwappedLabels:
    """Some people are recorded as of another group, any other with the same chance."""

    share: float
    group: str = ""
    kind: Literal["swapped-labels"] = "swapped-labels"


@dataclass(frozen=True, slots=True)
class ByFunction:
    """A function of the study says who is kept, and what is recorded as their height."""

    function: str
    sha256: Annotated[str, LeftOut("")] = ""
    kind: Literal["function"] = "function"


HeightSelection = Selection | ProbitSelection | Tilt | SizeBias
Selecting = HeightSelection | Truncation | Nonresponse
"""Steps that turn people away, by their height or by their group."""
Recording = Rounding | Coding | Heaping | SelfReport | Contamination | Classes
"""Steps that change what is recorded as the height of people who are kept."""
Labelling = MissingLabels | SwappedLabels
"""Steps that change what is recorded as the group of a person; the height stays as it is."""
Step = Selecting | Recording | Labelling | ByFunction


@dataclass(frozen=True, slots=True)
class Sequence:
    """Several biases in the stated order: each sees the heights as the one before recorded them.

    A step is an item of another kind, without `name` and `why`.
    """

    steps: tuple[Step, ...]
    kind: Literal["sequence"] = "sequence"


Bias = NoBias | Step | Sequence
KINDS: tuple[type[Bias], ...] = (NoBias, *get_args(Step), Sequence)
"""Records of all kinds."""


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """Random numbers of some people; those that a bias does not need may be left out."""

    # shape (n,) each: a uniform number, a standard normal one, and the standard normal one that
    # each person shares with their class
    uniform: Floats = field(default_factory=lambda: np.empty(0))
    normal: Floats = field(default_factory=lambda: np.empty(0))
    of_class: Floats = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True, slots=True)
class Strength:
    """The one number by which a bias is made stronger, and which biases differ in that alone."""

    words: str  # what the number is, with its unit
    value: float  # the number
    none: float | None  # at this number the bias is none; None: at no number
    family: Bias  # the bias without its number, equal for all that differ in nothing else


STRENGTHS: dict[tuple[type, str], tuple[str, float | None]] = {
    (Selection, "log_odds_per_cm"): ("log-odds of volunteering, per cm", 0.0),
    (ProbitSelection, "centre_cm"): ("mean of the hurdles, cm", None),
    (Tilt, "log_weight_per_cm"): ("log chance of being met, per cm", 0.0),
    (Truncation, "below_cm"): ("minimum height, cm", None),
    (Truncation, "above_cm"): ("maximum height, cm", None),
    (Nonresponse, "answers"): ("share of the group that answers", 1.0),
    (Rounding, "step_cm"): ("heights rounded to, cm", 0.0),
    (Coding, "below_cm"): ("lowest mark, cm", None),
    (Coding, "above_cm"): ("highest mark, cm", None),
    (SelfReport, "shift_cm"): ("added in self-reports, cm", None),
    (Contamination, "share"): ("share of contaminated heights", 0.0),
    (Classes, "shift_sd_cm"): ("SD of the shifts of classes, cm", 0.0),
    (MissingLabels, "share"): ("share of people without a label", 0.0),
    (SwappedLabels, "share"): ("share of labels that are wrong", 0.0),
}
"""What makes a kind of bias stronger, in words, and the number at which there is no bias."""


def strength_of(bias: Bias) -> Strength | None:
    """Strength of a bias.

    None for no bias, a sequence, and kinds or settings that no one number makes stronger.

    Examples
    --------
    >>> found = strength_of(Rounding(5.0))
    >>> found.words, found.value, found.none
    ('heights rounded to, cm', 5.0, 0.0)
    """
    given = [
        (key, *said)
        for (record, key), said in STRENGTHS.items()
        if isinstance(bias, record) and getattr(bias, key) is not None
    ]
    if len(given) != 1:
        return None
    ((name, words, none),) = given
    group = getattr(bias, "group", "")
    only = f" ({group} only)" if group and not isinstance(bias, Nonresponse) else ""
    blank: dict[str, Any] = {name: 0.0}
    return Strength(words + only, getattr(bias, name), none, replace(bias, **blank))


def steps_of(bias: Bias) -> tuple[Step, ...]:
    """Steps of a sequence, in their order; the bias itself; or none."""
    match bias:
        case NoBias():
            return ()
        case Sequence(steps=steps):
            return steps
        case _:
            return (bias,)


def keeps_everybody(bias: Bias) -> bool:
    """Whether no person who was met is ever turned away, so that nobody is met in vain."""
    return not any(isinstance(step, Selecting | ByFunction) for step in steps_of(bias))


def reads(step: Step) -> tuple[Literal["uniform", "normal", "of_class", "generator"], ...]:
    """Random numbers that a step needs of each person, in the words of `Chance`."""
    match step:
        case Truncation() | Rounding() | Coding():
            return ()
        case SelfReport():
            return ("normal",)
        case Contamination() if step.others is not None:
            return ("uniform", "normal")
        case Classes():
            return ("of_class",)
        case ByFunction():
            return ("generator",)
        case _:
            return ("uniform",)


def needs_chance(bias: Bias) -> bool:
    """Whether what is recorded depends on random numbers, or on the group, besides the height."""
    return any(reads(step) and not isinstance(step, Selecting) for step in steps_of(bias))


def writes_labels(bias: Bias) -> bool:
    """Whether recorded labels may differ from the groups that people belong to."""
    return any(isinstance(step, Labelling) for step in steps_of(bias))


def has_classes(bias: Bias) -> bool:
    """Whether people of a sample depend on each other."""
    return any(isinstance(step, Classes) for step in steps_of(bias))


def keep_probability(bias: Bias, heights_cm: Floats, group: str, population: Population) -> Floats:
    """Probability that a person of a group, once met, is kept, shape of `heights_cm`.

    With m the mean of the population: logistic ``1 / (1 + exp(-b (x - m)))``; probit
    ``Phi((x - c) / d)``; tilt ``min(1, exp(b (x - cap)))``; size bias ``x / cap`` within [0, 1].
    """
    probability = np.ones_like(heights_cm)
    for step in steps_of(bias):
        if isinstance(step, Selecting):
            probability = probability * _kept(step, heights_cm, group, population)
    return probability


def _kept(step: Selecting, heights_cm: Floats, group: str, population: Population) -> Floats:
    """Probability of being kept by one step."""
    if isinstance(step, Truncation):
        lower, upper = _ends(step)
        return ((heights_cm >= lower) & (heights_cm <= upper)).astype(np.float64)
    if isinstance(step, Nonresponse):
        return np.full_like(heights_cm, step.answers if group == step.group else 1.0)
    # ASSUME [one group] groups that a selection by height does not concern are kept as often as a
    # person of the population's mean height: with probability 1/2 if it is logistic.
    if step.group not in ("", group):
        heights_cm = np.full_like(heights_cm, population.mean_cm)
    match step:
        case Selection(log_odds_per_cm=slope):
            # ASSUME [selection] a person of the population's mean height volunteers with
            # probability 1/2.
            return _logistic(slope * (heights_cm - population.mean_cm))
        case ProbitSelection(centre_cm=centre, spread_cm=spread):
            return normal_cdf((heights_cm - centre) / spread)
        case Tilt(log_weight_per_cm=slope):
            return np.exp(np.minimum(slope * (heights_cm - cap_cm(step, population)), 0.0))
        case SizeBias():
            return np.clip(heights_cm / cap_cm(step, population), 0.0, 1.0)


def cap_cm(step: Tilt | SizeBias, population: Population) -> float:
    """Height from which on everybody is kept under a weight that is no probability."""
    reach_cm = CAP_SDS * population.sds_cm
    if isinstance(step, Tilt) and step.log_weight_per_cm < 0.0:
        return float(np.min(population.means_cm - reach_cm))
    return float(np.max(population.means_cm + reach_cm))


def _ends(step: Truncation | Coding) -> tuple[float, float]:
    """Interval of heights that a cut, or a limit, leaves."""
    return (
        -np.inf if step.below_cm is None else step.below_cm,
        np.inf if step.above_cm is None else step.above_cm,
    )


def _logistic(log_odds: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)))


def normal_cdf(z: Floats) -> Floats:
    """Distribution function of the standard normal, the lower tail to all its digits."""
    root = sqrt(2.0)
    values = [
        erfc(-point / root) / 2.0 if point < 0.0 else (1.0 + erf(point / root)) / 2.0
        for point in z.ravel().tolist()
    ]
    return np.array(values).reshape(z.shape)


def recorded_cm(
    bias: Bias, heights_cm: Floats, group: str = "", chance: Chance | None = None
) -> Floats:
    """Heights in cm as they are recorded, shape of `heights_cm`."""
    for step in steps_of(bias):
        if isinstance(step, Recording):
            heights_cm = written_cm(step, heights_cm, group, chance or Chance())
    return heights_cm


def written_cm(step: Recording, heights_cm: Floats, group: str, chance: Chance) -> Floats:
    """Heights in cm as they are recorded by a step, shape (n,)."""
    match step:
        case Rounding(step_cm=width):
            return rounded_cm(heights_cm, width)
        case Coding():
            return np.clip(heights_cm, *_ends(step))
        case Heaping(grids=grids):
            written, before = heights_cm.copy(), 0.0
            for grid in grids:
                after = before + grid.share
                here = (chance.uniform >= before) & (chance.uniform < after)
                written[here] = rounded_cm(heights_cm[here], grid.step_cm)
                before = after
            return written
        case SelfReport(group=concerned):
            if concerned not in ("", group):
                return heights_cm
            return heights_cm + (step.shift_cm + step.sd_cm * chance.normal)
        case Contamination(factor=factor):
            wrong = chance.uniform < step.share
            if step.others is None:
                return np.where(wrong, heights_cm * (1.0 if factor is None else factor), heights_cm)
            mean_cm, sd_cm = step.others
            return np.where(wrong, mean_cm + sd_cm * chance.normal, heights_cm)
        case Classes(shift_sd_cm=sd_cm):
            return heights_cm + sd_cm * chance.of_class


def rounded_cm(heights_cm: Floats, step_cm: float) -> Floats:
    """Nearest multiples of a step, shape of `heights_cm`."""
    return np.rint(heights_cm / step_cm) * step_cm


def chance_of_a_label(
    step: MissingLabels, heights_cm: Floats, group: str, population: Population
) -> Floats:
    """Probability that the group of a person is recorded, shape of `heights_cm`.

    Probabilities in [0, 1]: ``1 / (1 + s / (1 - s) exp(b (x - m)))``.
    """
    if step.group not in ("", group):
        return np.ones_like(heights_cm)
    if step.log_odds_per_cm == 0.0 or step.share in (0.0, 1.0):
        return np.full_like(heights_cm, 1.0 - step.share)
    log_odds = log(step.share) - log(1.0 - step.share)
    log_odds = log_odds + step.log_odds_per_cm * (heights_cm - population.mean_cm)
    return _logistic(-log_odds)


def chances_of_labels(step: SwappedLabels, population: Population) -> Floats:
    """Probabilities of each label for the people of each group, shape (k, k)."""
    names = population.group_names
    wrong = np.array([step.share if step.group in ("", name) else 0.0 for name in names])
    if len(names) == 1:
        return np.eye(1)
    elsewhere = wrong[:, None] / (len(names) - 1) * (1.0 - np.eye(len(names)))
    return elsewhere + np.diag(1.0 - wrong)


def labels_after(
    step: Labelling,
    labels: Int8s,
    heights_cm: Floats,
    group: str,
    population: Population,
    uniform: Floats,
) -> Int8s:
    """Labels of people after a step, shape (n,)."""
    if isinstance(step, MissingLabels):
        known = uniform < chance_of_a_label(step, heights_cm, group, population)
        return np.where(known, labels, NO_LABEL).astype(np.int8)
    groups = len(population.groups)
    if groups == 1 or step.share == 0.0 or step.group not in ("", group):
        return labels
    # What is left of the uniform number says which of the other groups it is.
    other = np.minimum((uniform / step.share * (groups - 1)).astype(np.int64), groups - 2)
    wrong = (uniform < step.share) & (labels != NO_LABEL)
    return np.where(wrong, (labels + 1 + other) % groups, labels).astype(np.int8)
