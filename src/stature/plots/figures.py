"""The figures of a study: what each shows, from which table, and what a study needs to fill it.

To add one: a function that draws it, its entry in `FIGURES` and in `drawings`, and its caption in a
text beside this module, which the page and the report of Snakemake show. Only `draw` and `write`
load Matplotlib: the workflow asks for names each time that it starts.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TableName = Literal["lesson", "measures", "settings", "needed", "pairs", "traces", "intervals"]

NO_ROW = "the table holds no row for this figure"
"""What stands in a figure that cannot be filled."""
MOST_IN_ANSWER = 2
"""Populations in the figure of a study's answer."""

Need = Literal[
    "labelled reference",  # a labelled closed form in a scenario with an estimator without labels
    "hidden labels",  # an estimator without labels of several groups
    "many populations",  # more than the figure of the answer shows
    "many scenarios",  # more than one
    "standard errors",  # an estimator with standard errors
    "iterations",  # an estimator that iterates under the bias that is shown
    "traces",  # such a one, and replicates that are traced
    "pairs",  # two estimators that are paired in a scenario
    "strengths",  # biases that differ in their strength alone
    "label shares",  # estimators that differ in the share of labels alone
    "factors",  # factors with several levels
    "factors of scenarios",  # such factors of populations or biases
]
"""What a study has or has not, known before any job."""


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A figure that a study may have."""

    table: TableName  # the table that it is drawn from
    title: str  # its heading on the page
    alt: str  # its caption for those who cannot see it, shorter
    needs: Need | None = None  # what a study must have to fill it; None: every study can
    by_population: bool = False  # whether it has panels for each population, also of a factorial
    subcategory: Literal["Lesson", "Estimates", "Algorithms"] = (
        "Estimates"  # in the report of Snakemake
    )


FIGURES: dict[str, FigureKind] = {
    "lesson": FigureKind(
        "lesson",
        "The lesson in one picture",
        "A likelihood curve with its peak at 0.7, and contours around the mean and SD of 100 boys; "
        "in both a dotted path of squares leads to the circled maximum.",
        subcategory="Lesson",
    ),
    "steps": FigureKind(
        "lesson",
        "EM, step by step",
        "Histograms of the same heights at steps of EM: two bells that start at the lower end move "
        "under the bars, whose two colours say how many of their people are of either group.",
        needs="hidden labels",
        subcategory="Lesson",
    ),
    "factors": FigureKind(
        "measures",
        "Errors against each factor",
        "Root mean squared error of the worse mean on a log axis against the levels of a factor, "
        "one line for each estimator, a row for each factor and a panel for each level of another.",
        needs="factors",
    ),
    "needed": FigureKind(
        "needed",
        "How many people are needed",
        "Smallest number of people on a log axis against the levels of a factor, one line for each "
        "estimator, a row for each factor and a panel for each level of another.",
        needs="factors",
    ),
    "loop": FigureKind(
        "measures",
        "Every combination of the factors",
        "Step lines of the estimators over all combinations of sizes and factors, for the error of "
        "the worse mean and for the share of samples in which all means are found; the levels of "
        "the factors stand below.",
        needs="factors of scenarios",
    ),
    "errors": FigureKind(
        "measures",
        "Errors against the number of people",
        "Root mean squared error against the number of people on log axes, one line for each "
        "estimator and a panel for each parameter.",
        by_population=True,
    ),
    "price": FigureKind(
        "measures",
        "The price of hidden labels",
        "Error without labels over the error with labels against the number of people, with a "
        "line at 1.",
        needs="labelled reference",
        by_population=True,
    ),
    "answer": FigureKind(
        "measures",
        "How often all means are found",
        "Share of samples with all means within 2 cm of the truth against the number of people, "
        "one line for each estimator, in the first two populations.",
        by_population=True,
    ),
    "hits": FigureKind(
        "measures",
        "How often all means are found, in every population",
        "Share of samples with all means within 2 cm of the truth against the number of people, "
        "one line for each estimator.",
        needs="many populations",
        by_population=True,
    ),
    "biases": FigureKind(
        "measures",
        "Bias against the number of people",
        "Mean error against the number of people, one panel for each bias and one line for each "
        "estimator, with its large-sample limit.",
        by_population=True,
    ),
    "coverage": FigureKind(
        "measures",
        "Coverage of the intervals",
        "Coverage against the number of people, one panel for each bias and one line for each "
        "estimator, around the line at 0.95.",
        needs="standard errors",
        by_population=True,
    ),
    "zip": FigureKind(
        "intervals",
        "Which intervals miss",
        "Stacks of horizontal lines around the true mean, one stack for each estimator; the "
        "topmost, whose estimates are farthest off, are coloured because they miss the truth.",
        needs="standard errors",
        by_population=True,
    ),
    "convergence": FigureKind(
        "traces",
        "How the iterations converge",
        "Curves of the log-likelihood still to be gained, which fall with the likelihood "
        "evaluations; paths of the estimated means that level off.",
        needs="traces",
        subcategory="Algorithms",
        by_population=True,
    ),
    "passes": FigureKind(
        "measures",
        "Likelihood evaluations until convergence",
        "Likelihood evaluations against the number of people on log axes, one line for each "
        "estimator.",
        needs="iterations",
        subcategory="Algorithms",
        by_population=True,
    ),
    "strength": FigureKind(
        "settings",
        "Bias and error against the strength of a bias",
        "Bias against the strength of a bias, each curve along its dotted limit, and the root "
        "mean squared error beside it.",
        needs="strengths",
        by_population=True,
    ),
    "labels": FigureKind(
        "settings",
        "What a label is worth",
        "Root mean squared error of each mean against the share of people with a label, one "
        "curve for each size.",
        needs="label shares",
        by_population=True,
    ),
    "scatter": FigureKind(
        "pairs",
        "Two estimators on the same samples",
        "Clouds of points, one a sample: the estimate by one method against that by another, "
        "around the diagonal.",
        needs="pairs",
        by_population=True,
    ),
    "overview": FigureKind(
        "measures",
        "Errors in every scenario",
        "Maps of root mean squared errors, one for each estimator, with scenarios down and "
        "sizes across.",
        needs="many scenarios",
    ),
    "failures": FigureKind(
        "measures",
        "How often fits fail",
        "Maps of the share of failed or suspect fits, one for each estimator, with scenarios "
        "down and sizes across.",
    ),
}
"""Every figure by name, in the order of the page."""


OF_TABLES: dict[str, FigureKind] = {
    "lollipop": FigureKind(
        "measures",
        "Performance of the methods",
        "A point for each method and cell with its Monte-Carlo interval, and a stem from where an "
        "ideal method would be.",
    ),
    "nested-loop": FigureKind(
        "measures",
        "Performance over the nested factors",
        "Step lines of the methods over all combinations of the factors, whose levels stand below.",
    ),
    "zip": FigureKind(
        "intervals",
        "Which intervals miss",
        "Intervals of single data sets, stacked by how far the estimate is off in standard errors; "
        "coloured ones miss the truth.",
    ),
}
"""Every figure of anybody's table of estimates, likewise."""

