"""Logs of jobs: everything that a job says goes into its log file."""

import os
import sys
from pathlib import Path
from types import TracebackType

from stature.writing import FileError, WriteError, refusal

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


def _tell_errors_to(descriptor: int) -> None:
    """After the traceback of an error that people can mend, write its sentence to a descriptor."""

    def tell(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        sys.__excepthook__(kind, error, traceback)
        if isinstance(error, FileError):
            os.write(descriptor, f"{error}\n".encode())
        elif isinstance(error, MemoryError):
            print(OUT_OF_MEMORY, file=sys.stderr)
            os.write(descriptor, f"{OUT_OF_MEMORY}\n".encode())

    sys.excepthook = tell
