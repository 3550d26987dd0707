"""Logs of jobs: everything that a job says goes into its log file."""

import os
import sys
from pathlib import Path


def log_to(path: str | Path) -> None:
    """Put standard output and standard error of this process onto a file, for good.

    Parameters
    ----------
    path : str or Path
        The log file; it is emptied first.

    Notes
    -----
    The file descriptors themselves are replaced, not `sys.stdout` and `sys.stderr`, and they are
    never put back: so the traceback of an error, warnings and what compiled code prints arrive.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.dup2(descriptor, sys.stdout.fileno())
    os.dup2(descriptor, sys.stderr.fileno())
    os.close(descriptor)
