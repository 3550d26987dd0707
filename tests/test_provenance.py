import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from stature import provenance
from stature.kernels.compile import target
from stature.provenance import (
    DesignScenario,
    DesignSpec,
    Source,
    Sources,
    StudyRecord,
    closure,
    code_digests,
    parse,
    runtime_packages,
    write_design,
    write_provenance,
)
from stature.store import records
from stature.writing import write_text

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "uv.lock"

SCRIPT = '''"""Draws."""

from typing import TYPE_CHECKING

from shop.work import draw

if TYPE_CHECKING:
    from shop.types import Thing

draw(2)
'''
WORK = '''"""Work."""


def draw(number: int) -> int:
    """Draw."""
    from shop.late import add

    # One more.
    return add(number) + 1
'''


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package `shop` and a script that uses it, in a folder of their own."""
    files = {
        "script.py": SCRIPT,
        "uv.lock": lock_text(numpy="2.0", ruff="0.9"),
        "shop/__init__.py": '"""A shop."""\n',
        "shop/work.py": WORK,
        "shop/late.py": "def add(number):\n    return number + 1\n",
        "shop/types.py": "class Thing: ...\n",
        "shop/other.py": "x = 1\n",
        "shop/page.html.j2": "<p>\n",
    }
    write(tmp_path, files)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(provenance, "PACKAGE", "shop")
    forget()
    return tmp_path


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def lock_text(numpy: str, ruff: str) -> str:
    return f"""version = 1
