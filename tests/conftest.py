"""What tests count, told at the end of their output."""

from collections.abc import Callable

import pytest

SAID = pytest.StashKey[list[str]]()


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Tell a sentence in the summary after all tests."""
    return request.config.stash.setdefault(SAID, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    sentences = terminalreporter.config.stash.get(SAID, [])
    if sentences:
        terminalreporter.section("counted")
    for sentence in sentences:
        terminalreporter.write_line(sentence)
