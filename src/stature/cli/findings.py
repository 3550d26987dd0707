"""Findings: what one estimator made of a file, in the words of a person who reads it."""

from dataclasses import dataclass

import numpy as np

from stature.arrays import Floats
from stature.cli.runs import Runs
from stature.domain.mixture import Mixture, crossings_cm, cut_cm, responsibilities
from stature.domain.model import parameter_rows
from stature.estimators.estimator import Estimator, Fits, SeStatus, Status


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its uncertainty; what is not known is NaN."""

    value: float  # the estimate
    std_error: float  # standard error from the observed information, and the sandwich one
    robust_std_error: float
    lower: float  # ends of the 95 % interval
    upper: float


@dataclass(frozen=True, slots=True)
class Score:
    """How well hidden groups were found, judged by their labels."""

    # estimated mean less the mean of those labelled so, for each group, in cm
    mean_errors_cm: tuple[float, ...]
    right: int  # people whose likeliest group is their own, and all people who have a label
    people: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What one estimator made of a file."""

    estimator: Estimator  # the estimator
    group_names: tuple[str, ...]  # names of the K groups, in the order of their means
    status: Status  # how the fit ended
    se_status: SeStatus  # whether there are standard errors
    log_likelihood: float  # at the estimate; the decrement is squared
    decrement: float
    passes: int  # as in `stature.estimators.estimator.Fits`
    steps: int
    starts: int
    starts_agreeing: int
    suspect: bool  # likewise
    near_tie: bool
    # by group and parameter; gaps have an empty group, or the lower group's name if K > 2
    estimates: dict[tuple[str, str], Estimate]
    cuts_cm: tuple[float, ...]  # cut between each group and the next; NaN where there is none
    # all heights at which each group and the next are as likely
    crossings_cm: tuple[tuple[float, ...], ...]
    # shape (n, K): probability of each group for each person; NaN if the fit failed
    probability: Floats
    score: Score | None  # the score against labels, where there are any


def finding(estimator: Estimator, fits: Fits, runs: Runs) -> Finding:
    """Read what an estimator found off its fits."""
    at = (0, 0)
    columns = zip(
        fits.estimate[at],
        fits.std_error[at],
        fits.robust_std_error[at],
        fits.lower[at],
        fits.upper[at],
        strict=True,
    )
    rows = parameter_rows(fits.group_names)
    estimates = {
        row: Estimate(*(float(number) for number in numbers))
        for row, numbers in zip(rows, columns, strict=True)
    }
    mixture = _mixture(fits.group_names, estimates)
    probability = _probability(mixture, runs.heights_cm)
    neighbours = range(len(fits.group_names) - 1)
    return Finding(
        estimator=estimator,
        group_names=fits.group_names,
        status=Status(int(fits.status[at])),
        se_status=SeStatus(int(fits.se_status[at])),
        log_likelihood=float(fits.log_likelihood[at]),
        decrement=float(fits.decrement[at]),
        passes=int(fits.passes[at]),
        steps=int(fits.steps[at]),
        starts=int(fits.starts[at]),
        starts_agreeing=int(fits.starts_agreeing[at]),
        suspect=bool(fits.suspect[at]),
        near_tie=bool(fits.near_tie[at]),
        estimates=estimates,
        cuts_cm=tuple(cut_cm(mixture, k) for k in neighbours),
        crossings_cm=tuple(tuple(crossings_cm(mixture, k, k + 1).tolist()) for k in neighbours),
        probability=probability,
        score=_score(mixture, probability, runs),
    )


def _mixture(group_names: tuple[str, ...], estimates: dict[tuple[str, str], Estimate]) -> Mixture:
    """Mixture of the estimates."""
    shares, means, sds = (
        np.array([estimates[name, parameter].value for name in group_names])
        for parameter in ("share", "mean_cm", "sd_cm")
    )
    return Mixture(shares, means, sds)


def _probability(mixture: Mixture, heights_cm: Floats) -> Floats:
    """Probability of each group for each person, shape (n, K)."""
    known = np.isfinite(mixture.shares) & np.isfinite(mixture.means_cm)
    if not (known & (mixture.shares > 0.0) & (mixture.sds_cm > 0.0)).all():
        return np.full((len(heights_cm), len(mixture.shares)), np.nan)
    return responsibilities(mixture, heights_cm)


def _score(mixture: Mixture, probability: Floats, runs: Runs) -> Score | None:
    """Score against the labels, where there are any and the fit has estimates."""
    # A row that stands for many people is not one that is right or wrong.
    if runs.group_index is None or runs.weights is not None or np.isnan(probability).any():
        return None
    labelled = np.array([group.mean_cm for group in runs.groups])
    likeliest = np.argmax(probability, axis=1)
    return Score(
        mean_errors_cm=tuple((mixture.means_cm - labelled).tolist()),
        # Nobody is found to be of a group that has no name.
        right=int((likeliest == runs.group_index).sum()),
        people=int(runs.has_label.sum()),
    )
