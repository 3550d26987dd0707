from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from stature.design.samples import Samples, draw
from stature.store import samples as table
from tests.design.test_samples import SPEC


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
