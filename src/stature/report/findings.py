"""Sentences about findings, for people who know what a mean and a standard deviation are."""

from math import erfc, sqrt

import numpy as np

from stature.datafile.digits import SPREAD_DIGITS, amount, number, with_error
from stature.datafile.fits import (
    Counted,
    Estimate,
    Finding,
    Fitted,
    OddGroup,
    has_prior,
)
from stature.datafile.people import People
from stature.datafile.runs import AS_RECORDED, YARDSTICK, Runs
from stature.datafile.units import Nouns, after, in_unit
from stature.domain.model import Model
from stature.domain.observation import Rounded, Truncated
from stature.estimators.estimator import Search, SeStatus, Status
from stature.report.shared import Table, prior_words

STATUS_SENTENCES = {
    Status.CONVERGED: "Converged.",
    Status.STEP_LIMIT: "Not converged: it stopped after {steps} steps, and the numbers are those "
    "of the last one.",
    Status.DEGENERATE: "Degenerate: a group shrank to a single value or to none, where the "
    "likelihood has no maximum. Look for outliers and for values rounded too much.",
    Status.NONFINITE: "Failed: the likelihood is not a finite number at the estimate.",
    Status.TOO_FEW: "Not fitted: too few observations for so many parameters.",
    Status.SWAPPED: "Swapped: the means are in another order than the known numbers, so the "
    "estimates do not belong to the names beside them.",
    Status.NO_MAXIMUM: "No answer: nothing inside the parameter space solves the equations.",
}

# In SDs: differences below the first are rounding, not findings; estimators whose errors differ by
# less than the second are not compared in a sentence.
MEETING_SDS, TELLING_SDS = 2e-7, 0.0015
# A smaller chance of a better maximum is only said to be small.
SMALLEST_PERCENT = 0.1
# A fit that leaves less than this to chance does not describe the table; less than the second is
# not told apart.
SMALL_P, LEAST_P = 0.01, 0.0001
SIZE_DIGITS = 4
ROWS = Nouns("row", "rows", "value")
PLUS_MINUS = "After each ± stands the standard error of the number before it."
MORE = "More: --plot FILE.svg, --page FILE.html, --memberships FILE.csv"
# Shares without a standard error have three decimals.
SPREAD_OF_SHARES = 0.1


def model_words(model: Model, unit: str = "cm") -> str:
    """Say which labels an estimator uses, and what it knows.

    Examples
    --------
    >>> model_words(Model("none", sds="equal"))
    'groups hidden, SDs equal'
    """
    labels = {"all": "groups seen", "recorded": "groups seen where they were recorded"}
    words = [labels.get(model.labels, "groups hidden")]
    words += ["shares known"] if model.shares == "known" else []
    words += [f"SDs {model.sds}"] if model.sds != "free" else []
    view, unit = model.observation, f" {unit}".rstrip()
    words += [f"rounded to {view.step_cm:.10g}{unit}"] if isinstance(view, Rounded) else []
    if isinstance(view, Truncated):
        sides = ("below", view.below_cm), ("above", view.above_cm)
        ends = (f"{side} {cut:.10g}{unit}" for side, cut in sides if cut is not None)
        words.append(f"cut {' and '.join(ends)}")
    if model.labels == "none" and model == Model("none"):
        words.append("everything estimated")
    return ", ".join(words)


def estimates_table(one: Finding, total: float, unit: str) -> Table:
    """Share, size, mean and SD of each group, with their standard errors."""
    model, words = one.estimator.model, model_words(one.estimator.model, unit)
    words += ", with a prior" if has_prior(one) else ""
    if len(one.group_names) == 1:
        words = words.replace("groups hidden", "one group", 1)
    unit = f", {unit}" if unit else ""
    spread = min(one.estimates[group, "sd"].value for group in one.group_names)
    rows: list[tuple[str, ...]] = []
    for group in one.group_names:
        share, mean, sd = (one.estimates[group, name] for name in ("share", "mean", "sd"))
        size = "–" if np.isnan(share.value) else f"{share.value * total:.0f}"
        cells = _cell(share, SPREAD_OF_SHARES, known=model.shares == "known"), size
        sds = _cell(sd, spread, known=model.sds == "known")
        rows.append((group, *cells, _cell(mean, spread, known=False), sds))
    head = ("group", "share", "size", f"mean{unit}", f"SD{unit}")
    return Table(f"{one.estimator.name}: {words}", head, tuple(rows))


