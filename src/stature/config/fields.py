"""What the keys of a study file take, each kind of value with the words that say so.

A value that does not fit is reported as an error of type ``expected`` that carries two phrases: a
short one, the kind of value, and a full one with its limits and unit.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

LONGEST_NAME = 64
"""Characters of a name: three of them and a block still make a legal path everywhere."""
NAME_PATTERN = f"^[A-Za-z0-9_][A-Za-z0-9_-]{{0,{LONGEST_NAME - 1}}}$"


@dataclass(frozen=True, slots=True, eq=False)
class Takes:
    """What a key takes: the words for people, the schema for pydantic and for editors."""

    # the kind of value, such as ``a whole number``, and the same with its limits and unit
    short: str
    full: str
    before: Callable[[Any], Any]  # what is done to a value before it is checked; may raise
    schema: CoreSchema | None = None  # the check itself; None: that of the annotated type
    editor: dict[str, Any] | None = None  # JSON Schema beyond that of the check
    words: tuple[str, ...] = ()  # words that are taken, for a suggestion when one is misspelt

    def error(self) -> PydanticCustomError:
        """Return the error of a value that is not what is taken."""
        context = {"short": self.short, "full": self.full, "words": list(self.words)}
        return PydanticCustomError("expected", "expected {full}", context)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        if self.schema is None:
            return core_schema.no_info_before_validator_function(self.before, handler(source))

        def check(value: Any, inner: core_schema.ValidatorFunctionWrapHandler) -> Any:
            try:
                return inner(self.before(value))
            except (ValueError, OverflowError) as error:
                raise self.error() from error

        return core_schema.no_info_wrap_validator_function(check, self.schema)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), **(self.editor or {})}


def _as_it_is(value: Any) -> Any:
    return value


def whole(full: str, low: int, high: int | None = None) -> Takes:
    """A whole number from `low` to `high`, both included; 100.0 counts as 100."""

    def before(value: Any) -> Any:
        return int(value) if isinstance(value, float) and value.is_integer() else value

    return Takes(
        "a whole number", full, before, core_schema.int_schema(strict=True, ge=low, le=high)
    )


def real(
    full: str,
    above: float | None = None,
    below: float | None = None,
    lowest: float | None = None,
    highest: float | None = None,
) -> Takes:
    """A finite number between limits that are excluded, or included."""
    schema = core_schema.float_schema(
        strict=True, allow_inf_nan=False, gt=above, lt=below, ge=lowest, le=highest
    )
    return Takes("a number", full, _as_it_is, schema)


def word(*words: str) -> Takes:
    """One word of a list.

    What the key takes. A value that is no such word is an error of type ``word``.
    """

    def before(value: Any) -> Any:
        if not (isinstance(value, str) and value in words):
            raise PydanticCustomError("word", "expected a word", {"words": list(words)})
        return value

    return Takes("a word", "one of: " + ", ".join(words), before)


def word_or_share(*words: str) -> Takes:
    """One word of a list, or a share between 0 and 1, both excluded.

    What the key takes. Any other value is an error of type ``word``, so that a word that is
    misspelt gets its suggestion.
    """

    def before(value: Any) -> Any:
        if isinstance(value, str) and value in words:
            return value
        if isinstance(value, int | float) and not isinstance(value, bool) and 0.0 < value < 1.0:
            return float(value)
        raise PydanticCustomError("word", "expected a word", {"words": list(words)})

    share = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
    editor = {"anyOf": [{"enum": list(words), "type": "string"}, share]}
    full = "one of: " + ", ".join(words) + "; or a share > 0 and < 1"
    return Takes("a word or a share", full, before, core_schema.any_schema(), editor, words)


def word_or_numbers(words: tuple[str, ...], numbers: str) -> Takes:
    """One word of a list, or a list of finite numbers, which becomes a tuple."""

    def before(value: Any) -> Any:
        if isinstance(value, str) and value in words:
            return value
        if not isinstance(value, list | tuple) or not value:
            raise ValueError
        if any(isinstance(item, bool) or not isinstance(item, int | float) for item in value):
            raise ValueError
        reals = tuple(float(item) for item in value)
        if not all(math.isfinite(item) for item in reals):
            raise ValueError
        return reals

    positive = {"type": "number", "exclusiveMinimum": 0}
    editor = {
        "anyOf": [
            {"enum": list(words), "type": "string"},
            {"type": "array", "items": positive, "minItems": 1},
        ]
    }
    full = f"{', '.join(words)}, or {numbers}"
    return Takes("a word or a list", full, before, core_schema.any_schema(), editor, words)


def items(full: str, scalar: bool = False) -> Takes:
    """A list that is not empty.

    What the key takes. An empty list is an error of type ``empty``.
    """

    def before(value: Any) -> Any:
        if scalar and isinstance(value, int | float) and not isinstance(value, bool):
            return [value]
        if not isinstance(value, list | tuple):
            context = {"short": "a list", "full": full}
            raise PydanticCustomError("expected", "expected {full}", context)
        if not value:
            raise PydanticCustomError("empty", "empty list")
        return list(value)

    return Takes("a list", full, before, editor={"minItems": 1})


def text(full: str = "text") -> Takes:
    """Free text."""
    return Takes("text", full, _as_it_is, core_schema.str_schema(strict=True))


def _no_device(value: Any) -> Any:
    """Windows cannot make folders of these names."""
    if isinstance(value, str) and value.casefold() in _DEVICES:
        raise ValueError
    return value


_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)
_NAME = Takes(
    "a name",
    f"a name: letters, digits, '-' and '_', at most {LONGEST_NAME}",
    _no_device,
    core_schema.str_schema(strict=True, pattern=NAME_PATTERN),
)
Name = Annotated[str, _NAME]
Text = Annotated[str, text()]
Flag = Annotated[
    bool, Takes("true or false", "true or false", _as_it_is, core_schema.bool_schema(strict=True))
]


class Closed(BaseModel):
    """A map that takes no keys but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)
