"""The one way in which functions are compiled.

Compiled code is kept on disk, in a folder named by a digest of every module that holds compiled
functions: the compiler's own cache notices a change in a function's file, but not in the file of
a function that it calls. The processor that is compiled for and the compiler are in the name too,
since nodes of a cluster that differ may share a file system. Each function is used with one
signature only, so that several jobs that start on a cold cache write equal files.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite
import numba
import numpy as np
from llvmlite import binding, ir
from numba.core import config, types
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., Any])

PACKAGE = Path(__file__).parent.parent
COMPILED_FOLDERS = ("kernels", "estimators/plain", "estimators/intervals")


def processor() -> tuple[str, str]:
    """Name and features of the processor to compile for: this one, if Numba is set to no other."""
    # Numba reads its settings when it is loaded.
    settings = vars(config)
    name, features = settings["CPU_NAME"], settings["CPU_FEATURES"]
    if features is None:
        features = binding.get_host_cpu_features().flatten()
    return name or binding.get_host_cpu_name(), features


def cache_name() -> str:
    """Name of the folder of the compiled code of these very sources, for this processor."""
    digest = sha256()
    for folder in COMPILED_FOLDERS:
        for source in sorted((PACKAGE / folder).glob("*.py")):
            digest.update(f"{folder}/{source.name}\0".encode() + source.read_bytes())
    machine = [numba.__version__, llvmlite.__version__, *processor()]
    digest.update("\0".join(machine).encode())
    return f"compiled-{digest.hexdigest()[:16]}"


def cache_folder(beside: Path, of_user: Path) -> Path:
    """Folder to keep compiled code in.

    One of the two; else a folder of this process, with a copy of what there is beside the sources,
    which is removed when the process ends.
    """
    for folder in (beside, of_user):
        if _can_be_written_to(folder):
            return folder
    folder = Path(tempfile.mkdtemp(prefix="stature-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if beside.is_dir():
        shutil.copytree(beside, folder, dirs_exist_ok=True)
    return folder


def _can_be_written_to(folder: Path) -> bool:
    """Whether files can be made in a folder, which is made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Only trying tells: permissions say little on a file system of another machine.
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


_NAME = cache_name()
# Where a user's programs keep what they can make again.
_USER_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
_FOLDER = cache_folder(PACKAGE / "kernels/__pycache__" / _NAME, _USER_CACHE / "stature" / _NAME)
config.CACHE_DIR = str(_FOLDER)  # pyright: ignore[reportAttributeAccessIssue]: set at run time


def jit(function: F) -> F:
    """Compile a function without reordering its arithmetic; used for exponentials and loops."""
    return _compiled(function, {"contract"})


def jit_sums(function: F) -> F:
    """Compile a function whose sums may be taken in another order; used for sums alone.

    The order of summation is fixed at compilation, not by chance.
    """
    return _compiled(function, {"contract", "reassoc", "nsz"})


def _compiled(function: F, freedom: set[str]) -> F:
    """A function compiled with some freedom of arithmetic."""
    # Private functions are called by compiled ones alone: Python needs no way into them.
    private = function.__name__.startswith("_")
    options: dict[str, Any] = {"no_cpython_wrapper": private, "no_cfunc_wrapper": private}
    options |= {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": freedom}
    return cast(F, numba.njit(**options)(function))


def integer(number: int) -> int:
    """A constant for an argument of compiled functions; they are compiled anew for a literal."""
    return cast(int, np.int64(number))


def _same_bits(source: Any, target: Any, kind: Any) -> Any:
    """A function that takes the bits of a number for one of another type."""

    def implementation(typingctx: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.bitcast(args[0], kind)

        return target(source), generate

    return intrinsic(implementation)


# The 64 bits of a float as an integer, and back; inside compiled functions only.
bits_of: Callable[[float], int] = _same_bits(types.float64, types.int64, ir.IntType(64))
float_of: Callable[[int], float] = _same_bits(types.int64, types.float64, ir.DoubleType())
