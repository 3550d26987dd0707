"""Estimators that people bring: a function of a file of Python, or any program.

They run in processes of their own, which end with what they began: so an exception, a hang, an
exit, a crash or a result that is none costs the fits that it happens in, and is counted there. What
they print goes to the log of the job, up to a limit. Nothing is kept from them: this guards against
accidents, not against intent.

A function is called for one sample after the other (`Known` says with what), in a process that is
begun anew where it was lost. A command is run once a block: it is given a table of people and
writes one of estimates.
"""

import json
import math
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic
from typing import IO, Any

import numpy as np

from stature.arrays import Floats, Int8s
from stature.design.samples import Samples
from stature.design.streams import Purpose, Streams, decode, encode
from stature.domain.functions import demand, load, seed_others
from stature.domain.model import Model, coordinates
from stature.estimators.estimator import Fits, FitSpec, IntervalStatus, SeStatus, Status

PARTS = ("shares", "means_cm", "sds_cm")
CLAIMS = ("", "_se", "_lower", "_upper")
"""What may be said of each part: the estimates themselves, standard errors, ends of intervals."""
COLUMNS = ("share", "mean_cm", "sd_cm")
"""The parts, as columns of a table of estimates."""
GAP = "gap_cm"  # of two groups; what is not claimed of it follows from their means
MOST_LOGGED = 1 << 16  # bytes of what an estimator prints that a log keeps
MOST_FRAMES = -10  # the last ones, of a traceback
MOST_PER_ROW = 1000  # bytes of a table of estimates that an honest row may take
GROUPS_OF_A_GAP = 2
LARGEST = 1e12  # of an estimate; squares of larger errors would not add up
SUM_OF_SHARES = 1e-6  # how far from 1: people round
SECONDS_TO_LOAD = 300.0  # to import what a file imports
SECONDS_TO_SAY_WHY = 5.0  # for a process that has told all its answers to end by itself
_GLANCE = 0.2  # seconds between two looks at whether a process is still there
_NO_LABEL = -1


@dataclass(frozen=True, slots=True)
class Known:
    """What an estimator is told besides heights and labels."""

    group_names: tuple[str, ...]  # in the order of their means
    # shape (k,) each, in that order: what the study says is known; None: to be estimated
    shares: Floats | None
    sds_cm: Floats | None


@dataclass(frozen=True, slots=True)
class Answers:
    """What an estimator made of a block: R replicates, S sizes, k groups."""

    status: Int8s  # shape (R, S)
    claims: Floats  # shape (R, S, claims, parts, k); NaN where nothing is claimed
    # shape (R, S, claims, 1 + q): the same of the gap, and of the quantities that it names
    others: Floats
    names: tuple[str, ...]  # of these


def fit_outside(spec: FitSpec, samples: Samples) -> "tuple[Fits, Any]":
    """Fit a block by an estimator that people bring; it keeps no steps."""
    # They are compiled for estimators of the package, and slow to import in a process of people's.
    from stature.estimators.plain.traces import joined

    demand(spec.estimator.outside.sources, spec.estimator.outside.sha256)
    shape = len(samples.replicates), len(spec.sizes)
    claims = np.full((*shape, len(CLAIMS), len(PARTS), len(spec.group_names)), np.nan)
    names = (GAP, *spec.estimator.outside.quantities)
    others = np.full((*shape, len(CLAIMS), len(names)), np.nan)
    answers = Answers(np.full(shape, Status.ERROR, np.int8), claims, others, names)
    with TemporaryDirectory(prefix="stature-") as folder:
        fill = _by_function if spec.estimator.method == "python" else _by_command
        fill(spec, samples, Path(folder), answers)
    return _fits_of(spec, samples, answers), joined([], spec.group_names)


