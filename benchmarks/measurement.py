"""Measurements: one long table of everything that was measured, from which all else is made."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number: which part of the suite, on what, by which method, and what it counts."""

    part: str
    pair: str
    size: int
    method: str
    quantity: str
    value: float


def write(path: Path, rows: Iterable[Measurement]) -> None:
    """Write measurements as a CSV file."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(Measurement)])
        for row in rows:
            part, pair, size, method, quantity, value = astuple(row)
            writer.writerow([part, pair, size, method, quantity, f"{value:.6g}"])


def read(path: Path) -> list[Measurement]:
    """Measurements of a CSV file."""
    with path.open(newline="") as file:
        return [
            Measurement(
                row["part"],
                row["pair"],
                int(row["size"]),
                row["method"],
                row["quantity"],
                float(row["value"]),
            )
            for row in csv.DictReader(file)
        ]


def values(
    rows: Sequence[Measurement], part: str, pair: str, size: int, method: str, quantity: str
) -> list[float]:
    """The finite numbers of all rounds of one measurement."""
    key = (part, pair, size, method, quantity)
    return [row.value for row in rows if astuple(row)[:-1] == key and row.value == row.value]


def middle(
    rows: Sequence[Measurement], part: str, pair: str, size: int, method: str, quantity: str
) -> float:
    """Their median; NaN if there are none."""
    return median(values(rows, part, pair, size, method, quantity) or [float("nan")])
