"""The one way in which functions are compiled.

Compiled code is kept on disk, in a folder named by a digest of every module that holds compiled
functions: the compiler's own cache notices a change in a function's file, but not in the file of
a function that it calls. Each function is used with one signature only, so that several jobs
that start on a cold cache write equal files.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba.core import config, types
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., Any])

PACKAGE = Path(__file__).parent.parent
COMPILED_FOLDERS = ("kernels", "estimators")


def _cache_folder() -> str:
    """Folder of the compiled code of these very sources, made if need be; empty if it cannot be."""
    digest = sha256()
    for folder in COMPILED_FOLDERS:
        for source in sorted((PACKAGE / folder).glob("*.py")):
            digest.update(f"{folder}/{source.name}\0".encode() + source.read_bytes())
    folder = PACKAGE / "kernels" / "__pycache__" / f"compiled-{digest.hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return ""  # A read-only installation: the compiler's own choice of folder serves.
    return str(folder)


config.CACHE_DIR = _cache_folder()  # pyright: ignore[reportAttributeAccessIssue]: set at run time


def jit(function: F) -> F:
    """Compile a function without reordering its arithmetic; used for exponentials and loops.

    Parameters
    ----------
    function : callable
        Function on arrays and numbers.

    Returns
    -------
    callable
        The compiled function; products and sums may be fused, nothing is reassociated.
    """
    options = {"contract"}
    compiled = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=options)(function)
    return cast(F, compiled)


def jit_sums(function: F) -> F:
    """Compile a function whose sums may be taken in another order; used for sums alone.

    Parameters
    ----------
    function : callable
        Function on arrays and numbers, without exponentials.

    Returns
    -------
    callable
        The compiled function; the order of summation is fixed at compilation, not by chance.
    """
    options = {"contract", "reassoc", "nsz"}
    compiled = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=options)(function)
    return cast(F, compiled)


def whole(number: int) -> int:
    """A constant for an argument of compiled functions.

    Parameters
    ----------
    number : int
        A whole number.

    Returns
    -------
    int
        The same number, which the compiler takes for any whole number. For a plain constant it
        would compile the function that is called once more, for this very one.
    """
    return cast(int, np.int64(number))


def _bits_of(typingctx: Any, value: Any) -> Any:
    """Implementation of `bits_of`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), generate


def _float_of(typingctx: Any, value: Any) -> Any:
    """Implementation of `float_of`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), generate


# The 64 bits of a float as an integer, and back; inside compiled functions only.
bits_of = cast(Callable[[float], int], intrinsic(_bits_of))
float_of = cast(Callable[[int], float], intrinsic(_float_of))
