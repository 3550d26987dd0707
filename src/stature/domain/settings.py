"""Fields of records that stay out of what jobs depend on while they have their usual value."""

from typing import Any

from pydantic import Field
from pydantic.fields import FieldInfo


def left_out(usual: object) -> FieldInfo:
    """Mark a field that the JSON of its record leaves out where it has its usual value.

    What was made before the record had the field is then still what its spec says.
    """

    def is_usual(value: Any) -> bool:
        return value == usual

    return Field(exclude_if=is_usual)
