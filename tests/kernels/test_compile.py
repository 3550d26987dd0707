import atexit
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from llvmlite import binding
from numba.core import config

from stature.kernels import compile as compiling
from stature.kernels.compile import cache_folder, cache_name, jit


@jit
def twice(value: float) -> float:
    return 2 * value


def test_compiled_code_is_kept_in_a_folder_named_by_the_sources():
    folder = Path(str(config.CACHE_DIR))  # pyright: ignore[reportAttributeAccessIssue]: set at run time
    assert folder.is_dir()
    assert folder.name.startswith("compiled-")
    assert folder.parent.parent == Path(compiling.__file__).parent


def test_a_compiled_function_gives_what_its_source_gives():
    assert twice(1.5) == 3.0


def test_processors_do_not_share_compiled_code(monkeypatch: pytest.MonkeyPatch) -> None:
    here = cache_name()
    assert cache_name() == here
    monkeypatch.setattr(binding, "get_host_cpu_name", lambda: "another")
    assert cache_name() != here


def test_code_for_a_processor_that_numba_is_told_lies_in_the_same_folder_on_every_machine(
    monkeypatch: pytest.MonkeyPatch,
):
    here = cache_name()
    monkeypatch.setattr(config, "CPU_NAME", "x86-64-v3")
    monkeypatch.setattr(config, "CPU_FEATURES", "")
    told = cache_name()
    assert told != here
    monkeypatch.setattr(binding, "get_host_cpu_name", lambda: "another")
    assert cache_name() == told


def test_compiled_code_goes_beside_the_sources_and_else_to_the_user(tmp_path: Path) -> None:
    beside, of_user = tmp_path / "sources/compiled", tmp_path / "home/compiled"
    assert cache_folder(beside, of_user) == beside
    assert beside.is_dir()
    # A file in the way, since a folder without permission does not keep root out.
    (tmp_path / "read-only").touch()
    assert cache_folder(tmp_path / "read-only/compiled", of_user) == of_user


def test_where_nothing_can_be_written_compiled_code_is_copied_for_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = tmp_path / "compiled"
    beside.mkdir()
    (beside / "twice.nbc").write_bytes(b"code")
    at_exit = list[tuple[Callable[..., Any], Path]]()
    monkeypatch.setattr(compiling, "_can_be_written_to", lambda folder: False)  # pyright: ignore[reportUnknownArgumentType]
    monkeypatch.setattr(atexit, "register", lambda f, folder, **_: at_exit.append((f, folder)))
    folder = cache_folder(beside, tmp_path)
    assert (folder / "twice.nbc").read_bytes() == b"code"
    ((remove, removed),) = at_exit
    assert removed == folder
    remove(folder)
    assert not folder.exists()
