from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from stature.design.samples import Samples, draw
from stature.store import samples as table
from stature.store.parquet import TableError
from tests.design.test_samples import SPEC
from tests.estimators.laws import samples


def test_samples_come_back_as_they_were(tmp_path: Path):
    people = samples(3, 40)
    table.write(tmp_path / "s", people)
    found = table.read(tmp_path / "s")
    assert (found.replicates == people.replicates).all()
    assert (found.heights_cm == people.heights_cm).all()
    assert (found.group_index == people.group_index).all()
    assert found.group_names == people.group_names


def test_labels_come_back_where_they_are_not_the_groups(tmp_path: Path):
    people = samples(3, 40)
    labels = np.where(people.heights_cm > 170, people.group_index, -1).astype(np.int8)
    table.write(tmp_path / "s", replace(people, labels=labels))
    assert (table.read(tmp_path / "s").written_labels == labels).all()
    table.write(tmp_path / "t", people)
    assert table.read(tmp_path / "t").labels is None


def test_samples_that_are_at_hand_are_those_of_the_file(tmp_path: Path):
    one, other = tmp_path / "one", tmp_path / "other"
    table.write(one, samples(3, 40))
    table.write(other, samples(2, 40))
    table.keep(one)
    assert table.read(one) is table.read(one)
    assert len(table.read(other).replicates) == 2
    # A file that is written anew is read anew, and of another nothing stays.
    table.write(one, samples(4, 40))
    assert len(table.read(one).replicates) == 4
    table.keep(other)
    assert table.read(one) is not table.read(one)
    one.unlink()
    with pytest.raises(TableError):
        table.read(one)


def test_a_row_is_a_person(tmp_path: Path):
    people = samples(3, 40)
    table.write(tmp_path / "s", people)
    rows = pq.read_table(tmp_path / "s")
    assert rows.column_names == ["replicate", "person", "group", "height_cm"]
    assert rows.num_rows == 120
    assert np.array_equal(rows["person"].to_numpy()[40:80], np.arange(40))


def test_samples_of_more_people_than_are_stored_in_one_piece_come_back(tmp_path: Path):
    # All of one group come first, so that a piece may hold no name of the other.
    people = samples(5, 1_000_000)
    people = replace(people, group_index=np.sort(people.group_index, axis=None).reshape(5, -1))
    table.write(tmp_path / "s", people)
    assert pq.read_metadata(tmp_path / "s").num_row_groups > 1
    found = table.read(tmp_path / "s")
    assert np.array_equal(found.replicates, people.replicates)
    assert np.array_equal(found.heights_cm, people.heights_cm)
    assert np.array_equal(found.group_index, people.group_index)
    assert found.group_names == people.group_names


@pytest.fixture(params=[0, 50], ids=["nobody-kept", "some-kept"])
def people(request: pytest.FixtureRequest) -> Samples:
    return draw(replace(SPEC, largest_size=request.param, sketched_sizes=(300, 2000)))


def test_sketched_samples_come_back_as_they_were(tmp_path: Path, people: Samples):
    table.write(tmp_path / "s", people)
    found = table.read(tmp_path / "s")
    assert found.group_names == people.group_names
    for name in ("replicates", "heights_cm", "group_index"):
        assert np.array_equal(getattr(found, name), getattr(people, name)), name
    assert found.sketches is not None
    assert people.sketches is not None
    assert found.sketches.sizes == people.sketches.sizes
    assert found.sketches.width_cm == people.sketches.width_cm
    for name in ("ends", "group_index", "node_cm", "weight"):
        assert np.array_equal(getattr(found.sketches, name), getattr(people.sketches, name)), name


def test_rows_are_people_and_then_nodes_in_the_order_of_their_key(tmp_path: Path, people: Samples):
    table.write(tmp_path / "s", people)
    rows = pq.read_table(tmp_path / "s")
    columns = ["replicate", "size", "person", "group", "height_cm", "weight", "width_cm"]
    assert rows.column_names == columns
    replicate, size, person, weight, width_cm = (
        rows[name].to_numpy() for name in ("replicate", "size", "person", "weight", "width_cm")
    )
    assert (np.lexsort((size, replicate)) == np.arange(rows.num_rows)).all()
    kept = people.heights_cm.shape[1]
    assert person[person >= 0].tolist() == list(range(kept)) * 5
    assert (size[person >= 0] == kept).all()
    assert (weight[person >= 0] == 1).all()
    assert ((width_cm == 0) == (person >= 0)).all()
    # The nodes of a sample stand for all of its people.
    total = weight[(replicate == 2) & (size == 2000)].sum()
    assert abs(total - 2000) < 2000 * 1e-12
