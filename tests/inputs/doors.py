"""The front door for study files: what the command, `snakemake` and `snakemake -n` all make of one.

The three call the same checker. Snakemake hands over a config that it has loaded and merged; the
command loads and merges the files itself. Here both ways are taken, and must say the same.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from snakemake.cli import parse_config
from snakemake.common.configfile import load_configfile
from snakemake.utils import update_config

from stature.config.study import ConfigError, Study, check, load
from tests.config.conftest import text_of

ROOT = Path(__file__).parents[2]
GIRLS = "{name: girls, share: 0.5, mean_cm: 163.0, sd_cm: 6.5}"
BOYS = "{name: boys, share: 0.5, mean_cm: 176.0, sd_cm: 7.0}"

Outcome = Literal["E", "W", "A", "P"]
Changes = dict[str, str | None]


@dataclass(frozen=True)
class Judgement:
    """What became of a study: an error, a warning, accepted, or left to Snakemake."""

    outcome: Outcome
    lines: tuple[str, ...]
    study: Study | None = None


def judge(path: Path, *typed: str) -> Judgement:
    """Judge a file, with `--config` entries if there are any, in both ways."""
    try:
        config = load_configfile(path)
    except Exception as error:
        # Snakemake stops before it asks the checker, by a sentence or, where the text is not UTF-8
        # or is nested too deeply, by falling over.
        by_command = _by_command(path)
        assert by_command.outcome == "E"
        return Judgement("P", (str(error), *by_command.lines))
    update_config(config, parse_config(typed))
    try:
        study = check(config, [path], ROOT)
    except ConfigError as error:
        found = Judgement("E", error.messages)
    else:
        found = Judgement("W" if study.warnings else "A", study.warnings, study)
    if not typed and "__use_yte__" not in path.read_text(encoding="utf-8-sig"):
        assert _by_command(path) == found
    for line in found.lines:
        assert line
        assert "\n" not in line
        assert not {"Traceback", "pydantic", "Error(", "NoneType"} & set(line.split())
    return found


def _by_command(path: Path) -> Judgement:
    try:
        study = load([path], ROOT)
    except ConfigError as error:
        return Judgement("E", error.messages)
    return Judgement("W" if study.warnings else "A", study.warnings, study)


def school(*groups: str) -> str:
    """A population named school."""
    return "\n  - name: school\n    groups:" + "".join(f"\n      - {group}" for group in groups)


def item(settings: str, name: str = "x") -> str:
    """A list of one named item."""
    return f"\n  - {{name: {name}, {settings}}}"


def em(settings: str) -> str:
    """One EM estimator without labels."""
    return item(f"labels: none, method: em, {settings}", "em")


def data_file(
    settings: str = "height: height_in, unit: in, group: sex", file: str = "p.csv"
) -> str:
    """A population that is a file."""
    return f"\n  - {{name: p, file: '{file}', {settings}}}"


def written(folder: Path, changes: Changes | str | bytes) -> Path:
    """A study file: the right keys with changes, or a text of its own."""
    path = folder / "mine.yaml"
    text = text_of(changes) if isinstance(changes, dict) else changes
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def expect(path: Path, outcome: Outcome, words: str) -> None:
    """Judge a file: the outcome must be right, and one line must hold the words.

    Nothing but the study file, and the data that a test wrote, may lie in its folder afterwards.
    """
    before = sorted(path.parent.rglob("*"))
    found = judge(path)
    assert found.outcome == outcome, found.lines
    if words:
        assert [line for line in found.lines if words in line], found.lines
    assert sorted(path.parent.rglob("*")) == before
