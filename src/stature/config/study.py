"""From config files to a `Study`, or to all that is wrong with them, at once.

`check` judges what Snakemake merged; `load` merges files as Snakemake does and judges in the same
way and in the same words.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from stature.config import bias_checks, checks, crosschecks, messages, scopes
from stature.config.bias_items import AnyBiasItem
from stature.config.build import study_of
from stature.config.merge import Merged, merge, trace
from stature.config.model import EstimatorItem, PopulationItem, StudyFile
from stature.config.record import ConfigError, Study
from stature.config.source import Problem, Source, read
from stature.config.truths import Truth, file_problems, truth

__all__ = ["ConfigError", "Study", "check", "load", "load_traced"]

_WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
_SNAKEMAKES_OWN = "pathvars"
_ITEMS: dict[str, TypeAdapter[Any]] = {
    "populations": TypeAdapter(PopulationItem),
    "biases": TypeAdapter(AnyBiasItem),
    "estimators": TypeAdapter(EstimatorItem),
}


def check(config: Mapping[Any, Any], files: Sequence[str | Path], root: str | Path) -> Study:
    """Judge a config that Snakemake has loaded and merged."""
    sources: list[Source] = []
    for source in map(read, map(Path, files)):
        if source.readable:
            sources.append(source)
        elif source.too_large or source.problems[0].line:
            # Snakemake's loader makes tuples and other things of tags; ours makes nothing of them.
            merged = trace({}, [source], Path(root))
            raise ConfigError(tuple(merged.line(problem) for problem in source.problems))
    # Snakemake could read them all: a file that is gone says nothing about the config.
    return _judge(trace(config, sources, Path(root)))


def load(paths: Sequence[str | Path], root: str | Path) -> Study:
    """Read, merge and judge config files, for the command line."""
    return load_traced(paths, root)[0]


def load_traced(
    paths: Sequence[str | Path], root: str | Path, typed: Mapping[str, Any] | None = None
) -> tuple[Study, Merged]:
    """Read, merge and judge config files, and keep where each value stands."""
    sources = [read(Path(path)) for path in paths]
    for source in sources:
        if not source.readable:
            merged = trace({}, [source], Path(root))
            raise ConfigError(tuple(merged.line(problem) for problem in source.problems))
    config = merge([*(source.values for source in sources), typed or {}])
    merged = trace(config, sources, Path(root))
    return _judge(merged), merged


def _judge(merged: Merged) -> Study:
    """Study of a merged config, or all problems."""
    merged.config.pop(_SNAKEMAKES_OWN, None)
    _read_command_line(merged)
    config = merged.config
    file, found = _validated(merged)
    found += checks.problems(config) + bias_checks.problems(config)
    found += scopes.problems(config)
    found += file_problems(config, merged.root)
    misread = {
        problem.key
        for source in merged.sources
        for problem in source.misread
        if not source.template
    }
    found = [problem for problem in found if problem.key not in misread]
    populations = _valid("populations", config)
    biases = _valid("biases", config, found)
    estimators = _valid("estimators", config, found)
    truths: dict[int, Truth] = {}
    for position, item in populations.items():
        key = ("populations", position)
        if (item.file is None) == (item.groups is None):
            continue
        needs_groups = crosschecks.needs_groups(config, item.name)
        made, problems = truth(item, key, merged.root, needs_groups)
        told = {problem.key for problem in found}
        found += [problem for problem in problems if problem.key not in told]
        if made is not None and not any(problem.key[:2] == key for problem in found):
            truths[position] = made
    found += crosschecks.problems(truths, biases, estimators, config)
    lines = _file_lines(merged)
    lines += [(merged.order(problem), merged.line(problem)) for problem in found]
    if lines or file is None:
        ordered = sorted(lines, key=lambda line: line[0])
        raise ConfigError(tuple(dict.fromkeys(line for _, line in ordered)))
    in_order = [truths[position] for position in sorted(truths)]
    odd = crosschecks.warnings(file, in_order, config)
    study = study_of(file, in_order, [merged.line(problem) for problem in odd])
    too_large = crosschecks.too_large(study)
    if too_large:
        raise ConfigError(tuple(merged.line(problem) for problem in too_large))
    return study


def _validated(merged: Merged) -> tuple[StudyFile | None, list[Problem]]:
    """The typed file, or what each of its values has wrong."""
    try:
        return StudyFile.model_validate(merged.config), []
    except ValidationError as error:
        return None, messages.problems(error, merged.config, merged.written)


def _valid(
    section: str, config: Mapping[Any, Any], found: Sequence[Problem] = ()
) -> dict[int, Any]:
    """Items of a list that are valid and of which no problem was found, by position."""
    items: dict[int, Any] = {}
    faulty = {problem.key[:2] for problem in found}
    for key, item in checks.named(config, section):
        if key in faulty:
            continue
        try:
            items[key[-1]] = _ITEMS[section].validate_python(item)
        except ValidationError:
            continue
    return items


def _file_lines(merged: Merged) -> list[tuple[tuple[int, int, int], str]]:
    """What is wrong with the files as files, with their places."""
    lines: list[tuple[tuple[int, int, int], str]] = []
    for number, source in enumerate(merged.sources):
        if source.template:
            continue
        own = Merged(source.values, (source,), dict.fromkeys(source.values, 0), merged.root)
        for problem in (*source.problems, *source.misread):
            lines.append(((number, problem.line, problem.column), own.line(problem)))
    return lines


def _read_command_line(merged: Merged) -> None:
    """Make numbers of the whole-number texts in a list typed on the command line.

    Snakemake makes ``['10', '20']`` of ``--config 'sizes=[10,20]'``.
    """
    for name, value in merged.config.items():
        if not merged.typed(name) or not isinstance(value, list):
            continue
        if all(isinstance(item, str) and _WHOLE.fullmatch(item) for item in value):
            merged.config[name] = [int(item) for item in value]