def _fits_of(spec: FitSpec, samples: Samples, answers: Answers) -> Fits:
    """The record of a block's fits."""
    from stature.estimators.intervals.wald import Z_95, wald_interval
    from stature.estimators.plain.batch import empty_outcome
    from stature.estimators.plain.block import fits_of

    groups, claims, others = len(spec.group_names), answers.claims, answers.others
    for place in np.ndindex(answers.status.shape):
        if answers.status[place] == Status.CONVERGED:
            answers.status[place] = _judged(claims[place][0], others[place])
    converged = answers.status == Status.CONVERGED
    claims[~converged] = np.nan
    others[~(converged[..., None, None] & np.isfinite(others))] = np.nan
    if spec.estimator.model.labels == "none":
        order = np.argsort(claims[:, :, 0, 1], axis=-1, kind="stable")
        claims = np.take_along_axis(claims, order[:, :, None, None], axis=-1)
    sizes = np.array(spec.sizes, np.int32)
    outcome = empty_outcome(len(samples.replicates), len(sizes), groups)
    outcome.theta[:] = claims[:, :, 0].reshape(outcome.theta.shape)
    outcome.status[:] = answers.status
    if spec.estimator.model.labels == "none":
        for row, column in np.argwhere(converged).tolist():
            heights_cm = samples.heights_cm[row, : spec.sizes[column]]
            at = _at_maximum(outcome.theta[row, column], heights_cm)
            outcome.log_likelihood[row, column], outcome.decrement[row, column] = at
    fits = fits_of(samples.replicates, sizes, spec.group_names, outcome)
    # Rows of a fit are by group; what nobody claimed of the gaps is NaN.
    std_error, lower, upper = (np.full_like(fits.estimate, np.nan) for _ in range(3))
    for number, rows in enumerate((std_error, lower, upper), 1):
        by_group = np.swapaxes(claims[:, :, number], -1, -2)
        rows[..., : 3 * groups] = by_group.reshape(*answers.status.shape, 3 * groups)
    estimate = fits.estimate.copy()
    if groups == GROUPS_OF_A_GAP:
        gap, std_error[..., -1], lower[..., -1], upper[..., -1] = np.moveaxis(others[..., 0], 2, 0)
        estimate[..., -1] = np.where(np.isnan(gap), estimate[..., -1], gap)
    lower, upper = _or_wald((lower, upper), wald_interval(estimate, std_error))
    quantities = others[:, :, :, 1:]
    reach = Z_95 * quantities[:, :, 1]
    ends = quantities[:, :, 0] - reach, quantities[:, :, 0] + reach
    quantities[:, :, 2], quantities[:, :, 3] = _or_wald(
        (quantities[:, :, 2], quantities[:, :, 3]), ends
    )
    has_errors = np.isfinite(std_error).any(axis=-1)
    return replace(
        fits,
        estimate=estimate,
        quantities=answers.names[1:],
        of_quantities=quantities if answers.names[1:] else None,
        std_error=std_error,
        lower=lower,
        upper=upper,
        interval_status=np.where(np.isnan(lower), IntervalStatus.NONE, 0).astype(np.int8),
        se_status=np.where(has_errors, SeStatus.OK, SeStatus.NONE).astype(np.int8),
    )


