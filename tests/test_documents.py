"""README, CONTRIBUTING, `docs` and the comments of `config` are true, in the words of the field."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from stature.cli.main import main

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "config/README.md",
    ROOT / "data/PROVENANCE.md",
    ROOT / "benchmarks/results.md",
]
CONFIGS = sorted((ROOT / "config").glob("*.yaml"))
FOLDERS = ("src", "config", "data", "docs", "benchmarks", "tests", "workflow", "profiles", ".ci")
# Words of our own, for which statistics has others.
NOT_ENGLISH = ("climb", "told", "whoever", "strangers", "rivals", "ascent")


def layers() -> list[str]:
    """Layers of the import contract, from the top; packages side by side joined by &."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    (contract,) = [one for one in contracts if one["type"] == "layers"]
    return [layer.replace(" : ", " & ") for layer in contract["layers"]]


def test_the_drawing_of_the_layers_is_the_contract_of_imports() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (drawing,) = re.findall(r"```mermaid\n(.*?)```", text, flags=re.DOTALL)
    arrows = re.findall(r"^ +(\w[\w &]*?) --> (\w[\w &]*)$", drawing, flags=re.MULTILINE)
    assert arrows == list(pairwise(layers()))
    boxes = re.findall(r'^ +(\w+)\["<b>(\w+)</b>: .+"\]$', drawing, flags=re.MULTILINE)
    assert [name for name, shown in boxes if name == shown] == " & ".join(layers()).split(" & ")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_a_document_names_are_there(path: Path) -> None:
    named = re.findall(r"`([\w./-]+/[\w./-]*)`|\]\(([\w./-]+)\)", path.read_text(encoding="utf-8"))
    inside = ("", "src/stature", path.parent.relative_to(ROOT))
    missing = [
        name
        for name in (one or other for one, other in named)
        if not any((ROOT / folder / name).exists() for folder in inside)
        and (name.split("/")[0] in FOLDERS or (ROOT / "src/stature" / name.split("/")[0]).exists())
    ]
    assert missing == []


@pytest.mark.parametrize("path", [*DOCUMENTS, *CONFIGS], ids=lambda path: path.name)
def test_documents_speak_the_words_of_the_field(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    # Names of biases and estimators are keys, and stay.
    prose = re.sub(r"`[^`]*`|```.*?```|name: [\w-]+|\[[\w, -]+\]", "", text, flags=re.DOTALL)
    found = [word for word in NOT_ENGLISH if re.search(rf"\b{word}\b", prose, re.IGNORECASE)]
    assert found == []


def test_the_first_picture_of_make_results_is_a_fit_of_hidden_groups(tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    rule = r"^results/galton.html: (\S+) .*\n\t@.venv/bin/stature (fit .*) >/dev/null$"
    found: list[tuple[str, str]] = re.findall(rule, makefile, flags=re.MULTILINE)
    ((data, line),) = found
    page = tmp_path / "page.html"
    places = {"$<": str(ROOT / data), "$@": str(page)}
    assert main([places.get(word, word) for word in line.split()]) == 0
    text = page.read_text(encoding="utf-8")
    assert "<svg" in text
    assert "when nobody says who is who" in text
