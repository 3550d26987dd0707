"""Strength: the one number by which a kind of bias is made weaker or stronger."""

from dataclasses import dataclass, replace
from typing import Any

from stature.domain.bias import Bias, NoBias, Sequence

# For each kind: the settings of which exactly one is given, and what they are, in words; and the
# strength at which the bias is none, where that is a number.
_SETTINGS: dict[str, tuple[dict[str, str], float | None]] = {
    "selection": ({"log_odds_per_cm": "log-odds of volunteering, per cm"}, 0.0),
    "probit-selection": ({"centre_cm": "mean of the hurdles, cm"}, None),
    "tilt": ({"log_weight_per_cm": "log chance of being met, per cm"}, 0.0),
    "truncation": ({"below_cm": "minimum height, cm", "above_cm": "maximum height, cm"}, None),
    "nonresponse": ({"answers": "share of the group that answers"}, 1.0),
    "rounding": ({"step_cm": "heights rounded to, cm"}, 0.0),
    "coding": ({"below_cm": "lowest mark, cm", "above_cm": "highest mark, cm"}, None),
    "self-report": ({"shift_cm": "added when telling, cm"}, None),
    "contamination": ({"share": "share of strangers"}, 0.0),
    "missing-labels": ({"share": "share of people without a label"}, 0.0),
    "swapped-labels": ({"share": "share of labels that are wrong"}, 0.0),
    "classes": ({"shift_sd_cm": "SD of the shifts of classes, cm"}, 0.0),
}


@dataclass(frozen=True, slots=True)
class Strength:
    """How strong a bias is, and which biases differ from it in that alone."""

    words: str  # what the number is, with its unit
    value: float  # the number
    none: float | None  # at this number the bias is none; None: at no number
    family: Bias  # the bias without its number, equal for all that differ in nothing else


def strength_of(bias: Bias) -> Strength | None:
    """Strength of a bias.

    None for no bias, a sequence, and kinds or settings that no one number makes stronger.

    Examples
    --------
    >>> from stature.domain.recording import Rounding
    >>> found = strength_of(Rounding(5.0))
    >>> found.words, found.value, found.none
    ('heights rounded to, cm', 5.0, 0.0)
    """
    if isinstance(bias, NoBias | Sequence) or bias.kind not in _SETTINGS:
        return None
    settings, none = _SETTINGS[bias.kind]
    given = {name: getattr(bias, name) for name in settings if getattr(bias, name) is not None}
    if len(given) != 1:
        return None
    ((name, value),) = given.items()
    blank: dict[str, Any] = {name: 0.0}
    group = getattr(bias, "group", "")
    words = settings[name]
    if group and bias.kind != "nonresponse":
        words = f"{words} ({group} only)"
    return Strength(words, value, none, replace(bias, **blank))