def _or_wald(own: tuple[Floats, Floats], wald: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Ends of intervals as they are claimed, where they are, else by the standard error."""
    lower, upper = (np.where(np.isnan(one), w, one) for one, w in zip(own, wald, strict=True))
    return lower, upper


def _judged(estimates: Floats, others: Floats) -> Status:
    """How a fit ended that has numbers: shares, means and SDs, shape (parts, k), and others."""
    shares, _, sds_cm = estimates
    if not np.isfinite(estimates).all():
        return Status.NONFINITE
    largest = max(np.abs(estimates).max(), np.abs(others[np.isfinite(others)]).max(initial=0.0))
    is_odd = abs(shares.sum() - 1.0) > SUM_OF_SHARES or largest > LARGEST
    if is_odd or min(shares.min(), sds_cm.min()) < 0.0:
        return Status.MALFORMED
    return Status.CONVERGED if min(shares.min(), sds_cm.min()) > 0.0 else Status.DEGENERATE


def _at_maximum(theta: Floats, heights_cm: Floats) -> tuple[float, float]:
    """Log-likelihood of normal groups at an estimate, and how far that is from a maximum.

    Squared Newton decrement; infinite where the information is not positive definite.
    """
    from stature.theory.likelihood import likelihood, rows_of

    rows = rows_of(heights_cm, heights_cm, np.ones(len(heights_cm)))
    with np.errstate(all="ignore"):
        at = likelihood(coordinates(theta), rows)
    if not (np.isfinite(at.value) and np.isfinite(at.information).all()):
        return np.nan, np.nan
    try:
        half = np.linalg.solve(np.linalg.cholesky(at.information), at.score)
    except np.linalg.LinAlgError:
        return at.value, np.inf
    return at.value, float(half @ half)


# What a process of people's has: heights and labels in files, a spec, and a pipe for its answers.
_SPEC, _HEIGHTS, _LABELS = "spec.json", "heights.npy", "labels.npy"


def _by_function(spec: FitSpec, samples: Samples, folder: Path, answers: Answers) -> None:
    """Have a function called for each sample, in a new process wherever one was lost."""
    (folder / _SPEC).write_text(encode(spec), encoding="utf-8")
    np.save(folder / _HEIGHTS, samples.heights_cm)
    np.save(folder / _LABELS, samples.written_labels)
    calls, log = _calls(spec), _Log()
    done = 0
    while done < len(calls):
        status, loaded = Status.ERROR, False
        for answer in _answers(folder, done, spec.estimator.outside.patience, log):
            if not isinstance(answer, list):
                status = answer
            elif not loaded:
                loaded = True
            else:
                _take(answer, calls[done], answers)
                done += 1
        # What cannot be loaded once will not be loaded for the next sample either.
        for rows, column in calls[done : done + 1] if loaded else calls[done:]:
            answers.status[rows, column] = status
        done = done + 1 if loaded else len(calls)
    log.close()


def _calls(spec: FitSpec) -> list[tuple[slice, int]]:
    """Rows and column of the samples of each call."""
    rows, columns = spec.last - spec.first + 1, range(len(spec.sizes))
    if spec.estimator.outside.batched:
        return [(slice(0, rows), column) for column in columns]
    return [(slice(row, row + 1), column) for row, column in product(range(rows), columns)]


def _take(answer: Sequence[Any], call: tuple[slice, int], answers: Answers) -> None:
    """Take in what came of a call: a status, and claims where it has some."""
    rows, column = call
    answers.status[rows, column] = answer[0]
    given = answer[1] if len(answer) > 1 else {}
    for claim, ending in enumerate(CLAIMS):
        for names, into in ((PARTS, answers.claims), (answers.names, answers.others)):
            for place, name in enumerate(names):
                if name + ending in given:
                    into[rows, column, claim, place] = given[name + ending]


def _answers(folder: Path, done: int, patience: float, log: "_Log") -> Iterator[Any]:
    """Answers of one process from a call on, an empty list first; at its loss a status."""
    reading, writing = os.pipe()
    arguments = map(str, (folder, writing, done))
    command = [sys.executable, "-P", "-m", __name__, *arguments]
    running = _Process(command, log, os.environ | _ALIKE, pass_fds=(writing,))
    os.close(writing)
    text, until, expected = b"", monotonic() + max(patience, SECONDS_TO_LOAD), True
    try:
        while expected:
            if not select.select([reading], [], [], _GLANCE)[0]:
                # A child that it left behind may keep the pipe open.
                if running.code() is not None and not select.select([reading], [], [], 0)[0]:
                    break
                if monotonic() > until:
                    yield Status.TIMED_OUT
                    return
                continue
            more = os.read(reading, MOST_LOGGED)
            expected, text = bool(more), text + more
            *lines, text = text.split(b"\n")
            for line in lines:
                yield json.loads(line)
                until = monotonic() + patience
        running.code(SECONDS_TO_SAY_WHY)
    finally:
        os.close(reading)
        running.end()


_ALIKE = {
    "PYTHONHASHSEED": "0",
    **dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
    ),
}
"""What makes a process do the same from run to run: the order of sets, and of sums."""


class _Log:
    """What estimators print, up to a limit, on the standard error of the job."""

    def __init__(self) -> None:
        self._left, self._lost = MOST_LOGGED, 0

    def take(self, said: bytes) -> None:
        """Write down what is printed, as far as there is room."""
        kept = said[: max(self._left, 0)]
        self._left -= len(kept)
        self._lost += len(said) - len(kept)
        sys.stderr.write(kept.decode(errors="replace"))

    def close(self) -> None:
        """Say how much was left out."""
        if self._lost:
            print(f"\n… and {self._lost:,} bytes more that it printed", file=sys.stderr)


class _Process:
    """A process of people's, and all that it begins, in a group of their own."""

    def __init__(
        self, command: Sequence[str], log: _Log, environment: Mapping[str, str], **more: Any
    ) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
            **more,
        )
        printed: Any = self._process.stdout
        self._reader = Thread(target=_read, args=(printed, log), daemon=True)
        self._reader.start()

    def code(self, seconds: float = 0.0) -> int | None:
        """Its exit code, if it ends by then."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def end(self) -> None:
        """End it, with what it left behind."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(1.0)  # unless somebody who left the group still prints


