"""What the tests of the command share with those of files: fits that cost nothing."""

from tests.datafile.conftest import made_up, runs

__all__ = ["made_up", "runs"]
