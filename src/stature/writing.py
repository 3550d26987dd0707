"""Files that are complete or not there.

What is written goes to a temporary name beside its place, is put on the disk, and then takes its
name in one step. So a reader, or a run after a killed one, sees a complete file or none, and two
processes never write into one file.
"""

import atexit
import os
import platform
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from uuid import uuid4

_ENDING = ".partial"


class Refusal(Exception):
    """What cannot be done as a person asked; `messages` are all problems, a line each."""

    def __init__(self, *messages: str) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


class FileError(Refusal):
    """Something wrong with a file that people can mend; the message says what, and what to do."""


class WriteError(FileError):
    """A file that cannot be written."""


@contextmanager
def replacing(path: Path) -> Generator[Path, None, None]:
    """Give a place to write to, which becomes the file if the block ends without an error."""
    # Not host and process alone: nodes of a cluster may share a name, and count processes alike.
    own = f"{platform.node()}-{os.getpid()}-{uuid4().hex}"
    partial = path.with_name(f".{path.name}.{own}{_ENDING}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_temporary(path)
        yield partial
        # Its content is on the disk before it has its name.
        descriptor = os.open(partial, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        partial.replace(path)
    except OSError as error:
        raise WriteError(refusal(path, error)) from error
    finally:
        # A name that cannot even be looked up has nothing to be removed.
        if partial.parent.is_dir():
            partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text as UTF-8, completely or not at all."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="")


def refusal(path: Path, error: OSError) -> str:
    """Why a file cannot be written, in a sentence."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return (
        f"{path}: expected to write a file, got: {reason}; nothing half-written has this name; "
        "make room or give leave to write there, then run the same command again"
    )


def folder_problems(folders: Iterable[Path]) -> list[str]:
    """Why nothing can be written below some folders, as far as can be known without writing."""
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


def _remove_temporary(path: Path) -> None:
    """Remove what processes of this host left behind when they were killed while writing a file.

    Files of other hosts stay: nobody here can tell whether their processes run. No one reads them.
    """
    beginning = f".{path.name}.{platform.node()}-"
    for name in os.listdir(path.parent):
        if name.startswith(beginning) and name.endswith(_ENDING):
            process, _, _ = name.removeprefix(beginning).partition("-")
            if process.isdecimal() and not _runs(int(process)):
                (path.parent / name).unlink(missing_ok=True)


def _runs(process: int) -> bool:
    """Whether a process of this host runs, as far as can be known."""
    if os.name != "posix":
        return True  # Elsewhere this signal would end the process.
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


OUT_OF_MEMORY = (
    "expected the job to fit into the memory that it has, got: out of memory; narrow `block`, or "
    "give the job more"
)


def log_to(path: str | Path) -> None:
    """Put standard output and standard error of this process onto a file, for good.

    On a full disk the log holds no more than the tables do: an error of files, or of memory, is
    also one sentence on the standard error that the process began with.

    The file descriptors themselves are replaced, not `sys.stdout` and `sys.stderr`, and they are
    never put back: so the traceback of an error, warnings and what compiled code prints arrive.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    _tell_errors_to(os.dup(sys.stderr.fileno()))
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    except OSError as error:
        raise WriteError(refusal(target, error)) from error
    os.dup2(descriptor, sys.stdout.fileno())
    os.dup2(descriptor, sys.stderr.fileno())
    os.close(descriptor)
    atexit.register(_tell_time)


TIME = "CPU seconds:"
"""How the last line of the log of a job begins, one that has come to its end."""


def _tell_time() -> None:
    """Write down the time that this process took, with the processes that it waited for."""
    print(TIME, f"{sum(os.times()[:4]):.3f}", flush=True)


def _tell_errors_to(descriptor: int) -> None:
    """After the traceback of an error that people can mend, write its sentence to a descriptor.

    On a line of its own, in one piece: Snakemake may stand in the middle of one that it writes.
    """

    def tell(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        sys.__excepthook__(kind, error, traceback)
        if isinstance(error, FileError):
            os.write(descriptor, f"\n{error}\n".encode())
        elif isinstance(error, MemoryError):
            print(OUT_OF_MEMORY, file=sys.stderr)
            os.write(descriptor, f"\n{OUT_OF_MEMORY}\n".encode())

    sys.excepthook = tell
