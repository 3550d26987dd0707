"""A real Slurm of three nodes on this machine: controller, three node daemons, and munge.

Everything lies in one folder with a short name, since paths of sockets end at 108 characters; all
daemons are children of this process and end with it. Nothing outside the folder is touched.
"""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

HERE = Path(__file__).parent
NODES = ("n1", "n2", "n3")
CPUS, MEMORY_MB = 2, 4000
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "setpriv")
DIES_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
SECONDS_TO_START = 120
SECONDS_TO_ANSWER = 30


class Unavailable(Exception):
    """Slurm is not there, or does not start; the message says why."""


@dataclass(frozen=True)
class Job:
    """A job as Slurm lists it."""

    number: str
    state: str
    node: str
    minutes: int
    memory_mb: int
    folder: str
    comment: str


def wait_for(what: str, happened: Callable[[], bool], seconds: float) -> None:
    """Wait until something has happened, and fail when it has not in time."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.2)


@dataclass
class Cluster:
    """The daemons, and what is asked of them."""

    base: Path
    daemons: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What the login node has in its environment."""
        path = os.pathsep.join([str(self.base / "bin"), os.environ["PATH"]])
        return {
            **os.environ,
            "SLURM_CONF": str(self.base / "slurm.conf"),
            "PATH": path,
            # For srun beside this file.
            "CLUSTER": str(self.base),
            "XDG_CACHE_HOME": str(self.base / "cache"),
            "PYTHON": sys.executable,
        }

    def start(self) -> None:
        """Start everything and wait until all nodes are idle."""
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        if missing:
            raise Unavailable(f"not installed: {', '.join(missing)}; see tests/slurm/install.sh")
        end = time.monotonic() + SECONDS_TO_START
        self._make_folders()
        self._make_configuration()
        self._daemon("munged", "--foreground", *self._munge_files())
        while not (self.base / "munge.socket").exists():
            self._still_starting(end)
        self._daemon("slurmctld", "-D")
        for node in NODES:
            self._daemon("slurmd", "-D", "-N", node)
        while len(self._ask("sinfo", "--Node", "--noheader", "--states=idle").splitlines()) < len(
            NODES
        ):
            self._still_starting(end)

    def _make_folders(self) -> None:
        spools = [f"spool/{node}" for node in NODES]
        for folder in ["bin", "log", "run", "state", "faults/taken", *spools]:
            (self.base / folder).mkdir(parents=True)
        self.base.chmod(0o755)  # munge refuses a socket that not everybody can reach
        (self.base / "bin/srun").symlink_to(HERE / "srun")

    def _make_configuration(self) -> None:
        host = socket.gethostname().split(".")[0]
        controller, *ports = free_ports(1 + len(NODES))
        nodes = (
            f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port}"
            f" CPUs={CPUS} RealMemory={MEMORY_MB}"
            for node, port in zip(NODES, ports, strict=True)
        )
        text = Template((HERE / "slurm.conf").read_text(encoding="utf-8")).substitute(
            base=self.base,
            host=host,
            user=getpass.getuser(),
            controller_port=controller,
            # Slurm finds the loopback device by the name of the host.
            loopback="CommunicationParameters=NoCtldInAddrAny,NoInAddrAny" if known(host) else "",
            nodes="\n".join(nodes),
        )
        (self.base / "slurm.conf").write_text(text, encoding="utf-8")
        (self.base / "cgroup.conf").touch()

    def _munge_files(self) -> list[str]:
        """Options that say where munge finds and keeps what it needs; its key is made."""
        key = self.base / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        return [
            f"--key-file={key}",
            f"--socket={self.base}/munge.socket",
            f"--pid-file={self.base}/run/munge.pid",
            f"--seed-file={self.base}/run/munge.seed",
            f"--log-file={self.base}/log/munge.log",
        ]

    def _daemon(self, *command: str) -> None:
        with (self.base / "log" / f"{command[0]}.out").open("ab") as log:
            daemon = subprocess.Popen(
                [*DIES_WITH_PARENT, *command],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.daemons.append(daemon)

    def _still_starting(self, end: float) -> None:
        """Wait a little, unless a daemon has ended or time is up."""
        ended = [daemon for daemon in self.daemons if daemon.poll() is not None]
        if ended or time.monotonic() > end:
            logs = sorted((self.base / "log").iterdir())
            tails = (f"{path.name}: {path.read_text(errors='replace')[-300:]}" for path in logs)
            raise Unavailable("it does not start\n" + "\n".join(tails))
        time.sleep(0.1)

    def _ask(self, *command: str) -> str:
        """What a command says; nothing, while it cannot reach the controller."""
        done = self.run(*command)
        return done.stdout if done.returncode == 0 else ""

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Slurm."""
        return subprocess.run(
            command,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_TO_ANSWER,
        )

    def jobs(self, folder: Path) -> list[Job]:
        """All jobs of the workflow in a folder, running, waiting and ended."""
        form = "%i|%T|%N|%l|%m|%Z|%k"
        lines = self._ask("squeue", "--states=all", "--noheader", f"--format={form}").splitlines()
        rows = (line.split("|", maxsplit=6) for line in lines)
        return [
            Job(number, state, node, minutes(limit), megabytes(memory), at, comment)
            for number, state, node, limit, memory, at, comment in rows
            if at == str(folder)
        ]

    def lay_faults(self, *places: str) -> None:
        """Lay a fault, `<node>/<name>`, for the next fit on a node."""
        shutil.rmtree(self.base / "faults")
        (self.base / "faults/taken").mkdir(parents=True)
        for place in places:
            path = self.base / "faults" / place
            path.parent.mkdir(exist_ok=True)
            path.touch()

    def taken(self) -> dict[str, str]:
        """The faults that a job has taken, and its number."""
        names = (path.name.split(".") for path in (self.base / "faults/taken").iterdir())
        return {fault: number for fault, number in names}

    def stop(self) -> None:
        """End all jobs and all daemons."""
        if self.daemons:
            self._ask("scancel", f"--user={getpass.getuser()}")
            end = time.monotonic() + 15
            while self._ask("squeue", "--noheader") and time.monotonic() < end:
                time.sleep(0.2)
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        for process in self._left_behind():
            os.kill(process, signal.SIGKILL)
        shutil.rmtree(self.base, ignore_errors=True)

    def _left_behind(self) -> list[int]:
        """Processes of this cluster that outlived its daemons: they carry its folder."""
        mine = f"SLURM_CONF={self.base}/slurm.conf".encode()
        found = list[int]()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mine in (process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
            except OSError:  # It has ended, or belongs to somebody else.
                continue
        return found


def known(host: str) -> bool:
    """Whether a host name has an address."""
    try:
        socket.gethostbyname(host)
    except OSError:
        return False
    return True


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def minutes(limit: str) -> int:
    """A time limit as Slurm writes it, [[days-]hours:]minutes:seconds, in whole minutes."""
    days, _, clock = limit.rpartition("-")
    *hours, whole, _ = clock.split(":")
    return int(days or 0) * 1440 + int(hours[0] if hours else 0) * 60 + int(whole)


def megabytes(memory: str) -> int:
    """Memory as Slurm writes it, in MB."""
    return round(float(memory.rstrip("MG")) * (1024 if memory.endswith("G") else 1))
