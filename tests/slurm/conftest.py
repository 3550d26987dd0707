"""A cluster for the tests of this folder, and the counts that they print at the end."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.slurm.cluster import Cluster, Unavailable
from tests.slurm.study import Study

COUNTS = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[COUNTS] = []


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for line in config.stash[COUNTS]:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def counts(request: pytest.FixtureRequest) -> list[str]:
    """Lines that stand at the end of the tests' output."""
    return request.config.stash[COUNTS]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Slurm of three nodes; where there can be none the tests are skipped."""
    # Not in pytest's folder: paths of sockets must be short.
    base = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))
    cluster = Cluster(base)
    try:
        try:
            cluster.start()
        except Unavailable as reason:
            pytest.skip(f"no Slurm: {reason}")
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def local(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the study writes without a cluster."""
    study = Study(tmp_path_factory.mktemp("local"))
    study.prepare()
    study.run_here()
    return study.files()


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """The study before it has run."""
    study = Study(tmp_path)
    study.prepare()
    return study
