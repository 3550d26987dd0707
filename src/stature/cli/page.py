"""Page of `stature fit`: tables and sentences on a terminal, warnings on standard error."""

import sys

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from stature.cli.findings import Estimate, Finding
from stature.cli.numerals import percent, with_error
from stature.cli.runs import Runs
from stature.cli.sentences import closing_sentences, fit_sentences, model_words, opening_sentences
from stature.datafile.people import People

# The parameters of a table, with the decimals of a number that has no standard error.
SHARE_DECIMALS, LENGTH_DECIMALS = 3, 2
PLAIN_WIDTH = 100


def print_page(people: People, runs: Runs, findings: tuple[Finding, ...]) -> None:
    """Print findings for a person."""
    for warning in people.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    for note in runs.notes:
        print(f"note: {note}", file=sys.stderr)
    # Names come from a file: nothing in them is markup. Sentences wrap at the terminal's width.
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    console = Console(markup=False, highlight=False, emoji=False, width=width)
    unit = "" if people.unit == "none" else "cm"
    column_unit, sentence_unit = (f", {unit}", f" {unit}") if unit else ("", "")
    for sentence in opening_sentences(people, runs):
        console.print(sentence)
    span = (float(runs.heights_cm.min()), float(runs.heights_cm.max()))
    for one in findings:
        console.print()
        words = model_words(one.estimator.model)
        if len(one.group_names) == 1:
            words = words.replace("groups hidden", "one group", 1)
        console.print(f"{one.estimator.name}: {words}", style="bold")
        console.print(estimates_table(one, column_unit))
        for sentence in fit_sentences(one, span, sentence_unit):
            console.print(sentence)
    if runs.labels == "hidden":
        console.print()
        title = f"Scored against the labels (error of each mean{column_unit})"
        console.print(title, style="bold")
        console.print(_scoreboard(findings, runs))
    for sentence in closing_sentences(runs, findings, sentence_unit):
        console.print(sentence)


def estimates_table(one: Finding, unit: str) -> Table:
    """Estimates of one fit, a row for each group."""
    model = one.estimator.model
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("group")
    for title in ("share", f"mean{unit}", f"SD{unit}"):
        table.add_column(title, justify="right")
    for group in one.group_names:
        share, mean, sd = (one.estimates[group, name] for name in ("share", "mean_cm", "sd_cm"))
        table.add_row(
            group,
            _cell(share, SHARE_DECIMALS, known=model.shares == "known"),
            _cell(mean, LENGTH_DECIMALS, known=False),
            _cell(sd, LENGTH_DECIMALS, known=model.sds == "known"),
        )
    return table


def _cell(estimate: Estimate, decimals: int, known: bool) -> str:
    """One estimate as a table shows it."""
    text = with_error(estimate.value, estimate.std_error, decimals)
    return f"{text} (known)" if known else text


def _scoreboard(findings: tuple[Finding, ...], runs: Runs) -> Table:
    """Errors of the means and people put in the right group, a row for each estimator."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("estimator")
    for group in runs.group_names:
        table.add_column(group, justify="right")
    table.add_column("put in the right group", justify="right")
    table.add_column("ended")
    for one in findings:
        errors, right = ["–"] * len(runs.group_names), "–"
        if one.score is not None:
            errors = [f"{error:+.2f}" for error in one.score.mean_errors_cm]
            right = f"{one.score.right} of {one.score.people}"
            right += f" ({percent(one.score.right, one.score.people)})"
        table.add_row(one.estimator.name, *errors, right, one.status.name.lower().replace("_", " "))
    return table
