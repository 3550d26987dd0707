"""What is generated of the keys: the JSON Schema for editors, and the page `config/README.md`.

``python -m stature.config.documents`` writes both anew, in the repository.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from stature.config.maps import Takes, closed, maps_in
from stature.config.messages import respelt
from stature.config.model import (
    BIAS_ITEMS,
    FACTORIAL,
    OBSERVATION_ITEMS,
    EstimatorItem,
    PopulationItem,
    StudyFile,
)
from stature.domain.observation import Grid
from stature.domain.population import Group
from stature.domain.quantity import Quantity
from stature.estimators.estimator import Stop
from stature.measures.measure import Precision

README = "config/README.md"
SCHEMA = "workflow/schemas/study.schema.json"
"""Where they lie in the repository."""

_KEYS = "## Keys of a study\n"  # everything above it is written by hand

_FACTORIAL_HEAD = (
    "## Factorials\n\nThese keys go into an item of `populations`, `biases` or `estimators`.\n"
)


def readme_text(page: str) -> str:
    """The page with all that is said of keys made anew."""
    parts = [page.partition(_KEYS)[0] + _KEYS, _table(closed(StudyFile))]
    for title, record in (
        ("`precision`", Precision),
        ("`quantity`", Quantity),
        ("An item of `populations`", PopulationItem),
        ("An item of `groups`", Group),
    ):
        parts += _section(f"## {title}", closed(record))
    parts += ["## An item of `biases`\n", "One item is one bias; its `kind` says what it does.\n"]
    for kind, model in BIAS_ITEMS.items():
        parts += _section(f"### `kind: {kind}`", model)
        if kind == "heaping":
            parts += ["An item of `grids`:\n", _table(closed(Grid))]
    parts += _section("## An item of `estimators`", closed(EstimatorItem))
    for kind, model in OBSERVATION_ITEMS.items():
        parts += _section(f"### `observation: {{kind: {kind}}}`", model)
    parts += _section("### `stop`", closed(Stop))
    parts += [_FACTORIAL_HEAD, "| key | takes | meaning |", "|---|---|---|"]
    parts += [f"| `{key}` | {one.takes} | {one.about} |" for key, one in FACTORIAL.items()]
    return "\n".join(parts) + "\n"


def _section(title: str, model: type[BaseModel]) -> tuple[str, ...]:
    return f"{title}\n", " ".join((model.__doc__ or "").split()) + "\n", _table(model)


def _table(model: type[BaseModel]) -> str:
    lines = ["| key | takes | default | meaning |", "|---|---|---|---|", *_rows(model)]
    return "\n".join(lines) + "\n"


def _rows(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        cells = (f"`{name}`", _takes(field), _default(field), field.description or "")
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _takes(field: FieldInfo) -> str:
    """What a key takes, in the words of the messages."""
    for takes in field.metadata:
        if isinstance(takes, Takes):
            return takes.full
    words = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    if words:
        return ", ".join(f"`{word}`" for word in words)
    kinds = maps_in(field.annotation)
    if len(kinds) == 1:
        return f"a map of keys, below: {', '.join(f'`{key}`' for key in kinds[0].model_fields)}"
    known = ", ".join(str(*get_args(one.model_fields["kind"].annotation)) for one in kinds)
    return f"a map with `kind`, one of: {known}; the keys of each are below"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default in (None, ""):
        return "–"
    value = field.default
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{respelt(value, 'a number') if isinstance(value, float) else value}`"


def study_schema() -> dict[str, Any]:
    """JSON Schema of a study file."""
    schema = closed(StudyFile).model_json_schema()
    schema.pop("required", None)
    for name in ("PopulationItem", "EstimatorItem", *(one.__name__ for one in BIAS_ITEMS.values())):
        item = schema["$defs"][name]
        for key, one in FACTORIAL.items():
            item["properties"][key] = {**one.editor, "description": one.about}
        # What varies need not be given besides.
        needed = item.pop("required", [])
        item["if"] = {"required": ["vary"]}
        item["else"] = {"required": needed}
    sizes = schema["properties"]["sizes"]
    one = sizes["items"]
    several = {key: sizes.pop(key) for key in ("items", "type", "minItems") if key in sizes}
    sizes["anyOf"] = [several, one]
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Study of Stature",
        "description": "Generated from stature.config.model; see config/README.md.",
    }
    return head | {key: value for key, value in _tidy(schema).items() if key not in head}


def schema_text() -> str:
    """The schema as the file holds it."""
    return json.dumps(study_schema(), indent=2, ensure_ascii=False) + "\n"


def _tidy(node: Any) -> Any:
    """Drop titles that pydantic makes of names, and the null that means `not given`."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidy = {
        key: value if key == "properties" else _tidy(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str))
        and not (key == "default" and value is None)
    }
    if "properties" in tidy:
        tidy["properties"] = {key: _tidy(value) for key, value in tidy["properties"].items()}
    options = tidy.get("anyOf")
    if options and {"type": "null"} in options:
        rest = [option for option in options if option != {"type": "null"}]
        del tidy["anyOf"]
        tidy |= rest[0] if len(rest) == 1 else {"anyOf": rest}
    return tidy


if __name__ == "__main__":
    readme = Path(README)
    readme.write_text(readme_text(readme.read_text(encoding="utf-8")), encoding="utf-8")
    Path(SCHEMA).write_text(schema_text(), encoding="utf-8")
