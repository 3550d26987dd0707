"""Terminals: bars where somebody looks, and lines that wrap where they must."""

import io
import os
import sys
from collections.abc import Callable

import pytest

from stature.cli.main import main
from stature.cli.terminal import shown_progress, wrapped

GALTON = "data/galton_1886_children.csv"
Looks = Callable[[], "Terminal"]
NAMED = {"em": 1, "newton": 2, "mle": 3}


class Terminal(io.StringIO):
    """Standard error of a person, on a terminal of 60 columns."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 99


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Terminal]:
    """Somebody looks at standard error from now on; pytest sets it anew after a fixture."""

    def looks() -> Terminal:
        found = Terminal()
        monkeypatch.setattr(sys, "stderr", found)
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((60, 24)))
        return found

    return looks


def test_every_fit_comes_once_and_is_named_on_a_terminal(looks: Looks) -> None:
    terminal = looks()
    assert list(shown_progress(NAMED)) == [1, 2, 3]
    assert "Fit" in terminal.getvalue()


def test_nothing_is_shown_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    assert list(shown_progress(NAMED)) == [1, 2, 3]
    assert pipe.getvalue() == ""


def test_a_table_of_counts_is_fitted_with_a_bar_too(looks: Looks) -> None:
    terminal = looks()
    assert main(["fit", "data/macdonell_1902_heights_binned.csv", "--json"]) == 0
    assert "Fit" in terminal.getvalue()


@pytest.mark.parametrize("command", ["fit", "doctor"])
def test_lines_that_are_piped_wrap_where_the_terminal_is_narrow(
    command: str, looks: Looks, capsys: pytest.CaptureFixture[str]
) -> None:
    looks()
    assert main([command, GALTON, "--column", "height_in", "--unit", "in"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "stature fit" not in line]
    assert max(map(len, lines)) <= 60


def test_programs_have_a_line_for_each_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", GALTON]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines[1:-2]} == {"note", "warning"}
    assert max(map(len, lines)) > 100


def test_a_line_is_cut_between_words_only() -> None:
    line = "warning: " + "word-and-word " * 8 + "a" * 50
    cut = wrapped(line, 40, 2)
    assert cut.replace("\n  ", " ") == line
    assert wrapped(line, None, 2) == line
