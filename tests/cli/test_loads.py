"""What each command loads of the packages that take long: a tenth of a second and more each."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SLOW = {
    "jinja2", "matplotlib", "numba", "numba.np.arrayobj", "numpy", "pandas", "pyarrow", "pydantic",
    "pygments", "rich", "scipy.linalg", "scipy.optimize", "scipy.special", "scipy.stats",
    "snakemake", "yaml",
}  # fmt: skip

COMMAND = """
import sys
from stature.cli import main

try:
    main()
except SystemExit:
    pass
print("loaded:", *sys.modules, flush=True)
"""
STUDY = [str(ROOT / "config" / name) for name in ("config.yaml", "smoke.yaml")]
FILE = str(ROOT / "data/galton_1886_children.csv")
# Snakemake loads its plugin for Slurm where that is installed, which loads pandas.
OF_SLURM = {"pandas"} if find_spec("snakemake_executor_plugin_slurm") else set[str]()
OF_FITS = {"numba", "numpy", "yaml"}  # Numba reads its settings with PyYAML
TABLE = "method,replicate,b,se\na,1,0.4,0.1\na,2,0.6,0.1\n"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["--help"], set()),
        # Where the files lie is known by the module that knows what tables are made from.
        (["new", "mine"], {"numpy", "pyarrow"}),
        (["doctor", FILE, "--unit", "in"], {"numpy"}),
        (["fit", FILE, "--unit", "in", "--group", "sex", "--hide-group"], {*OF_FITS, "rich"}),
        (["setup"], OF_FITS),  # what it compiled is known by the compiler's version
        (
            ["replay", "smoke/school.none/0", "--config", *STUDY, "--estimator", "em"],
            {*OF_FITS, "pandas", "pyarrow", "pydantic", "rich"},
        ),
        (
            ["measure", "estimates.csv", "--truth", "0.5"],
            {"numpy", "pandas", "pyarrow", "pydantic", "rich", "scipy.special", "yaml"},
        ),
        # Snakemake makes the plan, and loads what it says of reports and shares with them.
        (
            ["plan", "never-run.yaml"],
            {*OF_FITS, "jinja2", "pyarrow", "pydantic", "pygments", "rich", "snakemake", *OF_SLURM},
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_loads_no_slow_package_but_these(
    typed: list[str], expected: set[str], tmp_path: Path
) -> None:
    (tmp_path / "estimates.csv").write_text(TABLE)
    # Of a study that has results, a plan loads what tells their errors.
    (tmp_path / "never-run.yaml").write_text("study: never-run\n")
    folder = ROOT if typed[0] == "plan" else tmp_path
    typed = [str(tmp_path / word) if word == "never-run.yaml" else word for word in typed]
    told = subprocess.run(
        [sys.executable, "-c", COMMAND, *typed], capture_output=True, text=True, cwd=folder
    )
    *_, loaded = told.stdout.partition("loaded:")
    assert SLOW.intersection(loaded.split()) == expected, told.stderr
