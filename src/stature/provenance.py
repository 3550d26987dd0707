"""What results were made from: digests of code and packages, and the records beside the results.

The digest of a script covers every module of the package that it imports, directly or not, as
syntax trees without docstrings: a comment or a new line changes nothing, a constant does. Modules
are found by name and never imported, so a digest costs milliseconds. It cannot see imports made
while a program runs (there are none), nor the data that are studied (they are inputs of rules).

Every job of a run looks at all code. To parse it takes half a second, to read what was found before
takes milliseconds: so it is kept as Python keeps its bytecode, known by the bytes of each file,
beside the package, quietly, and never needed.
"""

import ast
import json
import os
import platform
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b, sha256
from importlib import metadata
from importlib.machinery import PathFinder
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from stature import writing
from stature.domain.settings import LeftOut
from stature.store import records

_FORMAT = 2
"""Raised when a `Source` is made in another way."""
_TYPES_ONLY = ("TYPE_CHECKING", "typing.TYPE_CHECKING")
# Where statements hold statements; looking at these alone is much quicker than at every node.
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


class Source(NamedTuple):
    """What is kept of a source file."""

    digest: str  # digest of its syntax tree without docstrings and line numbers
    # sorted names that it imports, anywhere but for types, with a dot for each part: modules, and
    # things in them
    imported: tuple[str, ...]


class Sources:
    """Reads source files, and keeps what it found in a file; None keeps nothing.

    A file that is not there, is damaged or was written by another Python counts for nothing.
    """

    def __init__(self, kept: Path | None = None) -> None:
        self._kept = kept
        self._known: dict[str, Source] = {} if kept is None else _load(kept)
        self._read: dict[Path, tuple[str, Source]] = {}

    def __getitem__(self, path: Path) -> Source:
        """What is in a file as it was when it was first asked for."""
        if path not in self._read:
            text = path.read_bytes()
            key = sha256(text).hexdigest()
            self._read[path] = key, self._known.get(key) or parse(text)
        return self._read[path][1]

    def keep(self) -> None:
        """Write what was read, if any of it is new; without a word where that cannot be done."""
        found = dict(self._read.values())
        if self._kept is None or found.keys() <= self._known.keys():
            return
        with suppress(writing.WriteError):  # as with bytecode: others' sources may be read-only
            writing.write_text(self._kept, json.dumps([_maker(), dict(sorted(found.items()))]))


