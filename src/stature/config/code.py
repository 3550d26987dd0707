"""Code that a study names: where its files lie, the digest of their content, what is wrong."""

import ast
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from stature.config.checks import named, steps
from stature.config.messages import advice, got
from stature.config.source import Key, Problem, shortened
from stature.config.truths import not_a_file, opened_path
from stature.design.brought import with_functions
from stature.design.scenarios import NamedBias
from stature.domain.bias import ByFunction
from stature.domain.functions import digest, split
from stature.estimators.estimator import Estimator

_FORM = "expected a file and a function in it, such as code.py:name"


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


def problems(config: Mapping[Any, Any], root: Path) -> list[Problem]:
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
        names = list(_names(ast.parse(Path(path).read_bytes())))
    except (SyntaxError, ValueError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        yield Problem(key, f"{shortened(file)}: expected Python, got a mistake{line}: {error}")
        return
    if name not in names:
        hint = advice(name, names, "it has") if names else "it has no functions"
        yield Problem(key, f"no function '{name}' in {shortened(file)}; {hint}")


def _names(tree: ast.Module) -> Iterator[str]:
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
