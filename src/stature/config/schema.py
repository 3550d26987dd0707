"""The JSON Schema of a study file, for editors: generated from the model, never written by hand."""

import json
from typing import Any

from stature.config.model import StudyFile

PATH = "workflow/schemas/study.schema.json"
"""Where it lies in the repository; `python -m stature.config.schema > PATH` writes it anew."""


def study_schema() -> dict[str, Any]:
    """JSON Schema of a study file."""
    schema = StudyFile.model_json_schema()
    schema.pop("required", None)
    whole = schema["properties"]["sizes"]
    one = whole["items"]
    whole["anyOf"] = [
        {key: whole.pop(key) for key in ("items", "type", "minItems") if key in whole}
    ]
    whole["anyOf"].append(one)
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
    print(schema_text(), end="")
