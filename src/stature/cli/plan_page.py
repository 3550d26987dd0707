"""Page of `stature plan`: tables and sentences on a terminal."""

import sys
from collections import Counter
from collections.abc import Mapping

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from stature.cli.expected import coverage_mcse, relative_mcse
from stature.cli.plan import Plan
from stature.config.study import Study, amount, duration, plan_line
from stature.report.digits import supported

PLAIN_WIDTH = 100
_NOUNS = {
    "draw_samples": "draw",
    "fit_samples": "fit",
    "derive_bounds": "bound",
    "measure_fits": "measure",
}


def print_plan(made: Plan, cores: int) -> None:
    """Print a plan for a person."""
    study = made.study
    for warning in study.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    console = Console(markup=False, highlight=False, emoji=False, width=width, soft_wrap=True)
    console.print(f"{study.name}: {plan_line(study, cores)}", style="bold")
    for title, words in _lists(study):
        console.print(f"  {title}: {words}")
    if study.precision is not None:
        ends = ", ".join(f"{end:,}" for end in study.rounds)
        console.print(
            f"Rounds end at {ends} replicates. The jobs of a round, and all after the last one, "
            "are planned when the one before was judged: this is the plan until then."
        )
    if not made.running:
        console.print("Nothing to be done: all results are there and up to date.")
    else:
        console.print(_table(made))
        console.print("Why:", style="bold")
        for cause, counts in made.by_cause.items():
            console.print(f"  {cause}: {_counted(counts)}")
        cost = made.forecast
        source = (
            f"from the benchmarks of earlier jobs for {cost.measured} of {len(made.running)}"
            if cost.measured
            else "by the constants of the default study, nothing was measured yet"
        )
        console.print(
            f"Time: about {duration(cost.cpu_seconds)} of one core, "
            f"{duration(cost.cpu_seconds / cores)} on {cores} ({source}).\n"
            f"Disk: {amount(cost.bytes_now)} now, about {amount(cost.bytes_more)} more."
        )
    _print_errors(console, made)
    for orphan in made.orphans:
        files = "1 file" if orphan.files == 1 else f"{orphan.files} files"
        console.print(f"No longer in the study: {orphan.item}, {files}, {amount(orphan.bytes)}.")


def _lists(study: Study) -> list[tuple[str, str]]:
    """What the study consists of."""
    return [
        ("populations", ", ".join(one.name for one in study.populations)),
        ("biases", ", ".join(one.name for one in study.biases)),
        ("estimators", ", ".join(one.name for one in study.estimators)),
        ("sizes", ", ".join(f"{size}" for size in study.sizes)),
        ("scenarios", ", ".join(one.slug for one in study.scenarios)),
    ]


def _table(made: Plan) -> Table:
    """Jobs by rule and state."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("rule")
    met = {state for counts in made.by_rule.values() for state in counts}
    states = ["new", "stale", "reused", *(["not needed"] if "not needed" in met else [])]
    for state in states:
        table.add_column(state, justify="right")
    totals: Counter[str] = Counter()
    for rule, counts in made.by_rule.items():
        table.add_row(rule, *(str(counts[state] or "–") for state in states))
        totals.update(counts)
    table.add_section()
    table.add_row("all jobs", *(str(totals[state] or "–") for state in states))
    return table


def _counted(counts: Mapping[str, int]) -> str:
    """Jobs of a cause: the stages by name, the rest as a number."""
    parts = [
        f"{counts[rule]} {noun if counts[rule] == 1 else noun + 's'}"
        for rule, noun in _NOUNS.items()
        if counts.get(rule)
    ]
    others = sum(count for rule, count in counts.items() if rule not in _NOUNS)
    if others:
        parts.append(f"{others} {'other' if others == 1 else 'others'}")
    return ", ".join(parts)


def _print_errors(console: Console, made: Plan) -> None:
    """What Monte-Carlo standard errors to expect."""
    replicates = made.study.replicates
    relative, points = 100 * relative_mcse(replicates), 100 * coverage_mcse(replicates)
    console.print(
        f"Expected mcse with {replicates:,} replicates: {relative:.1f} % of an RMSE where errors "
        f"are normal, {points:.1f} points of a coverage of 95 %."
    )
    for one in made.expected:
        error = supported(one.mcse_cm, one.mcse_cm / 10)
        console.print(
            f"  {one.estimator}: {error} cm on the RMSE of a mean in its worst cell "
            f"({one.scenario}, {one.group}, n = {one.size}), from {one.replicates_before:,} "
            "replicates."
        )
