from pathlib import Path

import pandas as pd

from benchmarks.scale import CLOSED_FORM, in_one_process, study_in


def test_a_study_in_one_process_is_measured(tmp_path: Path) -> None:
    asked = study_in(tmp_path, replicates=4, block=2, sizes=[30], **CLOSED_FORM)
    in_one_process(asked, tmp_path / "alone")
    found = pd.read_csv(tmp_path / "alone/measures.csv")
    assert set(found["estimator"]) == {"one"}
    assert found.loc[found["measure"] == "rmse", "replicates_used"].eq(4).all()
