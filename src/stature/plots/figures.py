"""The figures of a study: what each shows, from which table, and what a study needs to fill it.

To add one: a function that draws it, its entry in `FIGURES` and in `drawings`, and its caption in
`workflow/report`. Only `draw` and `write` load Matplotlib: the workflow asks for names each time
that it starts.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TableName = Literal["lesson", "measures", "settings", "pairs", "traces", "intervals"]

Need = Literal[
    "labelled reference",  # a labelled closed form in a scenario with an estimator without labels
    "standard errors",  # an estimator with standard errors
    "traces",  # replicates that are traced
    "pairs",  # two estimators that are paired in a scenario
    "strengths",  # biases that differ in their strength alone
    "label shares",  # estimators that differ in the share of labels alone
]
"""What a study has or has not, known before any job."""


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A figure that a study may have."""

    table: TableName  # the table that it is drawn from
    title: str  # its heading on the page
    caption: str  # what it shows, what its bars are, and what to look for
    alt: str  # the same for those who cannot see it, shorter
    needs: Need | None = None  # what a study must have to fill it; None: every study can
    subcategory: Literal["Lesson", "Estimates", "Algorithms"] = (
        "Estimates"  # in the report of Snakemake
    )


_BARS = "Bars are 95 % Monte-Carlo intervals, the value ± 1.96 Monte-Carlo standard errors."
_WILSON = "Bars are 95 % Wilson intervals."
_LEFT_OUT = (
    "Numbers under a panel count the replicates that a point leaves out; without a number, none is "
    "left out. A point that leaves out more than 20 % is hollow; one that leaves out more than "
    "half is not drawn (×)."
)
_LIMIT = (
    "Dotted black lines, on a band of the estimator's colour, are its large-sample limit: the "
    "value that it approaches as the number of people grows."
)

