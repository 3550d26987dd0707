"""Records as maps of a study file: closed, checked, and made into the record that is used.

A record is a frozen dataclass, and the keys of its map are those of its fields that stand in
`keys.yaml`. A value that does not fit is reported as an error of type
``expected`` that carries two phrases: the kind of value, and the same with limits and unit.
"""

import dataclasses
import math
import re
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)
from unicodedata import category

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    create_model,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from stature.config.keys import GROUP, NAME, Setting, settings_of
from stature.design.scenarios import NamedBias
from stature.domain.bias import KINDS
from stature.domain.settings import LeftOut

LONGEST_NAME = 64
"""Characters of a name: three of them and a block still make a legal path everywhere."""
NAME_PATTERN = f"^[A-Za-z0-9_][A-Za-z0-9_-]{{0,{LONGEST_NAME - 1}}}$"
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)
_LIMIT = re.compile(r"(from|to|≥|>|≤|<|at most) (-?[\d.,]*\d)(?:\^(\d+))?(?: − (\d+))?")
_SIGNS = {"from": "ge", "≥": "ge", ">": "gt", "to": "le", "≤": "le", "at most": "le", "<": "lt"}


class Closed(BaseModel):
    """A map that takes no keys but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    record: ClassVar[type]  # what is made of it


@dataclass(frozen=True, slots=True, eq=False)
class Takes:
    """What a key takes: the words for people, the schema for pydantic and for editors."""

    short: str  # the kind of value, such as ``a whole number``
    full: str  # the same with its limits and unit
    schema: CoreSchema | None = None  # the check itself; None: that of the annotated type
    # what is done to a value before it is checked; may raise
    before: Callable[[Any], Any] = lambda value: value
    editor: dict[str, Any] | None = None  # JSON Schema beyond that of the check
    words: tuple[str, ...] = ()  # words that are taken, for a suggestion when one is misspelt
    wide: "Takes | None" = None  # the same of another quantity than heights; `schema` is that of it

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        if self.schema is None:
            return core_schema.no_info_before_validator_function(self.before, handler(source))

        def check(
            value: Any,
            inner: core_schema.ValidatorFunctionWrapHandler,
            info: core_schema.ValidationInfo,
        ) -> Any:
            full = self.wide.full if self.wide and info.context == OTHER_QUANTITY else self.full
            try:
                found = inner(self.before(value))
                if full == self.full and self.wide and not _within(found, self.full):
                    raise ValueError
            except (ValueError, OverflowError) as error:
                context = {"short": self.short, "full": full, "words": list(self.words)}
                raise PydanticCustomError("expected", "expected {full}", context) from error
            return found

        return core_schema.with_info_wrap_validator_function(check, self.schema)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), **(self.editor or {})}


OTHER_QUANTITY = {"quantity": "other"}
"""The context in which a study of anything but heights is judged."""


def _within(real: float, takes: str) -> bool:
    """Whether a number is within the limits of heights, which are closed but for zero."""
    limits = limits_of(takes)
    none = real == 0.0 and takes.startswith("0, or")
    return none or (
        limits.get("ge", -math.inf) <= real <= limits.get("le", math.inf)
        and real > limits.get("gt", -math.inf)
    )


def limits_of(takes: str) -> dict[str, Any]:
    """Limits of a number, in pydantic's names.

    Examples
    --------
    >>> limits_of("> 0 and ≤ 10^6 (people)"), limits_of("from -50 to 0.5")
    ({'gt': 0, 'le': 1000000}, {'ge': -50, 'le': 0.5})
    """
    limits: dict[str, Any] = {}
    for sign, digits, power, less in _LIMIT.findall(takes.partition("(")[0]):
        plain = digits.replace(",", "")
        number = float(plain) if "." in plain else int(plain)
        limits[_SIGNS[sign]] = number ** int(power or 1) - int(less or 0)
    return limits


def integer(takes: str) -> Takes:
    """A whole number; 100.0 counts as 100."""

    def before(value: Any) -> Any:
        return int(value) if isinstance(value, float) and value.is_integer() else value

    check = core_schema.int_schema(strict=True, **limits_of(takes))
    return Takes("a whole number", f"a whole number {takes}".strip(), check, before)


def real(takes: str) -> Takes:
    """A finite number, or 0 where a spread may be none but not too small to be seen."""
    limits, zero = takes.removeprefix("0, or "), "0, or " if takes.startswith("0, or ") else ""
    check = core_schema.float_schema(strict=True, allow_inf_nan=False, **limits_of(limits))
    if zero:
        none = core_schema.float_schema(strict=True, ge=0.0, le=0.0)
        check = core_schema.union_schema([none, check])
    return Takes("a number", f"{zero}a number {limits}".strip(), check)


def real_of(takes: str, wide: str) -> Takes:
    """A finite number that has other limits where it is none of heights."""
    return replace(real(wide), full=real(takes).full, wide=real(wide))


def number(value: Any) -> float | None:
    """A finite number, or None: also for booleans, and integers beyond the range of a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        real = float(value)
    except OverflowError:
        return None
    return real if math.isfinite(real) else None


