"""Files that are whole or not there.

What is written goes under a name of its own beside its place, is put on the disk, and then takes
its name in one step. So a reader, or a run after a killed one, sees a whole file or none, and two
processes never write into one file.
"""

import os
import platform
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

_ENDING = ".partial"


class FileError(Exception):
    """Something wrong with a file that people can mend; the message says what, and what to do."""


class WriteError(FileError):
    """A file that cannot be written."""


@contextmanager
def whole(path: Path) -> Generator[Path, None, None]:
    """Give a place to write to, which becomes the file when the block ends without an error.

    Where to write. What is there is removed if the block raises.
    """
    # Not host and process alone: nodes of a cluster may share a name, and count processes alike.
    own = f"{platform.node()}-{os.getpid()}-{uuid4().hex}"
    partial = path.with_name(f".{path.name}.{own}{_ENDING}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leavings(path)
        yield partial
        _put_on_disk(partial)
        partial.replace(path)
    except OSError as error:
        raise WriteError(refusal(path, error)) from error
    finally:
        # A name that cannot even be looked up has nothing to be removed.
        if partial.parent.is_dir():
            partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text as UTF-8, whole or not at all."""
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="")


def refusal(path: Path, error: OSError) -> str:
    """Why a file cannot be written, in a sentence."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return (
        f"{path}: expected to write a file, got: {reason}; nothing half-written has this name; "
        "make room or give leave to write there, then run the same command again"
    )


def folder_problems(folders: Iterable[Path]) -> list[str]:
    """Why nothing can be written below some folders, as far as can be told without writing."""
    return list(dict.fromkeys(filter(None, map(_folder_problem, folders))))


def _folder_problem(folder: Path) -> str:
    """What is in the way of a folder; empty if nothing is."""
    nearest = Path()
    # From the outside in: the first thing that is no folder hides all that is below it.
    for place in [*reversed(folder.parents), folder]:
        if place.is_dir():
            nearest = place
        elif os.path.lexists(place):
            return f"{place}: expected a folder for results, got something else; move it away"
    if os.access(nearest, os.W_OK | os.X_OK):
        return ""
    return (
        f"{nearest.absolute()}: expected a folder that can be written to; give leave to write there"
    )


def _put_on_disk(path: Path) -> None:
    """Wait until the content of a file is on the disk, so that its name never comes first."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_leavings(path: Path) -> None:
    """Remove what processes of this host left behind when they were killed while writing a file.

    Those of other hosts stay, since nobody here can tell whether they still run; no one reads them.
    """
    beginning = f".{path.name}.{platform.node()}-"
    for name in os.listdir(path.parent):
        if name.startswith(beginning) and name.endswith(_ENDING):
            process, _, _ = name.removeprefix(beginning).partition("-")
            if process.isdecimal() and not _runs(int(process)):
                (path.parent / name).unlink(missing_ok=True)


def _runs(process: int) -> bool:
    """Whether a process of this host runs, as far as can be told."""
    if os.name != "posix":
        return True  # Elsewhere this signal would end the process.
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
