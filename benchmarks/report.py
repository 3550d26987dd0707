"""The table for people: goals, then ratios, then what the loose defaults miss, seconds behind."""

from collections.abc import Iterable, Sequence

from benchmarks.goals import Goal
from benchmarks.machine import machine, versions
from benchmarks.measurement import Measurement, middle, values
from benchmarks.problems import PAIRS, SIZES

OURS = "newton"
NOTHING = "–"
MAXIMUM, DEFAULT = "maximum", "default"

HEAD = """# Speed

{machine}; {versions}.

Medians of one run, one thread each, all on the same samples in turns. Stature fits in a batch, to
its certificate and with standard errors; a fit's time is its share of the batch. `newton` and every
package start once; "10 starts" is what a study does. Where `em` or `squarem` comes to its limit of
20 000 steps, Newton ends the fit. Compilation is not counted, nor is starting R.
"""
TO_MAXIMUM = """
An oracle stops each package at its first step within 1e-6 of the maximum in log-likelihood, which
no user could do. A number with ~ is scaled from fewer steps: all of them would take too long.
`meV` is the engine of mclust, called without the rest.
"""
BY_DEFAULT = """
In brackets what the end misses of the maximum above it: log-likelihood, and the largest distance
of a parameter in standard errors.
"""


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def digits(value: float, unit: str = "") -> str:
    """A number with two digits, or a dash."""
    if value != value:
        return NOTHING
    if abs(value) >= 100 or value == 0:
        return f"{float(f'{value:.2g}'):,.0f}{unit}"
    return f"{value:.2g}{unit}"


def methods(rows: Sequence[Measurement], way: str) -> list[str]:
    """Names of all that took part in the race."""
    return list(dict.fromkeys(row.method for row in rows if row.part == way))


def report(rows: Sequence[Measurement], goals: Sequence[Goal], absent: Sequence[str]) -> str:
    """The page."""
    text = [HEAD.format(machine=machine(), versions=versions())]
    if absent:
        text.append(f"Not installed and left out: {', '.join(absent)}.\n")
    text += ["## Goals\n", _goals(goals)]
    for pair in PAIRS:
        shares, means, sds = [
            "/".join(f"{number:g}" for number in numbers)
            for numbers in (pair.shares, pair.means_cm, pair.sds_cm)
        ]
        title = f"{pair.name} pair (means {means} cm, SDs {sds} cm, shares {shares})"
        text += [f"## Times Stature's, to the maximum: {title}", TO_MAXIMUM]
        text.append(_ratios(rows, MAXIMUM, pair.name))
        text += [f"## Times Stature's, default settings: {title}", BY_DEFAULT]
        text.append(_ratios(rows, DEFAULT, pair.name))
    text += ["## Study, limits, cores, fixed cost\n", _others(rows)]
    for pair in PAIRS:
        for way, words in ((MAXIMUM, "to the maximum"), (DEFAULT, "default settings")):
            text += [f"## Seconds and passes a fit, {words}: {pair.name} pair\n"]
            text.append(_seconds(rows, way, pair.name))
    return "\n".join(text)


def _goals(goals: Sequence[Goal]) -> str:
    body = [
        [
            goal.figure,
            digits(goal.value),
            f"{'≥' if goal.sense == '>=' else '≤'} {goal.goal:g}",
            "yes" if goal.is_met else "**no**",
        ]
        for goal in goals
    ]
    return table(["figure", "value", "goal", "met"], body)


def _sized(head: str) -> list[str]:
    return [head, *(f"n = {size:,}" for size in SIZES)]


def _ratios(rows: Sequence[Measurement], way: str, pair: str) -> str:
    body: list[list[str]] = []
    for name in methods(rows, way):
        cells: list[str] = []
        for size in SIZES:
            base = middle(rows, way, pair, size, OURS, "seconds")
            cell = digits(middle(rows, way, pair, size, name, "seconds") / base)
            if any(values(rows, way, pair, size, name, "scaled")):
                cell = "~" + cell
            if way == DEFAULT and cell != NOTHING:
                gap = middle(rows, way, pair, size, name, "gap")
                errors = middle(rows, way, pair, size, name, "errors")
                cell += f" ({gap:.1g}; {errors:.1g})"
            cells.append(cell)
        body.append([name, *cells])
    return table(_sized("method"), body)


def _seconds(rows: Sequence[Measurement], way: str, pair: str) -> str:
    body: list[list[str]] = []
    for name in methods(rows, way):
        cells: list[str] = []
        for size in SIZES:
            found = values(rows, way, pair, size, name, "seconds")
            if not found:
                cells.append(NOTHING)
                continue
            median = middle(rows, way, pair, size, name, "seconds")
            passes = middle(rows, way, pair, size, name, "passes")
            cells.append(f"{median:.2g} (least {min(found):.2g}), {digits(passes)} passes")
        body.append([name, *cells])
    return table(_sized("method"), body)


def _others(rows: Sequence[Measurement]) -> str:
    body: list[list[str]] = []
    parts = (
        "study",
        "drawing",
        "one file",
        "replicates",
        "scaling",
        "cores",
        "fixed cost",
        "imports",
        "instructions",
        "catalogue",
        "agreement",
        "tables",
    )
    seen: set[tuple[str, str, int, str, str]] = set()
    for part in parts:
        for row in rows:
            key = (row.part, row.pair, row.size, row.method, row.quantity)
            if row.part != part or key in seen:
                continue
            seen.add(key)
            unit = row.quantity.replace("_", " ")
            where = " ".join(
                word for word in (row.pair, f"{row.size:,}" if row.size else "") if word
            )
            body.append([part, where, row.method, f"{middle(rows, *key):.3g} {unit}"])
    notes = (
        "\nStudy: 1000 replicates at n = 200, 1000 and 10 000, drawn and fitted on all cores, "
        "against a joblib loop over scikit-learn (its time is scaled from a few replicates). "
        "Replicates: a block of samples of 1000 people. Cores: the study in one process and in "
        "two. Fixed cost: each line is a process that does so much and no more. Instructions: of a "
        "person and EM step, compiled for AVX2, counted by callgrind.\n"
    )
    return table(["part", "of", "method", "median"], body) + notes
