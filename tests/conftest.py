"""What tests count, summed at the end of their output."""

from collections import Counter
from collections.abc import Callable

import pytest

PREFIX = "counted: "


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "cases of each test that mutates files; else a sample that takes seconds"
    parser.addoption("--fuzz", type=int, metavar="CASES", help=words)


@pytest.fixture
def cases(request: pytest.FixtureRequest) -> Callable[[int], range]:
    """Numbers of the cases to draw: of a sample, or of as many as the option says."""

    def cases(sample: int) -> range:
        asked: int | None = request.config.getoption("--fuzz")
        return range(sample if asked is None else asked)

    return cases


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Callable[[str, int], None]:
    """Count things of which the end of the output says how many there were, over all tests."""

    def count(things: str, number: int) -> None:
        record_property(PREFIX + things, number)

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: Counter[str] = Counter()
    # Properties come with the reports, from whichever core a test ran on.
    for report in terminalreporter.stats.get("passed", []):
        for name, number in report.user_properties:
            if name.startswith(PREFIX):
                counts[name.removeprefix(PREFIX)] += number
    if counts:
        terminalreporter.section("counted in tests that passed")
    for things, number in sorted(counts.items()):
        terminalreporter.write_line(f"{number} {things}")