def parse(text: bytes) -> Source:
    """Find what is kept of a source file."""
    tree = ast.parse(text)
    names: set[str] = set()
    for statement in _statements(tree):
        if isinstance(statement, ast.Import):
            names.update(alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            names.update(f"{statement.module}.{alias.name}" for alias in statement.names)
    return Source(sha256(ast.dump(tree).encode()).hexdigest(), tuple(sorted(names)))


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """All statements of a tree but those for types; docstrings are taken out on the way."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
        for_types = isinstance(node, ast.If) and ast.unparse(node.test) in _TYPES_ONLY
        for field in ("orelse",) if for_types else _BODIES:
            waiting.extend(getattr(node, field, ()))
        if isinstance(node, ast.stmt):
            yield node


def _load(path: Path) -> dict[str, Source]:
    """What a file holds that `Sources.keep` wrote under this Python; nothing if it is another."""
    try:
        maker, written = json.loads(path.read_bytes())
        if maker != _maker():
            return {}
        return {key: Source(one, tuple(names)) for key, (one, names) in written.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _maker() -> list[object]:
    """What else than the bytes of a file decides about its `Source`: the form of syntax trees."""
    return [_FORMAT, *sys.version_info[:3]]


PACKAGE = "stature"
RUN = "STATURE_RUN"
"""The variable of the environment by which the jobs of a run know what it began with."""
# 64 bits: a study knows some dozens of digests, and people read them in `snakemake -n`.
_DIGEST_BYTES = 8


def code_digests(scripts: Iterable[Path], lock: Path, kept: Path | None = None) -> dict[str, str]:
    """Digests of all code that scripts run."""
    sources = Sources(kept)
    packages = runtime_packages(lock)
    digests = {script.stem: _code_digest(script, sources, packages) for script in scripts}
    sources.keep()
    return digests


def _code_digest(script: Path, sources: Sources, packages: Sequence[str]) -> str:
    """Digest of all code that a script runs."""
    modules = sorted(closure(script, sources).items())
    trees = [["", sources[script].digest]]
    trees += [[name, sources[path].digest] for name, path in modules]
    trees += [[name, _data_digest(path)] for name, path in modules]
    python = list(sys.version_info[:2])
    text = json.dumps([trees, packages, python], sort_keys=True)
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def edited_in_mid_run(digest: str, begins: bool) -> str:
    """What is wrong in a job whose run began with another study or other code; empty if nothing.

    Nothing is, either, where nothing is known of a run.
    """
    known = os.environ.get(RUN, "").split()  # several, where others use us as a module
    if begins:
        os.environ[RUN] = " ".join(dict.fromkeys([*known, digest]))
    if begins or not known or digest in known:
        return ""
    return (
        "expected the study and the code as they were when the run began, got others: they were "
        "edited in mid-run; let the run end, then give the same command again"
    )


def study_files() -> Path:
    """Folder of the workflow and of what a new study begins with; in a checkout, of links."""
    installed = Path(__file__).parent / "study"
    source = Path(__file__).parents[2] / "packaging/stature/study"
    return installed if installed.is_dir() else source


def closure(script: Path, sources: Sources) -> dict[str, Path]:
    """Modules of the package that a script imports, directly or not.

    Files by module name: imports anywhere in a file count, parents of a module too; those under
    ``if TYPE_CHECKING`` do not.
    """
    found: dict[str, Path] = {}
    waiting = list(_modules(sources[script]))
    while waiting:
        name = waiting.pop()
        path = None if name in found else _module_file(name)
        if path is not None:
            found[name] = path
            waiting.extend(_modules(sources[path]))
    return found


@cache
def runtime_packages(lock: Path) -> tuple[str, ...]:
    """Packages that the package needs to run, from the lock file; those installed, without one.

    Sorted ``name==version``; packages that only development needs are not among them.
    """
    if not lock.exists():
        return tuple(f"{name}=={number}" for name, number in sorted(_installed().items()))
    entries: list[dict[str, Any]] = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
    needed, waiting = set[str](), {PACKAGE}
    while waiting:
        needed |= waiting
        found = [entry for entry in entries if entry["name"] in waiting]
        extras = [entry.get("optional-dependencies", {}).values() for entry in found]
        lists = [entry.get("dependencies", []) for entry in found]
        waiting = {one["name"] for one in chain(*lists, *chain(*extras))} - needed
    ours = [entry for entry in entries if entry["name"] in needed - {PACKAGE}]
    return tuple(sorted(f"{entry['name']}=={entry['version']}" for entry in ours))


@dataclass(frozen=True, slots=True)
class DesignScenario:
    """Names of a scenario."""

    population: str  # names of the two
    bias: str
    slug: str  # name of its folders
    # names of the estimators that are fitted to it; empty: all
    estimators: Annotated[tuple[str, ...], LeftOut(())] = ()


@dataclass(frozen=True, slots=True)
class DesignSpec:
    """What a study measures."""

    scenarios: tuple[DesignScenario, ...]  # in the order of the study
    sizes: tuple[int, ...]  # numbers of people, ascending
    replicates: int  # of each scenario, and the blocks that they are drawn in
    blocks: int
    estimators: tuple[str, ...]  # names, in the order of the study


@dataclass(frozen=True, slots=True)
class StudyRecord:
    """What is written beside the results of a study."""

    study: str  # name of the study
    seed: int  # its root seed
    config: str  # the config as run, YAML
    code: dict[str, str]  # digest of the code of each rule
    design: DesignSpec  # what it measures


def write_design(path: Path, spec: DesignSpec) -> None:
    """Write the table of the design, a row a scenario and size."""
    cells = [(scenario, size) for scenario in spec.scenarios for size in spec.sizes]
    columns = {
        "population": [scenario.population for scenario, _ in cells],
        "bias": [scenario.bias for scenario, _ in cells],
        "scenario": [scenario.slug for scenario, _ in cells],
        "size": [size for _, size in cells],
        "replicates": [spec.replicates] * len(cells),
        "blocks": [spec.blocks] * len(cells),
        "estimators": [list(scenario.estimators or spec.estimators) for scenario, _ in cells],
    }
    records.write_columns(records.DESIGN, path, columns)


def write_provenance(path: Path, record: StudyRecord) -> None:
    """Write what the results of a study were made from.

    The file holds no time, host or path, so that equal runs on one kind of processor write equal
    bytes. The commit is the one checked out when the file was written; a later commit that moves
    no digest does not rewrite it.
    """
    written = {
        "study": record.study,
        "seed": record.seed,
        "config_digest": sha256(record.config.encode()).hexdigest(),
        "code_digests": dict(sorted(record.code.items())),
        "commit": _commit(Path(__file__).resolve().parents[2]),
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "packages": _installed(),
        "processor": _processor(),
        "compiled_for": _compiled_for(),
    }
    writing.write_text(path, json.dumps(written, indent=2) + "\n")


def _installed() -> dict[str, str]:
    """Installed versions of the package and of what it directly needs."""
    # A requirement such as "numpy>=2.1" begins with the name.
    required = [
        re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in metadata.requires(PACKAGE) or []
    ]
    return {name: metadata.version(name) for name in [PACKAGE, *sorted(required)]}


def _processor() -> str:
    """Name of the processor, as its maker gives it where the system knows."""
    with suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        named = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
        if named:
            return named[1]
    return platform.processor() or platform.machine()


def _compiled_for() -> str:
    """The kind of processor that fits are compiled for, with features if it was asked for."""
    # Half a second that digests, which every run asks for, need not wait for.
    from stature.kernels.compile import target

    return " ".join(filter(None, target()))


def _commit(checkout: Path) -> str | None:
    """The commit checked out, with ``+`` if files differ from it; None outside a repository."""
    if not (checkout / ".git").exists():
        return None
    described = subprocess.run(
        ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=+"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or None


def _modules(source: Source) -> set[str]:
    """Names in the package that a source imports, and their parents; some are things in modules."""
    ours = [name.split(".") for name in source.imported if name.split(".")[0] == PACKAGE]
    return {".".join(parts[: end + 1]) for parts in ours for end in range(len(parts))}


@cache
def _data_digest(module: Path) -> str:
    """Digest of the files of a package that are no modules; empty for a plain module."""
    if module.name != "__init__.py":
        return ""
    data = [
        path.name.encode() + b"\0" + path.read_bytes()
        for path in sorted(module.parent.iterdir())
        # Neither modules nor the temporary files of an editor.
        if path.is_file() and path.suffix not in (".py", "") and not path.name.startswith(".")
    ]
    return sha256(b"\0".join(data)).hexdigest()


@cache
def _module_file(name: str) -> Path | None:
    """File of a module of the package, which is not imported; None if the name is no module."""
    package, *parts = name.split(".")
    folder = _package_folder(package)
    if folder is None:
        return None
    place = folder.joinpath(*parts)
    files = (place / "__init__.py", place.with_name(f"{place.name}.py"))
    return next((file for file in files if file.is_file()), None)


@cache
def _package_folder(name: str) -> Path | None:
    """Folder of a package, which is not imported; None if there is none."""
    found = PathFinder.find_spec(name)
    return None if found is None or found.origin is None else Path(found.origin).parent
