"""What a person asked for: how to read a file, and what to fit to it.

Only the standard library is imported, so that the command's help is quick.
"""

from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Literal

from stature.datafile.units import Length
from stature.writing import Refusal

SEEDS = 1 << 128
# Shares written with a few decimals, such as .333 .333 .334, are meant to sum to 1.
SUM_TOLERANCE = 1e-6
FEWEST_GROUPS = 2
FEWEST_RESAMPLES, MOST_RESAMPLES = 19, 100_000

# Endings of the names of files that a fit writes, by option.
SUFFIXES = {"plot": (".svg", ".png", ".pdf"), "page": (".html",), "memberships": (".csv",)}

BadRows = Literal["refuse", "drop"]
WeightKind = Literal["counts", "sampling"]
FileKind = Literal["people", "points", "cells", "cells with groups"]
"""What a file holds: people, values with counts, a table of counts, or one with groups."""


Cuts = tuple[Length | None, Length | None]
"""Nobody below the first, or above the second, could be measured."""


class UsageError(Refusal):
    """Options that cannot be followed: which, what was expected, what was given, what to do."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read: the options that a fit and the doctor share."""

    # columns of heights and of groups, and the unit of heights, where they were named
    height: str | None = None
    unit: str | None = None
    group: str | None = None
    # what to do with rows that cannot be read, or whose height is out of range
    bad_rows: BadRows = "refuse"
    height_range: tuple[Length, Length] | None = None  # smallest and largest height to believe
    merge_labels: bool = False  # whether labels that differ only by case or spaces are one group
    # columns of how many people a row stands for: of a table of counts, and as weights; ``none``
    # where a column that is named so holds something else
    count: str | None = None
    weights: str | None = None
    decimal: Literal[".", ","] | None = (
        None  # mark of decimals, a point or a comma; None: as the file tells
    )
    # whether weights count people, or are those of a survey; None: as they look
    weight_kind: WeightKind | None = None
    # nobody below the first, or above the second, could be measured
    cuts: Cuts = (None, None)
    points: bool = False  # whether the values of a table of counts are exact heights, not cells
    gaps_are_empty: bool = False  # whether nobody stood in a gap of a table of counts
    # whether a column that everybody names so is taken for the groups, though nobody named it
    finds_group: bool = False

    def cuts_in(self, unit: str) -> tuple[float | None, float | None]:
        """Return the cuts in the unit of a file."""
        below, above = (None if cut is None else cut.to(unit) for cut in self.cuts)
        return below, above


@dataclass(frozen=True, slots=True)
class FitRequest:
    """Options of `stature fit`."""

    path: str  # the file, and how to read it
    reading: Reading = field(default_factory=Reading)
    # whether the group column is hidden from the estimators and scores them afterwards
    hide_group: bool = False
    estimators: tuple[str, ...] = ()  # names of estimators; empty: all that can be fitted
    # known shares, and known SDs, in the order of the means
    shares: tuple[float, ...] | None = None
    sds: tuple[Length, ...] | None = None
    rounded: Length | None = None  # heights were rounded to multiples of it
    # numbers of groups to look for; empty: one and two in a table of counts, else two
    groups: tuple[int, ...] = ()
    seed: int = 1  # seed of the random starts
    json: bool = False  # whether to print JSON, and whether with probabilities for every person
    rows: bool = False
    # files to write: a picture, a page, memberships; and the command that asked for them
    plot: str | None = None
    page: str | None = None
    memberships: str | None = None
    command: tuple[str, ...] = ()
    test: int = 0  # bootstrap samples of a test of the number of groups; 0: no test

    def sds_in(self, unit: str) -> tuple[float, ...] | None:
        """Return the known SDs in the unit of a file."""
        return tuple(sd.to(unit) for sd in self.sds) if self.sds else None


def check_request(request: FitRequest) -> None:
    """Check what can be checked before the file is read."""
    reading = request.reading
    problems: list[str] = []
    if request.hide_group and reading.group is None:
        problems.append("--hide-group: expected a column to hide; name it with --group COLUMN")
    if reading.weight_kind is not None and reading.weights is None:
        problems.append(
            "--weight-kind: expected a column of weights; name it with --weights COLUMN"
        )
    if request.rows and not request.json:
        problems.append("--rows: expected --json beside it; add --json")
    problems += _known_problems("--shares", request.shares, FEWEST_GROUPS)
    shares = request.shares
    if shares is not None and abs(sum(shares) - 1.0) > SUM_TOLERANCE:
        problems.append(f"--shares: expected shares that sum to 1, got a sum of {sum(shares):g}")
    sds = None if request.sds is None else tuple(one.number for one in request.sds)
    problems += _known_problems("--sds", sds, 1)
    problems += _count_problems(request)
    if request.rounded is not None and not 0.0 < request.rounded.number < float("inf"):
        problems.append(f"--rounded: expected a step above 0, got {request.rounded}")
    if request.rounded is not None and reading.cuts != (None, None):
        words = (
            "expected one way in which values were recorded, got a rounding and a cut; choose one"
        )
        problems.append(f"--rounded: {words}")
    if any(count < 1 for count in request.groups):
        listed = " ".join(map(str, request.groups))
        problems.append(f"--groups: expected whole numbers of 1 or more, got {listed}")
    if not 0 <= request.seed < SEEDS:
        problems.append(f"--seed: expected a whole number from 0 to 2^128 - 1, got {request.seed}")
    if request.test and not FEWEST_RESAMPLES <= request.test <= MOST_RESAMPLES:
        words = f"expected {FEWEST_RESAMPLES} to {MOST_RESAMPLES} bootstrap samples"
        problems.append(f"--test: {words}, got {request.test}; 999 are usual")
    problems += _output_problems(request)
    if problems:
        raise UsageError(*problems)


