"""Jobs of a run, forked from a warm process: the second of a kind has nothing to load.

Most jobs of a study take less time than Python takes to start for them and to load what they use.
So a run on this machine begins one process more. Snakemake hands it the script of each job, where
it would start a shell and Python, and learns how the job ended. The job is a process of its own as
before, with its memory, its log and its faults.

The process itself loads what a script imports of ours and of Snakemake's where it begins, before
its first job is forked, and what a job told at its end: which modules it had loaded, and which
compiled functions. These are loaded before the next job of the same script. It reads the samples
that a job is to fit, and has them until another block comes. Where there is no such process (it was
killed, or the job runs elsewhere), Snakemake starts Python.
"""

import ast
import atexit
import gc
import importlib
import json
import os
import re
import runpy
import selectors
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

STANDARD = (0, 1, 2)
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
"""Snakemake sets them for jobs, but a library reads them when it is loaded."""
OF_THREADS = (*ONE_THREAD, "GOTO_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
OF_FOLDERS = ("TMPDIR", "TMP", "TEMPDIR", "TEMP")
"""What else it sets for jobs."""
FITS = "fit_samples.py"
"""The script whose jobs read the same samples, one after the other."""
SELDOM = 50_000, 20, 50
"""When a job looks for garbage: rarely, since it ends soon. Figures took a tenth more."""
_LENGTH = 8
_GIVEN = re.compile(r"""\bloads\((b'.*?'|b".*?")\);""")
"""What Snakemake gives to a script; in it, a path is looked for and nothing else."""
_TEXT = re.compile(rb"\x8c(.)", re.S)
_DECODED = re.compile(r"\bdecode\((\w+),")
_IMPORT = re.compile(r"(?:^|;) *from ((?:stature|snakemake)\b[\w.]*) import ([\w, ]+)", re.M)


def begin() -> None:
    """Start the process, and have Snakemake hand it the scripts of jobs."""
    from snakemake.script import PythonScript

    address, alone = start(), PythonScript.execute_script

    def execute_script(self: Any, fname: str, edit: bool = False) -> None:
        folder = self.resources.get("tmpdir")
        variables = os.environ | dict.fromkeys(OF_THREADS, str(self.threads))
        variables |= dict.fromkeys(OF_FOLDERS, folder) if folder else {}
        code = deliver(address, fname, variables)
        if code is None:
            alone(self, fname, edit)
        elif code:
            raise subprocess.CalledProcessError(code, f"{sys.executable} {fname}")

    PythonScript.execute_script = execute_script


def start() -> str:
    """Start the process; the address at which it takes scripts, until this process ends."""
    folder = tempfile.mkdtemp(prefix="stature-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    address = os.path.join(folder, "jobs")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen(socket.SOMAXCONN)
    # One end stays here: when this process is gone, the other one sees it.
    head, stays = os.pipe()
    server = subprocess.Popen(
        [*shlex.split(sys.executable), "-P", "-m", __name__, str(listening.fileno()), str(head)],
        pass_fds=(listening.fileno(), head),
        stdin=subprocess.DEVNULL,
        env=os.environ | dict.fromkeys(ONE_THREAD, "1"),
    )
    os.close(head)
    listening.close()
    atexit.register(server.wait)
    atexit.register(os.close, stays)  # before it is waited for
    return address


def deliver(address: str, script: str, variables: Mapping[str, str]) -> int | None:
    """Have a script run with an environment; the exit code of its process, None if nobody answers.

    It is in this folder, and has the standard files of this process.
    """
    with socket.socket(socket.AF_UNIX) as server:
        try:
            server.connect(address)
        except OSError:
            return None
        pairs = (f"{name}={value}" for name, value in variables.items())
        text = os.fsencode("\0".join([os.getcwd(), script, *pairs]))
        try:
            socket.send_fds(server, [len(text).to_bytes(_LENGTH, "big")], STANDARD)
            server.sendall(text)
            message = server.recv(_LENGTH)
        except OSError:
            message = b""
    if not message:
        print("the process that this job was forked from is gone", file=sys.stderr)
        return 1
    return int.from_bytes(message, "big", signed=True)


@dataclass(eq=False, slots=True)
class _Job:
    """A job at work."""

    kind: str  # name of its script
    process: int
    client: socket.socket  # by which its end is told
    report: bytearray = field(default_factory=bytearray)  # what it has told so far


class Server:
    """Forks jobs until whoever began it is gone and no job is at work."""

    def __init__(self, listening: socket.socket, head: int) -> None:
        self._listening: socket.socket | None = listening
        self._jobs = 0
        self._imported_for: set[str] = set()
        self._loads: dict[str, bytes] = {}
        self._ready = selectors.DefaultSelector()
        self._watch(listening, self._accept)
        self._watch(head, self._stop)

    def run(self) -> None:
        """Serve; a job that is forked never returns from here."""
        while self._listening is not None or self._jobs:
            key, _ = self._ready.select()[0]  # one at a time: it may end another
            key.data(key.fileobj)

    def _watch(self, place: Any, call: Any) -> None:
        self._ready.register(place, selectors.EVENT_READ, call)

    def _stop(self, head: int) -> None:
        """Take no more jobs."""
        self._ready.unregister(head)
        if self._listening is not None:
            self._ready.unregister(self._listening)
            self._listening.close()
            self._listening = None

    def _accept(self, listening: socket.socket) -> None:
        """Fork a job."""
        client, _ = listening.accept()
        try:
            folder, variables, script, standard = _received(client)
        except (OSError, ValueError):  # whoever asked is gone
            client.close()
            return
        kind = Path(script).name.partition(".")[2]
        text = _text(script)
        if kind not in self._imported_for:
            self._imported_for.add(kind)
            _import_for(text)
        _load(self._loads.pop(kind, b""))
        if kind == FITS:
            _keep_samples(folder, text)
        compiled()  # looks at what is there, so that no job does
        reading, writing = os.pipe()
        gc.freeze()  # what is there now is looked at no more, and so stays shared
        process = os.fork()
        if process == 0:
            self._leave()
            client.close()
            for given, number in zip(standard, STANDARD, strict=True):
                os.dup2(given, number)
                os.close(given)
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(variables)
            os._exit(_run(script, writing))
        for descriptor in (writing, *standard):
            os.close(descriptor)
        job = _Job(kind, process, client)
        self._jobs += 1
        self._watch(reading, partial(self._hear, job))

    def _leave(self) -> None:
        """Close in a job what is not its own."""
        places = [key.fileobj for key in self._ready.get_map().values()]
        self._ready.close()
        for place in places:
            if isinstance(place, socket.socket):
                place.close()
            elif isinstance(place, int):
                os.close(place)

    def _hear(self, job: _Job, reading: int) -> None:
        """Take what a job tells; nothing more when it has ended."""
        message = os.read(reading, 1 << 16)
        if message:
            job.report += message
            return
        self._ready.unregister(reading)
        os.close(reading)
        _, status = os.waitpid(job.process, 0)
        with suppress(OSError):  # whoever asked is gone
            code = os.waitstatus_to_exitcode(status)
            job.client.sendall(code.to_bytes(_LENGTH, "big", signed=True))
        job.client.close()
        self._jobs -= 1
        if job.report:
            self._loads[job.kind] = bytes(job.report)


def _received(client: socket.socket) -> tuple[str, dict[str, str], str, list[int]]:
    """Folder, environment, script and standard files of a job that is asked for."""
    head, standard, _, _ = socket.recv_fds(client, _LENGTH, len(STANDARD))
    length, text = int.from_bytes(head, "big"), b""
    while len(text) < length:
        more = client.recv(length - len(text))
        if not more:
            raise ValueError("cut short")
        text += more
    folder, script, *variables = os.fsdecode(text).split("\0")
    pairs = (variable.partition("=") for variable in variables)
    return folder, {name: value for name, _, value in pairs}, script, standard


def _run(script: str, report: int) -> int:
    """Run a script in a process that was forked for it, as Python would; its exit code."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    atexit._clear()  # pyright: ignore[reportPrivateUsage]: what the other process is to do
    gc.enable()
    gc.set_threshold(*SELDOM)
    before = len(sys.modules)
    try:
        sys.argv = [script]
        runpy.run_path(script, run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # pyright: ignore[reportArgumentType]: there is one
        code = 1
    atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Without it, the next job loads this again.
    with suppress(Exception), open(report, "wb") as written:
        loaded = [*islice(reversed(sys.modules), len(sys.modules) - before)]
        written.write(json.dumps([sorted(loaded), compiled()]).encode())
    return code


_looked_at: set[str] = set()
_functions: list[tuple[str, str, Any]] = []


def compiled() -> list[tuple[str, str]]:
    """Module and name of each compiled function that this process has loaded."""
    # Each module once: to look at all again would cost a job a copy of most of what it shares.
    if len(sys.modules) > len(_looked_at) and "numba" in sys.modules:
        from numba.core.dispatcher import Dispatcher

        for module in sys.modules.keys() - _looked_at:
            names = vars(sys.modules[module]).items() if module.startswith("stature.") else ()
            _functions.extend(
                (module, name, value)
                for name, value in names
                if isinstance(value, Dispatcher) and value.__module__ == module
            )
        _looked_at.update(sys.modules)
    return [(module, name) for module, name, function in _functions if function.overloads]


def _text(script: str) -> str:
    """The text of a script; nothing if it cannot be read."""
    try:
        return Path(script).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _import_for(text: str) -> None:
    """Import what a script imports where it begins, of ours and of Snakemake's.

    Also made ready is how it reads what it depends on, which takes longer than most else of a job.
    """
    kinds = _DECODED.findall(text)
    for module, names in _IMPORT.findall(text):
        with suppress(Exception):  # it is the job that says what is amiss
            package = importlib.import_module(module)
            for name in names.split(", "):
                if not hasattr(package, name):
                    importlib.import_module(f"{module}.{name}")
                if name in kinds:
                    from stature.design import streams

                    streams.adapter(getattr(package, name))


def _keep_samples(folder: str, text: str) -> None:
    """Read the samples that a script is to fit: once for all estimators of a block."""
    from stature.store import samples

    with suppress(Exception):  # it is the job that says what is amiss
        given: bytes = ast.literal_eval(_GIVEN.findall(text)[0])
        # Each text stands behind its length.
        texts = (given[one.end() :][: one[1][0]] for one in _TEXT.finditer(given))
        path = next(one for one in texts if b"/samples/" in one and one.endswith(b".parquet"))
        samples.keep(Path(folder, os.fsdecode(path)))


def _load(message: bytes) -> None:
    """Load what a job has told that it had loaded."""
    if not message:
        return
    modules, functions = json.loads(message)
    # Ours first: the kernels set up the compiler before it is used, and not by its own modules.
    for name in sorted(modules, key=lambda name: not name.startswith("stature.")):
        with suppress(Exception):  # whatever cannot be loaded here, the job loads
            importlib.import_module(name)
    if not functions:
        return
    from stature.kernels import compile as compiling

    for module, name in functions:
        with suppress(Exception):
            function = getattr(sys.modules[module], name)
            if not function.overloads:
                compiling.load(function)


def main(listening: int, head: int) -> None:
    """Serve jobs on a socket, while somebody holds the other end of a pipe."""
    # Ctrl-C is for the jobs; what is left to be done is told to their commands.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    Server(socket.socket(fileno=listening), head).run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
