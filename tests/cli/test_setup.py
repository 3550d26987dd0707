"""Set-up compiles all that fits need, which is what the catalogue says."""

import subprocess
import sys
from pathlib import Path

from stature.cli import setup
from stature.estimators.catalogue import CATALOGUE, GENERAL

ROOT = Path(__file__).parents[2]
AFTER = """
import sys
from stature.cli import setup, warm
from stature.cli.main import main

for part in setup.estimators():
    setup.fit(part)
before = set(warm.compiled())
assert len(before) > 10
for more in ([], ["--hide-group", "--groups", "1", "3"], ["--rounded", "1"]):
    main(["fit", "data/galton_1886_children.csv", "--column", "height_in", "--unit", "in",
          "--group", "sex", "--json", *more])
main(["fit", sys.argv[1], "--column", "height", "--count", "people", "--json"])
print("more:", *set(warm.compiled()) - before)
"""


def test_set_up_fits_every_estimator_of_the_catalogue_and_every_interval() -> None:
    chosen = [one for part in setup.estimators() for one in part]
    assert {*CATALOGUE, *GENERAL} <= {one.name for one in chosen}
    assert {one.interval for one in chosen} >= {"wald", "profile", "bootstrap"}


def test_after_set_up_no_fit_of_a_file_compiles_anything(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("height,people\n" + "".join(f"{150 + h},{9 + h % 7}\n" for h in range(40)))
    done = subprocess.run(
        [sys.executable, "-c", AFTER, table], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "more:"
