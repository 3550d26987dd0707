"""What happens to runs ends in the right results, or in one clear sentence."""

from __future__ import annotations

import ctypes
import json
import os
import random
import shutil
import signal
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from tests.workflow.conftest import Project, write_project

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Count = Callable[[str, int], None]

SABOTAGE = Path(__file__).with_name("sabotage")
# Every kind of file that jobs write, figures and the page apart: they are written in the same way.
TARGETS = (
    "results/tiny/design.parquet",
    "results/tiny/measures.csv",
    # In between, and so written anew only where it is asked for or something changed before it.
    "results/tiny/measures/school.none.parquet",
    "results/tiny/bounds/school.none.parquet",
)
BLOCKS = tuple(f"{number:06d}-{number:06d}" for number in range(4))
CHANCE = random.Random(731)

# By job: the end of the path of its log, and what happens to it; a dictionary is one run.
ROUNDS: tuple[dict[str, str], ...] = (
    {
        "write_design.log": "killed before file 2 has its name",
        "derive_bounds/school.none.log": "out of memory",
        f"draw_samples/school.none/{BLOCKS[0]}.log": "killed at the start",
        f"draw_samples/school.none/{BLOCKS[1]}.log": "killed in the middle of a file",
        f"draw_samples/school.none/{BLOCKS[2]}.log": (
            f"killed {CHANCE.uniform(0, 0.05):.3f} seconds after the start"
        ),
        f"draw_samples/school.none/{BLOCKS[3]}.log": "disk full",
    },
    {
        f"fit_samples/school.none/mle/{BLOCKS[0]}.log": "killed before file 1 has its name",
        f"fit_samples/school.none/mle/{BLOCKS[1]}.log": "killed after the first file",
        f"fit_samples/school.none/mle/{BLOCKS[2]}.log": "killed before file 2 has its name",
        f"fit_samples/school.none/mle/{BLOCKS[3]}.log": "out of memory",
    },
    {"gather_measures.log": "disk full"},
)
SAMPLES = [f"results/tiny/samples/school.none/{block}.parquet" for block in BLOCKS]
FITS = [f"results/tiny/fits/school.none/mle/{block}.parquet" for block in BLOCKS]
# What stands where a table belongs, by what reads it: one job, and then a job for each.
BAD_TABLES: tuple[dict[str, str], ...] = (
    {
        "results/tiny/bounds/school.none.parquet": "of another stage",
        FITS[0]: "no table",
        FITS[1]: "of another scenario",
    },
    {
        SAMPLES[0]: "cut short",
        SAMPLES[1]: "damaged",
        SAMPLES[2]: "of somebody else",
        SAMPLES[3]: "of another seed",
    },
)
KILLS_OF_RUNS = 3
RECOVERED = "faults after which the same command gave the bytes of an undisturbed run"
REFUSED = "faults refused in one sentence, after which it gave them or had not begun"


def small(study: dict[str, Any]) -> None:
    """One scenario and an estimator that needs little compiled code, in four blocks."""
    study.update(block=1, populations=study["populations"][:1], estimators=study["estimators"][:1])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = write_project(tmp_path)
    made.edit(small)
    return made


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = write_project(tmp_path_factory.mktemp("undisturbed"))
    made.edit(small)
    made.run(*TARGETS)
    return made


def last_words(text: str) -> str:
    """What is said after the last traceback."""
    return text.rpartition("Traceback (most recent call last)")[2]


@pytest.mark.slow
def test_jobs_that_are_killed_or_starved_are_done_again(
    undisturbed: Project, project: Project, count: Count
) -> None:
    for faults in ROUNDS:
        plan = {"PYTHONPATH": str(SABOTAGE), "STATURE_SABOTAGE": json.dumps(faults)}
        done = project.command("--keep-going", *TARGETS, environment=plan)
        assert done.returncode == 1
        for log, fault in faults.items():
            rule = log.split("/")[0].removesuffix(".log")
            assert f"Error in rule {rule}" in done.stderr
            killed = "died with <Signals." in done.stderr
            assert killed or not fault.startswith("killed")
        if "disk full" in faults.values():
            # The name of the limit that stands for a full disk here.
            assert "expected to write a file, got: File too large" in done.stderr
    # Names of their own, which nothing reads.
    project.run(*TARGETS)
    assert project.tables() == undisturbed.tables()
    count(RECOVERED, sum(map(len, ROUNDS)))


def another_scenario(study: dict[str, Any]) -> None:
    study["biases"].append({"name": "tall", "kind": "selection", "log_odds_per_cm": 0.1})