def _cell(estimate: Estimate, spread: float, known: bool) -> str:
    """One estimate as a table shows it."""
    text = with_error(estimate.value, estimate.std_error, spread)
    return f"{text} (known)" if known else text


def scoreboard(fitted: Fitted) -> Table:
    """Errors of the means and people put in the right group, a row for each estimator."""
    runs, findings, rows = fitted.runs, fitted.findings, list[tuple[str, ...]]()
    statuses = [one.status.name.lower().replace("_", " ") for one in findings]
    ended = ["ended"] * (set(statuses) != {"converged"})
    for one, status in zip(findings, statuses, strict=True):
        errors, right = ["–"] * len(runs.group_names), "–"
        if one.score is not None:
            errors = [
                number(error, error_of_means(one), sign="+") for error in one.score.mean_errors
            ]
            share = 100.0 * one.score.right / one.score.people
            right = f"{one.score.right} of {one.score.people} ({share:.1f} %)"
        rows.append((one.estimator.name, *errors, right, *[status for _ in ended]))
    if runs.group_index is not None and any(one.score is not None for one in findings):
        sizes = np.bincount(runs.group_index[runs.has_label])
        largest = f"{sizes.max()} of {sizes.sum()} ({100.0 * sizes.max() / sizes.sum():.1f} %)"
        none = ["–"] * len(runs.group_names)
        rows.append(("(all in the larger one)", *none, largest, *["" for _ in ended]))
    unit = after(fitted.of.unit).replace(" ", ", ")
    head = ("estimator", *runs.group_names, "put in the right group", *ended)
    return Table(f"Scored against the labels (error of each mean{unit})", head, tuple(rows))


def expected_table(fitted: Fitted) -> Table | None:
    """Counts beside what each fit expects, a row for each cell; None without a table of counts."""
    cells = fitted.of.cells
    if cells is None:
        return None
    rows = list[tuple[str, ...]]()
    fits = {one.estimator.name: one.counted for one in fitted.findings if one.counted}
    width = float(cells.width.min())
    for i, (low, high) in enumerate(zip(cells.lower, cells.upper, strict=True)):
        ends = " – ".join(
            "" if np.isinf(end) else number(end, width, SPREAD_DIGITS) for end in (low, high)
        )
        expected = [one.expected[i] for one in fits.values()]
        shown = ("–" if np.isnan(count) else f"{count:.1f}" for count in expected)
        rows.append((ends, amount(cells.count[i]), *shown))
    unit = after(fitted.of.unit).replace(" ", ", ")
    head = ("cell", "count", *fits)
    return Table(f"Counts of each cell{unit}, and expected counts", head, tuple(rows))


def opening_sentences(fitted: Fitted) -> list[str]:
    """Say what was read and what is done with it."""
    people, runs, findings = fitted.of, fitted.runs, fitted.findings
    sentences = [_what_was_read(people)]
    if people.cells is not None:
        return sentences
    if runs.weights is not None and runs.sampling:
        from stature.estimators.fit import effective_size

        size = effective_size(runs.weights)
        sentences.append(
            "Weights are sampling weights, as those of a survey: the effective sample size is "
            f"{number(size, size, SIZE_DIGITS)} (Kish), and standard errors are the sandwich's, "
            "which know no strata and no clusters. Say --weight-kind counts if each row stands for "
            "so many measurements."
        )
    elif runs.weights is not None and not people.cell:
        sentences.append(
            f"Weights are counts: the rows stand for {amount(runs.weights.sum())} "
            f"{people.nouns.many}, and standard errors are for so many."
        )
    if people.dropped:
        reasons = ", ".join(f"{reason} {count}" for reason, count in people.dropped)
        total = sum(count for _, count in people.dropped)
        sentences.append(f"{total} row{'s' * (total > 1)} left out: {reasons}.")
    if runs.group_index is None:
        why = "No group column was named"
        if people.group:
            why = f"No row has a label in column '{people.group}'"
        fate = "all are fitted as one group"
        counts = dict.fromkeys(len(one.group_names) for one in findings)
        if len(counts) > 1:
            fate = f"{', '.join(map(str, counts))} groups are looked for"
        elif len(runs.group_names) > 1:
            names = ", ".join(runs.group_names)
            fate = f"{len(runs.group_names)} groups are looked for, called {names} in the order "
            fate += "of their means"
        return [*sentences, f"{why}: {fate}."]
    rows = "" if runs.weights is None or runs.in_cells else " rows"
    sizes = ", ".join(
        f"{name} {amount(runs.count_of(runs.group_index == k))}{rows}"
        for k, name in enumerate(runs.group_names)
    )
    fate = ""
    if runs.labels == "hidden":
        fate = f"; hidden from every estimator but {YARDSTICK}, then used to score them"
        fate += " (the estimated groups are matched to them in the order of the means)"
    if runs.in_part:
        sizes += f", no label {amount(runs.count_of(~runs.has_label))}"
    sentences.append(f"Groups in column '{people.group}': {sizes}{fate}.")
    return sentences + unlabelled_sentences(runs)


