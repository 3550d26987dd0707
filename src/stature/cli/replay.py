"""`stature replay`: one replicate drawn and fitted again, compared with what is stored."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from stature.cli.dry_run import CHECKOUT, DEFAULT_CONFIG, config_files
from stature.cli.terminal import open_console, warn
from stature.config import specs
from stature.config.messages import advice, nearest
from stature.config.source import read
from stature.config.study import ConfigError, Study, load, study_yaml
from stature.datafile.digits import with_error
from stature.datafile.people import read_pool
from stature.design.samples import DrawSpec, Samples, draw
from stature.design.streams import decode
from stature.domain.model import parameter_rows
from stature.estimators.estimator import Fits, FitSpec, Status
from stature.estimators.plain.traces import Traces
from stature.measures.matching import matched
from stature.measures.replicates import shown_size
from stature.store import fits as fits_table
from stature.store import samples as samples_table
from stature.store.parquet import TableError, origin_of

RESULTS = Path("results")
_DIGITS = 12
_PARTS = 3


class AddressError(Exception):
    """An address that leads nowhere; `messages` are all that is wrong with it, one line each."""

    def __init__(self, *messages: str) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Address:
    """One replicate."""

    study: Study  # the study
    source: str  # where its config was read
    scenario: str  # slug of the scenario
    replicate: int  # number of the replicate
    warnings: tuple[str, ...]  # what its reader should know


def find(text: str, configs: Sequence[str]) -> Address:
    """Find a replicate."""
    parts = text.strip("/").split("/")
    if len(parts) != _PARTS:
        raise AddressError(
            f"expected STUDY/SCENARIO/REPLICATE, such as heights/school.none/17, got '{text}'"
        )
    name, scenario, number = parts
    study, source, warnings = _study(name, configs)
    wrong: list[str] = []
    slugs = [one.slug for one in study.scenarios]
    if scenario not in slugs:
        wrong.append(f"no scenario '{scenario}' in {name}; {advice(scenario, slugs, 'it has')}")
        if nearest(scenario, slugs):
            wrong[-1] += f" it has: {', '.join(slugs)}"
    if not number.isdecimal() or int(number) >= study.replicates:
        wrong.append(f"expected one of the replicates 0–{study.replicates - 1}, got '{number}'")
    if wrong:
        raise AddressError(*wrong)
    return Address(study, source, scenario, int(number), warnings)


def _study(name: str, configs: Sequence[str]) -> tuple[Study, str, tuple[str, ...]]:
    """The study of a name, where it was read, and what is odd about that."""
    as_run = RESULTS / name / "config.yaml"
    written = _written(name, configs)
    if configs:
        study, source = written, ", ".join(configs)
        if study is None or study.name != name:
            found = "nothing" if study is None else f"study '{study.name}'"
            raise AddressError(f"{source}: expected study '{name}', got {found}")
    elif as_run.is_file():
        _refuse_edited(as_run)
        study, source = load([as_run], CHECKOUT), str(as_run)
        if study.name != name:
            raise AddressError(f"{as_run} is of study '{study.name}', not of '{name}'")
    elif written is not None:
        return written, "config/", ()
    else:
        known = sorted(path.parent.name for path in RESULTS.glob("*/config.yaml"))
        end = advice(name, known, "studies with results here") if known else "none was run here"
        raise AddressError(
            f"no study '{name}' in {RESULTS}/ or config/; {end}; or name its files with --config"
        )
    warnings = ()
    if written and as_run.is_file():
        before, now = map(_digest, (as_run.read_text(encoding="utf-8"), study_yaml(written)))
        if before != now:
            changed = f"the config has changed since the run: {before} in {as_run}, now {now}"
            warnings = (f"{changed}; `stature plan` says what differs",)
    return study, source, warnings


def _written(name: str, configs: Sequence[str]) -> Study | None:
    """The study as its files say now: those that were named, or those that have its name."""
    if configs:
        return load(config_files(configs), CHECKOUT)
    for path in sorted(Path("config").glob("*.yaml"), key=lambda path: str(path) != DEFAULT_CONFIG):
        if read(path).values.get("study") != name:
            continue
        others = [] if str(path) == DEFAULT_CONFIG else [str(path)]
        try:
            return load(config_files(others), CHECKOUT)
        except ConfigError:  # the config as run is what matters; a run would tell
            return None
    return None


def _refuse_edited(as_run: Path) -> None:
    """Raise if somebody has edited the config as run."""
    record = as_run.with_name("provenance.json")
    if not record.is_file():
        return
    try:
        recorded = str(json.loads(record.read_text(encoding="utf-8"))["config_digest"])
    except (OSError, ValueError, KeyError, TypeError):
        raise AddressError(f"{record} is not what a run writes; run the study again") from None
    found = sha256(as_run.read_bytes()).hexdigest()
    if found != recorded:
        raise AddressError(
            f"{as_run} is not the config that was run: its digest is {found[:_DIGITS]}, that of "
            f"the run {recorded[:_DIGITS]} ({record}); name the files of the study with --config"
        )


def _digest(text: str) -> str:
    """Digest of a config, short enough to be read out."""
    return sha256(text.encode()).hexdigest()[:_DIGITS]


SUCCESS, DIFFERENT, WRONG_USE = 0, 1, 2
HASH_DIGITS = 16
_SHOWN_STEPS = 12
_SHOWN_DIFFERENCES = 8
_DECIMALS = {"share": 3, "mean_cm": 2, "sd_cm": 2, "gap_cm": 2}
_NOT_COMPARED = ("replicates", "sizes", "group_names", "search")
"""Fields of fits that say which they are, by which rows are found, and that no study has."""

Rows = TypeVar("Rows", Samples, Fits)


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
    traces: Traces  # its iterations
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
    warn(found.warnings, "warning")
    if as_json:
        print(json_text(again))
    else:
        print_replay(again, with_path=bool(estimators))
    if figure is not None:
        path = Path(figure or f"{address.strip('/').replace('/', '-')}.png")
        try:
            draw_iterations(again, path)
        except (ValueError, OSError) as error:
            print(f"stature replay: {error}", file=sys.stderr)
            return WRONG_USE
        print(f"Figure: {path}", file=sys.stderr)
    return DIFFERENT if again.is_different else SUCCESS


def replay(found: Address, estimators: tuple[str, ...], size: int | None) -> Replay:
    """Draw a replicate again, and fit it."""
    # Compiled code is slow to import: only for an address that leads somewhere.
    from stature.estimators.fit import fit_block

    study, scenario, number = found.study, found.scenario, found.replicate
    block = next(block for block in study.blocks if block.first <= number <= block.last)
    file = f"{block.name}.parquet"
    asked = decode(DrawSpec, specs.draw_spec(study, scenario, block.name))
    asked = replace(asked, first=number, last=number)
    if size is not None and size <= study.people_kept:
        asked = replace(asked, largest_size=size, sketched_sizes=())
    population = study.scenario(scenario).population
    sample = draw(asked, read_pool(population))
    refits: list[Refit] = []
    for name in estimators or tuple(one.name for one in study.estimators_of(scenario)):
        job = decode(FitSpec, specs.fit_spec(study, scenario, name, block.name))
        job = replace(job, first=number, last=number, traced=1)
        if size is not None:
            job = replace(job, sizes=(size,))
        made, traces = fit_block(job, sample)
        path = RESULTS / study.name / "fits" / scenario / name / file
        refits.append(
            Refit(
                name,
                matched(made, population, job.estimator.model),
                traces,
                _compare(path, found, fits_table.read, made, _compare_fits),
            )
        )
    path = RESULTS / study.name / "samples" / scenario / file
    return Replay(
        address=found,
        size=shown_size(study.sizes) if size is None else size,
        sample=sample,
        digest=_hash(sample, 0, sample.heights_cm.shape[1]),
        compared=_compare(path, found, samples_table.read, sample, _compare_people),
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


def _compare(
    path: Path,
    found: Address,
    read: Callable[[Path], Rows],
    again: Rows,
    compare: Callable[[Rows, int, Rows], tuple[str, list[str]]],
) -> Compared:
    """A table beside what was made again.

    `compare` gives what was compared, and what differs, between a row of the table and the one that
    was made again.
    """
    if not path.is_file():
        return Compared(path, "not stored")
    try:
        stored, expected = origin_of(path), specs.origin(found.study, str(path))
        if stored != expected:
            digests = f"origin {stored or 'unknown'}, the config gives {expected}"
            return Compared(path, "of another config", (digests,))
        table = read(path)
    except (TableError, OSError, ValueError) as error:
        return Compared(path, "different", (str(error),))
    rows = np.flatnonzero(table.replicates == found.replicate)
    if not len(rows):
        return Compared(path, "different", ("the table lacks the replicate",))
    compared, wrong = compare(table, int(rows[0]), again)
    return (
        Compared(path, "different", tuple(wrong)) if wrong else Compared(path, "equal", (compared,))
    )


def _compare_people(stored: Samples, row: int, again: Samples) -> tuple[str, list[str]]:
    """People by their hash."""
    people = again.heights_cm.shape[1]
    before, now = _hash(stored, row, people), _hash(again, 0, people)
    wrong = [] if before == now else [f"hash {before} stored, {now} drawn"]
    return f"{people:,} people, hash {now}", wrong


def _compare_fits(stored: Fits, row: int, again: Fits) -> tuple[str, list[str]]:
    """Fits in every column exactly."""
    names = [field.name for field in fields(Fits) if field.name not in _NOT_COMPARED]
    compared = f"{len(again.sizes)} sizes, {len(names)} columns"
    if not np.isin(again.sizes, stored.sizes).all():
        return compared, ["the table lacks a size"]
    columns = np.searchsorted(stored.sizes, again.sizes)
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
                where += f" of {' '.join(pairs[place[1]]).strip()}"
            wrong.append(f"{where}: {before[tuple(place)]!r} stored, {now[tuple(place)]!r} now")
    return compared, wrong


def print_replay(again: Replay, with_path: bool) -> None:
    """Print a replay for a person."""
    console = open_console(long_lines=True)
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
    found = [refit.fits for refit in again.refits]
    size = found[0].sizes.tolist().index(again.size)  # all are of the same sizes
    for row, (group, parameter) in enumerate(parameter_rows(again.sample.group_names)):
        cells = [
            with_error(
                float(fits.estimate[0, size, row]),
                float(fits.std_error[0, size, row]),
                _DECIMALS[parameter],
            )
            for fits in found
        ]
        table.add_row(f"{group} {parameter}".strip(), *cells)
    table.add_row("evaluations", *(str(fits.passes[0, size]) for fits in found))
    ends = [Status(int(fits.status[0, size])) for fits in found]
    table.add_row("ended", *(end.name.lower().replace("_", " ") for end in ends))
    return table


def _print_path(console: Console, refit: Refit, size: int) -> bool:
    """Iterations of a fit; False if there are none."""
    path = refit.traces
    rows = np.flatnonzero(path.size == size)
    if not len(rows):
        return False
    rows = rows[path.start[rows] == path.start[rows[-1]]]
    kept = np.unique(np.linspace(0, len(rows) - 1, _SHOWN_STEPS).round().astype(int))
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("step", "evaluations", "log-\nlikelihood", "still to\ngain"):
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
    console.print(f"Iterations of {refit.estimator}, n = {size}, {steps} steps:", style="bold")
    console.print(table)
    return True


def draw_iterations(again: Replay, path: Path) -> None:
    """Draw the iterations at the size that is shown."""
    from stature.plots import paths, style

    parts = [
        fits_table.named_traces(
            fits_table.traces_table(one.traces), again.address.scenario, one.estimator
        )
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
    """Kept iterations at a size."""
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
