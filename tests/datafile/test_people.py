"""People read from files: golden groups, pools, and what is found though rows are at fault."""

import csv
import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stature.datafile.examinations import (
    FileError,
    cautions,
    dropped,
    examine,
    mean_and_sd,
    ordered_groups,
)
from stature.datafile.people import People, groups_of, read_people, read_pool
from stature.datafile.request import Reading
from stature.domain.population import DataFile, Group, Population

GALTON = Path("data/galton_1886_children.csv")
MACDONELL = Path("data/macdonell_1902_heights_binned.csv")
Write = Callable[..., Path]


def column(*cells: object, name: str = "height") -> str:
    return "\n".join([name, *map(str, cells)]) + "\n"


def test_galton_gives_its_golden_groups() -> None:
    people = read_people(GALTON, Reading("height_in", "in", "sex")).in_cm()
    female, male = groups_of(people)
    assert (female.name, male.name) == ("female", "male")
    assert female.share == 453 / 934
    assert female.mean_cm == pytest.approx(162.824092715, rel=1e-9)
    assert male.mean_cm == pytest.approx(175.854602911, rel=1e-9)
    assert female.sd_cm == pytest.approx(5.976749834, rel=1e-9)
    assert male.sd_cm == pytest.approx(6.657786767, rel=1e-9)
    assert people.sha256 == "e8b7302fedaa92d10e0d6529e313fc737f3caa8216042198fd6c51804896a66c"
    assert people.rows[[0, -1]].tolist() == [2, 935]
    assert people.dropped == ()


def test_galton_without_groups_is_one_normal() -> None:
    (everybody,) = groups_of(read_people(GALTON, Reading()).in_cm())
    assert everybody.mean_cm == pytest.approx(169.534665953, rel=1e-9)
    assert everybody.sd_cm == pytest.approx(9.086429887, rel=1e-9)
    assert everybody.share == 1.0


def test_rows_of_the_middle_group_keep_their_order_of_means(write: Write) -> None:
    path = write("g,height\nc,180\na,170\nb,160\nc,182\na,172\nb,150\n")
    people = read_people(path, Reading(unit="cm", group="g"))
    assert people.group_names == ("b", "a", "c")
    assert people.group_index.tolist() == [2, 1, 0, 2, 1, 0]


def test_groups_of_weighted_rows_are_in_the_order_of_their_weighted_means(write: Write) -> None:
    path = write("g,w,height\nb,3,160\nb,1,180\na,1,160\na,3,176\n")
    people = read_people(path, Reading(unit="cm", group="g", weights="w"))
    # Rows alone would put a, of mean 168, before b, of mean 170.
    assert [(group.name, group.share, group.mean_cm) for group in groups_of(people)] == [
        ("b", 0.5, (3 * 160 + 180) / 4),
        ("a", 0.5, (160 + 3 * 176) / 4),
    ]


@pytest.mark.parametrize(
    ("weights", "sampling"),
    [((2, 3), False), ((1.5, 2), True), ((999, 1001), False), ((1000, 1002), True)],
)
def test_weights_with_decimals_or_of_more_than_a_thousand_on_average_are_those_of_a_survey(
    weights: tuple[float, float], sampling: bool, write: Write
) -> None:
    path = write("w,height\n{},160\n{},170\n".format(*weights))
    assert read_people(path, Reading(unit="cm", weights="w")).sampling == sampling


def test_parquet_reads_as_its_csv(write: Write, tmp_path: Path) -> None:
    text = read_people(
        write("sex,height\nm,180.5\nf,165\n,170\nm,\n"), Reading(unit="cm", group="sex")
    )
    table = pa.table(
        {
            "sex": pa.array(["m", "f", None, "m"]).dictionary_encode(),
            "height": [180.5, 165.0, 170.0, None],
        }
    )
    pq.write_table(table, tmp_path / "people.parquet")
    people = read_people(tmp_path / "people.parquet", Reading(unit="cm", group="sex"))
    assert people.values.tolist() == text.values.tolist() == [180.5, 165.0, 170.0]
    assert people.group_names == text.group_names == ("f", "m")
    assert people.group_index.tolist() == text.group_index.tolist() == [1, 0, -1]
    assert people.rows.tolist() == text.rows.tolist() == [2, 3, 4]
    assert people.dropped == text.dropped == (("value missing", 1),)


def population_of(people: People) -> Population:
    data = DataFile(people.path, people.height, people.unit, people.group, people.sha256)
    return Population("from-file", groups_of(people), data)


def test_a_pool_holds_the_people_of_each_group(write: Write) -> None:
    path = write("g,height\nm,180\nf,160\nm,182\nf,163\n,170\n")
    pool = read_pool(population_of(read_people(path, Reading("height", "cm", "g"))))
    assert pool is not None
    assert [heights.tolist() for heights in pool.heights_cm] == [[160.0, 163.0], [180.0, 182.0]]


