"""Random streams: every number drawn in a study comes from a named stream of this module.

A stream has an address: the key of its population, a purpose, a replicate number and, where a bias
has several steps of one purpose, the turn of the step. It is the same whatever the block width, the
number of cores, the order of jobs, the machine and the rest of the config. The generator is
counter-based (Philox 4x64 [1]_): streams are disjoint by construction, because purpose, replicate
and turn are words of the counter, 2**64 blocks of four numbers apart.

The key is made from canonical JSON: one text for one meaning, with sorted keys, no spaces and no
NaN. Specs of jobs are written in it too, so that Snakemake sees a change when there is one.

References
----------
.. [1] Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC'11.
"""

import json
from dataclasses import fields, is_dataclass
from enum import IntEnum, unique
from functools import cache
from hashlib import blake2b
from typing import Any, TypeVar, cast, get_type_hints

import numpy as np

from stature.domain.functions import split
from stature.domain.population import Population
from stature.domain.settings import LeftOut

T = TypeVar("T")


def encode(record: object) -> str:
    """Canonical JSON of a record.

    Examples
    --------
    >>> encode({"b": 1, "a": (2.0, None)})
    '{"a":[2.0,null],"b":1}'
    """
    return json.dumps(_plain(record), sort_keys=True, separators=(",", ":"), allow_nan=False)


def decode(kind: type[T], text: str) -> T:
    """Record of a given kind from its canonical JSON."""
    return cast(T, adapter(kind).validate_json(text))


def _plain(value: Any) -> Any:
    """The builtin types of JSON: of a record its fields, but those that are left out."""
    if is_dataclass(value):
        marks = _marks(type(value))
        values = {name: getattr(value, name) for name in marks}
        return {
            name: _plain(one) for name, one in values.items() if LeftOut(one) not in marks[name]
        }
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in cast(dict[Any, Any], value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in cast(list[Any], value)]
    return value


@cache
def _marks(record: type) -> dict[str, tuple[Any, ...]]:
    """What is noted beside each field of a record."""
    hints = get_type_hints(record, include_extras=True)
    return {one.name: getattr(hints[one.name], "__metadata__", ()) for one in fields(record)}


@cache
def adapter(kind: type) -> Any:
    """How a class is read; making it takes as long as a hundred uses of it."""
    # Not everybody reads JSON, and its checks take a tenth of a second to load.
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


@unique
class Purpose(IntEnum):
    """What a stream is drawn for; each purpose is a disjoint part of the counter."""

    PEOPLE = 1
    GROUPS = 2
    SELECTION = 3
    STARTS = 4
    BOOTSTRAP = 5
    RECORDING = 6
    NOISE = 7
    CLASSES = 8
    LABELS = 9
    OUTSIDE = 10
    FUNCTION = 11
    POSTERIOR = 12


def population_definition(population: Population) -> str:
    """What defines a population, as canonical JSON."""
    if population.data is not None:
        data = population.data
        return encode([data.sha256, data.height, data.unit, data.group])
    groups = [[group.share, group.mean_cm, group.sd_cm] for group in population.groups]
    # A function is known by its name: what else is in its file, and where, moves no stream.
    return encode([groups, split(population.draw)[1]] if population.draw else groups)


def stream_key(seed: int, definition: str) -> str:
    """Key of all streams of a population in a study."""
    return blake2b(f"{seed}\n{definition}".encode(), digest_size=16).hexdigest()


class Streams:
    """The streams of one key, drawn through a single generator that is set anew for each.

    Setting the state of one bit generator costs a tenth of building a new one.
    """

    __slots__ = ("_bits", "_generator", "_key")

    def __init__(self, key: str) -> None:
        self._key = np.array([int(key[:16], 16), int(key[16:], 16)], dtype=np.uint64)
        self._bits = np.random.Philox(key=self._key)
        self._generator = np.random.Generator(self._bits)

    def at(self, purpose: Purpose, replicate: int, turn: int = 0) -> np.random.Generator:
        """Generator at the beginning of a stream."""
        counter = np.array([0, purpose, replicate, turn], dtype=np.uint64)
        self._bits.state = {
            "bit_generator": "Philox",
            "state": {"counter": counter, "key": self._key},
            "buffer": np.zeros(4, dtype=np.uint64),
            "buffer_pos": 4,
            "has_uint32": 0,
            "uinteger": 0,
        }
        return self._generator