CAPTIONS = Path(__file__).parent
"""Where a text for each name says what a figure shows, and what to look for."""


_WHICH_BIAS = "without bias, or under the first bias of a study in which no scenario is without"


_OF_GROUPS = {
    " of the first group (groups are in the order of their means)": "",
    "mean of every group": "mean",
    "estimated means, over the groups": "estimated mean",
}
"""What captions say of groups, and of a single one."""


def caption(name: str, bias: str = "", one_group: bool = False) -> str:
    """The caption of a figure, in one line; shorter where its bias and groups are known."""
    text = " ".join((CAPTIONS / f"{name}.rst").read_text(encoding="utf-8").split())
    for words, of_one in _OF_GROUPS.items() if one_group else ():
        text = text.replace(words, of_one)
    known = "without bias" if bias == "none" else f"under the bias {bias}"
    return text.replace(_WHICH_BIAS, known) if bias else text


def fillable(has: Collection[Need], by_population: bool = True) -> list[str]:
    """Names of the figures of a study that has so much, in the order of the page."""
    return [
        name
        for name, kind in FIGURES.items()
        if (kind.needs is None or kind.needs in has) and (by_population or not kind.by_population)
    ]


Order = Mapping[str, Sequence[str]]
"""Names of populations, biases, scenarios and estimators, in the order in which they are shown."""


def draw(name: str, table: "pd.DataFrame", order: Order = MappingProxyType({})) -> "Figure":
    """Draw a figure from its table."""
    import pandas as pd

    from stature.plots.style import fonts_for

    for column, named in order.items():
        if column in table.columns:
            ordered = pd.Categorical(table[column].astype(str), [*named], ordered=True)
            table = table.assign(**{column: ordered})
    if "measure" in table.columns and name not in ("passes", "failures"):
        # Another way to the very maximum of the reference would be its line twice.
        again = table.loc[table["measure"] == "largest_relative_difference", "estimator"]
        table = table[~table["estimator"].isin(set(again))]
    names = table["group"].astype(str).unique() if "group" in table.columns else []
    with fonts_for("".join(names)):
        return drawings()[name](table)


def write(
    tables: Mapping[str, "pd.DataFrame"],
    paths: Sequence[Path],
    order: Order = MappingProxyType({}),
    say: Callable[[str], str] = str,
) -> None:
    """Draw figures, each in the formats of the paths whose stem is its name, in others' words."""
    from stature.plots.style import save

    for name in dict.fromkeys(path.stem for path in paths):
        figure = in_words(draw(name, tables[FIGURES[name].table], order), say)
        save(figure, [path for path in paths if path.stem == name])


def in_words(figure: "Figure", say: Callable[[str], str]) -> "Figure":
    """The figure with its texts in others' words."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_text(say(text.get_text()))
    return figure


def draw_of_table(name: str, tables: "Mapping[str, pd.DataFrame]", level: float) -> "Figure":
    """Draw a figure of anybody's table of estimates, whose intervals claim a level."""
    from stature.plots import samples
    from stature.plots import tables as of_tables

    draws = {
        "lollipop": of_tables.lollipop,
        "nested-loop": of_tables.nested_loop,
        "zip": samples.intervals_of_cells,
    }
    return draws[name](tables[OF_TABLES[name].table], level)


def drawings() -> "dict[str, Callable[[pd.DataFrame], Figure]]":
    """The function that draws each figure."""
    from stature.plots import factors, measures, paths, samples

    return {
        "lesson": paths.lesson,
        "steps": paths.steps,
        "factors": factors.factor_errors,
        "needed": factors.factor_needed,
        "loop": factors.nested_loop,
        "errors": measures.errors,
        "price": measures.price,
        "answer": measures.answer,
        "hits": measures.hits,
        "biases": measures.biases,
        "coverage": measures.coverage,
        "zip": samples.intervals,
        "convergence": paths.traces,
        "passes": measures.passes,
        "strength": measures.strength,
        "labels": measures.labels,
        "scatter": samples.scatter,
        "overview": measures.overview,
        "failures": measures.failures,
    }
