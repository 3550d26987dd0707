"""Which of the models of one file is recommended, and why: a table and sentences."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from stature.datafile.digits import number
from stature.datafile.fits import (
    Finding,
    Fitted,
    contradicting,
    has_prior,
    is_alone_as_good,
    models_of,
    modes,
)
from stature.estimators.estimator import Status
from stature.report.findings import error_of_means, furthest
from stature.report.shared import Table

if TYPE_CHECKING:
    from stature.estimators.ratio import RatioTest

# What differences of BIC are worth: Raftery (1995), Sociological Methodology 25, table 6.
EVIDENCE = (
    (2.0, "next to no evidence"),
    (6.0, "some evidence"),
    (10.0, "strong evidence"),
    (np.inf, "very strong evidence"),
)
TEST_LEVEL = 0.05


def criteria_table(fitted: Fitted) -> Table:
    """What each model is worth; a star marks the one that is recommended."""
    models, best = models_of(fitted.findings), fitted.recommended
    ended = {one.status for one in models} != {Status.CONVERGED}
    rows = tuple(
        (
            f"{one.estimator.name}{' *' * (one is best)}",
            str(len(one.group_names)),
            str(one.parameters),
            *(
                "–" if np.isnan(value) else f"{value:.1f}"
                for value in (one.log_likelihood, one.aic, one.bic, one.icl)
            ),
            *([one.status.name.lower().replace("_", " ")] if ended else []),
        )
        for one in models
    )
    head = ("model", "groups", "free", "log-lik.", "AIC", "BIC", "ICL", *["ended"] * ended)
    title = "Models, * the recommended one; AIC, BIC and ICL: smaller is better"
    return Table(title, head, rows)


def choice_sentences(fitted: Fitted) -> list[str]:
    """Say which fit is recommended, and why one should not believe too much of it."""
    findings, best = fitted.findings, fitted.recommended
    sentences = criterion_sentences(findings)
    if best is None:
        return [*sentences, "No fit is recommended: none reached a maximum."]
    if len(models_of(findings)) > 1:
        sentences.insert(0, f"Recommended: {best.estimator.name}, {_why(best)}.")
    for one, other in contradicting(findings, best)[:1]:
        sentences.append(_contradiction(one, other))
    single = is_alone_as_good(best, fitted.alone)
    if single is not None:
        gap = single.bic - best.bic
        by = f"is larger by {gap:.1f} only" if gap > 0.0 else f"is smaller by {-gap:.1f}"
        sentences.append(
            f"One group does as well: the BIC of a single normal, {single.bic:.1f}, {by}. That "
            "there are more groups rests on the model, not on these values."
        )
    sentences += map(ratio_sentence, fitted.tests)
    return sentences + _mode_sentences(findings, best)


def ratio_sentence(one: "RatioTest") -> str:
    """Say what a bootstrap test of the number of groups found."""
    fewer = f"{one.groups} group{'s' * (one.groups > 1)}"
    said = f"Bootstrap test of {fewer} against {one.groups + 1} ({one.model} SDs): "
    if np.isnan(one.p_value):
        return f"{said}no answer, as a fit failed."
    lost = f", {one.failed} failed" if one.failed else ""
    verdict = "speaks against so few" if one.p_value < TEST_LEVEL else "does not speak against it"
    if abs(one.p_value - TEST_LEVEL) < 2.0 * one.mcse:
        verdict = "is too near to 0.05 for so few samples to tell"
    return (
        f"{said}likelihood ratio {one.statistic:.1f}, p = {one.p_value:.3g} (Monte-Carlo standard "
        f"error {one.mcse:.2g}, {one.resamples} samples{lost}), which {verdict}."
    )


def _why(best: Finding) -> str:
    """Why a fit is recommended."""
    model, groups = best.estimator.model, len(best.group_names)
    if model.labels == "recorded":
        return "which takes all values and the labels that there are"
    if "known" in (model.shares, model.sds):
        return "because it takes the numbers that you gave for known"
    if has_prior(best):
        return (
            f"with {groups} groups: where groups are hidden, a weak prior on shares and on the "
            "ratio of SDs is nearer to the truth than the highest likelihood alone"
        )
    seen = "values and labels" if model.labels == "all" else "the values alone"
    return f"which has the smallest BIC of what was estimated from {seen}"


def _contradiction(one: Finding, other: Finding) -> str:
    """That two fits differ, by how much, and why."""
    k = int(np.argmax(np.abs(one.mixture.shares - other.mixture.shares)))
    shares = one.mixture.shares[k], other.mixture.shares[k]
    gap = abs(one.log_likelihood - other.log_likelihood)
    apart = number(furthest(one, other), error_of_means(one))
    return (
        f"{one.estimator.name} and {other.estimator.name} contradict each other: the share of "
        f"{one.group_names[k]} is {shares[0]:.2f} and {shares[1]:.2f}, the means are up to {apart} "
        f"apart, and yet the log-likelihoods differ by {gap:.1f} only. Such values hardly tell a "
        "larger share from a larger SD of a group: along this ridge many answers fit as well."
    )


def _mode_sentences(findings: Sequence[Finding], best: Finding) -> list[str]:
    """Say where groups that are looked for are no modes."""
    groups, peaks = len(best.group_names), modes(best)
    if groups == 1 or best.estimator.model.labels != "none" or not peaks:
        return []
    if peaks < groups:
        word = "Bimodality is" if groups == 2 else f"{groups} modes are"
        have = "one mode" if peaks == 1 else f"{peaks} modes"
        return [
            f"{word} not shown: the fitted density has {have}. Groups need not show: two normal "
            "groups of equal size and SD do so only where their means are more than 2 SDs apart."
        ]
    near = [
        one.estimator.name
        for one in models_of(findings)
        if one.status is Status.CONVERGED
        and "known" not in (one.estimator.model.shares, one.estimator.model.sds)
        and one.bic < best.bic + EVIDENCE[0][0]
        and modes(one) < groups
    ]
    if near:
        have = f"has fewer than {groups} modes, and fits as well"
        return [f"Bimodality is not shown: the density of {' and '.join(near)} {have}."]
    return []


def criterion_sentences(findings: Iterable[Finding]) -> list[str]:
    """Say which of the models that were estimated from the same values the BIC prefers.

    Models with known numbers rest on more than the values, and suspect maxima on chance.
    """
    sentences: list[str] = []
    able = [
        one
        for one in findings
        if one.status is Status.CONVERGED
        and one.estimator.model.labels == "none"
        and not one.suspect
        and not has_prior(one)
        and "known" not in (one.estimator.model.shares, one.estimator.model.sds)
    ]
    for view in dict.fromkeys(one.estimator.model.observation for one in able):
        one_each = {  # quicker ways to one maximum are one model
            (one.estimator.model, len(one.group_names)): one
            for one in able
            if one.estimator.model.observation == view
        }
        best, *others = sorted(one_each.values(), key=lambda one: one.bic)
        if others:
            other, gap = others[0], others[0].bic - best.bic
            evidence = next(words for most, words in EVIDENCE if gap < most)
            sentences.append(
                f"BIC prefers {best.estimator.name} to {other.estimator.name} by {gap:.1f}, which "
                f"is {evidence}: the log-likelihoods are {best.log_likelihood:.1f} with "
                f"{best.parameters} parameters and {other.log_likelihood:.1f} with "
                f"{other.parameters}."
            )
    return sentences
