from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from stature.estimators.estimator import Fits
from stature.estimators.fit import fit_block
from stature.store import fits as table
from stature.store import samples as other
from stature.store.parquet import TableError
from tests.estimators.laws import fit, samples, spec_of

PEOPLE = samples(4, 50, gap_cm=10.0)


def blocks() -> list[Fits]:
    out = []
    for rows in (slice(0, 2), slice(2, 4)):
        part = replace(
            PEOPLE,
            replicates=PEOPLE.replicates[rows],
            heights_cm=PEOPLE.heights_cm[rows],
            group_index=PEOPLE.group_index[rows],
        )
        spec = replace(spec_of("em", (2, 20, 50), 4), first=rows.start, last=rows.stop - 1)
        out.append(fit_block(spec, part)[0])
    return out


def test_fits_come_back_as_they_were_block_by_block(tmp_path: Path):
    # Covariances are not stored.
    whole = replace(fit_block(spec_of("em", (2, 20, 50), 4), PEOPLE)[0], covariance=None)
    paths = [tmp_path / f"{i}.parquet" for i in range(2)]
    for path, part in zip(paths, blocks(), strict=True):
        table.write(path, part)
    found = table.read_all(paths[::-1])
    for field in fields(Fits):
        expected, got = getattr(whole, field.name), getattr(found, field.name)
        if expected is None or isinstance(expected, tuple):
            assert got == expected
        else:
            assert got.dtype == expected.dtype
            assert np.array_equal(got, expected, equal_nan=expected.dtype.kind == "f")


def test_a_constraint_has_a_column_where_there_is_one(tmp_path: Path):
    parts = [replace(part, at_constraint=part.near_tie | True) for part in blocks()]
    for i, part in enumerate(parts):
        table.write(tmp_path / f"{i}", part)
    found = table.read_all([tmp_path / "1", tmp_path / "0"]).at_constraint
    assert found is not None
    assert found.all()
    assert found.shape == (4, 3)
    table.write(tmp_path / "free", blocks()[0])
    assert table.read(tmp_path / "free").at_constraint is None


def test_quantities_of_an_estimator_from_outside_come_back_as_they_were(tmp_path: Path):
    parts = blocks()
    chance = np.random.default_rng(1)
    for i, part in enumerate(parts):
        own = chance.standard_normal((2, 3, 4, 2))
        own[0, 0, :, 1] = np.nan
        parts[i] = replace(part, quantities=("far", "near"), of_quantities=own)
        table.write(tmp_path / f"{i}", parts[i])
    found = table.read_all([tmp_path / "1", tmp_path / "0"])
    assert found.quantities == ("far", "near")
    expected = [part.of_quantities for part in parts if part.of_quantities is not None]
    assert found.of_quantities is not None
    assert np.array_equal(found.of_quantities, np.concatenate(expected), equal_nan=True)
    bare = np.concatenate([part.estimate for part in parts])
    assert np.array_equal(found.estimate, bare, equal_nan=True)
    rows = table.table(parts[0]).slice(0, 9).to_pylist()
    assert [(row["group"], row["parameter"]) for row in rows[7:]] == [("", "far"), ("", "near")]
    assert rows[8]["estimate"] is None
    assert rows[8]["interval_status"] == "none"


@pytest.mark.parametrize("name", [*table.PER_PARAMETER, "log_likelihood", "decrement"])
def test_what_is_no_number_is_an_empty_cell(name: str):
    part = blocks()[0]
    values = np.ones_like(getattr(part, name))
    values[1, 2] = np.nan
    found = table.table(replace(part, **{name: values}))[name]
    # Of the seven rows of the last fit.
    assert found.null_count == 7
    assert found[-7:].null_count == 7


def test_one_record_gives_the_same_bytes_again(tmp_path: Path):
    part = blocks()[0]
    table.write(tmp_path / "a", part, "spec")
    table.write(tmp_path / "b", part, "spec")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_replicate_in_two_blocks_is_refused(tmp_path: Path):
    table.write(tmp_path / "a", blocks()[0])
    with pytest.raises(ValueError, match="expected every replicate once"):
        table.read_all([tmp_path / "a", tmp_path / "a"])
    people = replace(
        PEOPLE,
        replicates=PEOPLE.replicates[:1],
        heights_cm=PEOPLE.heights_cm[:1],
        group_index=PEOPLE.group_index[:1],
    )
    table.write(tmp_path / "one", fit("mle", people))
    with pytest.raises(ValueError, match="expected every replicate once"):
        table.read_all([tmp_path / "one", tmp_path / "one"])


def test_blocks_of_other_sizes_do_not_mix(tmp_path: Path):
    first = blocks()[0]
    table.write(tmp_path / "a", first)
    other = fit_block(replace(spec_of("em", (20,), 4)), PEOPLE)[0]
    table.write(tmp_path / "b", other)
    with pytest.raises(ValueError, match="expected fits of sizes"):
        table.read_all([tmp_path / "a", tmp_path / "b"])


def test_another_kind_of_table_is_refused(tmp_path: Path):
    other.write(tmp_path / "s", PEOPLE)
    with pytest.raises(TableError, match="a table of fits, version 2, got a table of samples"):
        table.read(tmp_path / "s")


def test_fits_are_read_by_the_folders_of_their_scenario_and_estimator(tmp_path: Path) -> None:
    people = samples(4, 60)
    of_mle = fit("mle", people)
    paths = [
        tmp_path / scenario / name / "000000-000003.parquet"
        for scenario in ("school.none", "galton.none")
        for name in ("mle", "mle-numeric")
    ]
    for path in paths:
        table.write(path, of_mle)
    found = table.read_scenarios(paths[::-1])
    assert {scenario: list(of) for scenario, of in found.items()} == {
        "galton.none": ["mle", "mle-numeric"],
        "school.none": ["mle", "mle-numeric"],
    }
    assert np.array_equal(found["school.none"]["mle"].estimate, of_mle.estimate)


def test_a_row_is_a_step_of_a_group_and_parameter(tmp_path: Path):
    _, traces = fit_block(spec_of("em", (50,), 2, traced=1), samples(2, 50))
    table.write_traces(tmp_path / "t", traces)
    rows = table.TRACES.read(tmp_path / "t").to_pandas()
    assert len(rows) == 6 * len(traces.step)
    last = rows[rows.step == traces.step[-1]]
    boys = last[(last.group == "boys") & (last.parameter == "mean_cm")]
    assert boys.estimate.item() == traces.theta[-1, 3]


def test_traces_of_several_estimators_are_told_apart_even_if_one_has_none(tmp_path: Path):
    people = samples(2, 50)
    for name in ("em", "mle"):
        _, traces = fit_block(spec_of(name, (50,), 2, traced=1), people)
        table.write_traces(tmp_path / "school.none" / name / "0-1.parquet", traces)
    paths = [tmp_path / "school.none" / name / "0-1.parquet" for name in ("em", "mle")]
    rows = table.read_traces(paths).to_pandas()
    assert set(rows.estimator) == {"em"}
    assert set(rows.scenario) == {"school.none"}


def test_a_study_without_traces_has_an_empty_table_with_all_columns():
    rows = table.read_traces([])
    assert rows.num_rows == 0
    assert rows.column_names[:4] == ["population", "bias", "scenario", "estimator"]
