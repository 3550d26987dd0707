"""What a study names that lies elsewhere: the data of its populations, functions and programs.

Where their files lie, what they hold or the digest of it, and what is wrong with them.
"""

import ast
import csv
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stature.config.checks import named, steps
from stature.config.messages import advice, got
from stature.config.model import PopulationItem
from stature.config.source import Key, Problem, shortened
from stature.datafile.examinations import FileError
from stature.datafile.people import groups_of, pool_of, read_people
from stature.datafile.request import Reading
from stature.design.brought import with_functions
from stature.design.scenarios import NamedBias
from stature.domain.bias import ByFunction
from stature.domain.functions import digest, split
from stature.domain.population import DataFile, Pool, Population
from stature.estimators.estimator import Estimator

_MOST_COLUMNS = 12  # columns of a file that a message lists
_BYTES_SNIFFED = 65536
_LONGEST_LINE = 500
_LONGEST_PATH = 200
_FORM = "expected a file and a function in it, such as code.py:name"
_ABOUT_FITS = "not independent"
"""A warning about fits of the file itself: from a truth, people are drawn independently."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A population with what its file, if any, brings along."""

    population: Population  # the truth
    pool: Pool | None  # the people of a data file
    written: str  # path of the file as the config has it; empty for normal groups
    labelled: bool  # whether groups are known: always for normal groups
    warnings: tuple[Problem, ...]  # what a reader should know, with its place


def truth(
    item: PopulationItem, key: Key, root: Path, needs_groups: bool
) -> tuple[Truth | None, list[Problem]]:
    """Population of an item that is valid on its own, or None and what is wrong with it."""
    if item.file is None:
        file = opened_path(split(item.draw)[0], root) if item.draw else ""
        content = digest([file]) if os.path.isfile(file) else ""  # or a problem of `code`
        drawn = item.draw or "", content
        groups = item.groups or ()
        population = Population(item.name, groups, None, item.match, *drawn, item.truths)
        return Truth(population, None, "", True, ()), []
    written, place = item.file, (*key, "file")
    path = opened_path(written, root)
    found: list[Problem] = []
    if needs_groups and item.group is None:
        columns = _columns(written, root)
        sentence = (
            "missing; expected the column of groups, which labels: all, known shares or SDs, and "
            f"a bias of one group need{columns}"
        )
        found.append(Problem((*key, "group"), sentence))
    if not_a_file(path) or item.height is None or item.unit is None:
        return None, found  # problems of `file_problems`
    try:
        people = read_people(path, Reading(item.height, item.unit, item.group)).in_cm()
    except FileError as error:
        found += [Problem(place, shortened(line, _LONGEST_LINE)) for line in error.messages]
        return None, found
    for reason, count in people.dropped:
        rows, them = ("1 row", "it") if count == 1 else (f"{count} rows", "them")
        sentence = f"{path}: {rows} cannot be used ({reason}): a truth needs all of its rows"
        found.append(Problem(place, f"{sentence}; take {them} out of the file"))
    unlabelled = int((people.group_index < 0).sum()) if item.group is not None else 0
    if unlabelled:
        rows = "1 row has" if unlabelled == 1 else f"{unlabelled} rows have"
        sentence = f"{path}: {rows} no group: a truth needs all of its labels"
        found.append(Problem((*key, "group"), sentence))
    groups = groups_of(people)
    for group in groups:
        if not group.sd_cm > 0.0:
            name = shortened(group.name)
            sentence = f"{path}: group '{name}' has an SD of 0: a truth needs groups that vary"
            found.append(Problem(place, sentence))
    if found:
        return None, found
    data = DataFile(path, item.height, item.unit, item.group or "", people.sha256)
    population = Population(item.name, groups, data, item.match, truths=item.truths)
    warnings = [
        Problem(place, shortened(line, _LONGEST_LINE))
        for line in people.warnings
        if _ABOUT_FITS not in line
    ]
    absolute = Path(os.path.abspath(path))
    if not any(absolute.is_relative_to(folder) for folder in (Path.cwd(), root.absolute())):
        resolved = shortened(str(absolute), _LONGEST_PATH)
        warnings.append(Problem(place, f"{resolved} is outside the project: not portable"))
    pool = pool_of(people, population)
    return Truth(population, pool, written, item.group is not None, tuple(warnings)), []


def file_problems(config: Mapping[Any, Any], root: Path) -> list[Problem]:
    """Populations whose file is not there, or whose columns are not named."""
    found: list[Problem] = []
    for key, item in named(config, "populations"):
        file = item.get("file")
        if not isinstance(file, str):
            continue
        path = opened_path(file, root)
        wrong = not_a_file(path)
        if wrong:
            resolved = shortened(os.path.abspath(path), most=_LONGEST_PATH)
            sentence = f"expected a file, got {got(file)}: {resolved} {wrong}"
            found.append(Problem((*key, "file"), sentence))
        if "height" not in item:
            sentence = f"missing; expected the column of heights{_columns(file, root)}"
            found.append(Problem((*key, "height"), sentence))
        if "unit" not in item:
            sentence = "missing; expected the unit of the heights: cm, m, mm or in"
            found.append(Problem((*key, "unit"), sentence))
    return found


