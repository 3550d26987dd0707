"""What results were made from: digests of code and packages, and the record beside the results.

The digest of a script covers every module of the package that it imports, directly or not, as
syntax trees without docstrings: a comment or a new line changes nothing, a constant does. Modules
are found by name and never imported, so a digest costs milliseconds. It cannot see imports made
while a program runs (there are none), nor the data that are studied (they are inputs of rules).
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b, sha256
from importlib import metadata
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Annotated

from stature import writing
from stature.domain.settings import left_out
from stature.sources import Source, Sources
from stature.store import records

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


def belongs_to_run(digest: str, begins: bool) -> bool:
    """Whether the study and the code are still those that a run began with.

    False in a job of a run that began with others; True where nothing is known of a run.
    """
    begun = os.environ.get(RUN, "").split()  # several, where others use us as a module
    if begins:
        os.environ[RUN] = " ".join(dict.fromkeys([*begun, digest]))
        return True
    return not begun or digest in begun


def closure(script: Path, sources: Sources) -> dict[str, Path]:
    """Modules of the package that a script imports, directly or not.

    Files by module name: imports anywhere in a file count, parents of a module too; those under
    ``if TYPE_CHECKING`` do not.
    """
    found: dict[str, Path] = {}
    waiting = _modules(sources[script])
    while waiting:
        name = waiting.pop()
        path = None if name in found else _module_file(name)
        if path is not None:
            found[name] = path
            waiting.extend(_modules(sources[path]))
    return found


@cache
def runtime_packages(lock: Path) -> tuple[str, ...]:
    """Packages that the package needs to run, from the lock file.

    Sorted ``name==version``; packages that only development needs are not among them.
    """
    entries: dict[str, list[dict[str, object]]] = {}
    for entry in tomllib.loads(lock.read_text(encoding="utf-8"))["package"]:
        entries.setdefault(entry["name"], []).append(entry)
    waiting, seen = [PACKAGE], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for entry in entries.get(name, []):
            waiting.extend(_needed(entry))
    seen.discard(PACKAGE)
    return tuple(
        sorted(f"{name}=={entry['version']}" for name in seen for entry in entries.get(name, []))
    )


@dataclass(frozen=True, slots=True)
class DesignScenario:
    """Names of a scenario."""

    population: str  # names of the two
    bias: str
    slug: str  # name of its folders
    # names of the estimators that are fitted to it; empty: all
    estimators: Annotated[tuple[str, ...], left_out(())] = ()


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


def write_config(path: Path, record: StudyRecord) -> None:
    """Write the config as run."""
    writing.write_text(path, record.config)


def write_provenance(path: Path, record: StudyRecord) -> None:
    """Write what the results of a study were made from.

    The file holds no time, host or path, so that equal runs write equal bytes. The commit is the
    one checked out when the file was written; a later commit that moves no digest does not
    rewrite it.
    """
    written = {
        "study": record.study,
        "seed": record.seed,
        "config_digest": sha256(record.config.encode()).hexdigest(),
        "code_digests": dict(sorted(record.code.items())),
        "commit": _commit(Path(__file__).resolve().parents[2]),
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "packages": _installed(),
    }
    writing.write_text(path, json.dumps(written, indent=2) + "\n")


def _needed(entry: dict[str, object]) -> Iterator[str]:
    """Names of the packages that an entry of the lock file depends on, extras included."""
    groups = [entry.get("dependencies", [])]
    extras = entry.get("optional-dependencies", {})
    if isinstance(extras, dict):
        groups.extend(extras.values())
    for group in groups:
        if isinstance(group, list):
            yield from (dependency["name"] for dependency in group)


def _installed() -> dict[str, str]:
    """Installed versions of the package and of what it directly needs."""
    # A requirement such as "numpy>=2.1" begins with the name.
    required = [
        re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in metadata.requires(PACKAGE) or []
    ]
    return {name: metadata.version(name) for name in [PACKAGE, *sorted(required)]}


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


def _modules(source: Source) -> list[str]:
    """Names in the package that a source imports, and their parents.

    What is no module, but a thing in one, is sorted out later.
    """
    ours = [name.split(".") for name in source.imported if name.split(".")[0] == PACKAGE]
    return sorted({".".join(parts[: end + 1]) for parts in ours for end in range(len(parts))})


@cache
def _data_digest(module: Path) -> str:
    """Digest of the files of a package that are no modules; empty for a plain module."""
    if module.name != "__init__.py":
        return ""
    files = sorted(path for path in module.parent.iterdir() if path.is_file())
    parts = [path.name.encode() + b"\0" + path.read_bytes() for path in files if _is_data(path)]
    return sha256(b"\0".join(parts)).hexdigest()


def _is_data(path: Path) -> bool:
    """Whether a file of a package is data: no module, and no leaving of an editor."""
    return path.suffix not in (".py", "") and not path.name.startswith(".")


@cache
def _module_file(name: str) -> Path | None:
    """File that Python would import under a name; None if the name is no module."""
    spec = _spec(name)
    return None if spec is None or spec.origin is None else Path(spec.origin)


@cache
def _spec(name: str) -> ModuleSpec | None:
    """Where a module lies; unlike `importlib.util.find_spec`, runs no parent package."""
    parent, _, _ = name.rpartition(".")
    if not parent:
        return PathFinder.find_spec(name)
    above = _spec(parent)
    if above is None or above.submodule_search_locations is None:
        return None
    return PathFinder.find_spec(name, above.submodule_search_locations)
