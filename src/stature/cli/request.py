"""What a person asked of `stature fit`."""

from dataclasses import dataclass
from typing import Literal

SEEDS = 1 << 128
# Shares written with a few decimals, such as .333 .333 .334, are meant to sum to 1.
SUM_TOLERANCE = 1e-6
FEWEST_GROUPS = 2


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
class FitRequest:
    """Options of `stature fit`."""

    path: str  # the file
    # columns of heights and groups, and the unit of heights, where they were named
    height: str | None = None
    unit: str | None = None
    group: str | None = None
    merge_labels: bool = False  # whether labels that differ only by case or spaces are one
    bad_rows: Literal["refuse", "drop"] = "refuse"  # what to do with rows that cannot be read
    height_range: tuple[float, float] | None = None  # heights to believe, in cm
    # whether the group column is hidden from the estimators and scores them afterwards
    hide_group: bool = False
    estimators: tuple[str, ...] = ()  # names of estimators; empty: all that can be fitted
    # known shares, and known SDs in cm, in the order of the means
    shares: tuple[float, ...] | None = None
    sds_cm: tuple[float, ...] | None = None
    below_cm: float | None = None  # nobody below, or above, this height in cm could be measured
    above_cm: float | None = None
    rounded_cm: float | None = None  # heights were rounded to multiples of so many cm
    weights: str | None = None  # column of how many people a row stands for
    points: bool = False  # whether the values of a table of counts are exact heights, not cells
    # numbers of groups to look for; empty: one and two in a table of counts, else two
    groups: tuple[int, ...] = ()
    gaps_are_empty: bool = False  # whether nobody stood in a gap of a table of counts
    seed: int = 1  # seed of the random starts
    json: bool = False  # whether to print JSON, and whether with probabilities for every person
    rows: bool = False


def check_request(request: FitRequest) -> None:
    """Check what can be checked before the file is read."""
    problems: list[str] = []
    if request.hide_group and request.group is None:
        problems.append("--hide-group: expected a column to hide; name it with --group COLUMN")
    if request.rows and not request.json:
        problems.append("--rows: expected --json beside it; add --json")
    problems += _known_problems("--shares", request.shares, FEWEST_GROUPS)
    problems += _share_sum(request.shares) + _known_problems("--sds", request.sds_cm, 1)
    both = request.shares is not None and request.sds_cm is not None
    if both and len(request.shares or ()) != len(request.sds_cm or ()):
        problems.append(
            f"--sds: expected {len(request.shares or ())} numbers, one for each of --shares, got "
            f"{len(request.sds_cm or ())}"
        )
    if request.height_range and not request.height_range[0] < request.height_range[1]:
        low, high = request.height_range
        problems.append(f"--range: expected LOW below HIGH, got {low:g} {high:g}; swap them")
    problems += _cut_problems(request.below_cm, request.above_cm)
    if request.rounded_cm is not None and not 0.0 < request.rounded_cm < float("inf"):
        words = f"expected a step above 0 in cm, got {request.rounded_cm:g}"
        problems.append(f"--rounded: {words}")
    if request.rounded_cm is not None and (request.below_cm or request.above_cm):
        words = "expected one view of the heights, got a rounding and a cut; choose one"
        problems.append(f"--rounded: {words}")
    if any(count < 1 for count in request.groups):
        listed = " ".join(map(str, request.groups))
        problems.append(f"--groups: expected whole numbers of 1 or more, got {listed}")
    if not 0 <= request.seed < SEEDS:
        problems.append(f"--seed: expected a whole number from 0 to 2^128 - 1, got {request.seed}")
    if problems:
        raise UsageError(tuple(problems))


def check_people_request(request: FitRequest) -> None:
    """Check options of which a file of people takes fewer than a table of counts."""
    problems: list[str] = []
    if request.gaps_are_empty:
        problems.append("--gaps: expected a table of counts, got a file of people; leave it out")
    if request.points:
        problems.append("--points: expected a table of values and counts, got a file of people")
    if len(request.groups) > 1:
        problems.append(
            f"--groups: expected one number for a file of people, got {len(request.groups)}"
        )
    if request.groups and request.group is not None:
        problems.append("--groups: the column of groups says how many there are; leave it out")
    if problems:
        raise UsageError(tuple(problems))


def check_grouped_request(request: FitRequest) -> None:
    """Check options of which a table of counts with groups takes fewer than one without."""
    problems: list[str] = []
    if request.points:
        problems.append("--points: cells with groups are no points; leave it out")
    if request.rounded_cm is not None:
        problems.append("--rounded: the width of the cells says it; leave it out")
    if request.groups:
        problems.append("--groups: the column of groups says how many there are; leave it out")
    if request.below_cm is not None or request.above_cm is not None:
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
    both = below_cm is not None and above_cm is not None
    if not problems and both and (below_cm or 0.0) >= (above_cm or 0.0):
        problems.append(
            f"--below: expected a height below that of --above, got {below_cm:g} and {above_cm:g}: "
            "nobody could be measured"
        )
    return problems


def _share_sum(shares: tuple[float, ...] | None) -> list[str]:
    """Problem of shares that do not sum to 1."""
    if shares is None or abs(sum(shares) - 1.0) <= SUM_TOLERANCE:
        return []
    return [f"--shares: expected shares that sum to 1, got a sum of {sum(shares):g}"]
