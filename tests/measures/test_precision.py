from dataclasses import replace

from stature.measures.measure import RoundSpec, judge
from tests.measures.conftest import Study


def test_cells_are_met_by_their_errors_alone(study: Study) -> None:
    spec = RoundSpec(study.spec, "rmse", "mean_cm", 0.02, 200)
    cell = next(row for row in study.measures if (row.measure, row.size) == ("rmse", 50))
    cell = replace(cell, parameter="mean_cm")
    met = replace(cell, mcse=0.02)
    cells = [met, replace(cell, size=100, mcse=0.021), replace(cell, size=200, mcse=None)]
    judged = [(one.size, one.met) for one in judge(spec, cells)]
    assert judged == [(50, True), (100, False), (200, False)]
    # The decision never looks at a value.
    assert judge(spec, [replace(met, value=9.0)]) == judge(spec, [met])
    # Only what is aimed at is judged.
    others = {"measure": "bias", "parameter": "sd_cm", "policy": "finite", "size": None}
    assert judge(spec, [replace(cell, **{name: value}) for name, value in others.items()]) == ()
