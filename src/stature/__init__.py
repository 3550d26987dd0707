"""Stature: how well can the heights of two groups be learned, and what to do about it.

`fit` estimates groups in an array of measurements, `read_results` reads what a study found, and
`measure` turns a table of estimates into measures of performance. Everything else is internal.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stature.api import Fit, Results, fit, measure, read_results

__all__ = ["Fit", "Results", "fit", "measure", "read_results"]


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used: jobs import the package, and not these."""
    if name not in __all__:
        raise AttributeError(f"module 'stature' has no attribute {name!r}; it has {__all__}")
    return getattr(import_module("stature.api"), name)


def __dir__() -> list[str]:
    """The public names."""
    return __all__