def _read(printed: IO[bytes], log: _Log) -> None:
    """Take what a process prints until nobody can print any more."""
    with printed:
        while said := os.read(printed.fileno(), MOST_LOGGED):
            log.take(said)


def work(folder: Path, telling: int, done: int) -> None:
    """Call a function for one sample after the other, in a process of its own."""
    spec = decode(FitSpec, (folder / _SPEC).read_text(encoding="utf-8"))
    outside = spec.estimator.outside
    heights_cm, written = np.load(folder / _HEIGHTS), np.load(folder / _LABELS)
    names, known = spec.group_names, (spec.known_shares, spec.known_sds_cm)
    known_numbers = Known(names, *(None if one is None else np.array(one) for one in known))
    streams = Streams(spec.stream_key)
    if outside.memory_mb:
        _limit_memory(_address_space() + outside.memory_mb * 1_000_000)
    with open(telling, "w", encoding="ascii") as answering:
        function = load(outside.function)
        print("[]", file=answering, flush=True)
        for rows, column in _calls(spec)[done:]:
            size = spec.sizes[column]
            people = heights_cm[rows, :size].copy()
            labels = labels_of(spec.estimator.model, written[rows, :size])
            if outside.batched:
                each = range(spec.first, spec.last + 1)
                chance: Any = [begin(Streams(spec.stream_key), one, size)[0] for one in each]
                shape = (len(people), len(names))
            else:
                replicate = spec.first + rows.start
                chance, seed = begin(streams, replicate, size)
                # Whoever takes chance from elsewhere gets the same from run to run.
                seed_others(seed)
                people, labels = people[0], None if labels is None else labels[0]
                shape = (len(names),)
            try:
                answer: list[Any] = [
                    Status.CONVERGED,
                    checked(
                        function(people, labels, known_numbers, chance), shape, outside.quantities
                    ),
                ]
            except MalformedError as error:
                print(f"{_place(spec, rows, size)}: {error}", file=sys.stderr)
                answer = [Status.MALFORMED]
            except BaseException as error:  # also an exit, and whatever else it raises
                print(f"{_place(spec, rows, size)}:", file=sys.stderr)
                theirs = error.__traceback__ and error.__traceback__.tb_next
                traceback.print_exception(error.with_traceback(theirs), limit=MOST_FRAMES)
                answer = [Status.ERROR]
            print(json.dumps(answer), file=answering, flush=True)


def _place(spec: FitSpec, rows: slice, size: int) -> str:
    """Which samples a call is about."""
    who = f"replicates {spec.first} to {spec.last}"
    if not spec.estimator.outside.batched:
        who = f"replicate {spec.first + rows.start}"
    return f"{spec.estimator.name}, {who}, n = {size}"


def begin(streams: Streams, replicate: int, size: int) -> tuple[np.random.Generator, int]:
    """The generator of a sample, and a seed from the same stream for other generators."""
    chance = streams.at(Purpose.OUTSIDE, replicate, size)
    return chance, int(chance.integers(2**31))


