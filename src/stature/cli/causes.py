"""Causes: why each job of a plan would run, down to the line of the config that is behind it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from stature.cli.dry_run import Job
from stature.config.maps import closed
from stature.config.model import StudyFile
from stature.config.source import Key, Merged, shortened
from stature.config.study import Study, plain
from stature.design.scenarios import names_of

FIRST_RUN = "there are no results yet"
CUT_SHORT = "an earlier run was cut short"
UNDECIDED = "the rounds that are to come"
NOT_THERE = "results are not there"

ABSENT = object()
"""Stands for a value that is not there."""
_OTHER_DATA = object()
_OF_STUDY = ("write_design", "write_report")
"""Rules whose spec holds all of the study."""
_NAMED_OTHERWISE = {"largest_size": "sizes", "sketched_sizes": "sizes", "models": "estimators"}
_OF_POPULATION = ("known_shares", "known_sds_cm", "group_names")
_LISTS = ("populations", "biases", "estimators", "groups")
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that makes jobs run."""

    sentence: str  # what it is
    where: str = ""  # file and line of the config; empty where it is not the config

    def __str__(self) -> str:
        """Both, on one line."""
        return f"{self.sentence} ({self.where})" if self.where else self.sentence


@dataclass(frozen=True, slots=True)
class Difference:
    """One value in which two configs or specs differ."""

    key: Key  # where it stands: keys of maps, and names of items in lists of named items
    old: Any  # its values; `ABSENT` where there is none
    new: Any

    @property
    def sentence(self) -> str:
        """Where, as people write it, such as ``biases[none].kind``, and what became of it."""
        place = ""
        for above, part in zip(("", *self.key), self.key, strict=False):
            place += f"[{part}]" if above in _LISTS else f"{'.' if place else ''}{part}"
        if self.old is _OTHER_DATA:
            return f"{place}: the data have changed"
        if self.old is ABSENT:
            return f"{place}: new"
        if self.new is ABSENT:
            return f"{place}: taken out"
        return f"{place}: {_shown(self.old)} -> {_shown(self.new)}"

    @property
    def is_of_scope(self) -> bool:
        """Whether it changes what an estimator is for."""
        return self.key[0] == "estimators" and self.key[2:] in (("biases",), ("populations",))


def differences(old: Any, new: Any, key: Key = ()) -> Iterator[Difference]:
    """Values in which two trees of builtin types differ."""
    before, after = _map_of(old), _map_of(new)
    if before is None or after is None:
        if old != new:
            yield Difference(key, old, new)
        return
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name, ABSENT), after.get(name, ABSENT)
        if ABSENT in (one, other):
            yield Difference((*key, name), one, other)
        else:
            yield from differences(one, other, (*key, name))