def numbers(value: Any) -> tuple[float, ...]:
    """A list of finite numbers; empty for anything else."""
    reals = [number(item) for item in value] if isinstance(value, list | tuple) else []
    known = tuple(real for real in reals if real is not None)
    return known if len(known) == len(reals) else ()


def word(*words: str) -> Takes:
    """One word of a list; a value that is no such word is an error of type ``word``."""
    return Takes("a word", "one of: " + ", ".join(words), None, partial(_word, words))


@dataclass(frozen=True, slots=True)
class _OrWord:
    """A map in whose place its form alone may stand."""

    words: tuple[str, ...]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        def before(value: Any) -> Any:
            return {"form": value} if isinstance(value, str) else value

        return core_schema.no_info_before_validator_function(before, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"enum": list(self.words), "type": "string"}]}


def _word(words: tuple[str, ...], value: Any) -> Any:
    if not (isinstance(value, str) and value in words):
        raise PydanticCustomError("word", "expected a word", {"words": list(words)})
    return value


def word_or_share(words: tuple[str, ...], share: str) -> Takes:
    """One word of a list, or a share between 0 and 1, both excluded."""

    def before(value: Any) -> Any:
        real = number(value)
        return real if real is not None and 0.0 < real < 1.0 else _word(words, value)

    between = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
    editor = {"anyOf": [{"enum": list(words), "type": "string"}, between]}
    full = f"one of: {', '.join(words)}; or {share}"
    return Takes("a word or a share", full, core_schema.any_schema(), before, editor, words)


def word_or_numbers(words: tuple[str, ...], full: str) -> Takes:
    """One word of a list, or a list of finite numbers, which becomes a tuple."""

    def before(value: Any) -> Any:
        if isinstance(value, str) and value in words:
            return value
        reals = numbers(value)
        if not reals:
            raise ValueError
        return reals

    positive = {"type": "number", "exclusiveMinimum": 0}
    listed = {"type": "array", "items": positive, "minItems": 1}
    editor = {"anyOf": [{"enum": list(words), "type": "string"}, listed]}
    full = f"{', '.join(words)}, or {full}"
    return Takes("a word or a list", full, core_schema.any_schema(), before, editor, words)


def items(full: str, scalar: bool = False) -> Takes:
    """A list, or where that is allowed a single number; an empty one is an error ``empty``."""

    def before(value: Any) -> Any:
        if scalar and isinstance(value, int | float) and not isinstance(value, bool):
            return [value]
        if not isinstance(value, list | tuple):
            context = {"short": "a list", "full": full}
            raise PydanticCustomError("expected", "expected {full}", context)
        if not value:
            raise PydanticCustomError("empty", "empty list")
        return list(value)

    return Takes("a list", full, None, before, {"minItems": 1})


def _no_device(value: Any) -> Any:
    """Windows cannot make folders of these names."""
    if isinstance(value, str) and value.casefold() in _DEVICES:
        raise ValueError
    return value


