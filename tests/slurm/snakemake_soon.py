"""Snakemake that asks Slurm for news every two seconds: the plugin waits ten more each time."""

from typing import Any

from snakemake.cli import main
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

SECONDS = 2
_seconds: Any = RemoteExecutor.next_seconds_between_status_checks


def _set_at_most(executor: RemoteExecutor, seconds: float) -> None:
    _seconds.fset(executor, min(seconds, SECONDS))


if __name__ == "__main__":
    # No option of the plugin changes it, and tests cannot wait.
    soon = property(_seconds.fget, _set_at_most)
    RemoteExecutor.next_seconds_between_status_checks = soon  # pyright: ignore[reportAttributeAccessIssue]
    main()
