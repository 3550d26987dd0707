"""Clocks: wall time of calls, repeated while they are short, on one core."""

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
SHORTEST_SECONDS = 0.02
"""Calls are repeated until so much time has gone: far more than the clock's grain."""


def timed(call: Callable[[], T], shortest_seconds: float = SHORTEST_SECONDS) -> tuple[float, T]:
    """Seconds of a call, averaged over enough of them, and what it returned."""
    calls = 0
    started = time.perf_counter()
    while True:
        result = call()
        calls += 1
        seconds = time.perf_counter() - started
        if seconds >= shortest_seconds:
            return seconds / calls, result


@contextmanager
def one_core() -> Generator[None, None, None]:
    """Bind this process, and those that it starts, to one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
