"""What a config or a data file says never leaves the results of its study, and is never run."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stature.config import source
from stature.config.study import ConfigError, load
from tests.workflow.conftest import CLASS, ROOT

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

ESCAPES = (
    "../out",
    "..",
    ".",
    "/tmp/out",
    "a/b",
    "a\\b",
    "~",
    "$HOME",
    "a b",
    "",
    "-rf",
    "a\n",
    "%2e",
)
CODE = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "workflow").rglob("*.py")])
# Modules that make objects, or programs, of bytes; and names that run text.
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"}
UNSAFE_CALLS = {
    "eval", "exec", "compile", "__import__", "unsafe_load", "full_load", "read_pickle", "to_pickle",
    "system", "popen",
}  # fmt: skip
# Runs the functions that a study names, and says so.
OF_USERS = {"functions.py": {"exec", "compile"}}


def rename(study: dict[str, Any], place: str, name: str) -> None:
    if place == "study":
        study["study"] = name
    else:
        study[place][0]["name"] = name


@pytest.mark.parametrize("name", ESCAPES)
@pytest.mark.parametrize("place", ["study", "populations", "biases", "estimators"])
def test_no_name_leads_out_of_the_results(fresh: Project, place: str, name: str) -> None:
    fresh.edit(lambda study: rename(study, place, name))
    with pytest.raises(ConfigError, match=r"names are folders|expected a name"):
        load([fresh.folder / "config/config.yaml"], fresh.folder)


@pytest.mark.slow
def test_every_file_of_a_run_lies_in_the_results_of_its_study(finished: Project) -> None:
    shown = {path.name for path in finished.folder.iterdir()}
    assert shown == {"config", "data", "results", ".snakemake"}
    beside = sorted(path.name for path in (finished.folder / "results").iterdir())
    assert beside == ["index.html", "tiny"]
    # A data file is only read.
    assert [path.name for path in (finished.folder / "data").iterdir()] == ["class.csv"]
    assert (finished.folder / "data/class.csv").read_text(encoding="utf-8") == CLASS


def laughs(generations: int) -> str:
    """Ten lines that stand for ten to the power of their number."""
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    for one in range(1, generations):
        lines.append(f"a{one}: &a{one} [{', '.join([f'*a{one - 1}'] * 10)}]")
    return "\n".join([*lines, "sizes: *a0", ""])


def test_aliases_of_aliases_are_counted_and_not_written_out(fresh: Project) -> None:
    (fresh.folder / "laughs.yaml").write_text(laughs(30), encoding="utf-8")
    done = fresh.command("--dry-run", "--configfile", "laughs.yaml")
    assert done.returncode == 1
    said = done.stdout + done.stderr  # plans are told on standard output
    assert "laughs.yaml: expected at most 100,000 values, got more" in said
    assert "Traceback" not in said


def test_an_alias_that_is_of_use_is_taken(fresh: Project) -> None:
    text = (fresh.folder / "config/config.yaml").read_text(encoding="utf-8")
    text = text.replace("replicates: 4", "replicates: &four 4").replace("seed: 7", "seed: 7\n")
    text = text.replace("block: 2", "block: *four")
    (fresh.folder / "config/config.yaml").write_text(text, encoding="utf-8")
    assert len(load([fresh.folder / "config/config.yaml"], fresh.folder).blocks) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * 2_000_000, "expected a study file of at most 1,000,000 bytes, got more"),
        ("a: " + "[" * 5000, "not valid YAML"),
        ("a: !!python/object/apply:os.system [touch here]", "not valid YAML"),
    ],
    ids=["large", "deep", "tag"],
)
def test_a_file_that_is_large_deep_or_a_program_is_refused(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    (problem,) = source.read(path).problems
    assert sentence in problem.sentence
    assert [file.name for file in tmp_path.iterdir()] == ["mine.yaml"]


def test_an_endless_file_is_not_read_to_its_end() -> None:
    (problem,) = source.read(Path("/dev/zero")).problems
    assert "at most 1,000,000 bytes" in problem.sentence


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.name)
def test_nothing_is_made_of_bytes_but_data(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", "") or "", *(alias.name for alias in node.names)]
    }
    called = {
        getattr(node.func, "attr", getattr(node.func, "id", ""))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    } - (
        {"compile"}
        if re.search(r"\b(re|function)\.compile\(", path.read_text(encoding="utf-8"))
        else set()
    )
    assert imported & UNSAFE_MODULES == set()
    assert called & UNSAFE_CALLS == OF_USERS.get(path.name, set())
