import atexit
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np
import pytest
from llvmlite import binding
from numba.core import config
from numba.core.errors import NumbaError

from stature.arrays import Floats
from stature.kernels import compile as compiling
from stature.kernels.compile import (
    COMMON_FEATURES,
    cache_folder,
    cache_name,
    jit,
    jit_lent,
    target,
)


def test_compiled_code_is_kept_in_a_folder_named_by_the_sources():
    folder = Path(str(config.CACHE_DIR))  # pyright: ignore[reportAttributeAccessIssue]: set at run time
    assert folder.is_dir()
    assert folder.name.startswith("compiled-")
    assert folder.parent.parent == Path(compiling.__file__).parent


NEW = binding.FeatureMap(dict.fromkeys((*COMMON_FEATURES, "avx512f"), True))
OLD = binding.FeatureMap({"sse4.2": True})


def test_servers_of_ten_years_run_one_and_the_same_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(config), "CPU_NAME", None)
    monkeypatch.setattr(binding, "get_host_cpu_features", lambda: NEW)
    here = cache_name()
    assert target() == ("x86-64-v3", "")
    monkeypatch.setattr(binding, "get_host_cpu_name", lambda: "another")
    assert cache_name() == here


def test_code_for_older_processors_and_for_one_that_is_asked_for_lies_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(binding, "get_host_cpu_name", lambda: "this-one")
    monkeypatch.setattr(binding, "get_host_cpu_features", lambda: NEW)
    monkeypatch.setitem(vars(config), "CPU_FEATURES", None)
    monkeypatch.setitem(vars(config), "CPU_NAME", None)
    names = {cache_name()}
    monkeypatch.setitem(vars(config), "CPU_NAME", "native")
    assert target() == ("this-one", NEW.flatten())
    names.add(cache_name())
    monkeypatch.setattr(binding, "get_host_cpu_features", lambda: OLD)
    monkeypatch.setitem(vars(config), "CPU_NAME", None)
    assert target() == ("this-one", OLD.flatten())
    names.add(cache_name())
    assert len(names) == 3


CALLS = """
import sys
sys.path.insert(0, {folder!r})
import stature.kernels.compile as compiling
compiling.config.CACHE_DIR = {folder!r}
from callers import caller
print(caller(2.0), len(caller.overloads), sum(caller._cache_hits.values()))
"""
CALLEE = """
from stature.kernels.compile import jit
@jit
def callee(x):
    return 3.0 * x
"""
CALLER = """
from callees import callee
from stature.kernels.compile import jit
@jit
def caller(x):
    return callee(x) + 1.0
"""


def test_a_unit_is_loaded_before_its_caller_and_made_again_where_it_is_lost(tmp_path: Path):
    (tmp_path / "callees.py").write_text(CALLEE)
    (tmp_path / "callers.py").write_text(CALLER)

    def run() -> str:
        command = [sys.executable, "-c", CALLS.format(folder=str(tmp_path))]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert run() == "7.0 1 0\n"
    assert run() == "7.0 1 1\n"
    (index,) = tmp_path.glob("*/callees.callee*.nbi")
    index.unlink()
    assert run() == "7.0 1 0\n"


class Pair(NamedTuple):
    first: Floats
    second: Floats


def exchanged(pair: Pair) -> Pair:
    return Pair(pair.second, pair.first)


def doubled(pair: Pair) -> float:
    found = 0.0
    for value in pair.first:
        found += value
    twice = pair.first * 2.0
    return found + twice[0]


@jit
def swap_twice(pair: Pair) -> float:
    """A function that counts references, and lends what it holds to one that counts none."""
    for _ in range(2):
        pair = Pair(pair.second, pair.first.copy())
        _add_to_first(pair, 1.0)
    return pair.first[0] + pair.second[0]


@jit_lent
def _add_to_first(pair: Pair, value: float) -> None:
    first = pair.first
    first[0] += value


def test_what_is_lent_is_changed_in_place_and_can_neither_be_made_nor_returned():
    # (1, 10): the second, 10 + 1, and a copy of the first; then that copy, 1 + 1, and 11.
    pair = Pair(np.array([1.0, 2.0]), np.array([10.0]))
    assert swap_twice(pair) == 2.0 + 11.0
    assert (pair.first == [1.0, 2.0]).all()
    assert (pair.second == [11.0]).all()
    with pytest.raises(TypeError, match="returns one"):
        jit_lent(exchanged)(pair)
    with pytest.raises(NumbaError, match="NRT required"):
        jit_lent(doubled)(pair)


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


SLOW = """
import sys
import time
from numba.core import config
from stature.kernels import compile as compiling

config.CACHE_DIR = sys.argv[1]

@compiling.jit
def {name}(value: float) -> float:
    return 2 * value

compiler = {name}._compiler.compile

def slow(*arguments):
    print("compiles", flush=True)
    time.sleep(1.0)
    return compiler(*arguments)

{name}._compiler.compile = slow
print({name}(1.5))
"""


WRONG = """
import sys
from numba.core import config
from stature.kernels import compile as compiling

config.CACHE_DIR = sys.argv[1]

@compiling.jit
def wrong(value: float) -> float:
    return value + None

try:
    wrong(1.5)
except Exception:
    print("refused", flush=True)
sys.stdin.read()
"""


def start(folder: Path, name: str) -> subprocess.Popen[str]:
    """A process that compiles a function, which takes a second."""
    script = folder / f"{name}.py"  # compiled code is known by its file, name and time
    if not script.exists():
        script.write_text(SLOW.format(name=name))
    return subprocess.Popen(
        [sys.executable, script, folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_one_process_compiles_a_function_and_others_wait_for_it_and_say_so(tmp_path: Path):
    name = f"shared_{uuid4().hex}"
    told = [process.communicate() for process in [start(tmp_path, name) for _ in range(3)]]
    assert sorted(said for said, _ in told) == ["3.0\n", "3.0\n", "compiles\n3.0\n"]
    for said, complained in told:
        assert ("compiling, once" in complained) == ("compiles" in said)


def test_a_process_that_was_killed_while_compiling_keeps_no_lock(tmp_path: Path):
    name = f"killed_{uuid4().hex}"
    first = start(tmp_path, name)
    assert first.stdout is not None
    assert first.stdout.readline() == "compiles\n"
    second = start(tmp_path, name)
    first.kill()
    first.communicate()
    said, _ = second.communicate(timeout=60)
    assert said == "compiles\n3.0\n"


def test_a_function_that_cannot_be_compiled_keeps_no_lock_either(tmp_path: Path):
    script = tmp_path / "wrong.py"
    script.write_text(WRONG)
    command = [sys.executable, script, tmp_path]
    first = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert first.stdout.readline() == "refused\n"
    # The first one still runs.
    second = subprocess.run(command, input="", capture_output=True, text=True, timeout=60)
    assert second.stdout == "refused\n"
    assert first.communicate("") == ("", None)
