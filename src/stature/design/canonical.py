"""Canonical JSON: one text for one meaning, so that Snakemake sees a change when there is one.

Records are frozen dataclasses of builtin types. The text has sorted keys, no spaces and no NaN;
the same record gives the same bytes on every machine.
"""

import json
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


def encode(record: object) -> str:
    """Canonical JSON of a record.

    Examples
    --------
    >>> encode({"b": 1, "a": (2.0, None)})
    '{"a":[2.0,null],"b":1}'
    """
    plain: Any = _adapter(type(record)).dump_python(record)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)


def decode(kind: type[T], text: str) -> T:
    """Record of a given kind from its canonical JSON."""
    return cast(T, _adapter(kind).validate_json(text))


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    """How a class is written and read; making it takes as long as a hundred uses of it."""
    return TypeAdapter(kind)
