"""A small study in a folder of its own, planned in process and run by the real command."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from filelock import FileLock
from snakemake.api import SnakemakeApi
from snakemake.settings.enums import Quietness, RerunTrigger
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings

ROOT = Path(__file__).parents[2]
SNAKEMAKE = Path(sys.executable).with_name("snakemake")
# As in profiles/default, which only the command reads.
TRIGGERS = frozenset(
    {RerunTrigger.MTIME, RerunTrigger.PARAMS, RerunTrigger.INPUT, RerunTrigger.SOFTWARE_ENV}
)
LARGEST_CHECKSUM = 100_000_000

STUDY = """
study: tiny
seed: 7
replicates: 4
block: 2
sizes: [30, 60]
traced: 1
checks: strict
populations:
  - name: school
    groups:
      - {name: girls, share: 0.5, mean_cm: 163.0, sd_cm: 6.5}
      - {name: boys, share: 0.5, mean_cm: 176.0, sd_cm: 7.0}
  - {name: class, file: data/class.csv, height: height, unit: cm, group: sex}
biases:
  - {name: none, kind: none}
estimators:
  - {name: mle, labels: all, method: closed-form}
  - {name: em, labels: none, method: em, starts: 2, kept_starts: 1}
"""
CLASS = "height,sex\n" + "".join(
    f"{160 + 0.7 * person:.1f},girl\n{171 + 0.9 * person:.1f},boy\n" for person in range(12)
)

Edit = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Project:
    """A folder with a study, in which Snakemake runs."""

    folder: Path

    @property
    def results(self) -> Path:
        return self.folder / "results/tiny"

    def edit(self, edit: Edit) -> None:
        """Change the study file."""
        path = self.folder / "config/config.yaml"
        study = yaml.safe_load(path.read_text(encoding="utf-8"))
        edit(study)
        path.write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")

    def plan(self, *targets: str, configs: tuple[Path, ...] = ()) -> set[str]:
        """Jobs that a dry run plans: rule and wildcards in one string each."""
        with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
            workflow = api.workflow(
                resource_settings=ResourceSettings(cores=2),
                config_settings=ConfigSettings(configfiles=list(configs)),
                snakefile=ROOT / "Snakefile",
                workdir=self.folder,
            )
            dag = workflow.dag(
                DAGSettings(
                    targets=frozenset(targets),
                    rerun_triggers=TRIGGERS,
                    max_checksum_file_size=LARGEST_CHECKSUM,
                )
            )
            dag.execute_workflow(executor="dryrun")
            # The one private access: the public interface prints the plan and does not return it.
            planned = workflow._workflow.dag  # pyright: ignore[reportPrivateUsage]
            assert planned is not None
            jobs = list(planned.needrun_jobs(exclude_finished=False))
            return {" ".join([job.rule.name, *map(str, job.wildcards)]) for job in jobs}

    def run(self, *arguments: str, environment: dict[str, str] | None = None) -> str:
        """Run the command, which must succeed; what it says."""
        done = self.command(*arguments, environment=environment)
        assert done.returncode == 0, done.stderr
        return done.stderr

    def command(
        self, *arguments: str, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the command as people do."""
        with self.start(*arguments, environment=environment) as running:
            said, complained = running.communicate()
        return subprocess.CompletedProcess(running.args, running.returncode, said, complained)

    def start(
        self,
        *arguments: str,
        environment: dict[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> subprocess.Popen[str]:
        """Start the command as people do, in a session of its own."""
        profile = ["--workflow-profile", str(ROOT / "profiles/default")]
        return subprocess.Popen(
            [SNAKEMAKE, "--snakefile", ROOT / "Snakefile", "--cores", "2", *profile, *arguments],
            cwd=self.folder,
            env=os.environ | (environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=before,
        )

    def tables(self, pattern: str = "**/*") -> dict[str, bytes]:
        """Bytes of the results, by path, without logs."""
        return {
            str(path.relative_to(self.results)): path.read_bytes()
            for path in sorted(self.results.glob(pattern))
            if path.is_file() and path.relative_to(self.results).parts[0] not in _NOT_RESULTS
        }


_NOT_RESULTS = ("logs",)


def write_project(folder: Path) -> Project:
    (folder / "config").mkdir()
    (folder / "data").mkdir()
    (folder / "config/config.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "data/class.csv").write_text(CLASS, encoding="utf-8")
    return Project(folder)


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    """The study before it has run."""
    return write_project(tmp_path)


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Project:
    """The study, run once for the tests of all cores."""
    folder = tmp_path_factory.getbasetemp()
    # With several workers each has a folder of its own in the one of the session.
    folder = (folder if worker_id == "master" else folder.parent) / "finished"
    done = folder.with_suffix(".done")
    with FileLock(folder.with_suffix(".lock")):
        if not done.exists():
            folder.mkdir()
            write_project(folder).run()
            done.touch()
    return Project(folder)


@pytest.fixture
def finished(finished_once: Project, tmp_path: Path) -> Project:
    """The study after it has run, for a test to go on from."""
    folder = tmp_path / "copy"
    # Times of files are copied too: Snakemake compares them.
    shutil.copytree(finished_once.folder, folder)
    return Project(folder)
