"""Config files as people wrote them, one by one and merged as Snakemake merges them.

Snakemake hands over a config that is already loaded and merged. Loading forgets where a value
stood and how it was spelt, keeps the last of two equal keys, and reads ``010`` as eight. So each
file is read once more, into a `Source`, and each key is traced to its file in a `Merged` config.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

Key = tuple[Any, ...]
"""Where a value stands: keys of maps and, in lists, positions from 0."""
NOT_A_MAP = "Config file must be given as JSON or YAML with keys at top level."
"""Snakemake's own words."""
COMMAND_LINE = "--config"
NO_FILE = "config"
DEFAULT_CONFIG = "config/config.yaml"
"""The file of the default study: relative to the working directory, as in the workflow."""
_MOST_BYTES = 1_000_000  # study files have some kilobytes; reading a megabyte of YAML takes seconds
_MOST_VALUES = 100_000
"""Values that a file may describe; with aliases of aliases, ten lines can describe billions."""
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_PREFIX = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Written:
    """A value as the file shows it."""

    text: str  # its spelling; empty where it is a block of several lines
    quoted: bool  # whether it stands in quotes
    line: int  # where it begins, counted from 1
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at its place."""

    key: Key  # where
    sentence: str  # what was expected, what was found, what to do
    # the place to name, where that is not `key`: an unknown key stands in the map around it
    shown: Key | None = None
    line: int = 0  # where in the file, counted from 1; 0 when it is not known
    column: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """One config file."""

    path: Path  # the file
    values: dict[Any, Any] = field(default_factory=dict[Any, Any])  # what it holds
    # every place that it states, with the spelling there
    written: dict[Key, Written] = field(default_factory=dict[Key, Written])
    problems: tuple[Problem, ...] = ()  # what is wrong with the file as a file
    misread: tuple[Problem, ...] = ()  # numbers that YAML reads otherwise than people do
    readable: bool = True  # whether it holds a config at all
    # whether it is unreadable because it holds, or describes, more than any study does
    too_large: bool = False
    # whether Snakemake evaluates it (``__use_yte__``), so that spelling and value may differ
    template: bool = False


def _unreadable(path: Path, sentence: str, line: int = 0, column: int = 0) -> Source:
    return Source(path, problems=(Problem((), sentence, None, line, column),), readable=False)


def read(path: Path) -> Source:
    """Read one config file; one that cannot be read holds nothing but the problem."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        return _unreadable(path, f"cannot read the file: {error.strerror or 'it cannot be read'}")
    if len(content) > _MOST_BYTES:
        sentence = f"expected a study file of at most {_MOST_BYTES:,} bytes, got more"
        return replace(_unreadable(path, sentence), too_large=True)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return _unreadable(path, f"not UTF-8 at line {line}; save the file as UTF-8", line)
    try:
        values, is_json = json.loads(text), True
        # JSON is YAML once tabs are spaces; they cannot stand inside a JSON string.
        text = text.replace("\t", " ")
    except (ValueError, RecursionError):
        values, is_json = None, False
    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        sentence = f"not valid YAML at line {line}: a control character; delete it"
        return _unreadable(path, sentence, line)
    places = _Places(text, spelt=not is_json)
    try:
        node = loader.get_single_node()
        # Before anything is constructed, which would put merged keys among a map's own.
        if node is not None:
            if _values(node, {}) > _MOST_VALUES:
                sentence = f"expected at most {_MOST_VALUES:,} values, got more, by aliases of"
                sentence += " aliases; write out what is meant"
                return replace(_unreadable(path, sentence), too_large=True)
            places.note(node, ())
        if not is_json:
            values = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        return _unreadable(path, *_syntax(error))
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        return _unreadable(path, f"not valid YAML: {_one_line(str(error))}")
    finally:
        loader.dispose()
    if not isinstance(values, dict):
        return _unreadable(path, NOT_A_MAP)
    return Source(
        path,
        values,
        places.written,
        tuple(places.problems),
        tuple(places.misread),
        template=bool(values.get("__use_yte__")),
    )