def _what_was_read(people: People) -> str:
    """How many people a file holds, and where."""
    unit = in_unit(people.unit)
    if (people.cell or people.cells) and people.weights is not None:
        cells = f"{amount(people.weights.sum())} {people.nouns.many} in {len(people.rows)} cells"
        cells += f" of {people.cell:.10g}{after(people.unit)}" if people.cell else ""
        return f"{people.path}: {cells}, columns {people.height} {unit}."
    things = people.nouns.many if people.weights is None else "rows"
    return f"{people.path}: {len(people.rows)} {things}, column '{people.height}' {unit}."


def unlabelled_sentences(runs: Runs) -> list[str]:
    """Say what each kind of estimator does with the people without a label, and assumes."""
    if not runs.in_part:
        return []
    count = runs.count_of(~runs.has_label)
    nouns = runs.nouns if runs.weights is None or runs.in_cells else ROWS
    them, are = (
        (f"one {nouns.one}", "is") if count == 1 else (f"{amount(count)} {nouns.many}", "are")
    )
    value = runs.nouns.value
    kinds = {estimator.model.labels for estimator in runs.estimators}
    sentences: list[str] = []
    if "all" in kinds:
        sentences.append(
            f"Where groups are seen, the {them} without a label {are} left out: means are right "
            f"if, within a group, having a label has nothing to do with the {value}, and shares if "
            "it has nothing to do with the group either."
        )
    if "recorded" in kinds:
        sentences.append(
            f"{AS_RECORDED.name} takes all rows, with the labels that there are. It assumes that "
            f"labels are missing at random: among {runs.nouns.many} of one {value}, whether the "
            "label is missing has nothing to do with the group."
        )
    if "none" in kinds:
        sentences.append("Where groups are hidden, all rows are taken and no label is looked at.")
    return sentences


def fit_sentences(one: Finding, span: tuple[float, float], unit: str) -> list[str]:
    """Say how a fit ended, how far to trust it, and where it divides the groups.

    A further crossing of two groups is worth a word where somebody is that tall or short: in the
    span of the values.
    """
    # The groups of some people, or of all, are looked for.
    hidden = one.estimator.model.labels != "all"
    ended = STATUS_SENTENCES[one.status].format(steps=one.steps)
    if one.status is Status.DEGENERATE and not hidden:
        ended = "Degenerate: the values of a group do not vary, or it has none."
    sentences = [ended]
    if one.search is not None and one.status is Status.CONVERGED:
        sentences += _search_sentences(one.search)
    has_maximum = one.status in (Status.CONVERGED, Status.STEP_LIMIT)
    if has_maximum and one.se_status is SeStatus.SINGULAR:
        sentences.append("No standard errors: the data do not determine every parameter here.")
    if has_maximum and one.estimator.prior:
        sentences.append(f"Estimated {prior_words(one.estimator.prior)}.")
    if has_maximum and hidden and one.suspect:
        sentences.append(
            "Suspect: a group of fewer than five observations, or one SD under a fifth of another; "
            "such a maximum is often a chance cluster, not a group."
        )
    if has_maximum and one.estimator.model.labels == "none" and one.near_tie:
        sentences.append(
            "Near tie: the means are closer than half an SD, so which group is which is uncertain."
        )
    if has_maximum:
        sentences += map(_odd_sentence, one.odd_groups)
        sentences.append(
            f"Log-likelihood {one.log_likelihood:.1f}, {one.parameters} parameters, BIC "
            f"{one.bic:.1f}."
        )
    sentences += _beyond_the_cut(one)
    for k, (cut, roots) in enumerate(zip(one.cuts, one.crossings, strict=True)):
        sentences += _cut_sentences(one, k, cut, roots, span, unit)
    return sentences + ([goodness_sentence(one, one.counted)] if one.counted else [])