[[package]]
name = "shop"
version = "0.1"
dependencies = [{{ name = "pandas" }}]
[package.dev-dependencies]
dev = [{{ name = "ruff" }}]
[[package]]
name = "pandas"
version = "3.0"
dependencies = [{{ name = "numpy" }}]
[[package]]
name = "numpy"
version = "{numpy}"
[[package]]
name = "ruff"
version = "{ruff}"
"""


def forget() -> None:
    for function in vars(provenance).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()


def digest(shop: Path) -> str:
    forget()
    return code_digests([shop / "script.py"], shop / "uv.lock", shop / "kept/sources.json")[
        "script"
    ]


def test_closure_follows_late_imports_and_parents_but_not_those_for_types(shop: Path) -> None:
    assert set(closure(shop / "script.py", Sources())) == {"shop", "shop.work", "shop.late"}


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("shop/work.py", "# One more.", "# One more than before.\n"),
        ("shop/work.py", '"""Draw."""', '"""Draw a number."""'),
        ("shop/work.py", '"""Work."""\n', ""),
        ("shop/work.py", "add(number) + 1", "(add(\n        number) + 1)"),
        ("shop/other.py", "1", "2"),
        ("shop/types.py", "Thing", "Thong"),
        ("uv.lock", "0.9", "0.10"),
    ],
)
def test_digest_stays_when_the_job_stays(shop: Path, file: str, old: str, new: str) -> None:
    before = digest(shop)
    change(shop / file, old, new)
    assert digest(shop) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("script.py", "draw(2)", "draw(3)"),
        ("shop/work.py", "+ 1", "+ 2"),
        ("shop/late.py", "number + 1", "number + 2"),
        ("shop/__init__.py", '"""A shop."""', "y = 1"),
        ("shop/page.html.j2", "<p>", "<b>"),
        ("uv.lock", '"2.0"', '"2.1"'),
    ],
)
def test_digest_moves_when_the_job_changes(shop: Path, file: str, old: str, new: str) -> None:
    before = digest(shop)
    change(shop / file, old, new)
    assert digest(shop) != before


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_digest_is_the_same_in_every_folder(
    shop: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest(shop)
    moved = tmp_path_factory.mktemp("moved") / "elsewhere"
    shop.rename(moved)
    monkeypatch.syspath_prepend(str(moved))
    assert digest(moved) == before


def test_nothing_is_imported_for_a_digest(shop: Path) -> None:
    digest(shop)
    assert "shop.work" not in sys.modules
    assert "shop" not in sys.modules


def test_development_tools_are_no_runtime_packages() -> None:
    names = {package.split("==")[0] for package in runtime_packages(LOCK)}
    assert {"numpy", "numba", "snakemake", "llvmlite"} <= names
    assert names.isdisjoint({"ruff", "pytest", "hypothesis", "stature"})


def test_no_source_is_parsed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = sorted((ROOT / "workflow/scripts").glob("*.py"))
    parsed: list[bytes] = []

    def counted(text: bytes) -> Source:
        parsed.append(text)
        return parse(text)

    monkeypatch.setattr(provenance, "parse", counted)
    forget()
    first = code_digests(scripts, LOCK, tmp_path / "sources.json")
    assert len(set(first.values())) == len(scripts)
    assert len(parsed) == len(set(parsed)) > 50
    parsed.clear()
    assert code_digests(scripts, LOCK, tmp_path / "sources.json") == first
    assert not parsed


def record(config: str = "seed: 7\n") -> StudyRecord:
    code = {"fit_samples": "ab", "draw_samples": "cd"}
    return StudyRecord("heights", 7, config, code, DesignSpec((), (10,), 2, 1, ("mle",)))


def test_record_holds_no_time_or_place_and_repeats(tmp_path: Path) -> None:
    paths = [tmp_path / "one.json", tmp_path / "two.json"]
    for path in paths:
        write_provenance(path, record())
    text = paths[0].read_text(encoding="utf-8")
    written = json.loads(text)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert (written["study"], written["seed"]) == ("heights", 7)
    assert list(written["code_digests"]) == ["draw_samples", "fit_samples"]
    assert written["packages"]["numpy"][0].isdigit()
    assert written["processor"]
    assert written["compiled_for"] == " ".join(filter(None, target()))
    assert str(tmp_path) not in text
    assert str(ROOT) not in text


def test_config_is_written_as_it_is_and_has_a_digest(tmp_path: Path) -> None:
    write_text(tmp_path / "config.yaml", record().config)
    assert (tmp_path / "config.yaml").read_text(encoding="utf-8") == "seed: 7\n"
    found: set[str] = set()
    for config in ("seed: 7\n", "seed: 7\n", "seed: 8\n"):
        write_provenance(tmp_path / "record.json", record(config))
        found.add(json.loads((tmp_path / "record.json").read_text())["config_digest"])
    assert len(found) == 2


def test_commit_is_named_in_a_repository_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "src/stature/provenance.py"))
    write_provenance(tmp_path / "record.json", record())
    assert json.loads((tmp_path / "record.json").read_text())["commit"] is None
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], [*identity, "commit", "-q", "--allow-empty", "-m", "Begin"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    write_provenance(tmp_path / "record.json", record())
    assert len(json.loads((tmp_path / "record.json").read_text())["commit"]) == 40


def test_a_job_belongs_to_the_run_that_began_with_its_study(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(provenance.RUN, "")
    assert not provenance.edited_in_mid_run("a", begins=False)  # nothing is known of a run
    assert not provenance.edited_in_mid_run("a", begins=True)
    assert not provenance.edited_in_mid_run("a", begins=False)
    assert provenance.edited_in_mid_run("b", begins=False)
    assert not provenance.edited_in_mid_run("b", begins=True)  # as a module of others
    assert not provenance.edited_in_mid_run("a", begins=False)
    assert not provenance.edited_in_mid_run("b", begins=False)


DESIGN = DesignSpec(
    scenarios=(
        DesignScenario("school", "none", "school.none"),
        DesignScenario("school", "cut", "school.cut"),
    ),
    sizes=(20, 50, 200),
    replicates=7,
    blocks=2,
    estimators=("mle", "em"),
)


def rows_of(path: Path) -> list[dict[str, object]]:
    return records.DESIGN.read(path).to_pylist()


def test_every_scenario_has_a_row_for_every_size_in_the_order_of_the_study(tmp_path: Path):
    write_design(tmp_path / "design.parquet", DESIGN)
    expected = [(scenario.slug, size) for scenario in DESIGN.scenarios for size in DESIGN.sizes]
    found = [(row["scenario"], row["size"]) for row in rows_of(tmp_path / "design.parquet")]
    assert found == expected


def test_a_row_tells_the_names_and_the_whole_design(tmp_path: Path):
    write_design(tmp_path / "design.parquet", DESIGN)
    last = rows_of(tmp_path / "design.parquet")[-1]
    scenario = asdict(DESIGN.scenarios[-1])
    assert last == {
        "population": scenario["population"],
        "bias": scenario["bias"],
        "scenario": scenario["slug"],
        "size": DESIGN.sizes[-1],
        "replicates": DESIGN.replicates,
        "blocks": DESIGN.blocks,
        "estimators": list(DESIGN.estimators),
    }


def test_a_scenario_tells_who_is_fitted_to_it(tmp_path: Path):
    first, second = DESIGN.scenarios
    some = replace(DESIGN, scenarios=(replace(first, estimators=("mle",)), second))
    write_design(tmp_path / "design.parquet", some)
    found = {row["bias"]: row["estimators"] for row in rows_of(tmp_path / "design.parquet")}
    assert found == {"none": ["mle"], "cut": ["mle", "em"]}


def test_the_same_design_gives_the_same_bytes(tmp_path: Path):
    for name in ("one", "two"):
        write_design(tmp_path / name, DESIGN)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


TEXT = b'''"""Work."""

import shop.late
from shop import thing


def draw():
    """Draw."""
    from shop.work import add
    return add(1)
'''


@pytest.fixture
def work(tmp_path: Path) -> Path:
    path = tmp_path / "work.py"
    path.write_bytes(TEXT)
    return path


def test_imports_anywhere_are_found() -> None:
    assert parse(TEXT).imported == ("shop.late", "shop.thing", "shop.work.add")


def test_what_is_kept_is_read_instead_of_parsed(work: Path, tmp_path: Path) -> None:
    kept = tmp_path / "deep/kept.json"
    first = Sources(kept)
    found = first[work]
    first.keep()
    entry = kept.read_text(encoding="utf-8")
    kept.write_text(entry.replace(found.digest, "kept"), encoding="utf-8")
    assert Sources(kept)[work] == Source("kept", found.imported)


def test_a_changed_file_is_parsed_and_the_old_one_is_forgotten(work: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    first = Sources(kept)
    before = first[work]
    first.keep()
    work.write_bytes(TEXT.replace(b"add(1)", b"add(2)"))
    second = Sources(kept)
    assert second[work] == parse(work.read_bytes()) != before
    second.keep()
    assert before.digest not in kept.read_text(encoding="utf-8")


def test_nothing_is_written_where_nothing_is_new(work: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    times: list[int] = []
    for _ in range(2):
        found = Sources(kept)
        assert found[work] == parse(TEXT)
        found.keep()
        times.append(kept.stat().st_mtime_ns)
    assert times[0] == times[1]


@pytest.mark.parametrize(
    "damaged", ["", "{", "[]", "7", "null", "[[1], {}]", "[MAKER, 7]", '[MAKER, {"KEY": 7}]']
)
def test_a_damaged_file_counts_for_nothing(work: Path, tmp_path: Path, damaged: str) -> None:
    kept = tmp_path / "kept.json"
    first = Sources(kept)
    expected = first[work]
    first.keep()
    maker = kept.read_text(encoding="utf-8").partition("{")[0].removeprefix("[").rstrip(", ")
    kept.write_text(damaged.replace("MAKER", maker), encoding="utf-8")
    assert Sources(kept)[work] == expected


def test_another_python_parses_anew(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept.json"
    first = Sources(kept)
    found = first[work]
    first.keep()
    text = kept.read_text(encoding="utf-8").replace(found.digest, "of another Python")
    kept.write_text(text, encoding="utf-8")
    monkeypatch.setattr(provenance.sys, "version_info", (3, 99, 0))
    assert Sources(kept)[work] == found


def test_a_place_that_cannot_be_written_is_no_error(work: Path, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way")
    found = Sources(tmp_path / "a file/kept.json")
    assert found[work] == parse(TEXT)
    found.keep()
