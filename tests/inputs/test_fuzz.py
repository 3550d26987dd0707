"""Mutated files at the front door: never a traceback, a hang, a job, a file or a silent error.

The suite takes a sample; ``pytest tests/inputs/test_fuzz.py --fuzz 10000`` takes so many of each.
Each case is drawn from its number alone.
"""

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
import yaml
from snakemake.common.configfile import load_configfile

from stature.cli.main import main
from stature.config.study import ConfigError, Study, check, load
from tests.config.conftest import ROOT, text_of
from tests.inputs.mutations import of_cells, of_text, of_values
from tests.inputs.writings import Expected, Writing, counts, found_in, people

SEED = 20261122
CONFIGS, DATA_FILES, WRITINGS = 300, 300, 100
SNAKEMAKE_RUNS, DOCTOR_RUNS = 8, 24
# A hang is a case that takes longer, in seconds of CPU, so that a busy machine is none.
DEADLINE_SECONDS = 20.0
# A fit costs ten times a look at a file, and reads it in the same way.
FITTED_EVERY = 10
COMMAND = "from stature.cli import main; raise SystemExit(main())"

# What the interpreter tells of that would be a job, or a file written.
STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty")
CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.link", "os.symlink")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


class Watch:
    """Notes what the process starts and writes while it is on; hooks cannot be taken back."""

    def __init__(self) -> None:
        self.on = False
        self.acts: list[str] = []
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.on:
            return
        flags = arguments[2] if event == "open" else 0
        writes = isinstance(flags, int) and bool(flags & WRITING)
        if event in STARTS or event in CHANGES or writes:
            self.acts.append(f"{event} {arguments[:1]}")


WATCH = Watch()


@contextlib.contextmanager
def watched() -> Generator[None]:
    """One case: within the deadline, and without an act."""

    def late(*_: object) -> None:
        raise TimeoutError("the case hangs")

    previous = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, DEADLINE_SECONDS)
    WATCH.on = True
    try:
        yield
    finally:
        WATCH.on = False
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, previous)
    acts, WATCH.acts = WATCH.acts, []
    assert acts == []


class Judgement(NamedTuple):
    """What became of a study: an error, a warning, accepted, or left to Snakemake."""

    outcome: str  # E, W, A, P
    lines: tuple[str, ...]


def judge(path: Path) -> Judgement:
    """Judge a file as the command does, and as Snakemake has it judged once it has loaded it."""
    by_command = judged(lambda: load([path], ROOT))
    try:
        config = load_configfile(path)
    except Exception as error:
        # Snakemake stops before it asks the checker, by a sentence or, where the text is not UTF-8
        # or is nested too deeply, by falling over.
        assert by_command.outcome == "E"
        return Judgement("P", (str(error), *by_command.lines))
    found = judged(lambda: check(config, [path], ROOT))
    assert by_command == found or "__use_yte__" in path.read_text(encoding="utf-8-sig")
    for line in found.lines:
        assert line
        assert "\n" not in line
        assert not {"Traceback", "pydantic", "Error(", "NoneType"} & set(line.split())
    return found


def judged(study_of: Callable[[], Study]) -> Judgement:
    try:
        warnings = study_of().warnings
    except ConfigError as error:
        return Judgement("E", error.messages)
    return Judgement("W" if warnings else "A", warnings)


Cases = Callable[[int], range]
OTHER: dict[str, str | None] = {
    "biases": "\n  - {name: x, kind: sequence, steps: [{kind: rounding, step_cm: 5}]}"
    "\n  - {name: y, kind: selection, log_odds_per_cm: 0.05, group: boys}",
    "estimators": "\n  - {name: t, labels: none, method: newton, observation: {kind: truncated, "
    "below_cm: 150}}\n  - {name: em, labels: none, method: em, shares: [0.4, 0.6], starts: 5}",
    "populations": "\n  - {name: galton, file: data/galton_1886_children.csv, height: height_in, "
    "unit: in, group: sex}",
}


def configs() -> list[str]:
    """Right studies to begin with: groups, a data file, several kinds of biases, and ours."""
    groups = {key: OTHER[key] for key in ("biases", "estimators")}
    file = {"populations": OTHER["populations"], "sampling": "random"}
    ready = [yaml.safe_load(path.read_bytes()) for path in sorted(ROOT.glob("config/*.yaml"))]
    default = yaml.safe_load((ROOT / "config/config.yaml").read_bytes())
    ours = [yaml.safe_dump(default | one, sort_keys=False) for one in ready]
    return [text_of({}), text_of(groups), text_of({"replicates": "1"}), text_of(file), *ours]


