import subprocess
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
# In a process of its own: benchmarks set the number of threads, which makes Numba read its settings
# anew.
PROGRAM = """
import sys
from pathlib import Path
from benchmarks.scale import CLOSED_FORM, in_one_process, study_in

folder = Path(sys.argv[1])
asked = study_in(folder, replicates=4, block=2, sizes=[30], **CLOSED_FORM)
in_one_process(asked, folder / "alone")
"""


def test_a_study_in_one_process_is_measured(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, check=True)
    found = pd.read_csv(tmp_path / "alone/measures.csv")
    assert set(found["estimator"]) == {"one"}
    assert found.loc[found["measure"] == "rmse", "replicates_used"].eq(4).all()
