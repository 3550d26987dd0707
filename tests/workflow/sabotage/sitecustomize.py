"""Does to jobs what the world does to them.

Python loads this file by itself when it lies on PYTHONPATH. STATURE_SABOTAGE is JSON: the end of
the path of a job's log, and what happens to that job.
"""

import json
import os
import resource
import signal
import sys
import threading

PLAN = json.loads(os.environ.get("STATURE_SABOTAGE", "{}"))
# In the middle of every table: none of them is as short, and all are written in several pieces.
HALF_A_TABLE = 300


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Saboteur:
    """Watches what a job opens, renames and removes."""

    def __init__(self) -> None:
        self.fault = ""
        self.renamed = 0

    def watch(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and not self.fault:
            for log, fault in PLAN.items():
                if str(arguments[0]).endswith(log):
                    self.fault = fault
                    self.begin()
        elif event == "os.rename" and str(arguments[0]).endswith(".partial"):
            self.renamed += 1
            if self.fault == f"killed before file {self.renamed} has its name":
                die()
        elif event == "os.remove" and self.renamed and self.fault == "killed after the first file":
            die()

    def begin(self) -> None:
        if self.fault == "killed at the start":
            die()
        elif self.fault == "killed in the middle of a file":
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (HALF_A_TABLE, HALF_A_TABLE))
        elif self.fault == "disk full":
            resource.setrlimit(resource.RLIMIT_FSIZE, (HALF_A_TABLE, HALF_A_TABLE))
        elif self.fault == "out of memory":
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_AS, (1, 1))
        elif self.fault.endswith(" seconds after the start"):
            timer = threading.Timer(float(self.fault.split()[1]), die)
            timer.daemon = True
            timer.start()


JOBS = (
    ".snakemake/scripts/",
    "stature.cli.warm",
)  # a job, and the process that jobs are forked from
if PLAN and any(job in argument for job in JOBS for argument in sys.orig_argv):
    sys.addaudithook(Saboteur().watch)
