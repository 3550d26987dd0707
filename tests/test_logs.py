"""A log holds all that a job says."""

import subprocess
import sys
from pathlib import Path

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
