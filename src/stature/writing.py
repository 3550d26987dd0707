"""Files that are whole or not there.

What is written goes under a name of its own beside its place, is put on the disk, and then takes
its name in one step. So a reader, or a run after a killed one, sees a whole file or none. The name
holds the host and the process, so that two processes never write into one file.
"""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ENDING = ".partial"


class WriteError(Exception):
    """A file that cannot be written; the message says which, why and what to do."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a place to write to, which becomes the file when the block ends without an error.

    Parameters
    ----------
    path : Path
        Where the file goes; its folder is made if need be.

    Yields
    ------
    Path
        Where to write. What is there is removed if the block raises.

    Raises
    ------
    WriteError
        If the system refuses: a full disk, a folder that cannot be written to, a file where a
        folder belongs.
    """
    partial = path.with_name(f".{path.name}.{platform.node()}-{os.getpid()}{_ENDING}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leavings(path)
        yield partial
        _put_on_disk(partial)
        partial.replace(path)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise WriteError(
            f"{path}: expected to write a file, got: {reason}; nothing half-written is left under "
            "this name; make room or give leave to write there, then run the same command again"
        ) from error
    finally:
        # A name that cannot even be looked up has nothing to be removed.
        if partial.parent.is_dir():
            partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text as UTF-8, whole or not at all.

    Parameters
    ----------
    path : Path
        Where the file goes; its folder is made if need be.
    text : str
        The text; line ends are written as they are.
    """
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="")


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
            process = name.removeprefix(beginning).removesuffix(_ENDING)
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