FIGURES: dict[str, FigureKind] = {
    "lesson": FigureKind(
        "lesson",
        "The lesson in one picture",
        "Left: the likelihood of drawing 7 black balls in 10, for every share of black balls. Its "
        "maximum is at 0.7, found by counting (circle) and by Newton's method from 0.5 (squares). "
        "Right: the log-likelihood of 100 boys' heights for every mean and SD, as contours of its "
        "distance below the maximum; each contour is twice as many standard errors away as the "
        "one inside it. The closed form (circle) and Newton's method from a distant start "
        "(squares) reach the same maximum.",
        "A likelihood curve with its peak at 0.7, and contours around the mean and SD of 100 boys; "
        "in both a dotted path of squares leads to the circled maximum.",
        subcategory="Lesson",
    ),
    "errors": FigureKind(
        "measures",
        "Errors against the number of people",
        "Root mean squared error of every parameter, without bias, on log axes. Black dashes, on a "
        "band of the estimator's colour, are the Cramér–Rao bound of the sampling design used; a "
        "population taken from a file has none. The number beside a name is the fitted slope: "
        f"−0.5 means that four times as many people halve the error. {_BARS} {_LEFT_OUT}",
        "Falling lines on log axes, one for each estimator: labelled estimators lowest, EM without "
        "any known parameters highest, EM with known shares or SDs between them.",
    ),
    "price": FigureKind(
        "measures",
        "The price of hidden labels",
        "Error of the means with hidden labels, divided by that of the labelled estimator on the "
        "same samples; at 1, labels would be worth nothing. Only replicates in which both "
        f"converged are compared. {_BARS} {_LEFT_OUT}",
        "Lines of the price against the number of people, above the line at 1.",
        needs="labelled reference",
    ),
    "hits": FigureKind(
        "measures",
        "How often all means are found",
        "Share of samples in which the estimated mean of every group is within 2 cm of the truth, "
        f"without bias. A fit that failed counts as a miss. {_WILSON}",
        "Rising lines from near 0 to 1; labelled estimators rise first, EM without any known "
        "parameters last.",
    ),
    "biases": FigureKind(
        "measures",
        "Bias against the number of people",
        "Mean estimate minus truth, of the mean of the shorter group, under each bias. "
        f"{_LIMIT} More people do not cure a biased sample; they only narrow the error bars around "
        f"the wrong value. {_BARS} Points whose bar covers zero are hollow, too. {_LEFT_OUT}",
        "One panel for each bias: without bias and with rounding the lines go to zero; with "
        "selection and with a minimum height they level off.",
    ),
    "coverage": FigureKind(
        "measures",
        "Coverage of the intervals",
        "How often the 95 % interval of the shorter group's mean contains the truth; the line is "
        "the nominal 95 %. The axis is stretched where no shortfall is large. Under a bias, "
        "coverage falls to zero as the interval narrows around the wrong value. "
        f"{_WILSON} {_LEFT_OUT}",
        "One panel for each bias: without bias the lines stay near 0.95; under selection and a "
        "minimum height they fall to 0.",
        needs="standard errors",
    ),
    "zip": FigureKind(
        "intervals",
        "Which intervals miss",
        "The 95 % intervals of single samples for the mean of the shorter group, without bias, "
        "stacked by how far the estimate is off in standard errors. Grey intervals contain the "
        "truth (solid line); coloured ones miss it. Where intervals keep their nominal coverage, "
        "one in twenty is coloured: those above the dotted line, on both sides of the truth. "
        "Samples without an interval are left out; infinite ends extend beyond the axis.",
        "Stacks of horizontal lines around the true mean, one stack for each estimator; the "
        "topmost, whose estimates are farthest off, are coloured because they miss the truth.",
        needs="standard errors",
    ),
    "convergence": FigureKind(
        "traces",
        "How the iterations converge",
        "Left: twice the log-likelihood still to be gained, against likelihood evaluations, each "
        "of which is one pass over the data; log axes. Right: the estimated means of both groups "
        "along the way. Plain EM is soon near the maximum and then slows to a crawl; the more "
        "information the hidden labels hold, the more evaluations it needs. Shown are the traced "
        "replicates, the first in bold.",
        "Falling curves of the log-likelihood still to be gained, EM without any known parameters "
        "last; paths of the two means that level off.",
        needs="traces",
        subcategory="Algorithms",
    ),
    "passes": FigureKind(
        "measures",
        "Likelihood evaluations until convergence",
        "Likelihood evaluations until convergence, summed over all starts: the median (points, "
        "with bars of ± 1.96 Monte-Carlo standard errors) and the 90 % quantile (dotted), without "
        f"bias, among fits that converged. {_LEFT_OUT}",
        "Lines of likelihood evaluations against the number of people on log axes; EM without any "
        "known parameters needs the most.",
        subcategory="Algorithms",
    ),
    "strength": FigureKind(
        "settings",
        "Bias and error against the strength of a bias",
        "For biases that the study has in several strengths: on the left the mean estimate minus "
        "truth, on the right the root mean squared error, both of the mean of the shorter group "
        f"at the largest size. {_LIMIT} {_BARS} Points whose bar covers zero are hollow, too. "
        f"{_LEFT_OUT}",
        "Curves that leave zero as the bias grows stronger, each along its dotted limit, and the "
        "errors beside them.",
        needs="strengths",
    ),
    "labels": FigureKind(
        "settings",
        "What a label is worth",
        "Root mean squared error of each mean against the share of people with a label, without "
        "bias, one curve for each size. Black dashes are the smallest standard error that theory "
        f"allows. {_BARS}",
        "Curves that fall steeply with the first labels and level off towards the error with all "
        "labels.",
        needs="label shares",
    ),
    "scatter": FigureKind(
        "pairs",
        "Two estimators on the same samples",
        "Estimates of the mean of the shorter group, without bias, in samples of the size nearest "
        "to 1000. Across: the estimate of the reference, the first estimator without all labels "
        "that goes on to the maximum. Up: the estimate of another. Each point is a sample. On the "
        "diagonal the two agree; off it, the choice of method decides. Thin lines are the truth; "
        "points at the rim lie farther out. Samples in which a fit did not converge are left out "
        "and counted.",
        "Clouds of points: on the diagonal where two methods find the same maximum, around it "
        "where one has more known parameters or stops early.",
        needs="pairs",
    ),
    "overview": FigureKind(
        "measures",
        "Errors in every scenario",
        "Root mean squared error of the estimated means, over the groups, in cm; one map for each "
        "estimator, with scenarios down and sizes across. Dark means far off. Along a row more "
        "people help, or, under a bias, do not.",
        "Maps of numbers: labelled estimators bright, EM without any known parameters dark except "
        "in the largest samples.",
    ),
    "failures": FigureKind(
        "measures",
        "How often fits fail",
        "Share of samples whose fit did not converge or is suspect: a group of fewer than five "
        "people, or an SD under a fifth of another's, as at spurious maxima.",
        "Maps of shares: near 0 everywhere except in the smallest samples with hidden labels.",
    ),
}
"""Every figure by name, in the order of the page."""


def fillable(has: Collection[Need]) -> list[str]:
    """Names of the figures of a study that has so much, in the order of the page."""
    return [name for name, kind in FIGURES.items() if kind.needs is None or kind.needs in has]


def draw(name: str, table: "pd.DataFrame") -> "Figure":
    """Draw a figure from its table."""
    return drawings()[name](table)


def write(tables: Mapping[str, "pd.DataFrame"], paths: Sequence[Path]) -> None:
    """Draw figures, each in the formats of the paths whose stem is its name."""
    from stature.plots.style import save

    for name in dict.fromkeys(path.stem for path in paths):
        figure = draw(name, tables[FIGURES[name].table])
        save(figure, [path for path in paths if path.stem == name])


def drawings() -> "dict[str, Callable[[pd.DataFrame], Figure]]":
    """The function that draws each figure."""
    from stature.plots import measures, paths, samples, settings

    return {
        "lesson": paths.lesson,
        "errors": measures.errors,
        "price": measures.price,
        "hits": measures.hits,
        "biases": measures.biases,
        "coverage": measures.coverage,
        "zip": samples.intervals,
        "convergence": paths.traces,
        "passes": measures.passes,
        "strength": settings.strength,
        "labels": settings.labels,
        "scatter": samples.scatter,
        "overview": measures.overview,
        "failures": measures.failures,
    }