def _of_letters(value: Any) -> Any:
    """Letters may have marks of their own, such as vowels of Indian scripts."""
    if isinstance(value, str) and (
        value.startswith("-")
        or not all(one in "-_" or one.isalnum() or category(one)[0] == "M" for one in value)
    ):
        raise ValueError
    return value


_TEXT = Takes("text", "text", core_schema.str_schema(strict=True))
_FLAG = Takes("true or false", "true or false", core_schema.bool_schema(strict=True))
_NAME = Takes(
    "a name",
    f"a name: letters, digits, '-' and '_', at most {LONGEST_NAME}",
    core_schema.str_schema(strict=True, pattern=NAME_PATTERN),
    _no_device,
)
_GROUP = Takes(
    "a name",
    f"a name: letters of any script, digits, '-' and '_', at most {LONGEST_NAME}",
    core_schema.str_schema(strict=True, min_length=1, max_length=LONGEST_NAME),
    _of_letters,
)


_NAMES = {NAME: _NAME, GROUP: _GROUP}


@dataclass(frozen=True, slots=True)
class Key:
    """A field of a record, as a key of its map."""

    name: str
    kind: Any  # its type, without what is annotated, and without None
    setting: Setting | None  # None: no key, or the keys of a record inside are keys of this map
    default: Any  # `dataclasses.MISSING` where it must be given
    left_out: bool  # whether it is not written where it has its default

    @property
    def nested(self) -> Any:
        """Record whose keys stand among those of this record; None where it is a key."""
        is_record = dataclasses.is_dataclass(self.kind) or _is_union(self.kind)
        return self.kind if self.setting is None and is_record else None


def keys_of(record: type) -> Iterator[Key]:
    """Fields of a record."""
    hints, settings = get_type_hints(record, include_extras=True), settings_of(record.__name__)
    for one in dataclasses.fields(record):
        hint = hints[one.name]
        notes = getattr(hint, "__metadata__", ())
        kind = get_args(hint)[0] if notes else hint
        several = [part for part in get_args(kind) if part is not types.NoneType]
        if _is_union(kind) and len(several) == 1:
            (kind,) = several
        left_out = any(isinstance(note, LeftOut) for note in notes)
        yield Key(one.name, kind, settings.get(one.name), one.default, left_out)


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


@cache
def closed(record: type) -> type[Closed]:
    """The map of a record: its name, kind and reason, and its settings."""
    name = record.__name__.removesuffix("Item") + "Item"
    model = create_model(name, __base__=Closed, __doc__=record.__doc__, **_settings(record))
    model.record = record
    return model


def _settings(record: type) -> dict[str, Any]:
    """What each key takes, and its default."""
    settings: dict[str, Any] = {}
    for key in keys_of(record):
        if key.nested is not None:
            settings |= _settings(key.nested)
        elif key.setting is not None:
            settings[key.name] = _taken(key, key.setting), _field(key, key.setting)
        elif key.name == "kind":
            settings = _head(record, key.kind) | settings
    return settings


def _head(record: type, kind: Any) -> dict[str, Any]:
    """What maps of several kinds begin with."""
    if record not in KINDS:
        return {"kind": (kind, Field(description="How heights are recorded."))}
    name, why = (key.setting for key in keys_of(NamedBias) if key.setting is not None)
    return {
        "name": (Annotated[str, _NAME], Field("", description=name.about)),
        "kind": (kind, Field(description="What the bias does.")),
        "why": (Annotated[str, _TEXT], Field("", description=why.about)),
    }


def _field(key: Key, setting: Setting) -> Any:
    """Default and meaning of a key; a default that no file can say means that it is not given."""
    default = key.default
    if default is dataclasses.MISSING:
        return Field(description=setting.about)
    if isinstance(default, int | float):
        limits = limits_of(setting.takes)
        if default < limits.get("ge", default) or default <= limits.get("gt", -math.inf):
            default = None
    elif not isinstance(default, str) or (default == "" and setting.takes):
        default = None
    return Field(default, description=setting.about)