def opened_path(file: str, root: Path) -> str:
    """Path as written where that can be opened from the working directory, else below `root`.

    A run in its own working directory (``snakemake --directory``) so finds both a file of its own
    and the data sets that come with the repository. ``~`` is expanded, variables are not.
    """
    expanded = os.path.expanduser(file)
    if os.path.isabs(expanded) or os.path.exists(expanded):
        return expanded
    below_root = os.path.join(root, expanded)
    return below_root if os.path.exists(below_root) else expanded


def _columns(file: str, root: Path) -> str:
    """Columns of a CSV file, in words; nothing if they cannot be read."""
    try:
        with open(opened_path(file, root), encoding="utf-8-sig") as lines:
            first = lines.read(_BYTES_SNIFFED).splitlines()[:1]
        delimiter = max(",;\t", key=first[0].count)
        names = next(csv.reader(first, delimiter=delimiter))
    except (OSError, ValueError, IndexError, StopIteration, csv.Error):
        return ""
    more = ", …" if len(names) > _MOST_COLUMNS else ""
    return f"; the file has: {', '.join(shortened(name) for name in names[:_MOST_COLUMNS])}{more}"


def not_a_file(path: str) -> str:
    """Why a path is not a file that can be read; empty if it is."""
    try:
        if os.path.isdir(path):
            return "is a folder"
        if not os.path.exists(path):
            return "does not exist"
    except ValueError:  # a NUL character
        return "is no path"
    return "" if os.path.isfile(path) else "is not a file"


def with_code(estimator: Estimator, root: Path) -> Estimator:
    """Return an estimator that knows which files it is made of, and their digest."""
    outside = estimator.outside
    function, _ = split(outside.function)
    named = [*([function] if function else []), *outside.command, *outside.files]
    files = [word for word in named if os.path.isfile(opened_path(word, root))]
    if not files and not outside.command:
        return estimator
    content = digest([opened_path(file, root) for file in files])
    return replace(estimator, outside=replace(outside, sources=tuple(files), sha256=content))


def with_digests(named: NamedBias, root: Path) -> NamedBias:
    """Return a bias that knows the digests of the functions that it is made of."""

    def known(step: ByFunction) -> ByFunction:
        return replace(step, sha256=digest([opened_path(split(step.function)[0], root)]))

    return replace(named, bias=with_functions(named.bias, known))


def code_problems(config: Mapping[Any, Any], root: Path) -> list[Problem]:
    """Files, functions and programs that are not there."""
    found: list[Problem] = []
    each = [(key, item, "draw") for key, item in named(config, "populations")]
    each += [(key, item, "function") for key, item in steps(config)]
    each += [(key, item, "function") for key, item in named(config, "estimators")]
    for key, item, name in each:
        if isinstance(item.get(name), str):
            found += _of_function((*key, name), item[name], root)
    for key, item in named(config, "estimators"):
        files, command = item.get("files"), item.get("command")
        for place, file in enumerate(files if isinstance(files, list) else []):
            if isinstance(file, str) and (wrong := not_a_file(opened_path(file, root))):
                found.append(Problem((*key, "files", place), f"{shortened(file)} {wrong}"))
        if isinstance(command, list) and command and isinstance(command[0], str):
            found += _of_program((*key, "command"), command[0], root)
    return found


def _of_program(key: Key, program: str, root: Path) -> Iterator[Problem]:
    """A program that this machine does not have."""
    if shutil.which(program) is None and shutil.which(opened_path(program, root)) is None:
        sentence = f"expected a program of this machine, got {got(program)}: it is not on the PATH"
        yield Problem(key, sentence)


def _of_function(key: Key, function: str, root: Path) -> Iterator[Problem]:
    """A function that its file does not have, or a file that is not there or is no Python."""
    file, name = split(function)
    if not file.endswith(".py") or not name.isidentifier():
        yield Problem(key, f"{_FORM}, got {got(function)}")
        return
    path = opened_path(file, root)
    if wrong := not_a_file(path):
        yield Problem(key, f"{_FORM}, got {got(function)}: {shortened(file)} {wrong}")
        return
    try:
        names = list(_names_in(ast.parse(Path(path).read_bytes())))
    except (SyntaxError, ValueError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        yield Problem(key, f"{shortened(file)}: expected Python, got a mistake{line}: {error}")
        return
    if name not in names:
        hint = advice(name, names, "it has") if names else "it has no functions"
        yield Problem(key, f"no function '{name}' in {shortened(file)}; {hint}")


def _names_in(tree: ast.Module) -> Iterator[str]:
    """What a file calls by a name at its top level."""
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Import() | ast.ImportFrom():
                yield from (alias.asname or alias.name for alias in node.names)
            case ast.Assign():
                yield from (one.id for one in node.targets if isinstance(one, ast.Name))
            case _:
                pass