@pytest.fixture(scope="module")
def foreign(undisturbed: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Tables that are whole and valid, and not of this study."""
    other = write_project(tmp_path_factory.mktemp("foreign"))
    other.edit(small)
    other.edit(another_scenario)
    fits = FITS[1].replace("school.none", "school.tall")
    other.run(fits)
    other.edit(lambda study: study.update(seed=8))
    other.run(SAMPLES[3])
    return {
        "of another scenario": other.folder / fits,
        "of another seed": other.folder / SAMPLES[3],
        "of another stage": undisturbed.folder / SAMPLES[0],
    }


def put_in_place(how: str, path: Path, foreign: dict[str, Path]) -> None:
    """Put something else where a table belongs."""
    content = path.read_bytes()
    match how:
        case "cut short":
            path.write_bytes(content[: len(content) // 2])
        case "damaged":
            # After the magic bytes comes the header of the first page, and then the numbers.
            place = len(content) // 4
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        case "of somebody else":
            pd.DataFrame({"height_cm": [170.0, 180.0]}).to_parquet(path)
        case "no table":
            path.write_text("replicate,person,group,height_cm\n0,0,girls,160.0\n")
        case _:
            path.write_bytes(foreign[how].read_bytes())


@pytest.mark.slow
def test_tables_that_are_not_what_they_should_be_are_refused_and_written_anew(
    undisturbed: Project, foreign: dict[str, Path], tmp_path: Path, count: Count
) -> None:
    shutil.copytree(undisturbed.folder, tmp_path / "copy")
    project = Project(tmp_path / "copy")
    for bad in BAD_TABLES:
        for name, how in bad.items():
            put_in_place(how, project.folder / name, foreign)
        done = project.command("--keep-going", *TARGETS)
        assert done.returncode == 1
        for name in bad:
            told = [line for line in done.stderr.splitlines() if line.startswith(f"{name}: ")]
            # The log, which is shown too, has some of them once more.
            assert len(set(told)) == 1, done.stderr
            assert "delete this file and run the same command again" in told[0]
            (project.folder / name).unlink()
        count(REFUSED, len(bad))
    project.run(*TARGETS)
    assert project.tables() == undisturbed.tables()


def wait_for(project: Project, pattern: str, number: int, running: subprocess.Popen[str]) -> None:
    """Wait until a run has written some files, a minute at most."""
    for _ in range(600):
        if len(list(project.results.glob(pattern))) >= number or running.poll() is not None:
            return
        time.sleep(0.1)
    pytest.fail(f"{pattern}: expected {number} files")


@pytest.mark.slow
def test_a_run_that_is_killed_is_taken_up_again_and_another_one_beside_it_is_refused(
    undisturbed: Project, project: Project, count: Count
) -> None:
    sessions: list[int] = []
    for stop in range(KILLS_OF_RUNS):
        running = project.start(*TARGETS)
        sessions.append(running.pid)
        wait_for(project, "logs/*/**/*.log", 2 * (stop + 1), running)
        if stop == 0:
            running.send_signal(signal.SIGSTOP)  # else it might end before the other begins
            second = project.command(*TARGETS)
            running.send_signal(signal.SIGCONT)
            assert second.returncode == 1
            assert "--unlock" in second.stderr
            assert "Traceback" not in second.stderr
            count(REFUSED, 1)
        time.sleep(CHANCE.uniform(0.0, 0.5))
        # The jobs at work go on without their head, as they do on a cluster.
        running.kill()
        running.communicate()
        assert project.command("--unlock").returncode == 0
    project.run(*TARGETS)
    assert project.tables() == undisturbed.tables()
    count(RECOVERED, KILLS_OF_RUNS)
    for session in sessions:
        end_session(session)


def end_session(session: int) -> None:
    """End what a killed run has left behind, if it still runs."""
    try:
        os.killpg(session, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.mark.slow
def test_a_config_edited_in_mid_run_is_what_the_next_run_follows(
    undisturbed: Project, project: Project, count: Count
) -> None:
    draws = [f"results/tiny/samples/school.none/{block}.parquet" for block in BLOCKS]
    project.edit(lambda study: study.update(seed=8))
    with project.start(*draws) as running:
        wait_for(project, "samples/**/*.parquet", 1, running)
        project.edit(lambda study: study.update(seed=7))
        running.communicate()
    assert running.returncode == 0
    drawn = {path: (project.folder / path).read_bytes() for path in draws}
    assert all(
        content != (undisturbed.folder / path).read_bytes() for path, content in drawn.items()
    )
    project.run(*TARGETS)
    assert project.tables() == undisturbed.tables()
    count(RECOVERED, 1)


def test_a_job_elsewhere_refuses_a_study_that_was_edited_since_the_run_began(
    project: Project, count: Count
) -> None:
    # As a job is started on a node of a cluster, with what the run began with in its environment.
    began_with = {"STATURE_RUN": "0123456789abcdef"}
    done = project.command("--mode", "remote", TARGETS[0], environment=began_with)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "edited in mid-run; let the run end, then give the same command again" in said
    assert "Traceback" not in said
    assert not (project.folder / "results").exists()
    count(REFUSED, 1)


def obey_permissions() -> None:
    """Give up root's right to write where permissions forbid it; for others nothing changes."""
    drop_from_bounding_set, override_permissions = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
    ctypes.CDLL(None).prctl(drop_from_bounding_set, override_permissions, 0, 0, 0)


def as_file(path: Path) -> Callable[[], None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("no folder")
    return path.unlink


def read_only(path: Path) -> Callable[[], None]:
    path.mkdir(parents=True)
    path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    return lambda: path.chmod(stat.S_IRWXU)


@pytest.mark.parametrize(
    ("name", "block", "sentence"),
    [
        ("results", as_file, "results: expected a folder for results, got something else"),
        ("results/tiny/fits", as_file, "results/tiny/fits: expected a folder for results"),
        ("results/tiny", read_only, "results/tiny: expected a folder that can be written to"),
    ],
)
@pytest.mark.slow
def test_a_place_that_cannot_be_written_to_is_told_before_any_job(
    project: Project,
    count: Count,
    name: str,
    block: Callable[[Path], Callable[[], None]],
    sentence: str,
) -> None:
    mend = block(project.folder / name)
    with project.start(TARGETS[0], before=obey_permissions) as running:
        _, complained = running.communicate()
    mend()
    assert running.returncode == 1
    assert sentence in complained
    assert "Traceback" not in complained
    assert not list((project.folder / "results").glob("**/*.log"))
    count(REFUSED, 1)