def _search_sentences(search: Search) -> list[str]:
    """How far the search reached."""
    maxima = "one maximum" if search.maxima == 1 else f"{search.maxima} maxima"
    best = "to it" if search.maxima == 1 else "to the best"
    percent = 100.0 * search.chance_of_better
    chance = f"{percent:.1g} %" if percent >= SMALLEST_PERCENT else f"below {SMALLEST_PERCENT} %"
    sentences = [
        f"Search: {search.tried} starts found {maxima}, and {search.agreeing} led {best}; the "
        f"estimated chance that another start finds a better one is {chance}."
    ]
    if search.passed_over:
        are = "maximum is" if search.passed_over == 1 else "maxima are"
        sentences.append(
            f"Passed over: {search.passed_over} higher {are} no more than chance makes, with a "
            "group of fewer than three observations or an SD under 6 % of that of all."
        )
    return sentences


def _odd_sentence(odd: OddGroup) -> str:
    """What to do about a group that may be outliers."""
    side = "below" if odd.distance < 0.0 else "above"
    end = "lowest" if odd.distance < 0.0 else "highest"
    # A wide group in the middle holds what lies off on both sides.
    end = end if abs(odd.distance) > 1.0 else "lowest and highest"
    return (
        f"Look at {odd.name}: {100.0 * odd.share:.2g} % of all, about {odd.people:.0f}, with a "
        f"mean {abs(odd.distance):.1f} robust SDs {side} the median. Such a group may be outliers: "
        f"look at the {end} values, and if some do not belong, leave them out (--range LOW HIGH "
        "--on-bad-rows drop) and fit again."
    )


def _beyond_the_cut(one: Finding) -> list[str]:
    """What to do where a mean lies where nobody was measured."""
    view = one.estimator.model.observation
    if not isinstance(view, Truncated) or one.estimator.model.sds == "known":
        return []
    low = -np.inf if view.below_cm is None else view.below_cm
    high = np.inf if view.above_cm is None else view.above_cm
    if one.status is Status.CONVERGED and all(low < mean < high for mean in one.means):
        return []
    return [
        "A mean beyond the cut rests on the shape of a tail that was never observed: if the SD of "
        "similar data is known, give it with --sds."
    ]


def _cut_sentences(
    one: Finding,
    k: int,
    cut: float,
    roots: tuple[float, ...],
    span: tuple[float, float],
    unit: str,
) -> list[str]:
    """Say where a group gives way to the next one."""
    lower, upper = one.group_names[k], one.group_names[k + 1]
    if not np.isfinite(one.probability).all():
        return []
    if not np.isfinite(cut):
        return [f"No cut: between their means {lower} and {upper} are never equally likely."]
    error, mixture = error_of_means(one), one.mixture
    z = (cut - mixture.means_cm[k : k + 2]) / mixture.sds_cm[k : k + 2]
    wrong = [50.0 * erfc(one / sqrt(2.0)) for one in (z[0], -z[1])]
    sentence = f"Cut: above {number(cut, error)}{unit} {upper} is likelier than {lower}"
    means = one.means
    for root in roots:
        # Beyond the second crossing the wider group is the likelier one again.
        if means[k + 1] < root < span[1]:
            sentence += f", but {lower} is again above {number(root, error)}{unit}"
        elif span[0] < root < means[k]:
            sentence += f", and also below {number(root, error)}{unit}"
    above, below = f"{wrong[0]:.0f} % of {lower}", f"{wrong[1]:.0f} % of {upper}"
    return [f"{sentence}. By the fit, {above} lie above the cut and {below} below it."]


