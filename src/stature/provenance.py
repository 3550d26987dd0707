"""What results were made from: digests of code and packages, and the records beside the results.

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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b, sha256
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Annotated, Any

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
    known = os.environ.get(RUN, "").split()  # several, where others use us as a module
    if begins:
        os.environ[RUN] = " ".join(dict.fromkeys([*known, digest]))
    return begins or not known or digest in known


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
    """Packages that the package needs to run, from the lock file.

    Sorted ``name==version``; packages that only development needs are not among them.
    """
    entries: dict[str, list[dict[str, Any]]] = {}
    for entry in tomllib.loads(lock.read_text(encoding="utf-8"))["package"]:
        entries.setdefault(entry["name"], []).append(entry)
    needed, waiting = set[str](), [PACKAGE]
    while waiting:
        name = waiting.pop()
        for entry in entries.get(name, []) if name not in needed else []:
            extras = entry.get("optional-dependencies", {}).values()
            for group in (entry.get("dependencies", []), *extras):
                waiting.extend(dependency["name"] for dependency in group)
        needed.add(name)
    return tuple(
        sorted(
            f"{name}=={entry['version']}"
            for name in needed - {PACKAGE}
            for entry in entries.get(name, [])
        )
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
    found = PathFinder.find_spec(package)
    if found is None or found.origin is None:
        return None
    place = Path(found.origin).parent.joinpath(*parts)
    files = (place / "__init__.py", place.with_name(f"{place.name}.py"))
    return next((file for file in files if file.is_file()), None)