def causes(jobs: Sequence[Job], study: Study, merged: Merged) -> tuple[tuple[Cause, ...], ...]:
    """Why each job runs."""
    config = _Config(_changes(jobs, study), merged)
    found: list[tuple[Cause, ...]] = []
    for job in jobs:
        mine: list[Cause] = []
        if job.runs:
            mine = list(_own(job, config))
            mine += [cause for place in job.upstream for cause in found[place]]
            # No change of the config tells why it runs.
            mine = mine or [
                Cause(NOT_THERE if job.missing else f"parameters or inputs of {job.rule}")
            ]
        found.append(tuple(dict.fromkeys(mine)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Config:
    """The config that is, and how it differs from the one that was run."""

    changes: tuple[Difference, ...] | None  # None: none was run
    merged: Merged

    def near(self, *keys: Key) -> list[Difference]:
        """Changes at some keys, above them or below them."""
        return [
            one
            for key in keys
            for one in self.changes or ()
            if one.key[: len(key)] == key or key[: len(one.key)] == one.key
        ]

    def cause(self, change: Difference) -> Cause:
        """A change with its place in the config."""
        return Cause(change.sentence, where(change.key, self.merged))

    @property
    def populations(self) -> Sequence[Mapping[str, Any]]:
        """Its populations, as they are written."""
        return self.merged.config["populations"]


def _changes(jobs: Sequence[Job], study: Study) -> tuple[Difference, ...] | None:
    """What has changed since the config was written down beside the results."""
    for job in jobs:
        if job.rule == "write_design" and job.old_spec is not None:
            as_run = yaml.safe_load(json.loads(job.old_spec)["config"])
            return tuple(differences(as_run, plain(study)))
    return None


def _own(job: Job, config: _Config) -> Iterator[Cause]:
    """Why a job runs, whatever happens to what it needs."""
    if job.incomplete:
        yield Cause(CUT_SHORT)
    if job.old_spec is None and job.missing:
        if not job.incomplete:
            yield from _of_first(job, config)
        return
    for path in job.newer:
        names = [item["name"] for item in config.populations if item.get("file") == path]
        yield config.cause(_other_data(names[0])) if names else Cause(f"{path} has changed")
    if job.old_spec is None:
        return  # results without records, such as a copy of the folder alone
    if job.old_code != job.code:
        yield _of_code(job.rule, job.old_code or "unknown", job.code)
    if not job.spec.startswith("{"):
        yield Cause(UNDECIDED)
    elif job.old_spec != job.spec:
        old, new = json.loads(job.old_spec), json.loads(job.spec)
        # The record of all code; rules that are gone or new are no cause.
        for one in differences(old.get("code", {}), new.get("code", {})):
            if ABSENT not in (one.old, one.new):
                yield _of_code(one.key[0], one.old, one.new)
        yield from map(config.cause, _of_spec(job, old, new, config))
    lost = set(job.old_inputs or ()) - set(job.inputs)
    yield from map(config.cause, _taken_out(lost, config))
    if job.missing:
        yield Cause(NOT_THERE)


def _of_first(job: Job, config: _Config) -> Iterator[Cause]:
    """Why there are no outputs of a job: what it is about is new, or they were not made yet."""
    if config.changes is None:
        yield Cause(FIRST_RUN)
        return
    about: list[Key] = []
    if "scenario" in job.wildcards:
        population, bias = names_of(job.wildcards["scenario"])
        about += [("populations", population), ("biases", bias)]
    if "estimator" in job.wildcards:
        about.append(("estimators", job.wildcards["estimator"]))
    added = [one for one in config.near(*about) if one.old is ABSENT or one.is_of_scope]
    if not added and not job.wildcards.keys().isdisjoint(("block", "round")):
        added = config.near(("replicates",), ("block",), ("precision",))
    yield from map(config.cause, added)
    if not added:
        yield Cause(NOT_THERE)


def _of_code(rule: str, old: str, new: str) -> Cause:
    """Another digest of code."""
    return Cause(f"code of {rule}: {old[:_DIGITS]} -> {new[:_DIGITS]}")


def _other_data(population: str) -> Difference:
    """A data file whose content is another one."""
    return Difference(("populations", population, "file"), _OTHER_DATA, _OTHER_DATA)


def _of_spec(
    job: Job, old: Mapping[str, Any], new: Mapping[str, Any], config: _Config
) -> Iterator[Difference]:
    """Why the spec of a job is another one, in the words of the config."""
    if job.rule in _OF_STUDY:
        yield from config.changes or ()
        return
    for one in differences(old, new):
        if "scenario" not in job.wildcards and one.key[0] not in closed(StudyFile).model_fields:
            # A record of several things: any change of the config may be behind it.
            yield from config.changes or ()
            continue
        if one.key[0] in _OF_POPULATION and old.get("estimator") != new.get("estimator"):
            continue  # other parameters are known to the estimator, of the same population
        key = _key(one.key, job, config)
        files = [item["name"] for item in config.populations if item.get("file") is not None]
        if key[0] == "populations" and key[1] in files and not config.near(key):
            yield _other_data(key[1])
            continue
        # The config says it in full: the sizes, not the largest of them.
        yield from config.near(key) or [Difference(key, one.old, one.new)]


def _key(key: Key, job: Job, config: _Config) -> Key:
    """Key of the config behind a key of a spec."""
    head, rest = key[0], tuple(part for part in key[1:] if part != "model")
    population, bias = names_of(job.wildcards.get("scenario", "."))
    match head:
        case "population":
            return ("populations", population, *key[1:])
        case "bias":
            return ("biases", bias, *key[1:])
        case "estimator":
            return ("estimators", job.wildcards.get("estimator", ""), *rest)
        case "stream_key":
            return ("seed",) if config.near(("seed",)) else ("populations", population)
        case _ if head in _OF_POPULATION:
            return ("populations", population)
        case _:
            return (_NAMED_OTHERWISE.get(head, head), *rest)


def _taken_out(paths: set[str], config: _Config) -> Iterator[Difference]:
    """Items that are no longer in the study, of which a job has read files."""
    parts = {part for path in paths for part in path.split("/")[2:]}
    names = parts | {word for part in parts for word in part.split(".")}
    for one in config.changes or () if paths else ():
        if (one.new is ABSENT and len(one.key) == 2) or one.is_of_scope:
            if one.key[1] in names:
                yield one
        elif one.key in (("replicates",), ("block",)):
            yield one


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


def _map_of(value: Any) -> Mapping[str, Any] | None:
    """A map, or a list of named items by their names; None for all else."""
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return None
    if not all(isinstance(item, Mapping) and item.get("name") for item in value):
        return None
    return {str(item["name"]): item for item in value}


def _shown(value: Any) -> str:
    """A value on one short line."""
    if value is None:
        return "nothing"
    return shortened(
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    )
