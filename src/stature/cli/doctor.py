"""`stature doctor`: what is wrong with files before they are fitted."""

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict

from stature.cli.terminal import open_console, refuse, while_working, width, wrapped
from stature.datafile.doctor import Diagnosis, diagnose
from stature.datafile.request import FitRequest, UsageError, check_request

SUCCESS, UNFIT = 0, 1
STYLES = {"error": "bold red", "warning": "yellow", "note": ""}


def run_doctor(requests: Sequence[FitRequest]) -> int:
    """Examine files and print what was found; the exit code is 1 if one cannot be fitted."""
    try:
        # All have the same options.
        check_request(requests[0])
    except UsageError as error:
        return refuse("doctor", error)
    diagnoses: list[Diagnosis] = []
    for one in requests:
        with while_working(f"Reading {one.path}"):
            diagnoses.append(diagnose(one.path, one.reading, one))
    if requests[0].json:
        print(json.dumps([_plain(one) for one in diagnoses], indent=2, ensure_ascii=False))
    else:
        print_diagnoses(diagnoses)
    return UNFIT if any(one.count("error") for one in diagnoses) else SUCCESS


def print_diagnoses(diagnoses: list[Diagnosis]) -> None:
    """Print diagnoses for a person: a verdict a line, the worst ones coloured."""
    for position, one in enumerate(diagnoses):
        if position:
            print()
        if sys.stdout.isatty():
            _print_in_colour(one)
        else:
            # One line a verdict, for programs that read on, but where a person reads what is piped.
            columns = width(sys.stderr)
            lines = [f"{v.level:8} {v.about:8} {v.sentence}" for v in one.verdicts]
            wide = [wrapped(line, columns, len(f"{'':8} {'':8} ")) for line in lines]
            print("\n".join([one.path, *wide, *_ending(one)]))


def _print_in_colour(one: Diagnosis) -> None:
    """Print a diagnosis on a terminal, its sentences wrapped in a column of their own."""
    from rich.table import Table

    terminal = open_console()
    terminal.print(one.path, style="bold")
    table = Table.grid(padding=(0, 2, 0, 0))
    for no_wrap in (True, True, False):
        table.add_column(no_wrap=no_wrap, overflow="fold")
    for verdict in one.verdicts:
        style = STYLES[verdict.level]
        table.add_row(verdict.level, verdict.about, verdict.sentence, style=style)
    terminal.print(table)
    for line in _ending(one):
        # A command that is cut into lines cannot be copied.
        terminal.print(line, style="bold", soft_wrap=True)


def _ending(one: Diagnosis) -> list[str]:
    """The verdict that everything ends with, and what to type next."""
    lines = [f"Verdict: {one.conclusion}."]
    if one.command:
        lines.append(f"To fit it: {shlex.join(('stature', *one.command))}")
    return lines


def _plain(one: Diagnosis) -> dict[str, object]:
    """Diagnosis as builtin types."""
    return {
        "file": one.path,
        "sha256": one.sha256 or None,
        "can_be_fitted": not one.count("error"),
        "verdicts": [asdict(verdict) for verdict in one.verdicts],
        "conclusion": one.conclusion,
        "command": list(one.command) or None,
    }
