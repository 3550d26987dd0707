"""Biases in words: a phrase for sentences, and a formula for the table of biases."""

from stature.domain.bias import (
    CAP_SDS,
    Bias,
    Classes,
    Coding,
    Contamination,
    Heaping,
    Labelling,
    MissingLabels,
    NoBias,
    Nonresponse,
    ProbitSelection,
    Recording,
    Rounding,
    Selecting,
    Selection,
    SelfReport,
    Sequence,
    SizeBias,
    Step,
    SwappedLabels,
    Tilt,
    Truncation,
)


def phrase(bias: Bias) -> str:
    """A bias in a few words.

    Examples
    --------
    >>> phrase(Rounding(5.0))
    'Rounding to 5 cm'
    """
    match bias:
        case NoBias():
            return "No bias"
        case Sequence(steps=steps):
            first, *rest = [phrase(step) for step in steps]
            return ", then ".join([first, *(words[0].lower() + words[1:] for words in rest)])
        case Selection() | ProbitSelection() | Tilt():
            return "Selection by height"
        case SizeBias():
            return "Selection in proportion to height"
        case Truncation():
            return "A cut in the heights"
        case Nonresponse(group=group):
            return f"Fewer answers of {group}"
        case Rounding(step_cm=step):
            return f"Rounding to {step:g} cm"
        case Coding():
            return "A limit to what is written down"
        case Heaping():
            return "Rounding by some"
        case SelfReport():
            return "Self-report"
        case Contamination():
            return "Contamination"
        case MissingLabels():
            return "Missing labels"
        case SwappedLabels():
            return "Wrong labels"
        case Classes(size=size):
            return f"Drawing by classes of {size:,}"


def only(bias: Bias) -> str:
    """The only group that a bias concerns.

    Its name; empty if the bias concerns all, or is a sequence.
    """
    match bias:
        case (
            Selection()
            | ProbitSelection()
            | Tilt()
            | SizeBias()
            | SelfReport()
            | MissingLabels()
            | SwappedLabels()
        ):
            return bias.group
        case _:
            return ""


def formula(bias: Bias) -> str:
    """A bias as a formula."""
    match bias:
        case NoBias():
            return "everybody is kept, x is written down"
        case Sequence(steps=steps):
            told = [f"({i}) {_of_step(step)}" for i, step in enumerate(steps, 1)]
            return f"{'; '.join(told)}; x is in each step what the one before wrote down"
        case _:
            return _of_step(bias)


def _of_step(step: Step) -> str:
    """One step as a formula."""
    if isinstance(step, Selecting):
        return _kept(step)
    return _labelled(step) if isinstance(step, Labelling) else _written(step)


def _kept(step: Selecting) -> str:
    """Who is kept with which probability."""
    match step:
        case Selection(log_odds_per_cm=slope, group=group):
            # The exponent of the logistic function is minus the log-odds.
            kept = f"P(kept | x) = 1 / (1 + exp({_signed(-slope)} (x − m)))"
            where = "m the mean height of the population"
            others = f"; of other groups than {group}, 1/2" if group else ""
            return f"{kept}, {where}{others}"
        case ProbitSelection(centre_cm=centre, spread_cm=spread):
            kept = f"P(kept | x) = Φ((x − {_signed(centre)} cm) / {spread:g} cm)"
            return kept + _like_the_mean(step.group)
        case Tilt(log_weight_per_cm=slope):
            kept = f"P(kept | x) = min(1, exp({_signed(slope)} (x − c)))"
            where = f"c the farthest mean {'−' if slope < 0.0 else '+'} {CAP_SDS:g} SDs"
            return f"{kept}, {where}{_like_the_mean(step.group)}"
        case SizeBias():
            kept = "P(kept | x) = x / c, at most 1"
            where = f"c the farthest mean + {CAP_SDS:g} SDs"
            return f"{kept}, {where}{_like_the_mean(step.group)}"
        case Truncation(below_cm=below, above_cm=above):
            cuts = [f"x ≥ {below:g} cm"] if below is not None else []
            cuts += [f"x ≤ {above:g} cm"] if above is not None else []
            return f"kept if and only if {' and '.join(cuts)}"
        case Nonresponse(group=group, answers=answers):
            return (
                f"P(kept | {group}) = {answers:g}, of others 1; a stratified sample asks on until "
                "it is full"
            )


def _written(step: Recording) -> str:
    """What is written down."""
    match step:
        case Rounding(step_cm=width):
            return f"written down: {width:g} cm × the whole number nearest to x / {width:g} cm"
        case Coding(below_cm=below, above_cm=above):
            limits = [f"{below:g} cm if x is less"] if below is not None else []
            limits += [f"{above:g} cm if x is more"] if above is not None else []
            return f"written down: {', '.join(limits)}; else x"
        case Heaping(grids=grids):
            parts = [
                f"with probability {grid.share:g} the multiple of {grid.step_cm:g} cm nearest to x"
                for grid in grids
            ]
            return f"written down: {', '.join(parts)}; else x"
        case SelfReport(shift_cm=shift, sd_cm=sd, group=group):
            sign = "−" if shift < 0.0 else "+"
            noise = f" + {sd:g} cm × z, z standard normal" if sd > 0.0 else ""
            others = f"; of other groups than {group}, x" if group else ""
            return f"written down: x {sign} {abs(shift):g} cm{noise}{others}"
        case Contamination(share=share, factor=factor):
            if step.others is None:
                wrong = f"{1.0 if factor is None else factor:g} x"
            else:
                mean_cm, sd_cm = step.others
                wrong = f"the height of a person of N({mean_cm:g} cm, ({sd_cm:g} cm)²)"
            return f"written down: with probability {share:g} {wrong}, else x"
        case Classes(size=size, shift_sd_cm=sd):
            return (
                f"written down: x + {sd:g} cm × z, with one standard normal z for every {size:,} "
                "people who are met one after another; no bound is given, since people of a class "
                "are not independent, and standard errors of fits, which take them for it, are too "
                "small"
            )


def _labelled(step: Labelling) -> str:
    """Which label is written down."""
    others = f"; of other groups than {step.group}, never" if step.group else ""
    match step:
        case MissingLabels(share=share, log_odds_per_cm=0.0):
            return f"with probability {share:g} no label is written down{others}"
        case MissingLabels(share=share, log_odds_per_cm=slope):
            odds = "0" if share == 0.0 else "∞" if share == 1.0 else f"{share / (1.0 - share):g}"
            return (
                f"no label is written down with odds {odds} exp({_signed(slope)} (x − m)), "
                f"m the mean height of the population{others}"
            )
        case SwappedLabels(share=share):
            return f"with probability {share:g} the label of another group is written down{others}"


def _like_the_mean(group: str) -> str:
    """How often other groups are kept than the one that is concerned."""
    return f"; of other groups than {group}, P(kept | m), m the mean of all" if group else ""


def _signed(number: float) -> str:
    """A number with a minus sign that is one."""
    return f"{number:g}".replace("-", "−")
