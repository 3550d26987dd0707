"""What a person asked for: how to read a file, and what to fit to it.

Only the standard library is imported, so that the command's help is quick.
"""

from dataclasses import dataclass, field
from typing import Literal

SEEDS = 1 << 128
# Shares written with a few decimals, such as .333 .333 .334, are meant to sum to 1.
SUM_TOLERANCE = 1e-6
FEWEST_GROUPS = 2

BadRows = Literal["refuse", "drop"]
FileKind = Literal["people", "points", "cells", "cells with groups"]
"""What a file holds: people, values with counts, a table of counts, or one with groups."""


class UsageError(Exception):
    """Options that cannot be followed.

    Attributes
    ----------
    messages : tuple of str
        All problems; each names the option, what was expected, what was given and what to do.
    """

    def __init__(self, messages: tuple[str, ...]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read: the options that a fit and the doctor share."""

    # columns of heights and of groups, and the unit of heights, where they were named
    height: str | None = None
    unit: str | None = None
    group: str | None = None
    # what to do with rows that cannot be read, or whose height is out of range
    bad_rows: BadRows = "refuse"
    # smallest and largest height to believe, in cm; in the file's numbers when the unit is ``none``
    height_range: tuple[float, float] | None = None
    merge_labels: bool = False  # whether labels that differ only by case or spaces are one group
    weights: str | None = None  # column of how many people a row stands for
    # nobody below the first, or above the second, could be measured
    cuts_cm: tuple[float | None, float | None] = (None, None)
    points: bool = False  # whether the values of a table of counts are exact heights, not cells
    gaps_are_empty: bool = False  # whether nobody stood in a gap of a table of counts
    # whether a column that everybody names so is taken for the groups, though nobody named it
    finds_group: bool = False


@dataclass(frozen=True, slots=True)
class FitRequest:
    """Options of `stature fit`."""

    path: str  # the file, and how to read it
    reading: Reading = field(default_factory=Reading)
    # whether the group column is hidden from the estimators and scores them afterwards
    hide_group: bool = False
    estimators: tuple[str, ...] = ()  # names of estimators; empty: all that can be fitted
    # known shares, and known SDs in cm, in the order of the means
    shares: tuple[float, ...] | None = None
    sds_cm: tuple[float, ...] | None = None
    rounded_cm: float | None = None  # heights were rounded to multiples of so many cm
    # numbers of groups to look for; empty: one and two in a table of counts, else two
    groups: tuple[int, ...] = ()
    seed: int = 1  # seed of the random starts
    json: bool = False  # whether to print JSON, and whether with probabilities for every person
    rows: bool = False


def check_request(request: FitRequest) -> None:
    """Check what can be checked before the file is read."""
    reading = request.reading
    problems: list[str] = []
    if request.hide_group and reading.group is None:
        problems.append("--hide-group: expected a column to hide; name it with --group COLUMN")
    if request.rows and not request.json:
        problems.append("--rows: expected --json beside it; add --json")
    problems += _known_problems("--shares", request.shares, FEWEST_GROUPS)
    shares, sds_cm = request.shares, request.sds_cm
    if shares is not None and abs(sum(shares) - 1.0) > SUM_TOLERANCE:
        problems.append(f"--shares: expected shares that sum to 1, got a sum of {sum(shares):g}")
    problems += _known_problems("--sds", sds_cm, 1)
    if shares is not None and sds_cm is not None and len(shares) != len(sds_cm):
        problems.append(
            f"--sds: expected {len(shares)} numbers, one for each of --shares, got {len(sds_cm)}"
        )
    if reading.height_range and not reading.height_range[0] < reading.height_range[1]:
        low, high = reading.height_range
        problems.append(f"--range: expected LOW below HIGH, got {low:g} {high:g}; swap them")
    problems += _cut_problems(*reading.cuts_cm)
    if request.rounded_cm is not None and not 0.0 < request.rounded_cm < float("inf"):
        words = f"expected a step above 0 in cm, got {request.rounded_cm:g}"
        problems.append(f"--rounded: {words}")
    if request.rounded_cm is not None and any(reading.cuts_cm):
        words = "expected one view of the heights, got a rounding and a cut; choose one"
        problems.append(f"--rounded: {words}")
    if any(count < 1 for count in request.groups):
        listed = " ".join(map(str, request.groups))
        problems.append(f"--groups: expected whole numbers of 1 or more, got {listed}")
    if not 0 <= request.seed < SEEDS:
        problems.append(f"--seed: expected a whole number from 0 to 2^128 - 1, got {request.seed}")
    if problems:
        raise UsageError(tuple(problems))


def check_kind(request: FitRequest, kind: FileKind) -> None:
    """Check options that not every kind of file takes."""
    reading = request.reading
    problems: list[str] = []
    if kind in ("people", "points") and reading.gaps_are_empty:
        problems.append("--gaps: expected a table of counts, got a file of people; leave it out")
    if reading.points and kind != "points":
        problems.append(
            {
                "people": "--points: expected a table of values and counts, got a file of people",
                "cells": "--points: expected a column of values, got cells; leave it out",
                "cells with groups": "--points: cells with groups are no points; leave it out",
            }[kind]
        )
    if kind == "cells with groups" and request.rounded_cm is not None:
        problems.append("--rounded: the width of the cells says it; leave it out")
    if kind in ("people", "points") and len(request.groups) > 1:
        problems.append(
            f"--groups: expected one number for a file of people, got {len(request.groups)}"
        )
    grouped = kind == "cells with groups" or (kind != "cells" and reading.group is not None)
    if grouped and request.groups:
        problems.append("--groups: the column of groups says how many there are; leave it out")
    if kind == "cells with groups" and reading.cuts_cm != (None, None):
        words = "expected a table without --group; give each group a table of its own"
        problems.append(f"--below, --above: {words}")
    if problems:
        raise UsageError(tuple(problems))


def _known_problems(option: str, numbers: tuple[float, ...] | None, fewest: int) -> list[str]:
    """Problems of a list of known numbers."""
    if numbers is None:
        return []
    problems: list[str] = []
    if len(numbers) < fewest:
        problems.append(f"{option}: expected a number for each of two groups or more, got one")
    bad = [f"{number:g}" for number in numbers if not 0.0 < number < float("inf")]
    if bad:
        problems.append(f"{option}: expected numbers above 0, got {', '.join(bad)}")
    return problems


def _cut_problems(below_cm: float | None, above_cm: float | None) -> list[str]:
    """Problems of cuts that leave nobody."""
    problems = [
        f"{option}: expected a height above 0 in cm, got {cut:g}"
        for option, cut in (("--below", below_cm), ("--above", above_cm))
        if cut is not None and not 0.0 < cut < float("inf")
    ]
    if not problems and below_cm is not None and above_cm is not None and below_cm >= above_cm:
        problems.append(
            f"--below: expected a height below that of --above, got {below_cm:g} and {above_cm:g}: "
            "nobody could be measured"
        )
    return problems