def goodness_sentence(one: Finding, counted: Counted) -> str:
    """Say how well a fit describes its table."""
    if not counted.cells:
        missing = "maximum" if one.status is Status.STEP_LIMIT else "fit"
        return f"No chi-square: there is no {missing} to compare with."
    if counted.freedom < 1:
        return (
            f"No chi-square: {counted.cells} cells with an expected count of 5 or more are too few "
            "for so many parameters."
        )
    p = counted.p_value
    likely = f"p = {p:.2g}" if p >= LEAST_P else f"p < {LEAST_P:.4f}"
    verdict = "is compatible with the table"
    if p < SMALL_P:
        verdict = "differs from the table by more than chance explains"
    return (
        f"Chi-square {counted.chi_square:.2f} on {counted.freedom} degrees of freedom "
        f"({counted.cells} cells once small ones are joined), {likely}: the model {verdict}."
    )


def closing_sentences(runs: Runs, findings: tuple[Finding, ...], unit: str) -> list[str]:
    """Say what the findings show together, if there is anything to compare."""
    converged = [one for one in findings if one.status is Status.CONVERGED]
    labelled = [one for one in converged if one.estimator.model.labels == "all"]
    if (
        runs.labels == "seen"
        and len(labelled) > 1
        and in_sds(furthest(*labelled[:2]), labelled[0]) < MEETING_SDS
    ):
        names = " and ".join(one.estimator.name for one in labelled[:2])
        return [f"{names} agree: the closed form and the iterations find the same maximum."]
    some = [one for one in converged if one.estimator.model.labels == "recorded"]
    if runs.in_part and labelled and some:
        return [gain_sentence(labelled[0], some[0], unit)]
    worst_errors = {
        one.estimator.name: max(abs(error) for error in one.score.mean_errors)
        for one in converged
        if one.score is not None and one.estimator.model.labels == "none"
    }
    if not worst_errors:
        return []
    nearest = min(worst_errors, key=worst_errors.__getitem__)
    last = max(worst_errors, key=worst_errors.__getitem__)
    by_name = {one.estimator.name: one for one in converged}
    apart = in_sds(worst_errors[last] - worst_errors[nearest], by_name[nearest])
    if apart < TELLING_SDS:
        return []
    off = {
        name: number(worst_errors[name], error_of_means(by_name[name])) for name in (nearest, last)
    }
    return [
        f"With the groups hidden, {nearest} came nearest: its means are off by at most "
        f"{off[nearest]}{unit}; {last} was furthest off, by up to {off[last]}{unit}."
    ]


def gain_sentence(labelled: Finding, everybody: Finding, unit: str) -> str:
    """Say what the heights without a label change."""
    names = labelled.estimator.name, everybody.estimator.name
    moved = "The values without a label move the means by at most "
    moved += number(furthest(labelled, everybody), error_of_means(everybody))
    moved += f"{unit} from {names[0]} to {names[1]}"
    if SeStatus.SINGULAR in (labelled.se_status, everybody.se_status):
        return f"{moved}."
    before, after = (
        max(one.estimates[group, "mean"].std_error for group in one.group_names)
        for one in (labelled, everybody)
    )
    worth = f"the largest standard error of a mean from {number(before, after)} to "
    worth += f"{number(after, after)}{unit}"
    return f"{moved}, and {worth}."


def error_of_means(one: Finding) -> float:
    """Smallest standard error of a mean; without any, the smallest SD."""
    for parameter, name in (("mean", "std_error"), ("sd", "value")):
        sizes = [getattr(one.estimates[group, parameter], name) for group in one.group_names]
        known = [size for size in sizes if np.isfinite(size) and size > 0.0]
        if known:
            return float(min(known))
    return float("nan")


def in_sds(length: float, one: Finding) -> float:
    """A length in the smallest SD of a finding."""
    return length / min(one.estimates[group, "sd"].value for group in one.group_names)


def furthest(first: Finding, second: Finding) -> float:
    """Largest difference of a mean between two findings."""
    pairs = zip(first.means, second.means, strict=True)
    return max(abs(one - other) for one, other in pairs)
