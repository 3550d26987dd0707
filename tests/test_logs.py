"""A log holds all that a job says."""

import subprocess
import sys
from pathlib import Path

import pytest

from stature.logs import OUT_OF_MEMORY

JOB = """
import os, sys, warnings
from stature.logs import log_to
log_to(sys.argv[1])
print("printed")
warnings.warn("warned")
os.system("echo from another program")
raise ValueError("the end")
"""


def test_log_holds_prints_warnings_other_programs_and_the_traceback(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "job.log"
    done = subprocess.run(
        [sys.executable, "-c", JOB, str(log)], capture_output=True, text=True, check=False
    )
    text = log.read_text(encoding="utf-8")
    assert done.returncode == 1
    assert done.stdout + done.stderr == ""
    for said in ("printed", "warned", "from another program", "Traceback", "ValueError: the end"):
        assert said in text


def test_log_begins_empty(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_text("old", encoding="utf-8")
    subprocess.run(
        [sys.executable, "-c", "import sys; from stature.logs import log_to; log_to(sys.argv[1])",
         str(log)],
        check=True,
    )  # fmt: skip
    assert log.read_text(encoding="utf-8") == ""


MENDABLE = """
import sys
from stature.logs import log_to
from stature.writing import FileError
log_to(sys.argv[1])
raise {error}
"""


@pytest.mark.parametrize(
    ("error", "sentence"),
    [("FileError('a.parquet: no')", "a.parquet: no\n"), ("MemoryError", f"{OUT_OF_MEMORY}\n")],
)
def test_what_people_can_mend_is_told_outside_the_log_too(
    tmp_path: Path, error: str, sentence: str
) -> None:
    command = [sys.executable, "-c", MENDABLE.format(error=error), str(tmp_path / "job.log")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert (done.stdout, done.stderr) == ("", sentence)
    assert (tmp_path / "job.log").read_text(encoding="utf-8").endswith(sentence)


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("no folder")
    command = [sys.executable, "-c", JOB, str(tmp_path / "logs/job.log")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "logs/job.log: expected to write a file, got: " in done.stderr.splitlines()[-1]