@pytest.mark.slow
def test_mutated_study_files_are_taken_or_refused_in_sentences(
    cases: Cases,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = configs()
    values = [yaml.safe_load(text) for text in texts]
    path = tmp_path / "mine.yaml"
    found: Counter[str] = Counter()
    numbers = cases(CONFIGS)
    for number in numbers:
        rng = Random(f"study {number}")
        base = rng.randrange(len(texts))
        by_text = rng.random() < 0.5
        content = of_text(texts[base].encode(), rng) if by_text else of_values(values[base], rng)
        path.write_bytes(content)
        try:
            with watched():
                judgement = judge(path)
        except BaseException as error:
            raise AssertionError(f"case {number}: {content!r}") from error
        found[judgement.outcome] += 1
        assert list(tmp_path.iterdir()) == [path]
    with capsys.disabled():
        print(
            f"\n{len(numbers)} study files: {found['A']} accepted, {found['W']} with warnings, "
            f"{found['E']} refused, {found['P']} stopped by Snakemake's loader"
        )
    # None of the four is an accident.
    assert min(found[outcome] for outcome in "AWEP") > len(numbers) // 50


GALTON = (ROOT / "data/galton_1886_children.csv").read_text(encoding="utf-8").splitlines()
TABLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("\n".join(GALTON[:60]) + "\n", ("--unit", "in", "--group", "sex")),
    ("\n".join(GALTON[:60]) + "\n", ()),
    ("sex,height\n" + "".join(f"f,{158 + i % 9}.5\nm,{171 + i % 8}.5\n" for i in range(20)), ()),
    ("w,height_m\n" + "".join(f"{i % 3},1.{58 + i}\n" for i in range(30)), ("--weights", "w")),
    ((ROOT / "data/macdonell_1902_heights_binned.csv").read_text(encoding="utf-8"), ()),
    ("length_cm,n\n" + "".join(f"{150 + 2 * i},{3 + i % 5}\n" for i in range(20)), ()),
)  # fmt: skip


def quiet(arguments: list[str]) -> tuple[int, str, str]:
    """Exit code and words of the command."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    return code, out.getvalue(), err.getvalue()


def examined(arguments: list[str], fit: bool) -> str:
    """What the doctor makes of a file, and a fit, which says the same."""
    code, out, err = quiet(["doctor", *arguments])
    assert (code in (0, 1), err) == (True, "")
    assert "\nVerdict: " in out
    if fit:
        fitted, page, complaints = quiet(["fit", *arguments, "--json"])
        # A doctor may know of a column of labels that a fit was not told of.
        assert (fitted, code) in ((0, 0), (2, 1), (0, 1)), complaints
        # A refused file has all its reasons on standard error, a line each, and nothing else.
        assert (fitted == 2) == (page == "")
        assert all(line.startswith("stature fit: ") for line in complaints.splitlines())
    return "refused" if code else "warned" if "\nwarning" in out else "accepted"


@pytest.fixture(scope="module")
def _compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is compiled or imported once is not of the cases."""
    path = tmp_path_factory.mktemp("compiled") / "people.csv"
    for text, options in TABLES:
        path.write_text(text, encoding="utf-8")
        for command in ("fit", "doctor"):
            assert quiet([command, str(path), *options])[0] == 0


