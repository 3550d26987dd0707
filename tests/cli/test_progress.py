"""Progress: shown on a terminal, silent elsewhere, and never in the way of the estimators."""

import io
import sys

import pytest

from stature.cli.progress import shown_progress
from stature.estimators.catalogue import CATALOGUE


class Terminal(io.StringIO):
    """Standard error of a person."""

    def isatty(self) -> bool:
        return True


def test_every_estimator_comes_once_and_is_named_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert list(shown_progress(tuple(CATALOGUE.values()))) == list(CATALOGUE.values())
    assert "Fit" in terminal.getvalue()


def test_nothing_is_shown_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    assert list(shown_progress(tuple(CATALOGUE.values()))) == list(CATALOGUE.values())
    assert pipe.getvalue() == ""
