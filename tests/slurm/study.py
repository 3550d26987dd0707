"""The smoke study in a folder of its own, run here or on the cluster."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.slurm.cluster import DIES_WITH_PARENT, Cluster

ROOT = Path(__file__).parents[2]
NOT_RESULTS = ("logs",)
SECONDS_TO_RUN = 900  # with all to compile, on a machine that has other work
STUDY = [
    "--snakefile",
    str(ROOT / "Snakefile"),
    "--configfile",
    str(ROOT / "config/smoke.yaml"),
    "unbiased.yaml",
]
LOCAL = ["--workflow-profile", str(ROOT / "profiles/default"), "--cores", "2"]
# The profile, and besides only what a test cannot wait for.
ON_CLUSTER = [
    *("--workflow-profile", str(ROOT / "profiles/slurm")),
    *("--slurm-init-seconds-before-status-checks", "1"),
    *("--local-cores", "2"),
    *("--latency-wait", "20"),
]


@dataclass(frozen=True)
class Study:
    """A folder with the smoke study without biases: two populations, seven estimators."""

    folder: Path

    @property
    def results(self) -> Path:
        return self.folder / "results/smoke"

    def prepare(self) -> None:
        (self.folder / "config").mkdir(parents=True)
        (self.folder / "data").symlink_to(ROOT / "data")
        default = (ROOT / "config/config.yaml").read_text(encoding="utf-8")
        (self.folder / "config/config.yaml").write_text(default, encoding="utf-8")
        biases = [{"name": "none", "kind": "none"}]
        text = yaml.safe_dump({"biases": biases})
        (self.folder / "unbiased.yaml").write_text(text, encoding="utf-8")

    def run_here(self, *targets: str) -> None:
        """Run it without a cluster."""
        self.end(self._begin(["-m", "snakemake", *LOCAL], dict(os.environ), *targets))

    def begin(self, cluster: Cluster, *targets: str) -> subprocess.Popen[bytes]:
        """Begin to run it on the cluster."""
        soon = str(Path(__file__).with_name("snakemake_soon.py"))
        return self._begin([soon, *ON_CLUSTER], cluster.environment, *targets)

    def _begin(
        self, program: list[str], environment: dict[str, str], *targets: str
    ) -> subprocess.Popen[bytes]:
        with (self.folder / "said.txt").open("ab") as said:
            return subprocess.Popen(
                # Whatever happens to the tests, it ends with them.
                [*DIES_WITH_PARENT, sys.executable, *program, *STUDY, "--", *targets],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    def end(self, head: subprocess.Popen[bytes]) -> None:
        """Wait until it has run; it must succeed."""
        try:
            code = head.wait(timeout=SECONDS_TO_RUN)
        finally:
            kill(head)
        assert code == 0, self.said()

    def said(self) -> str:
        """What Snakemake said."""
        return (self.folder / "said.txt").read_text(encoding="utf-8", errors="replace")

    def log_of(self, job: str) -> str:
        """What a job that did not complete has said to Slurm."""
        logs = (self.folder / ".snakemake/slurm_logs").rglob(f"{job}.log")
        return "".join(path.read_text(encoding="utf-8", errors="replace") for path in logs)

    def files(self) -> dict[str, bytes]:
        """Bytes of the results, by path, without logs."""
        return {
            str(path.relative_to(self.results)): path.read_bytes()
            for path in sorted(self.results.rglob("*"))
            if path.is_file() and path.relative_to(self.results).parts[0] not in NOT_RESULTS
        }


def kill(head: subprocess.Popen[bytes]) -> None:
    """End a process at once, so that it can do nothing more; it may have ended by itself."""
    head.kill()
    head.wait()
