"""What is kept of source files is never another than what is in them, and never in the way."""

from pathlib import Path

import pytest

from stature import sources
from stature.sources import Source, Sources, parse

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
    monkeypatch.setattr(sources.sys, "version_info", (3, 99, 0))
    assert Sources(kept)[work] == found


def test_a_place_that_cannot_be_written_is_no_error(work: Path, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way")
    found = Sources(tmp_path / "a file/kept.json")
    assert found[work] == parse(TEXT)
    found.keep()
