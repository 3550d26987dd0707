"""What the tests of files share: files to read, and what is said of bad ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stature.datafile.examinations import PeopleError
from stature.datafile.people import read_people


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(content: str | bytes, name: str = "people.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def refusals() -> Callable[..., tuple[str, ...]]:
    """Messages of a refused file, without the path that each must begin with."""

    def refusals(path: Path, **options: Any) -> tuple[str, ...]:
        with pytest.raises(PeopleError) as caught:
            read_people(path, **options)
        for message in caught.value.messages:
            assert message.startswith(f"{path}: ")
            assert "\n" not in message
            assert "Error" not in message
        return tuple(message.removeprefix(f"{path}: ") for message in caught.value.messages)

    return refusals
