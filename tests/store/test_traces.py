from pathlib import Path

from stature.estimators.fit import fit_block
from stature.store import traces as table
from tests.estimators.laws import samples, spec_of


def test_a_row_is_a_step_of_a_group_and_parameter(tmp_path: Path):
    _, traces = fit_block(spec_of("em", (50,), 2, traced=1), samples(2, 50))
    table.write(tmp_path / "t", traces)
    rows = table.TRACES.read(tmp_path / "t").to_pandas()
    assert len(rows) == 6 * len(traces.step)
    last = rows[rows.step == traces.step[-1]]
    boys = last[(last.group == "boys") & (last.parameter == "mean_cm")]
    assert boys.estimate.item() == traces.theta[-1, 3]


def test_traces_of_several_estimators_are_told_apart_even_if_one_has_none(tmp_path: Path):
    people = samples(2, 50)
    for name in ("em", "mle"):
        _, traces = fit_block(spec_of(name, (50,), 2, traced=1), people)
        table.write(tmp_path / "school.none" / name / "0-1.parquet", traces)
    paths = [tmp_path / "school.none" / name / "0-1.parquet" for name in ("em", "mle")]
    rows = table.read_all(paths).to_pandas()
    assert set(rows.estimator) == {"em"}
    assert set(rows.scenario) == {"school.none"}


def test_a_study_without_climbs_has_an_empty_table_with_all_columns():
    rows = table.read_all([])
    assert rows.num_rows == 0
    assert rows.column_names[:4] == ["population", "bias", "scenario", "estimator"]
