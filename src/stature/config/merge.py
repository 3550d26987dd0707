"""Several config files as one: merged as Snakemake does, with each key traced to its file."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stature.config.source import Key, Problem, Source, Written
from stature.config.words import place

COMMAND_LINE = "--config"
NO_FILE = "config"


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged config and the files that it came from."""

    config: dict[Any, Any]  # the config
    sources: tuple[Source, ...]  # the files
    # for each key at top level, the number of the file that its value stands in; no entry where it
    # is none of them, as for values given on the command line
    origins: dict[Any, int]
    root: Path  # folder of the repository, for short names of files

    @property
    def written(self) -> dict[Key, Written]:
        """Spelling of every value that a file states."""
        return {
            key: spelling
            for name, origin in self.origins.items()
            for key, spelling in self.sources[origin].written.items()
            if key[:1] in ((name,), (str(name),))
        }

    def typed(self, name: Any) -> bool:
        """Whether a key stands in no file: it was typed, or handed over by a module.

        False also for keys that the config lacks, and always where a file is a template, of which
        nobody can tell what it states.
        """
        templates = any(source.template for source in self.sources)
        return name in self.config and name not in self.origins and not templates

    def file(self, key: Key) -> str:
        """Name of the file, or of what else, that a key at top level comes from.

        Short name of the file; ``--config`` for what was typed; where neither is known, the names
        of all files, or ``config`` if there is none.
        """
        if key and key[0] in self.origins:
            return shown_path(self.sources[self.origins[key[0]]].path, self.root)
        if key and self.sources and self.typed(key[0]):
            return COMMAND_LINE
        names = [shown_path(source.path, self.root) for source in self.sources]
        return " + ".join(dict.fromkeys(names)) or NO_FILE

    def order(self, problem: Problem) -> tuple[int, int, int]:
        """Where a problem stands among all: by file, line and column.

        Number of the file, line and column, to sort by. A key that no file states stands where the
        map around it does; what was typed comes last, and a missing key of the top level first.
        """
        key = problem.key
        origin = self.origins.get(key[0], len(self.sources)) if key else 0
        if origin == len(self.sources):
            return (0 if key and key[0] not in self.config else origin, 0, 0)
        written = self.sources[origin].written
        while key and key not in written:
            key = key[:-1]
        return (origin, written[key].line, written[key].column) if key else (origin, 0, 0)

    def line(self, problem: Problem) -> str:
        """One line for people: file, place, sentence.

        The three, with colons between them; those that are empty are left out.
        """
        where = place(problem.key if problem.shown is None else problem.shown, self.config)
        parts = [self.file(problem.key), where, problem.sentence]
        return ": ".join(part for part in parts if part)


def merge(files: Sequence[Mapping[Any, Any]]) -> dict[Any, Any]:
    """Merge configs as Snakemake does: maps at all depths, everything else replaced.

    Examples
    --------
    >>> merge([{"a": [1, 2], "b": {"c": 1}}, {"a": [3], "b": {"d": 2}}])
    {'a': [3], 'b': {'c': 1, 'd': 2}}
    """
    merged: dict[Any, Any] = {}
    for config in files:
        for key, value in config.items():
            before = merged.get(key)
            if isinstance(value, Mapping):
                inner = [before, value] if isinstance(before, Mapping) else [value]
                merged[key] = merge(inner)
            else:
                merged[key] = value
    return merged


def trace(config: Mapping[Any, Any], sources: Sequence[Source], root: Path) -> Merged:
    """Trace each key of a merged config to the file that its value stands in."""
    origins: dict[Any, int] = {}
    for key, value in config.items():
        for number, source in enumerate(sources):
            if key not in source.values or source.template:
                continue
            if same(source.values[key], value) or isinstance(value, Mapping):
                origins[key] = number
    return Merged(dict(config), tuple(sources), origins, root)


def same(one: Any, other: Any) -> bool:
    """Whether two loaded values are the same, type by type; NaN is the same as NaN.

    True if types, contents and the order of keys agree; lists and tuples are one type. False for a
    value that contains itself.
    """
    try:
        return _same(one, other)
    except RecursionError:  # a list that an alias put into itself
        return False


def _same(one: Any, other: Any) -> bool:
    match one:
        case Mapping():
            return (
                isinstance(other, Mapping)
                and list(one) == list(other)
                and all(_same(value, other[key]) for key, value in one.items())
            )
        case list() | tuple():
            return (
                isinstance(other, list | tuple)
                and len(one) == len(other)
                and all(_same(mine, its) for mine, its in zip(one, other, strict=True))
            )
        case float() if math.isnan(one):
            return isinstance(other, float) and math.isnan(other)
        case _:
            return type(one) is type(other) and one == other


def shown_path(path: Path, root: Path) -> str:
    """Path as people would type it: from the working directory, or from the repository.

    Relative to the working directory if it lies below it, else to `root` if it lies below that,
    else `path` as it is.
    """
    absolute = Path(os.path.abspath(path))
    for folder in (Path.cwd(), Path(os.path.abspath(root))):
        if absolute.is_relative_to(folder):
            return absolute.relative_to(folder).as_posix()
    return str(path)
