"""Causes: why each job of a plan would run, down to the line of the config that is behind it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from stature.cli.differences import ABSENT, Difference, differences
from stature.cli.dry_run import Job
from stature.config.model import StudyFile
from stature.config.records import closed
from stature.config.source import Key, Merged
from stature.config.study import Study, plain
from stature.design.scenarios import names_of

FIRST_RUN = "there are no results yet"
CUT_SHORT = "an earlier run was cut short"
UNDECIDED = "the rounds that are to come"
NOT_THERE = "results are not there"

_OF_STUDY = ("write_design", "write_report", "check_results")
"""Rules whose spec holds the whole study."""
_NAMED_OTHERWISE = {"largest_size": "sizes", "sketched_sizes": "sizes", "models": "estimators"}
_OF_POPULATION = ("known_shares", "known_sds_cm", "group_names")
_OTHER_DATA = object()
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that makes jobs run."""

    sentence: str  # what it is
    where: str = ""  # file and line of the config; empty where it is not the config

    def __str__(self) -> str:
        """Both, on one line."""
        return f"{self.sentence} ({self.where})" if self.where else self.sentence


def causes(jobs: Sequence[Job], study: Study, merged: Merged) -> tuple[tuple[Cause, ...], ...]:
    """Why each job runs."""
    changes = _changes(jobs, study)
    found: list[tuple[Cause, ...]] = []
    for job in jobs:
        if not job.runs:
            found.append(())
            continue
        mine = list(_own(job, changes, merged))
        for place in job.upstream:
            mine += found[place]
        found.append(tuple(dict.fromkeys(mine)) or (_unexplained(job),))
    return tuple(found)


def _unexplained(job: Job) -> Cause:
    """A cause for a job of which no change of the config tells why it runs."""
    return Cause(NOT_THERE if job.missing else f"parameters or inputs of {job.rule}")


@dataclass(frozen=True, slots=True)
class _Changes:
    """Differences between the config that was run and the one that is; None: none was run."""

    all: tuple[Difference, ...] | None

    def near(self, key: Key) -> tuple[Difference, ...]:
        """Those at a key, above it or below it."""
        return tuple(
            one
            for one in self.all or ()
            if one.key[: len(key)] == key or key[: len(one.key)] == one.key
        )


def _changes(jobs: Sequence[Job], study: Study) -> _Changes:
    """What has changed since the config was written down beside the results."""
    for job in jobs:
        if job.rule == "write_design" and job.old_spec is not None:
            as_run = yaml.safe_load(json.loads(job.old_spec)["config"])
            return _Changes(tuple(differences(as_run, plain(study))))
    return _Changes(None)


def _own(job: Job, changes: _Changes, merged: Merged) -> Iterator[Cause]:
    """Why a job runs, whatever happens to what it needs."""
    if job.incomplete:
        yield Cause(CUT_SHORT)
    if job.old_spec is None and job.missing:
        if not job.incomplete:
            yield from _new(job, changes, merged)
        return
    for path in job.newer:
        population = next(
            (item["name"] for item in merged.config["populations"] if item.get("file") == path), ""
        )
        key = ("populations", population, "file")
        yield _cause(_other_data(key), merged) if population else Cause(f"{path} has changed")
    if job.old_spec is None:
        return  # results without records, such as a copy of the folder alone
    if job.old_code != job.code:
        yield _code(job.rule, job.old_code or "unknown", job.code)
    if not job.spec.startswith("{"):
        yield Cause(UNDECIDED)
    elif job.old_spec != job.spec:
        old, new = json.loads(job.old_spec), json.loads(job.spec)
        yield from _of_codes(old, new)
        for one in _of_spec(job, old, new, changes, merged):
            yield _cause(one, merged)
    lost = set(job.old_inputs or ()) - set(job.inputs)
    for one in _taken_out(lost, changes):
        yield _cause(one, merged)
    if job.missing:
        yield Cause(NOT_THERE)


def _new(job: Job, changes: _Changes, merged: Merged) -> Iterator[Cause]:
    """Why there are no outputs of a job: what it is about is new, or they were not made yet."""
    if changes.all is None:
        yield Cause(FIRST_RUN)
        return
    added = [
        one for one in _about(job.wildcards, changes) if one.old is ABSENT or _is_scope(one.key)
    ]
    if not added and not job.wildcards.keys().isdisjoint(("block", "round")):
        keys = ("replicates", "block", "precision")
        added = [one for key in keys for one in changes.near((key,))]
    for one in added:
        yield _cause(one, merged)
    if not added:
        yield Cause(NOT_THERE)


def _is_scope(key: Key) -> bool:
    """Whether a key says what an estimator is for."""
    return key[0] == "estimators" and key[2:] in (("biases",), ("populations",))


