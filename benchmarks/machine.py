"""The machine and the versions that were measured, in words."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from shutil import which

PACKAGES = ("numpy", "numba", "scipy", "scikit-learn")
R_VERSIONS = """
cat(R.version$major, R.version$minor, sep = ".")
for (name in c("mclust", "mixtools")) if (requireNamespace(name, quietly = TRUE))
  cat(",", name, as.character(packageVersion(name)))
"""


def machine() -> str:
    """Processor, cores and memory."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    processor = names[0] if names else platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}"


def versions() -> str:
    """Versions of Python, R and the packages."""
    found = [f"Python {platform.python_version()}"]
    found += [f"{name} {version(name)}" for name in PACKAGES]
    if which("Rscript") is None:
        return ", ".join([*found, "no R"])
    result = subprocess.run(
        ["Rscript", "--vanilla", "-e", R_VERSIONS], capture_output=True, text=True, check=False
    )
    return ", ".join([*found, f"R {result.stdout.strip()}"])
