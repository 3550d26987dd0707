"""What only the file itself shows: doubled keys, leading zeros, places and values as written.

Snakemake hands over a config that is already loaded and merged. Loading forgets where a value
stood and how it was spelt, keeps the last of two equal keys, and reads ``010`` as eight. So each
file is read once more, into a `Source`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Key = tuple[Any, ...]
"""Where a value stands: keys of maps and, in lists, positions from 0."""
NOT_A_MAP = "Config file must be given as JSON or YAML with keys at top level."
"""Snakemake's own words."""
_MOST_BYTES = 1_000_000
"""Study files have some kilobytes; reading a megabyte of YAML takes seconds."""
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


def _unreadable(path: Path, problem: Problem) -> Source:
    return Source(path, problems=(problem,), readable=False)


def _too_large(path: Path, sentence: str) -> Source:
    return Source(path, problems=(Problem((), sentence),), readable=False, too_large=True)


def read(path: Path) -> Source:
    """Read one config file.

    Its values, with where and how they are written. A file that cannot be read holds nothing but
    the problem.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        return _unreadable(path, Problem((), f"cannot read the file: {reason}"))
    if len(content) > _MOST_BYTES:
        return _too_large(path, f"expected a study file of at most {_MOST_BYTES:,} bytes, got more")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        sentence = f"not UTF-8 at line {line}; save the file as UTF-8"
        return _unreadable(path, Problem((), sentence, line=line))
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
        return _unreadable(path, Problem((), sentence, line=line))
    places = _Places(text, spelt=not is_json)
    try:
        node = loader.get_single_node()
        # Before anything is constructed, which would put merged keys among a map's own.
        if node is not None:
            if _values(node, {}) > _MOST_VALUES:
                return _too_large(
                    path,
                    f"expected at most {_MOST_VALUES:,} values, got more, by aliases of aliases; "
                    "write out what is meant",
                )
            places.note(node, ())
        if not is_json:
            values = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        return _unreadable(path, _syntax(error))
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        return _unreadable(path, Problem((), f"not valid YAML: {_one_line(str(error))}"))
    finally:
        loader.dispose()
    if not isinstance(values, dict):
        return _unreadable(path, Problem((), NOT_A_MAP))
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
        counted[id(node)] = 0  # what contains itself is told elsewhere
        parts = node.value
        if isinstance(node, yaml.MappingNode):
            parts = [part for pair in node.value for part in pair]
        counted[id(node)] = 1 + sum(_values(part, counted) for part in parts)
    return counted[id(node)]


def _syntax(error: yaml.MarkedYAMLError) -> Problem:
    """Where and why YAML stopped."""
    mark = error.problem_mark or error.context_mark
    reason = _one_line(", ".join(part for part in (error.context, error.problem) if part))
    if mark is None:
        return Problem((), f"not valid YAML: {reason}")
    line, column = mark.line + 1, mark.column + 1
    advice = "; indent with spaces, not tabs" if "\\t" in reason else ""
    sentence = f"not valid YAML at line {line}, column {column}: {reason}{advice}"
    return Problem((), sentence, None, line, column)


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
        length = len(key)
        self.written = {
            place: spelling for place, spelling in self.written.items() if place[:length] != key
        }
        self.misread = [problem for problem in self.misread if problem.key[:length] != key]

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
        number = yaml.SafeLoader(text).get_single_data()
        sentence = (
            f"{shortened(text)} is read as {number}, in base 60; write the number that you mean"
        )
        yield Problem(key, sentence, None, line, column)
    elif node.tag == f"{_PREFIX}int" and _LEADING_ZERO.fullmatch(text):
        decimal = text.replace("_", "").lstrip("+0") or "0"
        sentence = (
            f"leading zero: YAML reads {shortened(text)} as {int(text.replace('_', ''), 8)}; "
            f"write {shortened(decimal)}"
        )
        yield Problem(key, sentence, None, line, column)


def shortened(text: str, most: int = 60) -> str:
    """Text on one line, cut, with unprintable characters escaped.

    At most `most` characters; the last is an ellipsis where some were cut off.
    """
    whole = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in text[: most + 1]
    )
    return whole if len(whole) <= most else whole[: most - 1] + "…"
