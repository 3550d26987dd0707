"""What a source file does and imports: known by its bytes, so that no file is parsed twice.

Every job of a run looks at all code (`provenance`); to parse it takes half a second, to read what
was found before takes milliseconds. That is kept as Python keeps its bytecode: beside the package,
quietly, and never needed.
"""

import ast
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from stature import writing

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
