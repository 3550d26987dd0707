"""Fields of records that stay out of what jobs depend on while they have their usual value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Mark of a field that the JSON of its record leaves out where it has its usual value.

    What was made before the record had the field is then still what its spec says.
    """

    usual: object