def _output_problems(request: FitRequest) -> list[str]:
    """Files that cannot be written, as far as can be known before the fit."""
    problems, places = list[str](), {Path(request.path).absolute(): "the file that is fitted"}
    for option, suffixes in SUFFIXES.items():
        name = getattr(request, option)
        if name is None:
            continue
        path, said = Path(name), f"--{option}: {name}"
        if path.suffix not in suffixes:
            words = f"expected a name that ends in {', '.join(suffixes)}, got '{path.suffix}'"
            problems.append(f"{said}: {words}; name it {path.stem or option}{suffixes[0]}")
        elif not path.parent.is_dir():
            problems.append(f"{said}: expected a folder '{path.parent}', got none; make it first")
        elif path.is_dir():
            problems.append(f"{said}: expected a file, got a folder; give it another name")
        elif (taken := places.setdefault(path.absolute(), option)) != option:
            problems.append(f"{said}: this is {taken}; give it another name")
    return problems


def check_kind(request: FitRequest, kind: FileKind, unit: str) -> None:
    """Check options that not every kind of file takes, and lengths, which need its unit."""
    reading = request.reading
    problems = _length_problems(request, unit)
    if kind in ("people", "points") and reading.gaps_are_empty:
        problems.append(
            "--gaps: expected a table of counts, got a row for each value; leave it out"
        )
    if reading.points and kind != "points":
        problems.append(
            {
                "people": "--points: expected a table of values and counts, got values alone",
                "cells": "--points: expected a column of values, got cells; leave it out",
                "cells with groups": "--points: cells with groups are no points; leave it out",
            }[kind]
        )
    if kind == "cells with groups" and request.rounded is not None:
        problems.append("--rounded: the width of the cells says it; leave it out")
    grouped = kind == "cells with groups" or (kind != "cells" and reading.group is not None)
    if grouped and request.groups:
        problems.append("--groups: the column of groups says how many there are; leave it out")
    if kind == "cells with groups" and reading.cuts != (None, None):
        words = "expected a table without --group; give each group a table of its own"
        problems.append(f"--below, --above: {words}")
    if request.test and kind in ("cells", "cells with groups"):
        problems.append("--test: expected a row for each value, got a table of counts")
    if problems:
        raise UsageError(*problems)


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


def _count_problems(request: FitRequest) -> list[str]:
    """Known numbers that are not as many as the groups."""
    shares, sds = request.shares, request.sds
    problems: list[str] = []
    if len(request.groups) > 1 and (shares or sds):
        listed = " ".join(map(str, request.groups))
        words = f"expected one number of groups beside known shares or SDs, got {listed}"
        problems.append(f"--groups: {words}; fit one number of groups at a time")
    elif request.groups:
        wanted = request.groups[0]
        for option, numbers, name in (("--shares", shares, "share"), ("--sds", sds, "SD")):
            if numbers is not None and len(numbers) != wanted:
                problems.append(
                    f"{option}: expected {_numbers(wanted)}, one for each group of --groups "
                    f"{wanted}, got {len(numbers)}; give each group its {name}, or say --groups "
                    f"{len(numbers)}"
                )
    elif shares is not None and sds is not None and len(shares) != len(sds):
        words = f"expected {_numbers(len(shares))}, one for each of --shares, got {len(sds)}"
        problems.append(f"--sds: {words}; give as many of both")
    return problems


def _numbers(count: int) -> str:
    """So many numbers, in words."""
    return f"{count} number{'s' * (count != 1)}"


def _length_problems(request: FitRequest, unit: str) -> list[str]:
    """Lengths that cannot be, in a file of some unit."""
    reading, problems = request.reading, list[str]()
    low_high, sds = reading.height_range or (), request.sds or ()
    given: list[tuple[str, Length]] = [("--range", one) for one in low_high]
    given += [("--sds", one) for one in sds]
    given += [("--rounded", request.rounded)] if request.rounded else []
    cuts = list(zip(("--below", "--above"), reading.cuts, strict=True))
    given += [(option, cut) for option, cut in cuts if cut is not None]
    problems += [
        f"{option}: expected a finite number, got {one}"
        for option, one in given
        if not isfinite(one.number)
    ]
    if unit == "none":
        problems += [
            f"{option}: expected a number without a unit, as the file is in none, got {one}; leave "
            f"the {one.unit} out, or say --unit"
            for option, one in given
            if one.unit
        ]
    else:
        problems += [
            f"{option}: expected a height above 0, got {cut}; say --unit none if these are not "
            "heights"
            for option, cut in cuts
            if cut is not None and not cut.number > 0.0
        ]
    for names, (low, high), why in (
        (("LOW", "HIGH"), reading.height_range or (None, None), "no value is between them"),
        (("--below", "--above"), reading.cuts, "nothing could be measured"),
    ):
        if not problems and low is not None and high is not None and low.to(unit) >= high.to(unit):
            option = "--range" if names[0] == "LOW" else names[0]
            words = f"expected {names[0]} below {names[1]}, got {low} and {high}: {why}"
            problems.append(f"{option}: {words}; swap them")
    return problems