@pytest.mark.parametrize("unit", ["cm", "none"])
def test_a_pool_without_groups_is_everybody(unit: str, write: Write) -> None:
    people = read_people(write(column(170, 172, 171)), Reading("height", unit))
    pool = read_pool(population_of(people), [people.path])
    assert pool is not None
    assert [heights.tolist() for heights in pool.heights_cm] == [[170.0, 172.0, 171.0]]


def test_a_normal_population_has_no_pool() -> None:
    assert read_pool(Population("school", (Group("girls", 1.0, 163.0, 6.5),))) is None


def test_a_pool_from_a_file_that_changed_is_refused(write: Write) -> None:
    population = population_of(read_people(write(column(170, 172, 171)), Reading(unit="cm")))
    write(column(170, 172, 174))
    with pytest.raises(FileError, match="the file changed after the run began"):
        read_pool(population)
    assert population.data is not None
    same = replace(population, data=replace(population.data, sha256="0" * 64))
    with pytest.raises(FileError, match=r"sha256 0{12}…\), got another one \([0-9a-f]{12}…\)"):
        read_pool(same)


def test_macdonells_men_are_the_counts_of_his_table():
    with MACDONELL.open(newline="") as file:
        cells = [[float(text) for text in row.values()] for row in csv.DictReader(file)]
    expected = [(low + high) / 2 for low, high, count in cells for _ in range(int(count))]
    men = read_people("data/macdonell_1902_men.csv", Reading("height_in", "in", "sex"))
    np.testing.assert_allclose(men.values, expected, rtol=1e-14)
    assert men.group_names == ("male",)


def test_a_doubtful_unit_leaves_the_range_alone(write: Write) -> None:
    found = examine(write("height\n64\n68\n70\n999\n"), Reading(unit="cm"))
    assert found.doubted
    assert [about for about, _ in found.faults] == ["unit"]


def test_groups_are_ordered_though_rows_are_at_fault(write: Write) -> None:
    text = "g,height\n" + "m,180\nf,160\nm,182\nf,165\n" * 9 + "m,900\n"
    found = examine(write(text), Reading(unit="cm", group="g"))
    assert [about for about, _ in found.faults] == ["heights"]
    assert ordered_groups(found)[0] == ("f", "m")
    assert dropped(found) == (("value outside 50–260 cm", 1),)


def test_faults_and_cautions_are_told_with_what_they_are_about(write: Write) -> None:
    text = "family,g,height\n" + "a,m,180\na,M,160\n" * 20
    found = examine(write(text), Reading(group="g"))
    assert found.faults == ()
    assert [about for about, _ in cautions(found)] == ["unit", "rows", "rows", "heights", "groups"]


NIST = {
    "NumAcc1": ([10000001.0, 10000003.0, 10000002.0], 10000002.0),
    "NumAcc2": ([1.2] + [1.1, 1.3] * 500, 1.2),
    "NumAcc3": ([1000000.2] + [1000000.1, 1000000.3] * 500, 1000000.2),
    "NumAcc4": ([10000000.2] + [10000000.1, 10000000.3] * 500, 10000000.2),
}


@pytest.mark.parametrize("name", NIST)
def test_mean_and_sd_keep_their_digits_on_the_nist_sets(name: str) -> None:
    values, certified_mean = NIST[name]
    mean, sd = mean_and_sd(np.array(values))
    # What the doubles themselves have, in exact arithmetic: the decimals are not doubles.
    exact = [Fraction(value) for value in values]
    middle = sum(exact) / len(exact)
    variance = sum((value - middle) ** 2 for value in exact) / len(exact)
    assert mean == pytest.approx(certified_mean, rel=1e-14)
    assert sd == pytest.approx(math.sqrt(variance), rel=1e-12)


def test_numbers_without_a_unit_are_believed_up_to_ten_to_the_hundredth(
    write: Write,
) -> None:
    sizes = "1e100\n-1e100\n1.01e100\n-1.01e100\n0.5"
    found = examine(write(f"size\n{sizes}\n"), Reading("size", unit="none"))
    assert found.outside.tolist() == [False, False, True, True, False]
    names, index = ordered_groups(found)
    assert names == ()
    assert index.tolist() == [-1, -1, -1]  # of those who are kept


def test_groups_are_in_the_order_of_their_means_and_blank_labels_of_none(
    write: Write,
) -> None:
    text = "sex,height\nm,180\n,170\nf,165\nm,170\nf,999\nf,160\n"
    names, index = ordered_groups(examine(write(text), Reading(group="sex")))
    assert names == ("f", "m")
    assert index.tolist() == [1, -1, 0, 1, 0]