def labels_of(model: Model, written: Int8s) -> Int8s | None:
    """Labels that an estimator is shown, shape (R, n): numbers of groups, or -1 where none is."""
    if model.labels == "none":
        return None
    people = written.shape[1]
    seen = round(model.labelled_share * people) if model.labels == "some" else people
    return np.where(np.arange(people) < seen, written, _NO_LABEL).astype(np.int8)


class MalformedError(ValueError):
    """What an estimator returned is no estimate; the message says why."""


def checked(answer: Any, shape: tuple[int, ...], named: Sequence[str]) -> dict[str, Any]:
    """What a function returned, as numbers and lists of them; raises if it is no estimate.

    Shares, means and SDs are of a shape, whose last axis are groups; what is named lacks that axis.
    """
    if isinstance(answer, Mapping):
        given = {str(name): value for name, value in answer.items()}
    elif isinstance(answer, Sequence) and not isinstance(answer, str) and len(answer) == len(PARTS):
        given = dict(zip(PARTS, answer, strict=True))
    else:
        raise MalformedError(
            "expected shares, means and SDs: a tuple of three arrays, or a dictionary with "
            f"{', '.join(PARTS)}; got {_shortly(answer)}"
        )
    gap = [GAP] if shape[-1] == GROUPS_OF_A_GAP else []
    shapes = dict.fromkeys(PARTS, shape) | dict.fromkeys([*gap, *named], shape[:-1])
    shapes = {name + claim: one for name, one in shapes.items() for claim in CLAIMS}
    if not {*PARTS, *named} <= given.keys() <= shapes.keys():
        raise MalformedError(
            f"expected {', '.join([*PARTS, *named])}, and with them names such as means_cm_se, "
            "means_cm_lower and means_cm_upper, and the `quantities` that the study names; got "
            f"{', '.join(map(_shortly, given)) or 'nothing'}"
        )
    return {name: _numbers(name, value, shapes[name]) for name, value in given.items()}


def _numbers(name: str, value: Any, shape: tuple[int, ...]) -> Any:
    """Numbers of a shape, as lists, or as one number."""
    try:
        found = np.asarray(value)
    except ValueError as error:
        raise MalformedError(f"{name}: expected numbers of shape {shape}, got {error}") from error
    # Of what it names it may also say whether something is so: a test that rejects is 1.
    kinds = "fiu" if name.startswith(PARTS) else "fiub"
    if found.dtype.kind not in kinds or found.shape != shape:
        what = f"shape {found.shape}" if found.dtype.kind in "fiu" else _shortly(value)
        raise MalformedError(f"{name}: expected numbers of shape {shape}, got {what}")
    return found.astype(np.float64).tolist()


def _shortly(value: Any) -> str:
    """A value, or its type where that is long."""
    text = value if isinstance(value, str) else f"{type(value).__name__} {value!r}"
    return text if len(text) <= 80 else f"{text[:80]}…"