def _about(wildcards: Mapping[str, str], changes: _Changes) -> Iterator[Difference]:
    """Changes of the items that a job is about."""
    keys: list[Key] = []
    if "scenario" in wildcards:
        population, bias = names_of(wildcards["scenario"])
        keys += [("populations", population), ("biases", bias)]
    if "estimator" in wildcards:
        keys.append(("estimators", wildcards["estimator"]))
    for key in keys:
        yield from changes.near(key)


def _code(rule: str, old: str, new: str) -> Cause:
    """Another digest of code."""
    return Cause(f"code of {rule}: {old[:_DIGITS]} -> {new[:_DIGITS]}")


def _of_codes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Cause]:
    """Other code in the record of all code, that of rules that are gone or new apart."""
    for one in differences(old.get("code", {}), new.get("code", {})):
        if ABSENT not in (one.old, one.new):
            yield _code(one.key[0], one.old, one.new)


def _of_spec(
    job: Job, old: Mapping[str, Any], new: Mapping[str, Any], changes: _Changes, merged: Merged
) -> Iterator[Difference]:
    """Why the spec of a job is another one, in the words of the config."""
    if job.rule in _OF_STUDY:
        yield from changes.all or ()
        return
    for one in differences(old, new):
        if "scenario" not in job.wildcards and one.key[0] not in closed(StudyFile).model_fields:
            # A record of several things: any change of the config may be behind it.
            yield from changes.all or ()
            continue
        if one.key[0] in _OF_POPULATION and old.get("estimator") != new.get("estimator"):
            continue  # the estimator is told something else, of the same population
        key = _key(one.key, job, changes)
        file = (*key[:2], "file")
        if key[0] == "populations" and not changes.near(key) and _has_file(key[1], merged):
            yield _other_data(file)
            continue
        # The config tells it whole: the sizes, not the largest of them.
        yield from changes.near(key) or (Difference(key, one.old, one.new),)


def _other_data(key: Key) -> Difference:
    """A data file whose content is another one."""
    return Difference(key, _OTHER_DATA, _OTHER_DATA)


def _has_file(population: str, merged: Merged) -> bool:
    """Whether a population is a data file."""
    return any(
        item["name"] == population and item.get("file") is not None
        for item in merged.config["populations"]
    )


def _key(key: Key, job: Job, changes: _Changes) -> Key:
    """Key of the config behind a key of a spec."""
    head, rest = key[0], key[1:]
    population, bias = names_of(job.wildcards.get("scenario", "."))
    match head:
        case "population":
            return ("populations", population, *rest)
        case "bias":
            return ("biases", bias, *rest)
        case "estimator":
            name = job.wildcards.get("estimator", "")
            return ("estimators", name, *(part for part in rest if part != "model"))
        case "stream_key":
            return ("seed",) if changes.near(("seed",)) else ("populations", population)
        case _ if head in _OF_POPULATION:
            return ("populations", population)
        case _:
            return (_NAMED_OTHERWISE.get(head, head), *(part for part in rest if part != "model"))


def _taken_out(paths: set[str], changes: _Changes) -> Iterator[Difference]:
    """Items that are no longer in the study, of which a job has read files."""
    for one in changes.all or ():
        if paths and ((one.new is ABSENT and len(one.key) == 2) or _is_scope(one.key)):
            name = one.key[1]
            parts = {part for path in paths for part in path.split("/")[2:]}
            names = {word for part in parts for word in (part, *part.split("."))}
            if name in names:
                yield one
        elif one.key in (("replicates",), ("block",)) and paths:
            yield one


def _cause(one: Difference, merged: Merged) -> Cause:
    """A change of the config, with its place there."""
    if one.old is _OTHER_DATA:
        return Cause(f"{one.place}: the data have changed", where(one.key, merged))
    return Cause(one.sentence, where(one.key, merged))


def where(key: Key, merged: Merged) -> str:
    """File and line in which a value stands.

    Such as ``config/config.yaml:47``: the nearest line that is written, that of the list for an
    item that is not in it. Only the file, or nothing, where no line states it.
    """
    if not key or key[0] not in merged.origins:
        return "" if not key or key[0] not in merged.config else merged.file(key)
    positions, value = [], merged.config
    for part in key:
        if isinstance(value, list):
            names = [item.get("name") if isinstance(item, Mapping) else None for item in value]
            if part not in names:
                break
            step: Any = names.index(part)
            value = value[step]
        elif isinstance(value, Mapping) and part in value:
            step, value = part, value[part]
        else:
            break
        positions.append(step)
    source = merged.sources[merged.origins[key[0]]]
    while positions and tuple(positions) not in source.written:
        positions.pop()
    line = source.written[tuple(positions)].line if positions else 0
    file = merged.file(key)
    return f"{file}:{line}" if line else file
