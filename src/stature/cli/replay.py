"""`stature replay`: one replicate drawn and fitted again, compared with what is stored."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from stature.arrays import Int32s
from stature.cli.address import RESULTS, Address, AddressError, find
from stature.config import specs
from stature.config.messages import advice
from stature.config.specs import origin
from stature.config.study import ConfigError
from stature.datafile.people import read_pool
from stature.design.canonical import decode
from stature.design.samples import DrawSpec, Samples, draw
from stature.domain.model import parameter_rows
from stature.estimators.estimator import Fits, FitSpec
from stature.estimators.plain.traces import Traces
from stature.measures.replicates import shown_size
from stature.store import fits as fits_table
from stature.store import samples as samples_table
from stature.store.parquet import TableError, origin_of

SUCCESS, DIFFERENT, WRONG_USE = 0, 1, 2
HASH_DIGITS = 16
_NOT_COMPARED = ("replicates", "sizes", "group_names")
"""Fields of fits that say which they are, by which rows are found."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What was made again, set beside what is stored."""

    path: Path  # where it is stored
    outcome: str  # how they compare
    details: tuple[str, ...] = ()  # what differs, or why nothing could be compared


@dataclass(frozen=True, slots=True)
class Refit:
    """One estimator on the replicate."""

    estimator: str  # the estimator
    fits: Fits  # its fits, of one replicate and every size that was asked for
    traces: Traces  # the steps of its climbs
    compared: Compared  # the fits beside those that are stored


@dataclass(frozen=True, slots=True)
class Replay:
    """A replicate again."""

    address: Address  # which one
    size: int  # the size that is shown
    sample: Samples  # its people
    digest: str  # hash of heights and groups
    compared: Compared  # the people beside those that are stored
    refits: tuple[Refit, ...]  # the estimators

    @property
    def is_different(self) -> bool:
        """Whether anything differs from what is stored."""
        both = (self.compared, *(refit.compared for refit in self.refits))
        return any(one.outcome == "different" for one in both)


def run_replay(
    address: str,
    estimators: Sequence[str],
    size: int | None,
    configs: Sequence[str],
    figure: str | None,
    as_json: bool,
) -> int:
    """Replay a replicate and print what came of it.

    Exit code: 0 if nothing differs from what is stored, 1 if something does, 2 for wrong use.
    """
    try:
        found = find(address, configs)
        _refuse_unknown(found, estimators, size)
        again = replay(found, tuple(estimators), size)
    except (AddressError, ConfigError) as error:
        for message in error.messages:
            print(f"stature replay: {message}", file=sys.stderr)
        return WRONG_USE
    for warning in found.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    from stature.cli.replay_page import draw_climbs, json_text, print_replay

    if as_json:
        print(json_text(again))
    else:
        print_replay(again, with_path=bool(estimators))
    if figure is not None:
        path = Path(figure or f"{address.strip('/').replace('/', '-')}.png")
        try:
            draw_climbs(again, path)
        except (ValueError, OSError) as error:
            print(f"stature replay: {error}", file=sys.stderr)
            return WRONG_USE
        print(f"Figure: {path}", file=sys.stderr)
    return DIFFERENT if again.is_different else SUCCESS


def replay(found: Address, estimators: tuple[str, ...], size: int | None) -> Replay:
    """Draw a replicate again, and fit it."""
    # Compiled code is slow to import: only for an address that leads somewhere.
    from stature.estimators.fit import fit_block

    study, number = found.study, found.replicate
    block = next(block for block in study.blocks if block.first <= number <= block.last)
    folder = RESULTS / study.name
    drawn = specs.draw_spec(study, found.scenario, block.name)
    asked = replace(decode(DrawSpec, drawn), first=number, last=number)
    if size is not None and size <= study.people_kept:
        asked = replace(asked, largest_size=size, sketched_sizes=())
    population = study.scenario(found.scenario).population
    sample = draw(asked, read_pool(population))
    path = folder / "samples" / found.scenario / f"{block.name}.parquet"
    refits: list[Refit] = []
    for name in estimators or tuple(one.name for one in study.estimators_of(found.scenario)):
        fitted = specs.fit_spec(study, found.scenario, name, block.name)
        job = replace(decode(FitSpec, fitted), first=number, last=number, traced=1)
        if size is not None:
            job = replace(job, sizes=(size,))
        made, traces = fit_block(job, sample)
        stored = folder / "fits" / found.scenario / name / f"{block.name}.parquet"
        refits.append(
            Refit(name, made, traces, _compare_fits(stored, origin(study, str(stored)), made))
        )
    return Replay(
        address=found,
        size=shown_size(study.sizes) if size is None else size,
        sample=sample,
        digest=_hash(sample, 0, sample.heights_cm.shape[1]),
        compared=_compare_samples(path, origin(study, str(path)), sample),
        refits=tuple(refits),
    )


