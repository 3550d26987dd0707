"""The figures of a study: what each shows, from which table, and what a study needs to fill it.

To add one: a function that draws it, its entry in `FIGURES`, and its words in a text beside this
module, whose caption the page and the report of Snakemake show. Only drawing loads Matplotlib: the
workflow asks for names each time that it starts.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

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


TEXTS = Path(__file__).parent
"""Where a text for each name says what a figure shows and what to look for.

Above it, as comments, stand its heading and its words for those who cannot see it.
"""


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A figure that a study may have."""

    table: TableName  # the table that it is drawn from
    draws: str  # the module and the function that draws it
    title: str  # its heading on the page
    alt: str  # its caption for those who cannot see it, shorter
    caption: str = ""
    needs: Need | None = None  # what a study must have to fill it; None: every study can
    by_population: bool = False  # whether it has panels for each population, also of a factorial
    subcategory: Literal["Lesson", "Estimates", "Algorithms"] = (
        "Estimates"  # in the report of Snakemake
    )

    @property
    def draw(self) -> "Callable[..., Figure]":
        """The function that draws it."""
        # By name, since digests of code follow the imports that are written down.
        from stature.plots import factors, measures, paths, samples

        every = {one.__name__: one for one in (factors, measures, paths, samples)}
        module, _, name = self.draws.partition(".")
        return getattr(every[f"stature.plots.{module}"], name)


def _figure(name: str, table: TableName, draws: str, **more: Any) -> tuple[str, FigureKind]:
    """A figure with the words of its text."""
    parts = (TEXTS / f"{name}.rst").read_text(encoding="utf-8").split("\n\n", 2)
    title, alt, caption = (" ".join(part.removeprefix("..").split()) for part in parts)
    return name, FigureKind(table, draws, title, alt, caption, **more)


FIGURES: dict[str, FigureKind] = dict(
    (
        _figure("lesson", "lesson", "paths.lesson", subcategory="Lesson"),
        _figure("steps", "lesson", "paths.steps", needs="hidden labels", subcategory="Lesson"),
        _figure("factors", "measures", "factors.factor_errors", needs="factors"),
        _figure("needed", "needed", "factors.factor_needed", needs="factors"),
        _figure("loop", "measures", "factors.nested_loop", needs="factors of scenarios"),
        _figure("errors", "measures", "measures.errors", by_population=True),
        _figure(
            "price", "measures", "measures.price", needs="labelled reference", by_population=True
        ),
        _figure("answer", "measures", "measures.answer", by_population=True),
        _figure("hits", "measures", "measures.hits", needs="many populations", by_population=True),
        _figure("biases", "measures", "measures.biases", by_population=True),
        _figure(
            "coverage", "measures", "measures.coverage", needs="standard errors", by_population=True
        ),
        _figure(
            "zip", "intervals", "samples.intervals", needs="standard errors", by_population=True
        ),
        _figure(
            "convergence",
            "traces",
            "paths.traces",
            needs="traces",
            by_population=True,
            subcategory="Algorithms",
        ),
        _figure(
            "passes",
            "measures",
            "measures.passes",
            needs="iterations",
            by_population=True,
            subcategory="Algorithms",
        ),
        _figure("strength", "settings", "measures.strength", needs="strengths", by_population=True),
        _figure("labels", "settings", "measures.labels", needs="label shares", by_population=True),
        _figure("scatter", "pairs", "samples.scatter", needs="pairs", by_population=True),
        _figure("overview", "measures", "measures.overview", needs="many scenarios"),
        _figure("failures", "measures", "measures.failures"),
    )
)
"""Every figure by name, in the order of the page."""


OF_TABLES: dict[str, FigureKind] = {
    "lollipop": FigureKind(
        "measures",
        "factors.lollipop",
        "Performance of the methods",
        "A point for each method and cell with its Monte-Carlo interval, and a stem from where an "
        "ideal method would be.",
    ),
    "nested-loop": FigureKind(
        "measures",
        "factors.nested_loop_of_table",
        "Performance over the nested factors",
        "Step lines of the methods over all combinations of the factors, whose levels stand below.",
    ),
    "zip": FigureKind(
        "intervals",
        "samples.intervals_of_cells",
        "Which intervals miss",
        "Intervals of single data sets, stacked by how far the estimate is off in standard errors; "
        "coloured ones miss the truth.",
    ),
}
"""Every figure of anybody's table of estimates, likewise."""

_WHICH_BIAS = "without bias, or under the first bias of a study in which no scenario is without"


_OF_GROUPS = {
    " of the first group (groups are in the order of their means)": "",
    "mean of every group": "mean",
    "estimated means, over the groups": "estimated mean",
}
"""What captions say of groups, and of a single one."""


def caption(name: str, bias: str = "", one_group: bool = False) -> str:
    """The caption of a figure, in one line; shorter where its bias and groups are known."""
    text = FIGURES[name].caption
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
            cells = table[column]
            if not isinstance(cells.dtype, pd.CategoricalDtype):
                cells = cells.astype(str).astype("category")
            table = table.assign(**{column: cells.cat.set_categories([*named], ordered=True)})
    if "measure" in table.columns and name not in ("passes", "failures"):
        # Another way to the very maximum of the reference would be its line twice.
        again = table.loc[table["measure"] == "largest_relative_difference", "estimator"]
        table = table[~table["estimator"].isin(set(again))]
    names = table["group"].unique() if "group" in table.columns else []
    with fonts_for("".join(map(str, names))):
        return FIGURES[name].draw(table)


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
    kind = OF_TABLES[name]
    return kind.draw(tables[kind.table], level)