def _values(node: yaml.Node, counted: dict[int, int]) -> int:
    """Values that a node describes, with every alias written out."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in counted:
        counted[id(node)] = 0  # what contains itself is reported elsewhere
        parts = node.value
        if isinstance(node, yaml.MappingNode):
            parts = [part for pair in node.value for part in pair]
        counted[id(node)] = 1 + sum(_values(part, counted) for part in parts)
    return counted[id(node)]


def _syntax(error: yaml.MarkedYAMLError) -> tuple[str, int, int]:
    """Why YAML stopped, and at which line and column."""
    mark = error.problem_mark or error.context_mark
    reason = _one_line(", ".join(part for part in (error.context, error.problem) if part))
    if mark is None:
        return f"not valid YAML: {reason}", 0, 0
    line, column = mark.line + 1, mark.column + 1
    advice = "; indent with spaces, not tabs" if "\\t" in reason else ""
    return f"not valid YAML at line {line}, column {column}: {reason}{advice}", line, column


def _one_line(text: str) -> str:
    return " ".join(text.split())


class _Places:
    """Walks the nodes of a file and notes places, spellings and what loading would hide."""

    def __init__(self, text: str, spelt: bool) -> None:
        self.text = text
        self.spelt = spelt
        self.written: dict[Key, Written] = {}
        self.problems: list[Problem] = []
        self.misread: list[Problem] = []
        self.above: list[yaml.Node] = []

    def note(self, node: yaml.Node, key: Key) -> None:
        """Note a node and all below it."""
        if any(node is other for other in self.above):
            return
        mark = node.start_mark
        self.written[key] = Written(
            self.spelling(node),
            isinstance(node, yaml.ScalarNode) and node.style in ("'", '"'),
            mark.line + 1,
            mark.column + 1,
        )
        self.above.append(node)
        if isinstance(node, yaml.MappingNode):
            self.note_map(node, key)
        elif isinstance(node, yaml.SequenceNode):
            for position, item in enumerate(node.value):
                self.note(item, (*key, position))
        elif isinstance(node, yaml.ScalarNode) and self.spelt:
            self.misread += _misread(node, key)
        self.above.pop()

    def note_map(self, node: yaml.MappingNode, key: Key) -> None:
        """Note the values of a map, and keys that stand in it twice."""
        lines: dict[str, int] = {}
        pairs = [pair for pair in node.value if isinstance(pair[0], yaml.ScalarNode)]
        for name, value in pairs:
            if name.tag == f"{_PREFIX}merge":
                for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    if isinstance(merged, yaml.MappingNode) and merged not in self.above:
                        self.note_map(merged, key)
        for name, value in pairs:
            if name.tag == f"{_PREFIX}merge":
                continue
            mark = name.start_mark
            if name.value in lines:
                sentence = (
                    f"key {shortened(name.value)!r} stands twice, at lines {lines[name.value]} "
                    f"and {mark.line + 1}; keep one"
                )
                self.problems.append(Problem(key, sentence, None, mark.line + 1, mark.column + 1))
                self.forget((*key, name.value))
            lines[name.value] = mark.line + 1
            self.note(value, (*key, name.value))

    def forget(self, key: Key) -> None:
        """Drop what is noted of a value that a later one replaces."""
        for place in [place for place in self.written if place[: len(key)] == key]:
            del self.written[place]
        self.misread = [one for one in self.misread if one.key[: len(key)] != key]

    def spelling(self, node: yaml.Node) -> str:
        """Characters of a node, on one line; nothing for a block of lines."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style:
            return ""
        return _one_line(self.text[node.start_mark.index : node.end_mark.index])


def _misread(node: yaml.ScalarNode, key: Key) -> Iterator[Problem]:
    """Numbers that YAML reads otherwise than people do."""
    if node.style is not None or node.tag not in (f"{_PREFIX}int", f"{_PREFIX}float"):
        return
    line, column, text = node.start_mark.line + 1, node.start_mark.column + 1, node.value
    if ":" in text:
        read = f"{shortened(text)} is read as {yaml.SafeLoader(text).get_single_data()}, in base 60"
        yield Problem(key, f"{read}; write the number that you mean", None, line, column)
    elif node.tag == f"{_PREFIX}int" and _LEADING_ZERO.fullmatch(text):
        decimal = text.replace("_", "").lstrip("+0") or "0"
        sentence = (
            f"leading zero: YAML reads {shortened(text)} as {int(text.replace('_', ''), 8)}; "
            f"write {shortened(decimal)}"
        )
        yield Problem(key, sentence, None, line, column)


def shortened(text: str, most: int = 60) -> str:
    """Text on one line, cut to `most` characters, with unprintable characters escaped."""
    printed = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in text[: most + 1]
    )
    return printed if len(printed) <= most else printed[: most - 1] + "…"


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

        False where a file is a template, of which nobody can tell what it states.
        """
        templates = any(source.template for source in self.sources)
        return name in self.config and name not in self.origins and not templates

    def file(self, key: Key) -> str:
        """Name of the file, or of what else, that a key at top level comes from."""
        if key and key[0] in self.origins:
            return shown_path(self.sources[self.origins[key[0]]].path, self.root)
        if key and self.sources and self.typed(key[0]):
            return COMMAND_LINE
        names = [shown_path(source.path, self.root) for source in self.sources]
        return " + ".join(dict.fromkeys(names)) or NO_FILE

    def order(self, problem: Problem) -> tuple[int, int, int]:
        """File, line and column of a problem, to sort by.

        A key that no file states stands where the map around it does; what was typed comes last,
        and a missing key of the top level first.
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
        """One line for people: file, place, sentence, as far as they are known."""
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
                value = merge([before, value] if isinstance(before, Mapping) else [value])
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
    """Whether two loaded values are the same in types, contents and the order of keys.

    NaN is the same as NaN; lists and tuples are one type.
    """
    try:
        first, second = (json.dumps(value, default=repr) for value in (one, other))
    except (ValueError, TypeError, RecursionError):  # as of a list that an alias put into itself
        return False
    return first == second


def shown_path(path: Path, root: Path) -> str:
    """Path as people would type it: from the working directory, or from the repository."""
    absolute = Path(os.path.abspath(path))
    for folder in (Path.cwd(), Path(os.path.abspath(root))):
        if absolute.is_relative_to(folder):
            return absolute.relative_to(folder).as_posix()
    return str(path)


def place(key: Key, config: Any) -> str:
    """Name a place: keys, and items by their names.

    Such as ``populations[school].groups[boys].sd_cm``, or ``sizes: item 2``.

    Examples
    --------
    >>> place(("biases", 0, "kind"), {"biases": [{"name": "none"}]})
    'biases[none].kind'
    """
    words, value = "", config
    for part in key:
        if isinstance(part, int) and isinstance(value, list | tuple):
            value = value[part] if part < len(value) else None
            name = value.get("name") if isinstance(value, Mapping) else None
            if isinstance(name, str) and name:
                words += f"[{shortened(name)}]"
            else:
                words += f": item {part + 1}"
        else:
            value = value.get(part) if isinstance(value, Mapping) else None
            joint = "" if not words else ": " if ": item" in words[-12:] else "."
            words += joint + shortened(str(part))
    return words