def _refuse_unknown(found: Address, estimators: Sequence[str], size: int | None) -> None:
    """Raise if the scenario has no such estimator, or the study no such size."""
    known = [one.name for one in found.study.estimators_of(found.scenario)]
    wrong = [
        f"no estimator '{name}' in {found.scenario}; {advice(name, known, 'it has')}"
        for name in estimators
        if name not in known
    ]
    if size is not None and size not in found.study.sizes:
        sizes = ", ".join(str(one) for one in found.study.sizes)
        wrong.append(f"no size {size} in {found.study.name}; it has: {sizes}")
    if wrong:
        raise AddressError(*wrong)


def _hash(samples: Samples, row: int, people: int) -> str:
    """Hash of the heights and groups of the first people of a replicate."""
    heights = np.ascontiguousarray(samples.heights_cm[row, :people])
    names = np.array(samples.group_names)[samples.group_index[row, :people]]
    text = "\n".join(names.tolist()).encode()
    return sha256(heights.tobytes() + b"\0" + text).hexdigest()[:HASH_DIGITS]


def _stored_row(replicates: Int32s, number: int) -> int | None:
    """Row of a replicate; None if it is not there."""
    rows = np.flatnonzero(replicates == number)
    return int(rows[0]) if len(rows) else None


def _unlike(path: Path, expected: str) -> Compared | None:
    """Why a table cannot be compared: it is not there, or of something else."""
    if not path.is_file():
        return Compared(path, "not stored")
    stored = origin_of(path)
    if stored == expected:
        return None
    digests = f"origin {stored or 'unknown'}, the config gives {expected}"
    return Compared(path, "of another config", (digests,))


def _compare_samples(path: Path, expected: str, again: Samples) -> Compared:
    """People beside those that are stored."""
    try:
        unlike = _unlike(path, expected)
        if unlike is not None:
            return unlike
        stored = samples_table.read(path)
    except (TableError, OSError, ValueError) as error:
        return Compared(path, "different", (str(error),))
    row = _stored_row(stored.replicates, int(again.replicates[0]))
    if row is None:
        return Compared(path, "different", ("the table lacks the replicate",))
    people = again.heights_cm.shape[1]
    before, now = _hash(stored, row, people), _hash(again, 0, people)
    if before == now:
        return Compared(path, "equal", (f"{people:,} people, hash {now}",))
    return Compared(path, "different", (f"hash {before} stored, {now} drawn",))


def _compare_fits(path: Path, expected: str, again: Fits) -> Compared:
    """Fits beside those that are stored, every column exactly."""
    try:
        unlike = _unlike(path, expected)
        if unlike is not None:
            return unlike
        stored = fits_table.read(path)
    except (TableError, OSError, ValueError) as error:
        return Compared(path, "different", (str(error),))
    row = _stored_row(stored.replicates, int(again.replicates[0]))
    places = [np.flatnonzero(stored.sizes == size) for size in again.sizes]
    if row is None or any(len(place) != 1 for place in places):
        return Compared(path, "different", ("the table lacks the replicate, or a size",))
    columns = [int(place[0]) for place in places]
    names = [field.name for field in fields(Fits) if field.name not in _NOT_COMPARED]
    pairs = parameter_rows(again.group_names)
    wrong: list[str] = []
    for name in names:
        of_stored, of_again = getattr(stored, name), getattr(again, name)
        if of_stored is None or of_again is None:
            if of_stored is not of_again:
                wrong.append(f"{name}: {'now' if of_stored is None else 'stored'} alone")
            continue
        before, now = of_stored[row][columns], of_again[0]
        same = (before == now) | ((before != before) & (now != now))  # NaN is NaN
        for place in np.argwhere(~same):
            where = f"size {again.sizes[place[0]]}, {name}"
            if len(place) > 1:
                where += " of " + " ".join(part for part in pairs[place[1]] if part)
            wrong.append(f"{where}: {before[tuple(place)]!r} stored, {now[tuple(place)]!r} now")
    if wrong:
        return Compared(path, "different", tuple(wrong))
    return Compared(path, "equal", (f"{len(columns)} sizes, {len(names)} columns",))
