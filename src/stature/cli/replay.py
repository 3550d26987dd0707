"""`stature replay`: one replicate drawn and fitted again, compared with what is stored."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from rich.console import Console

from stature.cli.dry_run import CHECKOUT, DEFAULT_CONFIG, config_files
from stature.cli.terminal import open_console, refuse, ruled, warn
from stature.config import specs
from stature.config.messages import advice
from stature.config.source import read
from stature.config.study import ConfigError, Study, load, study_yaml
from stature.datafile.digits import with_error
from stature.datafile.people import read_pool
from stature.datafile.texts import nearest
from stature.design.samples import DrawSpec, Samples, draw
from stature.design.streams import decode
from stature.domain.quantity import FiguresSpec
from stature.estimators.estimator import FitSpec
from stature.estimators.plain.traces import Traces
from stature.measures.matching import matched
from stature.measures.replicates import shown_size
from stature.store import fits, samples
from stature.store.parquet import TableError, origin_of
from stature.writing import Refusal

if TYPE_CHECKING:
    import pandas as pd

RESULTS = Path("results")
SUCCESS, DIFFERENT = 0, 1
_PARTS = 3
_DIGITS, HASH_DIGITS = 12, 16
_SHOWN_STEPS = 12
_SHOWN_DIFFERENCES = 8
_DECIMALS = {"share": 3, "mean_cm": 2, "sd_cm": 2, "gap_cm": 2}


class AddressError(Refusal):
    """An address that leads nowhere."""


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


@dataclass(frozen=True, slots=True)
class Compared:
    """What was made again, set beside what is stored."""

    path: Path  # where it is stored
    outcome: str  # how they compare
    details: tuple[str, ...] = ()  # what was compared, or differs, or why nothing could be compared

    def sentences(self, what: str, alone: str = "") -> list[str]:
        """Return what is said of it, with more of what stands alone."""
        if self.outcome == "equal":
            return [f"{what}: equals the stored rows exactly ({self.details[0]})."]
        if self.outcome == "not stored":
            return [f"{what}: nothing stored to compare with ({self.path}){alone}."]
        if self.outcome == "of another config":
            other = f"of another config, {self.details[0]}"
            return [f"{what}: the stored rows are {other} ({self.path})."]
        more = len(self.details) - _SHOWN_DIFFERENCES
        shown = [f"  {detail}" for detail in self.details[:_SHOWN_DIFFERENCES]]
        ending = [f"  and {more} more"] if more > 0 else []
        return [f"{what}: DIFFERS from the stored rows ({self.path}):", *shown, *ending]

    @property
    def plain(self) -> dict[str, Any]:
        """The same for programs."""
        return {"compared": self.outcome, "path": str(self.path), "details": self.details}


@dataclass(frozen=True, slots=True)
class Refit:
    """One estimator on the replicate."""

    estimator: str  # the estimator
    table: "pd.DataFrame"  # its fits, a row a size and parameter that was asked for
    traces: Traces  # its iterations
    compared: Compared  # the fits beside those that are stored


@dataclass(frozen=True, slots=True)
class Replay:
    """A replicate again."""

    address: Address  # which one
    size: int  # the size that is shown
    digest: str  # hash of heights and groups of its people
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
        return refuse("replay", error)
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
            return refuse("replay", error)
        print(f"Figure: {path}", file=sys.stderr)
    return DIFFERENT if again.is_different else SUCCESS


def replay(found: Address, estimators: tuple[str, ...], size: int | None) -> Replay:
    """Draw a replicate again, and fit it."""
    # Compiled code is slow to import: only for an address that leads somewhere.
    from stature.estimators.fit import fit_block

    study, scenario, number = found.study, found.scenario, found.replicate
    block = next(block for block in study.blocks if block.first <= number <= block.last)
    results, file = RESULTS / study.name, f"{block.name}.parquet"
    asked = decode(DrawSpec, specs.draw_spec(study, scenario, block.name))
    files = specs.data_files(study, scenario, CHECKOUT)
    asked = replace(asked.opened(files), first=number, last=number)
    if size is not None and size <= study.people_kept:
        asked = replace(asked, largest_size=size, sketched_sizes=())
    population = study.scenario(scenario).population
    sample = draw(asked, read_pool(population))
    digest = _hash(sample, 0, sample.heights_cm.shape[1])
    refits: list[Refit] = []
    for name in estimators or tuple(one.name for one in study.estimators_of(scenario)):
        job = decode(FitSpec, specs.fit_spec(study, scenario, name, block.name))
        files = specs.code_files(study, name, CHECKOUT)
        job = replace(job.opened(files), first=number, last=number, traced=1)
        if size is not None:
            job = replace(job, sizes=(size,))
        made, traces = fit_block(job, sample)
        shown = fits.table(matched(made, population, job.estimator.model)).to_pandas()
        again = fits.table(made).to_pandas()
        compared = _compare(results / "fits" / scenario / name / file, found, _fits_beside(again))
        refits.append(Refit(name, shown, traces, compared))
    compared = _compare(
        results / "samples" / scenario / file, found, _people_beside(sample, digest)
    )
    shown_at = shown_size(study.sizes) if size is None else size
    return Replay(found, shown_at, digest, compared, tuple(refits))


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


_Beside = Callable[[Path, int], tuple[str, list[str]]]
"""What was compared, and what differs, from a table and the number of a replicate."""


def _compare(path: Path, found: Address, beside: _Beside) -> Compared:
    """A table beside what was made again."""
    if not path.is_file():
        return Compared(path, "not stored")
    try:
        stored, expected = origin_of(path), specs.origin(found.study, str(path))
        if stored != expected:
            digests = f"origin {stored or 'unknown'}, the config gives {expected}"
            return Compared(path, "of another config", (digests,))
        compared, wrong = beside(path, found.replicate)
    except (TableError, OSError, ValueError) as error:
        compared, wrong = "", [str(error)]
    return Compared(path, "different" if wrong else "equal", tuple(wrong) or (compared,))


def _people_beside(again: Samples, digest: str) -> _Beside:
    """People, by their hash."""

    def beside(path: Path, replicate: int) -> tuple[str, list[str]]:
        stored, people = samples.read(path), again.heights_cm.shape[1]
        rows = np.flatnonzero(stored.replicates == replicate).tolist()
        before = _hash(stored, rows[0], people) if rows else "none"
        wrong = [] if before == digest else [f"hash {before} stored, {digest} drawn"]
        return f"{people:,} people, hash {digest}", wrong

    return beside


def _fits_beside(again: "pd.DataFrame") -> _Beside:
    """Fits, in every column exactly."""

    def beside(path: Path, replicate: int) -> tuple[str, list[str]]:
        stored = fits.FITS.read(path).to_pandas()
        here = (stored["replicate"] == replicate) & stored["size"].isin(again["size"])
        before = stored[here].reset_index(drop=True)
        compared = f"{again['size'].nunique()} sizes, {len(again.columns)} columns"
        if len(before) != len(again) or [*before.columns] != [*again.columns]:
            return compared, ["the table lacks the replicate, a size or a column"]
        same = (before == again) | (before.isna() & again.isna())
        wrong: list[str] = []
        for name in again.columns:
            for row in np.flatnonzero(~same[name]).tolist():
                size, group, parameter = again.loc[row, ["size", "group", "parameter"]]
                what = f"size {size}, {name} of {group} {parameter}".replace("  ", " ")
                wrong.append(f"{what}: {before[name][row]!r} stored, {again[name][row]!r} now")
        return compared, wrong

    return beside


def print_replay(again: Replay, with_path: bool) -> None:
    """Print a replay for a person."""
    console = open_console(long_lines=True)
    at = again.address
    say = partial(at.study.quantity.say, kept=specs.kept(at.study))
    console.print(
        f"{at.study.name}/{at.scenario}/{at.replicate}, n = {again.size} (from {at.source})",
        style="bold",
    )
    for sentence in again.compared.sentences("sample", f", hash {again.digest}"):
        console.print(say(sentence))
    _print_estimates(console, again)
    for refit in again.refits:
        for sentence in refit.compared.sentences(refit.estimator):
            console.print(sentence)
    for refit in again.refits:
        if _print_path(console, refit, again.size) and not with_path:
            break


def _print_estimates(console: Console, again: Replay) -> None:
    """Estimates at the size that is shown: a row a parameter, a column an estimator."""
    table = ruled("", *(refit.estimator for refit in again.refits))
    found = [one.table[one.table["size"] == again.size] for one in again.refits]
    cells: dict[str, list[str]] = {}
    for place, frame in enumerate(found):
        for row in frame.to_dict("records"):
            parameter = str(row["parameter"])
            shown = with_error(row["estimate"], row["std_error"], _DECIMALS.get(parameter, np.nan))
            # What an estimator from outside returns besides is its own.
            name = f"{row['group']} {parameter}".strip()
            cells.setdefault(name, ["–"] * len(found))[place] = shown
    for name, row in cells.items():
        table.add_row(name, *row)
    ends = [frame.iloc[0] for frame in found]
    table.add_row("evaluations", *(str(end["passes"]) for end in ends))
    table.add_row("ended", *(str(end["status"]).replace("_", " ") for end in ends))
    console.print(table)


def _print_path(console: Console, refit: Refit, size: int) -> bool:
    """Iterations of a fit; False if there are none."""
    path = refit.traces
    rows = np.flatnonzero(path.size == size)
    if not len(rows):
        return False
    rows = rows[path.start[rows] == path.start[rows[-1]]]
    kept = np.unique(np.linspace(0, len(rows) - 1, _SHOWN_STEPS).round().astype(int))
    groups = path.group_names
    columns = [f"{name}\n{group}" for name in ("share", "mean", "SD") for group in groups]
    table = ruled("step", "evaluations", "log-\nlikelihood", "still to\ngain", *columns)
    for column in table.columns[:4]:
        column.justify, column.no_wrap = "right", True
    for row in rows[kept]:
        values = path.theta[row]
        table.add_row(
            str(path.step[row]),
            str(path.passes[row]),
            f"{path.log_likelihood[row]:.4f}",
            f"{path.gap[row] / 2:.1e}",
            *(f"{share:.3f}" for share in values[: len(groups)]),
            *(f"{length:.2f}" for length in values[len(groups) :]),
        )
    steps = int(path.step[rows[-1]])
    console.print(f"Iterations of {refit.estimator}, n = {size}, {steps} steps:", style="bold")
    console.print(table)
    return True


def draw_iterations(again: Replay, path: Path) -> None:
    """Draw the iterations at the size that is shown."""
    from stature.plots import figures, paths, style

    parts = [
        fits.named_traces(fits.traces_table(one.traces), again.address.scenario, one.estimator)
        for one in again.refits
    ]
    table = pa.concat_tables(parts).unify_dictionaries().to_pandas()
    words = decode(FiguresSpec, specs.figures_spec(again.address.study))
    drawn = figures.in_words(paths.traces(table[table["size"] == again.size]), words.say)
    style.save(drawn, [path])


def json_text(again: Replay) -> str:
    """A replay for programs."""
    at = again.address
    document = {
        "study": at.study.name,
        "scenario": at.scenario,
        "replicate": at.replicate,
        "config": at.source,
        "warnings": at.warnings,
        "sample": {"hash": again.digest, **again.compared.plain},
        "estimators": [
            {
                "name": refit.estimator,
                **refit.compared.plain,
                "fits": [_fit(rows) for _, rows in refit.table.groupby("size")],
                "steps": _steps(refit.traces, again.size),
            }
            for refit in again.refits
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _plain(row: Mapping[Any, Any], *names: str) -> dict[str, Any]:
    """Some cells of a row; what is not finite is null."""
    cells = {name: row[name] for name in names}
    odd = {name for name, cell in cells.items() if isinstance(cell, float) and not isfinite(cell)}
    return {name: None if name in odd else cell for name, cell in cells.items()}


def _fit(rows: "pd.DataFrame") -> dict[str, Any]:
    """One fit."""
    records = rows.to_dict("records")
    of_parameters = "group", "parameter", "estimate", "std_error"
    return _plain(records[0], "size", "status", "log_likelihood", "passes") | {
        "estimates": [_plain(record, *of_parameters) for record in records]
    }


def _steps(path: Traces, size: int) -> list[dict[str, Any]]:
    """Kept iterations at a size."""
    names = "start", "step", "passes", "log_likelihood", "theta"
    columns = {name: getattr(path, name)[path.size == size].tolist() for name in names}
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [
        _plain(row, *names[:-1])
        | {"theta": [value if isfinite(value) else None for value in row["theta"]]}
        for row in rows
    ]
