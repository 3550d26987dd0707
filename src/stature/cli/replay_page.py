"""Page of `stature replay`: fits, comparisons and the steps of a climb."""

import json
import sys
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from stature.cli.page import with_error
from stature.cli.replay import Compared, Refit, Replay
from stature.domain.model import parameter_rows
from stature.estimators.estimator import Status
from stature.plots import paths, style
from stature.store import traces

PLAIN_WIDTH = 100
_SHOWN_STEPS = 12
_SHOWN_DIFFERENCES = 8
_DECIMALS = {"share": 3, "mean_cm": 2, "sd_cm": 2, "gap_cm": 2}


def print_replay(again: Replay, with_path: bool) -> None:
    """Print a replay for a person."""
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    console = Console(markup=False, highlight=False, emoji=False, width=width, soft_wrap=True)
    at = again.address
    console.print(
        f"{at.study.name}/{at.scenario}/{at.replicate}, n = {again.size} (from {at.source})",
        style="bold",
    )
    _print_compared(console, "sample", again.compared, f"hash {again.digest}")
    console.print(_estimates(again))
    for refit in again.refits:
        _print_compared(console, refit.estimator, refit.compared, "")
    for refit in again.refits:
        if _print_path(console, refit, again.size) and not with_path:
            break


def _print_compared(console: Console, what: str, compared: Compared, alone: str) -> None:
    """One sentence on how something compares, and what differs."""
    match compared.outcome:
        case "equal":
            console.print(f"{what}: equals the stored rows exactly ({compared.details[0]}).")
        case "not stored":
            end = f", {alone}" if alone else ""
            console.print(f"{what}: nothing stored to compare with ({compared.path}){end}.")
        case "of another config":
            console.print(
                f"{what}: the stored rows are of another config, {compared.details[0]} "
                f"({compared.path})."
            )
        case _:
            console.print(f"{what}: DIFFERS from the stored rows ({compared.path}):")
            for detail in compared.details[:_SHOWN_DIFFERENCES]:
                console.print(f"  {detail}")
            more = len(compared.details) - _SHOWN_DIFFERENCES
            if more > 0:
                console.print(f"  and {more} more")


def _estimates(again: Replay) -> Table:
    """Estimates at the size that is shown: a row a parameter, a column an estimator."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for refit in again.refits:
        table.add_column(refit.estimator, justify="right")
    places = [_place(refit, again.size) for refit in again.refits]
    pairs = list(zip(again.refits, places, strict=True))
    for row, (group, parameter) in enumerate(parameter_rows(again.sample.group_names)):
        cells = [
            with_error(
                float(refit.fits.estimate[0, size, row]),
                float(refit.fits.std_error[0, size, row]),
                _DECIMALS[parameter],
            )
            for refit, size in pairs
        ]
        table.add_row(" ".join(part for part in (group, parameter) if part), *cells)
    table.add_row("passes", *(str(refit.fits.passes[0, size]) for refit, size in pairs))
    ends = [Status(int(refit.fits.status[0, size])) for refit, size in pairs]
    table.add_row("ended", *(end.name.lower().replace("_", " ") for end in ends))
    return table


def _place(refit: Refit, size: int) -> int:
    """Place of a size among those of a fit."""
    return int(np.flatnonzero(refit.fits.sizes == size)[0])


def _print_path(console: Console, refit: Refit, size: int) -> bool:
    """Steps of a climb; False if there are none."""
    path = refit.traces
    rows = np.flatnonzero(path.size == size)
    if not len(rows):
        return False
    rows = rows[path.start[rows] == path.start[rows[-1]]]
    kept = np.unique(np.linspace(0, len(rows) - 1, _SHOWN_STEPS).round().astype(int))
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("step", "passes", "log-\nlikelihood", "still to\ngain"):
        table.add_column(title, justify="right", no_wrap=True)
    groups = path.group_names
    for parameter in ("share", "mean", "SD"):
        for group in groups:
            table.add_column(f"{parameter}\n{group}", justify="right")
    for row in rows[kept]:
        values = path.theta[row]
        shares, lengths = values[: len(groups)], values[len(groups) :]
        table.add_row(
            str(path.step[row]),
            str(path.passes[row]),
            f"{path.log_likelihood[row]:.4f}",
            f"{path.gap[row] / 2:.1e}",
            *(f"{share:.3f}" for share in shares),
            *(f"{length:.2f}" for length in lengths),
        )
    steps = int(path.step[rows[-1]])
    console.print(f"The climb of {refit.estimator}, n = {size}, {steps} steps:", style="bold")
    console.print(table)
    return True


def draw_climbs(again: Replay, path: Path) -> None:
    """Draw the climbs at the size that is shown."""
    parts = [
        traces.named(traces.to_table(one.traces), again.address.scenario, one.estimator)
        for one in again.refits
    ]
    table = pa.concat_tables(parts).unify_dictionaries().to_pandas()
    style.save(paths.traces(table[table["size"] == again.size]), [path])


def json_text(again: Replay) -> str:
    """A replay for programs."""
    at = again.address
    return json.dumps(
        {
            "study": at.study.name,
            "scenario": at.scenario,
            "replicate": at.replicate,
            "config": at.source,
            "warnings": at.warnings,
            "sample": {"hash": again.digest, **_compared(again.compared)},
            "estimators": [
                {
                    "name": refit.estimator,
                    **_compared(refit.compared),
                    "fits": [_fit(refit, place) for place in range(len(refit.fits.sizes))],
                    "steps": _steps(refit, again.size),
                }
                for refit in again.refits
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def _compared(compared: Compared) -> dict[str, Any]:
    return {"compared": compared.outcome, "path": str(compared.path), "details": compared.details}


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _fit(refit: Refit, place: int) -> dict[str, Any]:
    """One fit."""
    fits = refit.fits
    return {
        "size": int(fits.sizes[place]),
        "status": Status(int(fits.status[0, place])).name.lower(),
        "log_likelihood": _number(fits.log_likelihood[0, place]),
        "passes": int(fits.passes[0, place]),
        "estimates": [
            {
                "group": group,
                "parameter": parameter,
                "estimate": _number(fits.estimate[0, place, row]),
                "std_error": _number(fits.std_error[0, place, row]),
            }
            for row, (group, parameter) in enumerate(parameter_rows(fits.group_names))
        ],
    }


def _steps(refit: Refit, size: int) -> list[dict[str, Any]]:
    """Kept steps of the climbs at a size."""
    path = refit.traces
    rows: list[int] = np.flatnonzero(path.size == size).tolist()
    return [
        {
            "start": int(path.start[row]),
            "step": int(path.step[row]),
            "passes": int(path.passes[row]),
            "log_likelihood": _number(path.log_likelihood[row]),
            "theta": [_number(value) for value in path.theta[row].tolist()],
        }
        for row in rows
    ]
