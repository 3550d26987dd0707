"""Orphans: files of earlier runs that no job of the study writes any more."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stature.config.study import Study
from stature.design.scenarios import names_of

OTHER = "files that no job writes"
_STAGES = ("samples", "fits", "traces", "bounds", "measures", "intervals")
_ROUNDS = ("rounds", "measure_round", "judge_round")
_BESIDE = ("logs", "benchmarks")


@dataclass(frozen=True, slots=True)
class Orphans:
    """Files that stay although what they are of is no longer in the study."""

    item: str  # what they are of, such as ``estimators[mle]``
    files: int  # how many, and how large
    bytes: int


def orphans(folder: Path, written: Iterable[str], study: Study) -> tuple[Orphans, ...]:
    """Orphaned files below the results of a study."""
    known = {os.path.normpath(path) for path in written}
    counts: dict[str, list[int]] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or os.path.normpath(path) in known:
            continue
        item = _item(path.relative_to(folder).parts, study)
        if item:
            counts.setdefault(item, []).append(path.stat().st_size)
    return tuple(Orphans(item, len(sizes), sum(sizes)) for item, sizes in sorted(counts.items()))


def _item(parts: tuple[str, ...], study: Study) -> str:
    """What a file is of that is not in the study; empty if all of it is."""
    if parts[0] in _BESIDE:
        parts = parts[1:]
    if parts[0] in _ROUNDS:
        # Those of later rounds are planned when an earlier one was judged.
        return "" if study.precision else "precision"
    if len(parts) < 2 or parts[0].split("_")[-1] not in _STAGES:
        return OTHER
    stem = parts[-1].rsplit(".", 1)[0]
    scenario, *below = (*parts[1:-1], stem)
    population, bias = names_of(scenario)
    if population not in {one.name for one in study.populations}:
        return f"populations[{population}]"
    if bias not in {one.name for one in study.biases}:
        return f"biases[{bias}]"
    if len(below) == 2 and below[0] not in {one.name for one in study.estimators_of(scenario)}:
        return f"estimators[{below[0]}]"
    if below and below[-1] not in {block.name for block in study.blocks}:
        return "blocks of another width or number"
    return ""
