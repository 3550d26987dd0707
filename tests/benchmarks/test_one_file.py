from pathlib import Path

import numpy as np
import pytest

from benchmarks.one_file import CHUNK, fit, mean_and_variance, sums_of_powers, write_heights
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.fit import fit_heights, spec_of_one


def test_every_way_through_a_file_gives_what_its_heights_give(tmp_path: Path):
    # A file of two chunks, the last one cut short.
    write_heights(tmp_path / "heights.npy", CHUNK + 12_345)
    mapped = np.load(tmp_path / "heights.npy", mmap_mode="r")
    heights_cm = np.array(mapped)
    expected = heights_cm.mean(), heights_cm.var()
    for way in (mean_and_variance, sums_of_powers):
        assert way(mapped) == pytest.approx(expected, rel=1e-9)
    spec = spec_of_one(CATALOGUE["newton"], ("lower", "upper"), "0" * 32)
    found, people = fit(mapped), fit_heights(spec, heights_cm, None)
    assert found.status[0, 0] == people.status[0, 0] == 0
    for number in ("estimate", "std_error", "log_likelihood"):
        same = getattr(found, number), getattr(people, number)
        np.testing.assert_allclose(*same, rtol=1e-9, err_msg=number)
