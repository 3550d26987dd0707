"""Figures on the page: what each shows, in a caption and in words for those who cannot see it."""

import re
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

WIDEST_POINTS = 190.0 / 25.4 * 72.0
"""Width of a figure over the whole page; those that are narrower stay so."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure of the report."""

    name: str  # its name in ``figures/``
    title: str  # its heading
    caption: str  # what it shows, what its bars are, and what to look for
    alt: str  # the same for those who cannot see it, shorter


_BARS = "Bars are 95 % Monte-Carlo intervals, the value ± 1.96 Monte-Carlo standard errors."
_WILSON = "Bars are 95 % Wilson intervals."
_LEFT_OUT = (
    "Numbers under a panel count the replicates that a point leaves out; where there are none, "
    "none was left out. A point that leaves out more than 20 % is hollow, one that leaves out more "
    "than half is not drawn (×)."
)

FIGURES: tuple[Shown, ...] = (
    Shown(
        "lesson",
        "The lesson in one picture",
        "Left: the likelihood of drawing 7 black balls in 10, for every share of black balls. Its "
        "maximum is at 0.7, found by counting (circle) and by Newton's climb from 0.5 (squares). "
        "Right: the log-likelihood of 100 boys' heights for every mean and SD, as contours of its "
        "distance below the maximum; each contour is twice as many standard errors away as the "
        "one inside it. The closed form (circle) and the climb from far away (squares) meet.",
        "A likelihood curve with its peak at 0.7, and contours around the mean and SD of 100 boys; "
        "in both a dotted path of squares climbs to the circled maximum.",
    ),
    Shown(
        "errors",
        "Errors against the number of people",
        "Root mean squared error of every parameter, without bias, on log axes. Black dashes, on a "
        "band of the estimator's colour, are the Cramér–Rao bound of the sampling design used; a "
        "population taken from a file has none. The number beside a name is the fitted slope: "
        f"−0.5 means that four times as many people halve the error. {_BARS} {_LEFT_OUT}",
        "Falling lines on log axes, one an estimator: labelled estimators lowest, EM without any "
        "knowledge highest, EM with known shares or SDs between them.",
    ),
    Shown(
        "price",
        "The price of hidden labels",
        "Error of the means with hidden labels over that of the labelled estimator on the same "
        "samples; at 1 labels would be worth nothing. Only replicates in which both converged "
        f"are compared. {_BARS} {_LEFT_OUT}",
        "Lines of the price against the number of people, above the line at 1.",
    ),
    Shown(
        "hits",
        "How often both means are found",
        "Share of samples in which every group's mean is within 2 cm of the truth, without bias. "
        f"A fit that failed is a miss. {_WILSON}",
        "Rising lines from near 0 to 1; labelled estimators rise first, EM without any knowledge "
        "last.",
    ),
    Shown(
        "biases",
        "Bias against the number of people",
        "Mean estimate minus truth, of the mean of the shorter group, under each bias. Black dots, "
        "on a band of the estimator's colour, are its limit: where it goes as the number of people "
        "grows. More people do not cure a biased sample; they only narrow the error bars around "
        f"the wrong value. {_BARS} Hollow points are those whose bar covers zero, too. {_LEFT_OUT}",
        "One panel a bias: without bias and with rounding the lines go to zero, with selection and "
        "with a minimum height they settle on plateaus.",
    ),
    Shown(
        "coverage",
        "Coverage of the intervals",
        "How often the 95 % interval of the shorter group's mean holds the truth; the line is what "
        "the interval claims. Panels without large shortfalls are stretched. Under a bias coverage "
        f"falls to zero as the interval closes around the wrong value. {_WILSON} {_LEFT_OUT}",
        "One panel a bias: without bias the lines stay near 0.95, under selection and a minimum "
        "height they fall to 0.",
    ),
    Shown(
        "zip",
        "Which intervals miss",
        "The 95 % intervals of single samples for the mean of the shorter group, without bias, "
        "stacked by how far the estimate is off in standard errors. Grey ones hold the truth "
        "(solid line), coloured ones miss it. Where intervals hold what they claim, one in twenty "
        "is coloured, those above the dotted line, on both sides of the truth. Samples without an "
        "interval are left out; infinite ends go on beyond the axis.",
        "Stacks of horizontal lines around the true mean, one stack an estimator; the topmost, "
        "whose estimates are farthest off, are coloured because they miss the truth.",
    ),
    Shown(
        "convergence",
        "How a climb converges",
        "Left: twice the log-likelihood still to gain, against passes over the data, on log axes. "
        "Right: the estimated means of both groups on the way. Plain EM is soon near the maximum "
        "and then creeps; it needs the more passes, the more of the information is hidden. Shown "
        "are the traced replicates, the first one in bold.",
        "Falling curves of the log-likelihood still to gain, EM without any knowledge last; paths "
        "of the two means that level off.",
    ),
    Shown(
        "passes",
        "Passes until convergence",
        "Passes over the data of all starts together until the maximum is certified: the median "
        "(points, with bars of ± 1.96 Monte-Carlo standard errors) and the 90 % quantile (dotted), "
        f"without bias, among fits that converged. {_LEFT_OUT}",
        "Lines of passes against the number of people on log axes; EM without any knowledge needs "
        "most.",
    ),
    Shown(
        "strength",
        "Bias and error against the strength of a bias",
        "For biases that the study has in several strengths: left the mean estimate minus truth, "
        "right the root mean squared error, both of the mean of the shorter group at the largest "
        "size. Black dots, on a band of the estimator's colour, are the limit. A study without "
        f"such biases has nothing to show. {_BARS} Hollow points are those whose bar covers zero, "
        f"too. {_LEFT_OUT}",
        "Curves that leave zero as the bias grows stronger, each along its dotted limit, and the "
        "errors beside them.",
    ),
    Shown(
        "labels",
        "What a label is worth",
        "Root mean squared error of each mean against the share of people whose label is seen, "
        "without bias, a curve for each size. Black dashes are the smallest standard error that "
        "theory allows. A study that does not vary the share of labels has nothing to show. "
        f"{_BARS}",
        "Curves that fall steeply with the first labels and level off towards the error with all "
        "labels.",
    ),
    Shown(
        "scatter",
        "What two estimators make of the same samples",
        "The mean of the shorter group, without bias, in samples of the size nearest to 1000: "
        "across as one estimator has it that does not see everybody's label and goes on to the "
        "maximum, up as another has it. A point is a sample. On the diagonal both agree; in points "
        "beside it the choice of method decides. Thin lines are the truth; points at the rim lie "
        "farther out. Samples in which a fit did not converge are left out and counted.",
        "Clouds of points: on the diagonal where two methods find the same maximum, around it "
        "where one knows more or stops early.",
    ),
    Shown(
        "overview",
        "Errors in every scenario",
        "Root mean squared error of the estimated means, over the groups, in cm; a map for each "
        "estimator, scenarios down and sizes across. Dark is far off. Along a row more people "
        "help, or, under a bias, do not.",
        "Maps of numbers: labelled estimators bright, EM without any knowledge dark but for the "
        "largest samples.",
    ),
    Shown(
        "failures",
        "How often fits fail",
        "Share of samples whose fit did not converge, or is suspect: a group of fewer than five "
        "people, or an SD under a fifth of another's, as at a maximum that chance has made.",
        "Maps of shares: near 0 everywhere but in the smallest samples with hidden labels.",
    ),
)
"""The figures, in the order in which the page has them."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A figure that a page holds."""

    address: str  # a ``data:`` address
    # share of the width of the page, so that all figures have letters of one size
    width: float = 1.0


def embedded(path: Path) -> Embedded:
    """A figure as text that a page can hold.

    The figure; as wide as the page if the file does not say how wide it is.
    """
    text = path.read_bytes()
    points = re.search(rb'<svg[^>]* width="([0-9.]+)pt"', text)
    width = 1.0 if points is None else min(float(points[1]) / WIDEST_POINTS, 1.0)
    return Embedded("data:image/svg+xml;base64," + b64encode(text).decode("ascii"), width)
