"""What the tests of the command share: fits that cost nothing, and the command on a text."""

import json
from pathlib import Path
from typing import Any

import pytest

from stature.cli.main import main
from tests.datafile.conftest import made_up, runs

__all__ = ["made_up", "runs"]


COMPILING = "stature: compiling, once"


class Fit:
    """`stature fit` as a person runs it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def file(self, text: str, name: str = "people.csv") -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def says(self, file: str, *options: str) -> tuple[int, str, str]:
        """Return exit code, standard output and standard error."""
        code = main(["fit", file, *options])
        printed = self.capsys.readouterr()
        assert "Traceback" not in printed.err
        # Whichever test comes first in a fresh checkout compiles.
        told = [line for line in printed.err.splitlines(True) if COMPILING not in line]
        return code, printed.out, "".join(told)

    def finds(self, file: str, *options: str, warned: str = "") -> dict[str, Any]:
        """Return the JSON object; some word of its warnings can be asked for."""
        code, out, err = self.says(file, *options, "--json")
        assert (code, err) == (0, "")
        found = json.loads(out)
        assert warned in " ".join(found["warnings"])
        return found


@pytest.fixture
def fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Fit:
    return Fit(tmp_path, capsys)
