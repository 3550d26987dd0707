"""Functions that people bring: a file of Python and a name in it, written `file.py:name`.

A study that names one runs the code of that file, with all that its user may do. The content of the
file is part of what jobs depend on, and the bytes that were digested are those that are run.
"""

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from stature.writing import FileError

Function = Callable[..., Any]


def split(function: str) -> tuple[str, str]:
    """File and name of a function.

    Examples
    --------
    >>> split("examples/estimators.py:median_split")
    ('examples/estimators.py', 'median_split')
    """
    file, _, name = function.rpartition(":")
    return file, name


def moved(function: str, where: Mapping[str, str]) -> str:
    """Return the function of a file that lies elsewhere."""
    file, name = split(function)
    return f"{where[file]}:{name}" if file in where else function


def digest(paths: Sequence[str]) -> str:
    """Digest of the content of some files, whatever their names."""
    each = [sha256(Path(path).read_bytes()).digest() for path in paths]
    return sha256(b"".join(each)).hexdigest()


def demand(paths: Sequence[str], expected: str) -> None:
    """Raise if the content of some files is not what it was when the study was read."""
    if digest(paths) != expected:
        raise FileError(
            f"{', '.join(paths)}: expected the code that the run began with, got other code; it "
            "was edited in mid-run: start the run again"
        )


def seed_others(seed: int) -> None:
    """Seed the generators from which code may take chance that it was not given."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (theirs, not ours)


def load(function: str) -> Function:
    """The function of a file; whatever goes wrong in the file is raised as it is."""
    file, name = split(function)
    path = Path(file)
    module = ModuleType(f"_brought_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # where records look up the types of their fields
    folder = str(path.parent.absolute())
    if folder not in sys.path:
        sys.path.insert(0, folder)  # modules beside it
    # Not by Python's bytecode: that knows a file by its second and its length.
    exec(compile(path.read_bytes(), file, "exec"), module.__dict__)
    return getattr(module, name)
