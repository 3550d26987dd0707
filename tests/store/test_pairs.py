from dataclasses import asdict
from pathlib import Path

import numpy as np

from stature.measures.pairs import Pair
from stature.store import fits, pairs
from tests.estimators.laws import fit, samples

PAIRS = [
    Pair("school", "none", "school.none", 200, "girls", 163.0, "newton", "hasty", 0, 162.9, 163.4),
    Pair("school", "none", "school.none", 200, "girls", 163.0, "newton", "hasty", 1, 163.1, None),
]


def test_pairs_are_written_as_they_are(tmp_path: Path) -> None:
    pairs.write(tmp_path / "pairs.parquet", PAIRS)
    assert pairs.read_table(tmp_path / "pairs.parquet").to_pylist() == [
        asdict(pair) for pair in PAIRS
    ]


def test_fits_are_read_by_the_folders_of_their_scenario_and_estimator(tmp_path: Path) -> None:
    people = samples(4, 60)
    of_mle = fit("mle", people)
    paths = [
        tmp_path / scenario / name / "000000-000003.parquet"
        for scenario in ("school.none", "galton.none")
        for name in ("mle", "mle-numeric")
    ]
    for path in paths:
        fits.write(path, of_mle)
    found = pairs.read_fits(paths[::-1])
    assert {scenario: list(of) for scenario, of in found.items()} == {
        "galton.none": ["mle", "mle-numeric"],
        "school.none": ["mle", "mle-numeric"],
    }
    assert np.array_equal(found["school.none"]["mle"].estimate, of_mle.estimate)


def test_the_same_pairs_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        pairs.write(tmp_path / name, PAIRS, "{}")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