def _address_space() -> int:
    """Bytes of address space that this process has, where the system tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _limit_memory(most: int) -> None:
    """Limit the address space of this process and of those that it begins."""
    import resource  # not on Windows

    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _by_command(spec: FitSpec, samples: Samples, folder: Path, answers: Answers) -> None:
    """Run a program on a block."""
    outside = spec.estimator.outside
    people, estimates = (folder / f"{name}.{outside.format}" for name in ("people", "estimates"))
    _write_people(spec, samples, people)
    log, more = _Log(), dict[str, Any]()
    if outside.memory_mb:
        more["preexec_fn"] = partial(_limit_memory, outside.memory_mb * 1_000_000)
    known = {"GROUPS": spec.group_names, "SHARES": spec.known_shares, "SDS_CM": spec.known_sds_cm}
    variables = {f"STATURE_{name}": ",".join(map(str, of)) for name, of in known.items() if of}
    command = [*outside.command, str(people), str(estimates)]
    try:
        running = _Process(command, log, os.environ | _ALIKE | variables, **more)
    except OSError as error:
        print(f"{outside.command[0]}: {os.strerror(error.errno or 0)}", file=sys.stderr)
        return
    code = running.code(outside.patience)
    running.end()
    log.close()
    if code is None:
        print(f"ended after {outside.patience:g} seconds", file=sys.stderr)
        answers.status[:] = Status.TIMED_OUT
    elif code:
        print(f"exit code {code}: its estimates do not count", file=sys.stderr)
    else:
        answers.status[:] = Status.MALFORMED
        try:
            _read_estimates(spec, estimates, answers)
        except (MalformedError, OSError, ValueError) as error:
            print(f"{estimates.name}: {error}", file=sys.stderr)


def _write_people(spec: FitSpec, samples: Samples, path: Path) -> None:
    """Write the people of all samples of a block: a row a replicate, size and person."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    streams, parts = Streams(spec.stream_key), list[dict[str, Any]]()
    names = np.array([*spec.group_names, ""])
    for row, replicate in enumerate(samples.replicates.tolist()):
        for size in spec.sizes:
            of = {
                "replicate": np.full(size, replicate),
                "size": np.full(size, size),
                "seed": np.full(size, begin(streams, replicate, size)[1]),
                "person": np.arange(size),
                "height_cm": samples.heights_cm[row, :size],
            }
            labels = labels_of(spec.estimator.model, samples.written_labels[row : row + 1, :size])
            parts.append(of if labels is None else of | {"label": names[labels[0]]})
    table = pa.table({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    if path.suffix == ".csv":
        csv.write_csv(table, path)
    else:
        parquet.write_table(table, path)


def _read_estimates(spec: FitSpec, path: Path, answers: Answers) -> None:
    """Read a table of estimates: a row a replicate, size and group."""
    from pyarrow import csv, parquet

    shape, names = answers.status.shape, spec.group_names
    if not path.exists():
        raise MalformedError("expected a table of estimates, got no file")
    if path.stat().st_size > MOST_PER_ROW * (answers.status.size * len(names) + 100):
        raise MalformedError("expected a table of estimates, got a file that is far too large")
    read = csv.read_csv if path.suffix == ".csv" else parquet.read_table
    table = read(path)
    columns = {name: table[name].to_pylist() for name in table.column_names}
    missing = [name for name in ("replicate", "size", *COLUMNS) if name not in columns]
    if missing:
        raise MalformedError(
            f"expected columns replicate, size, {', '.join(COLUMNS)}; got {', '.join(columns)}"
        )
    of_sample: dict[tuple[int, int], list[int]] = {}
    for place, key in enumerate(zip(columns["replicate"], columns["size"], strict=True)):
        of_sample.setdefault(key, []).append(place)
    wanted = {part + claim: COLUMNS[i] + claim for i, part in enumerate(PARTS) for claim in CLAIMS}
    others = [name + claim for name in answers.names for claim in CLAIMS if name + claim in columns]
    for row, column in np.ndindex(shape):
        where = f"replicate {spec.first + row}, size {spec.sizes[column]}"
        places = of_sample.get((spec.first + row, spec.sizes[column]), [])
        try:
            if "group" in columns:
                found = [columns["group"][place] for place in places]
                if sorted(map(str, found)) != sorted(names):
                    raise MalformedError(f"expected a row of each of {names}, got {found}")
                places = sorted(places, key=lambda place: names.index(columns["group"][place]))
            given = {
                part: [columns[name][place] for place in places]
                for part, name in wanted.items()
                if name in columns
            }
            values = {k: [math.nan if v is None else v for v in vs] for k, vs in given.items()}
            values |= {k: _one_of(k, [columns[k][place] for place in places]) for k in others}
            named = spec.estimator.outside.quantities
            answer = [Status.CONVERGED, checked(values, (len(names),), named)]
            _take(answer, (slice(row, row + 1), column), answers)
        except MalformedError as error:
            print(f"{where}: {error}", file=sys.stderr)


def _one_of(name: str, cells: Sequence[Any]) -> Any:
    """What a table says of a sample, in each of its rows or in one."""
    said = {cell for cell in cells if cell is not None}
    if len(said) > 1:
        raise MalformedError(f"{name}: expected one number in all rows of a sample, got {said}")
    return said.pop() if said else math.nan


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
