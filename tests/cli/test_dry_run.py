from pathlib import Path

import pytest

from stature.cli import dry_run
from stature.cli.dry_run import DEFAULT_CONFIG, DryRunError, config_files


def test_the_default_config_comes_first_where_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert config_files([]) == (DEFAULT_CONFIG,)
    assert config_files(["mine.yaml"]) == ("mine.yaml",)
    (tmp_path / "config").mkdir()
    (tmp_path / DEFAULT_CONFIG).touch()
    assert config_files(["mine.yaml"]) == (DEFAULT_CONFIG, "mine.yaml")


def test_a_snakefile_here_is_taken_before_that_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert dry_run.snakefile() == dry_run.CHECKOUT / "Snakefile"
    (tmp_path / "Snakefile").touch()
    assert dry_run.snakefile() == tmp_path / "Snakefile"


def test_no_snakefile_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dry_run, "CHECKOUT", tmp_path)
    with pytest.raises(DryRunError, match="no Snakefile here"):
        dry_run.snakefile()
