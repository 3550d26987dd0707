"""Jobs that are forked from a warm process are what processes of their own would be."""

import inspect
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from snakemake.iocontainers import InputFiles, Log, OutputFiles, Params
from snakemake.script import PythonScript
from snakemake.sourcecache import LocalSourceFile

from stature.store import samples as store
from tests.estimators.laws import samples

BEGIN = """
import sys
from stature.cli import warm
print(warm.start(), flush=True)
sys.stdin.read()
"""
DELIVER = """
import os, sys
from stature.cli import warm
with open(sys.argv[2] + ".ended", "w") as ended:
    print(warm.deliver(*sys.argv[1:], os.environ), file=ended)
"""
LOADED = "import sys; print('fractions' in sys.modules); import fractions"


@dataclass
class Run:
    """A process that has begun to serve jobs, as Snakemake does."""

    folder: Path
    head: subprocess.Popen[str]
    address: str = ""
    clients: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, name: str, code: str, **more: str) -> subprocess.Popen[str]:
        """Start a job as Snakemake does."""
        script = self.folder / f"tmp{len(self.clients)}.{name}.py"
        script.write_text(code)
        client = subprocess.Popen(
            [sys.executable, "-c", DELIVER, self.address, script],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=self.folder, env=os.environ | more,
        )  # fmt: skip
        self.clients.append(client)
        return client

    def do(self, name: str, code: str, **more: str) -> tuple[int | None, str, str]:
        """Have a job done: exit code, None if nobody answered, and what it wrote."""
        client = self.start(name, code, **more)
        said, complained = client.communicate(timeout=60)
        return self.ended(client), said, complained

    def ended(self, client: subprocess.Popen[str]) -> int | None:
        """How a job ended, as it was told."""
        (ended,) = self.folder.glob(f"tmp{self.clients.index(client)}.*.ended")
        return json.loads(ended.read_text().replace("None", "null"))


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with subprocess.Popen(
        [sys.executable, "-c", BEGIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as head:
        assert head.stdout is not None
        begun = Run(tmp_path, head, head.stdout.readline().strip())
        yield begun
        head.kill()
        for client in begun.clients:
            client.communicate()


def test_a_job_has_the_folder_environment_and_standard_files_of_who_asks(run: Run) -> None:
    code = """
import os, sys
print(os.getcwd(), os.environ["OF_THE_JOB"], sys.argv, __name__)
print("complaint", file=sys.stderr)
"""
    ended, said, complained = run.do("one", code, OF_THE_JOB="x y=z\n")
    assert (ended, complained) == (0, "complaint\n")
    script = str(run.folder / "tmp0.one.py")
    assert said == f"{run.folder} x y=z\n {[script]} __main__\n"


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("raise SystemExit(3)", 3),
        ("raise ValueError('told')", 1),
        ("raise SystemExit('told')", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
    ],
)
def test_how_a_job_ended_is_told(run: Run, code: str, ended: int) -> None:
    got, _, complained = run.do("one", code)
    assert got == ended
    assert ("told" in complained) == ("told" in code)
    assert run.do("one", "print('next')") == (0, "next\n", "")


def test_what_a_job_has_loaded_the_next_of_its_script_need_not_load(run: Run) -> None:
    assert [run.do(name, LOADED)[1] for name in ("one", "other", "one")] == [
        "False\n", "False\n", "True\n",
    ]  # fmt: skip


def test_what_a_script_imports_of_ours_where_it_begins_is_loaded_before_its_first_job(run: Run):
    first = "import sys; print([one in sys.modules for one in {}])\nfrom stature.{} import {}\n"
    assert (
        run.do("one", first.format(("stature.theory.moments",), "theory", "moments"))[1]
        == "[True]\n"
    )
    assert (
        run.do("two", first.format(("stature.theory.newton",), "theory", "moments"))[1]
        == "[False]\n"
    )
    ended, said, complained = run.do("three", first.format((), "nowhere", "nothing"))
    assert (ended, said) == (1, "[]\n")
    assert "No module named 'stature.nowhere'" in complained


def test_how_a_script_reads_what_it_depends_on_is_ready_before_its_first_job(run: Run) -> None:
    code = """
from stature.design.streams import adapter, {}
from stature.domain.quantity import FiguresSpec
print(adapter.cache_info().currsize)
def main(): return {}(FiguresSpec, "")
"""
    told = [run.do(name, code.format(name, name))[1] for name in ("decode", "encode")]
    assert told == ["1\n", "1\n"]  # in the process that both are forked from


def given(samples: Path) -> str:
    """How Snakemake begins a script that reads samples."""
    names = inspect.signature(PythonScript.generate_preamble).parameters
    values: dict[str, Any] = dict.fromkeys(names)
    values |= {"path": LocalSourceFile(__file__), "resources": {}, "preamble_addendum": ""}
    values |= {"output": OutputFiles(), "params": Params(), "log": Log()}
    values["input_"] = InputFiles(fromdict={"samples": str(samples)})
    return PythonScript.generate_preamble(**values)


def test_jobs_that_fit_a_block_share_its_samples(run: Run) -> None:
    read = """
from pathlib import Path
from stature.store import samples
one, other = (samples.read(Path(snakemake.input.samples)) for _ in range(2))
print(one is other, len(one.replicates))
"""
    folder = run.folder / "samples"
    for count in (2, 3):
        store.write(folder / f"{count}.parquet", samples(count, 40))
    for count, name in ((2, "other"), (2, "fit_samples"), (3, "fit_samples")):
        path = folder / f"{count}.parquet"
        said = run.do(name, given(path) + read)[1]
        assert said == f"{name == 'fit_samples'} {count}\n"
    (folder / "3.parquet").write_bytes(b"no table")
    ended, _, complained = run.do("fit_samples", given(folder / "3.parquet") + read)
    assert ended == 1
    assert "got a file that is damaged or none of ours" in complained


def test_a_job_changes_nothing_for_those_after_it(run: Run) -> None:
    run.do("one", "import os, sys, gc; os.environ['LEFT'] = '1'; sys.path.append('left'); LEFT = 1")
    code = "import os, sys, gc; print('LEFT' in {*os.environ, *globals()}, 'left' in sys.path)"
    assert run.do("one", code)[1] == "False False\n"


def test_jobs_run_side_by_side(run: Run) -> None:
    waits = (
        "import os, time\nopen('{}', 'w').close()\nwhile not os.path.exists('{}'): time.sleep(.01)"
    )
    both = [run.start("one", waits.format("a", "b")), run.start("one", waits.format("b", "a"))]
    assert [client.wait(timeout=60) for client in both] == [0, 0]


def gone(process: int) -> bool:
    """Whether a process has ended, within ten seconds."""
    for _ in range(1000):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def pid(client: subprocess.Popen[str]) -> int:
    """The number of a job's process, which its first line is."""
    assert client.stdout is not None
    return int(client.stdout.readline())


def test_jobs_outlive_a_run_that_is_killed_and_the_process_ends_after_them(run: Run) -> None:
    client = run.start("one", "import os; print(os.getppid(), flush=True); input(); print('done')")
    server = pid(client)
    run.head.kill()
    run.head.wait()
    said, _ = client.communicate("\n", timeout=60)
    assert (run.ended(client), said) == (0, "done\n")
    assert gone(server)
    assert run.do("one", "print(1)") == (None, "", "")


def test_a_job_goes_on_when_nobody_waits_for_it(run: Run) -> None:
    client = run.start("one", "import os; print(os.getpid(), flush=True); input(); open('on', 'w')")
    job = pid(client)
    client.kill()
    assert client.stdin is not None
    client.stdin.write("\n")
    client.stdin.flush()
    assert gone(job)
    assert (run.folder / "on").exists()
    assert run.do("one", "print(1)")[0] == 0


OF_SNAKEMAKE = """
import subprocess, sys
from types import SimpleNamespace
from snakemake.script import PythonScript
from stature.cli import warm
warm.begin()
script = SimpleNamespace(resources={"tmpdir": "/somewhere"}, threads=3)
try:
    PythonScript.execute_script(script, sys.argv[1])
except subprocess.CalledProcessError as error:
    print(error.returncode)
"""


def test_snakemake_hands_over_scripts_with_the_environment_that_it_gives_a_shell(tmp_path: Path):
    script = tmp_path / "tmp.one.py"
    told = "print(*(os.environ[one] for one in ('TMPDIR', 'OMP_NUM_THREADS')), flush=True)"
    script.write_text(f"import os, sys\n{told}\nprint('warm' in sys.orig_argv[3])\nsys.exit(4)")
    done = subprocess.run(
        [sys.executable, "-c", OF_SNAKEMAKE, script], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "/somewhere 3\nTrue\n4\n"


COMPILES = """
from stature.cli import setup
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.plain.labelled import labelled_sums
setup.fit([CATALOGUE["mle"]])
print(labelled_sums.targetctx.codegen().magic_tuple())
"""


def test_a_job_compiles_for_the_processor_that_a_process_of_its_own_compiles_for(run: Run) -> None:
    alone = subprocess.run([sys.executable, "-c", COMPILES], capture_output=True, text=True)
    assert alone.stdout
    assert [run.do("one", COMPILES)[1] for _ in range(2)] == [alone.stdout] * 2
