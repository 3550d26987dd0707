"""A study file that is right, of which a test changes single keys."""

from collections.abc import Callable
from pathlib import Path

import pytest
from snakemake.common.configfile import load_configfile

from stature.config.study import ConfigError, Study, check, load

ROOT = Path(__file__).parents[2]
KEYS = {
    "study": "mine",
    "seed": "1",
    "replicates": "4",
    "block": "2",
    "sizes": "[40, 100]",
    "populations": """
  - name: school
    groups:
      - {name: girls, share: 0.5, mean_cm: 163.0, sd_cm: 6.5}
      - {name: boys, share: 0.5, mean_cm: 176.0, sd_cm: 7.0}""",
    "biases": """
  - {name: none, kind: none}""",
    "estimators": """
  - {name: mle, labels: all, method: closed-form}
  - {name: em, labels: none, method: em}""",
}
Write = Callable[..., Path]
Read = Callable[..., Study]
Refused = Callable[..., list[str]]


def text_of(changes: dict[str, str | None]) -> str:
    """YAML of the right file with some keys changed, added or, by None, left out."""
    keys = {**KEYS, **changes}
    return "".join(f"{key}: {value}\n" for key, value in keys.items() if value is not None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Write:
    """Write `mine.yaml`: the right keys with changes, or a text of one's own."""

    def write(text: str | None = None, **changes: str | None) -> Path:
        path = folder / "mine.yaml"
        path.write_text(text_of(changes) if text is None else text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def read(write: Write) -> Read:
    """The study of a file with changes, which the command line and Snakemake read alike."""

    def read(text: str | None = None, **changes: str | None) -> Study:
        path = write(text, **changes)
        study = load([path], ROOT)
        assert check(load_configfile(path), [path], ROOT) == study
        return study

    return read


@pytest.fixture
def refused(write: Write) -> Refused:
    """All that is wrong with a file with changes, in the same words from both sides."""

    def refused(text: str | None = None, **changes: str | None) -> list[str]:
        path = write(text, **changes)
        with pytest.raises(ConfigError) as by_command:
            load([path], ROOT)
        with pytest.raises(ConfigError) as by_snakemake:
            check(load_configfile(path), [path], ROOT)
        messages = str(by_command.value).splitlines()
        assert str(by_snakemake.value).splitlines() == messages
        assert list(by_command.value.messages) == messages
        return [message.removeprefix("mine.yaml: ") for message in messages]

    return refused
