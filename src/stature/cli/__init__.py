"""The `stature` command: reads its options, calls one function, prints.

May import everything below. The entry point `main` is the only name taken up here.
"""

from stature.cli.main import main

__all__ = ["main"]