def _taken(key: Key, setting: Setting) -> Any:
    """What a key takes, for pydantic."""
    kind, takes = key.kind, setting.takes
    if get_origin(kind) is Literal:
        words = cast("tuple[str, ...]", get_args(kind))
        if setting.instead is None:
            return Annotated[kind, word(*words)]
        if "list" in takes:
            return Annotated[Any, word_or_numbers(words, takes)]
        words = tuple(one for one in words if one != setting.instead[1])
        return Annotated[Any, word_or_share(words, takes)]
    if get_origin(kind) is tuple:
        part = get_args(kind)[0]
        each = checked_as(part, setting.each)
        return Annotated[tuple[each, ...], items(takes, scalar=part is int)]
    if dataclasses.is_dataclass(kind) or _is_union(kind):
        options = [one for one in get_args(kind) or (kind,) if one is not type(key.default)]
        return checked_as(Union[*options], takes) | None
    if kind is float and setting.wide:
        return Annotated[float, real_of(takes, setting.wide)]
    return checked_as(kind, takes)


def checked_as(kind: Any, takes: str = "") -> Any:
    """A type of which pydantic makes one value, or one record."""
    if kind is NamedBias:
        return Annotated[
            Union[*map(closed, KINDS)],
            Field(discriminator="kind", json_schema_extra={"required": ["name"]}),
            AfterValidator(lambda item: NamedBias(item.name, record_of(item), item.why)),
        ]
    if _is_union(kind):
        several = Union[*map(closed, get_args(kind))]
        return Annotated[several, Field(discriminator="kind"), AfterValidator(record_of)]
    if kind is str:
        text = Takes("text", takes or "text", core_schema.str_schema(strict=True, min_length=1))
        return Annotated[str, _NAMES.get(takes, text) if takes else _TEXT]
    if kind in (bool, int, float):
        return Annotated[kind, _FLAG if kind is bool else (integer if kind is int else real)(takes)]
    words = get_args(next(iter(keys_of(kind))).kind)
    shorter = [_OrWord(words)] if dataclasses.fields(kind)[0].name == "form" else []
    return Annotated[closed(kind), *shorter, AfterValidator(record_of)]


def kinds_of(records: tuple[type, ...]) -> dict[str, type[Closed]]:
    """Maps of some records by their kinds."""
    return {
        str(get_args(key.kind)[0]): closed(record)
        for record in records
        for key in keys_of(record)
        if key.name == "kind"
    }


def maps_in(annotation: Any) -> list[type[BaseModel]]:
    """Maps that a key may take."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [one for part in get_args(annotation) for one in maps_in(part)]


def kind_of(model: type[BaseModel]) -> str:
    """The kind of a map; empty for one that has none."""
    kind = model.model_fields.get("kind")
    return "" if kind is None else str(get_args(kind.annotation)[0])


def record_of(item: Closed) -> Any:
    """The record of a map."""
    return _made(item.record, dict(item))


def _made(record: type, given: Mapping[str, Any]) -> Any:
    """A record of the values that are given; the rest has its defaults."""
    settings: dict[str, Any] = {}
    for key in keys_of(record):
        value = given.get(key.name)
        if key.nested is not None:
            settings[key.name] = _made(key.nested, given)
        elif key.setting is None or value is None:
            continue
        elif key.setting.instead is not None and not isinstance(value, str):
            other, settings[key.name] = key.setting.instead
            settings[other] = value
        else:
            settings[key.name] = value
    return record(**settings)


def map_of(record: Any) -> dict[str, Any]:
    """A record as a study file says it, without what has no effect; the inverse of `record_of`."""
    written: dict[str, Any] = {}
    for key in keys_of(type(record)):
        value = getattr(record, key.name)
        if key.nested is not None:
            written |= map_of(value)
            continue
        if key.name == "kind":
            written = {"kind": value} | written
        if (
            key.setting is None
            or value in (None, "", ())
            or (key.left_out and value == key.default)
        ):
            continue
        if key.setting.instead is not None:
            value = getattr(record, key.setting.instead[0]) or value
        written[key.name] = _plain(value)
    return written


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in cast("tuple[Any, ...]", value)]
    return map_of(value) if dataclasses.is_dataclass(value) else value
