import os
import platform
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stature import writing
from stature.writing import OUT_OF_MEMORY, TIME

# Writes half of a file, says so, and waits to be killed.
HALF = """
import sys, time
from pathlib import Path
from stature.writing import replacing
with replacing(Path(sys.argv[1])) as partial:
    partial.write_text("half")
    print("written", flush=True)
    time.sleep(60)
"""


def kill_in_mid_write(path: Path) -> None:
    """Kill a process while it writes a file."""
    command = [sys.executable, "-c", HALF, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        writer.send_signal(signal.SIGKILL)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a/b/c.txt"
    writing.write_text(path, "größer\r\n")
    assert path.read_bytes() == "größer\r\n".encode()
    assert names(path.parent) == ["c.txt"]


def test_a_killed_writer_leaves_the_old_file_and_its_leavings_go_with_the_next_write(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.txt"
    writing.write_text(path, "old")
    kill_in_mid_write(path)
    assert path.read_text() == "old"
    assert len(names(tmp_path)) == 2
    writing.write_text(path, "new")
    assert path.read_text() == "new"
    assert names(tmp_path) == ["a.txt"]


def test_what_others_write_at_the_same_time_is_left_alone(tmp_path: Path) -> None:
    others = [
        f".a.txt.{platform.node()}-{os.getppid()}-0a1b.partial",
        ".a.txt.another-host-1-0a1b.partial",
        ".b.txt.partial",
        f".a.txt.{platform.node()}--0a1b.partial",
    ]
    for name in others:
        (tmp_path / name).write_text("theirs")
    writing.write_text(tmp_path / "a.txt", "ours")
    assert names(tmp_path) == sorted(["a.txt", *others])


def write_and_fail(path: Path) -> None:
    with writing.replacing(path) as partial:
        partial.write_text("half")
        raise KeyError


def test_an_error_in_between_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        write_and_fail(tmp_path / "a.txt")
    assert names(tmp_path) == []


def write_to_a_full_disk(path: Path) -> None:
    with writing.replacing(path) as partial:
        # A device that is always full.
        partial.symlink_to("/dev/full")
        partial.write_text("much")


def test_a_full_disk_is_told_with_the_name_of_the_file(tmp_path: Path) -> None:
    sentence = f"^{re.escape(str(tmp_path))}/a.txt: expected to write a file, got: No space left"
    with pytest.raises(writing.WriteError, match=sentence):
        write_to_a_full_disk(tmp_path / "a.txt")
    assert names(tmp_path) == []


def test_a_file_where_a_folder_belongs_is_told(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("no folder")
    with pytest.raises(writing.WriteError, match=r"results/a.txt: expected .* run the same"):
        writing.write_text(tmp_path / "results/a.txt", "text")
    assert names(tmp_path) == ["results"]


def test_what_is_in_the_way_of_folders_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    fine = [tmp_path / "real/new/deep", tmp_path / "link/new", tmp_path]
    assert writing.folder_problems(fine) == []
    blocked = [tmp_path / "file/a", tmp_path / "file/b", tmp_path / "lost"]
    assert writing.folder_problems(blocked) == [
        f"{tmp_path}/{name}: expected a folder for results, got something else; move it away"
        for name in ("file", "lost")
    ]


JOB = """
import os, sys, warnings
from stature.writing import log_to
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


def test_log_begins_empty_and_ends_with_the_time_that_the_job_took(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_text("old", encoding="utf-8")
    code = "import sys; from stature.writing import log_to; log_to(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(log)], check=True)
    (line,) = log.read_text(encoding="utf-8").splitlines()
    assert line.startswith(TIME)
    assert 0.0 <= float(line.removeprefix(TIME)) < 60.0


MENDABLE = """
import sys
from stature.writing import log_to
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
    # On a line of its own, whatever another process was writing there.
    assert (done.stdout, done.stderr) == ("", f"\n{sentence}")
    *text, time = (tmp_path / "job.log").read_text(encoding="utf-8").splitlines(keepends=True)
    assert "".join(text).endswith(sentence)
    assert time.startswith(TIME)


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("no folder")
    command = [sys.executable, "-c", JOB, str(tmp_path / "logs/job.log")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "logs/job.log: expected to write a file, got: " in done.stderr.splitlines()[-1]