@pytest.mark.slow
@pytest.mark.usefixtures("_compiled")
def test_mutated_data_files_are_taken_or_refused_in_sentences(
    cases: Cases, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "people.csv"
    found: Counter[str] = Counter()
    numbers = cases(DATA_FILES)
    for number in numbers:
        rng = Random(f"file {number}")
        text, options = rng.choice(TABLES)
        content = of_text(text.encode(), rng) if rng.random() < 0.6 else of_cells(text, rng)
        path.write_bytes(content)
        drop = ("--on-bad-rows", "drop") if rng.random() < 0.3 else ()
        try:
            with watched():
                found[examined([str(path), *options, *drop], fit=number % FITTED_EVERY == 0)] += 1
        except BaseException as error:
            raise AssertionError(f"case {number}: {content!r} {options} {drop}") from error
        assert list(tmp_path.iterdir()) == [path]
    with capsys.disabled():
        print(
            f"\n{len(numbers)} data files: {found['accepted']} accepted, {found['warned']} with "
            f"warnings, {found['refused']} refused"
        )
    assert min(found.values()) > len(numbers) // 100


# What a reader is told where a file may mean something else than the truth that it was drawn from.
TOLD = re.compile(
    "groups, not two|differ only by case|thousands are separated|if points separate thousands|"
    "ends are named|far from the rest|each value stands for the cell"
)
EXACT = 1e-9


def bare(name: str) -> str:
    """The letters and digits of a name, whose marks a person would not notice."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name)).casefold()


def are_same(found: Expected, expected: Expected, tolerance: float) -> bool:
    """Whether numbers agree, relative to themselves or to their spread, and names but for marks."""
    return len(found) == len(expected) and all(
        bare(name).startswith(known.casefold())
        and all(
            abs(a - b) <= tolerance * max(abs(b), abs(right[-1])) or (a != a and b != b)
            for a, b in zip(numbers, right, strict=True)
        )
        for (name, numbers), (known, right) in zip(found, expected, strict=True)
    )


def fitted_as_written(one: Writing, path: Path, number: int) -> str:
    """What a fit makes of a writing: right, told or refused; else it is an assertion error."""
    options = ("--estimator", "mle") if "--group" in one.options else ("--groups", "1")
    code, page, complaints = quiet(["fit", str(path), *one.options, *options, "--json"])
    if code:
        assert (code, page) == (2, "")
        assert all(line.startswith("stature fit: ") for line in complaints.splitlines())
        return "refused"
    document = json.loads(page)
    (estimator, *_) = document["estimators"]
    if not are_same(found_in(document, estimator), one.expected, EXACT):
        said = " ".join(document["warnings"])
        assert TOLD.search(said), (found_in(document, estimator), one.expected, said)
        return "told"
    if number % FITTED_EVERY == 0:
        same_by_the_doctor(one, path)
    return "right"


def same_by_the_doctor(one: Writing, path: Path) -> None:
    """The doctor's command fits the file too, and hidden groups are those of the plainest file."""
    code, page, _ = quiet(["doctor", str(path), *one.options, "--json"])
    command = json.loads(page)[0]["command"]
    assert (code, command is None) == (0, False), page
    by_command = json.loads(quiet([*command, "--json"])[1])
    unit, plain = by_command["unit"], str(path.with_name("plain.csv"))
    columns = ["--column", "value", "--count", "none"] if by_command["cells"] is None else []
    by_plain = json.loads(quiet(["fit", plain, "--unit", unit, *columns, "--json"])[1])
    if by_command["cells"] or "--group" in one.options:
        assert are_same(found_in(by_command), one.expected, EXACT)
    else:
        first, other = (
            found_in(one, next(iter(one["estimators"]))) for one in (by_command, by_plain)
        )
        assert are_same(first, other, EXACT)


@pytest.mark.usefixtures("_compiled")
@pytest.mark.parametrize("write", [people, counts])
def test_the_same_numbers_are_fitted_the_same_however_they_are_written(
    write: Callable[[Random], Writing],
    cases: Cases,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found: Counter[str] = Counter()
    numbers = cases(WRITINGS)
    for number in numbers:
        one = write(Random(f"{write.__name__} {number}"))
        (tmp_path / one.name).write_bytes(one.content)
        (tmp_path / "plain.csv").write_text(one.plain, encoding="utf-8")
        try:
            with watched():
                found[fitted_as_written(one, tmp_path / one.name, number)] += 1
        except BaseException as error:
            said = f"case {number}: {one.ways} {one.options}"
            raise AssertionError(f"{said} {one.content[:200]!r}") from error
    with capsys.disabled():
        print(f"\n{len(numbers)} writings of {write.__name__}: {dict(found)}")
    assert found["right"] > len(numbers) // 2
    assert found["refused"] > 0


@pytest.mark.slow
def test_the_real_commands_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rng = Random(SEED + 2)
    text = text_of({})
    path = tmp_path / "config/config.yaml"
    path.parent.mkdir()
    snakemake = (sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--cores", "1")
    said = 0
    while said < SNAKEMAKE_RUNS:
        path.write_bytes(of_values(yaml.safe_load(text), rng))
        judgement = judge(path)
        if judgement.outcome != "E":
            continue
        dry = ("--dry-run",) if said % 2 else ()
        done = run(*snakemake, *dry)
        words = done.stdout + done.stderr
        assert done.returncode == 1, words
        assert "Traceback" not in words
        said += 1
        assert {*tmp_path.rglob("*")} - hidden(tmp_path) == {path, path.parent}
    people = tmp_path / "people.csv"
    for _ in range(DOCTOR_RUNS):
        table, options = rng.choice(TABLES)
        people.write_bytes(of_text(table.encode(), rng))
        done = run(sys.executable, "-c", COMMAND, "doctor", str(people), *options)
        assert done.returncode in (0, 1), done.stderr
        assert done.stderr == ""
        assert "\nVerdict: " in done.stdout
        said += 1
    with capsys.disabled():
        print(f"\n{said} files through the real commands")


def hidden(folder: Path) -> set[Path]:
    """What Snakemake keeps for itself."""
    return {path for path in folder.rglob("*") if ".snakemake" in path.parts}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, errors="replace"
    )
    return done
