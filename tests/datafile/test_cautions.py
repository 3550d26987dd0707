"""Files that can be fitted, and what a reader is warned of.

The names C01 … C53 are those of the project's list of bad data files.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stature.datafile.people import groups_of, read_people
from stature.domain.population import Group

GALTON = Path("data/galton_1886_children.csv")
MACDONELL = Path("data/macdonell_1902_heights_binned.csv")

Write = Callable[..., Path]
Refusals = Callable[..., tuple[str, ...]]


def column(*cells: object, name: str = "height") -> str:
    return "\n".join([name, *map(str, cells)]) + "\n"


def test_C22_C23_an_outlier_is_a_warning_with_its_row(write: Write) -> None:
    people = read_people(write(column(*range(160, 180), 57)), unit="cm")
    # Median 169, absolute deviations 0, 1, 1, …, 9, 9, 10, 112: their median is 5.
    distance = (169 - 57) / (1.4826 * 5)
    (warning,) = people.warnings
    assert f"row 22: 57 lies {distance:.1f} robust SDs below the median" in warning
    assert len(people.rows) == 21


@pytest.mark.parametrize("values", [[170] * 5, [170, 180, 170, 180]])
def test_C24_hardly_any_distinct_heights_is_a_warning(write: Write, values: list[int]) -> None:
    people = read_people(write(column(*values)), unit="cm")
    assert any("distinct value" in warning for warning in people.warnings)


@pytest.mark.parametrize(
    "codes", [("F", "M"), ("f", "m"), ("2", "1"), ("0", "1"), ("女", "男"), ("False", "True")]
)
def test_C26_labels_are_names_whatever_they_look_like(write: Write, codes: tuple[str, str]) -> None:
    short, tall = codes
    text = f"g,height\n{tall},180\n{short},160\n{tall},182\n{short},163\n"
    people = read_people(write(text), unit="cm", group="g")
    assert people.group_names == codes
    assert people.group_index.tolist() == [1, 0, 1, 0]


def test_C27_blank_labels_stay_and_a_third_label_is_a_third_group(write: Write) -> None:
    text = "g,height\nm,180\nf,160\n,170\nNA,171\n?,172\nm,181\nf,161\n?,175\n"
    people = read_people(write(text), unit="cm", group="g")
    assert people.group_names == ("f", "?", "m")
    assert people.group_index.tolist() == [2, 0, -1, -1, 1, 2, 0, 1]
    assert any("3 groups, not two" in warning for warning in people.warnings)
    assert [group.share for group in groups_of(people)] == [1 / 3, 1 / 3, 1 / 3]


def test_C28_labels_that_differ_by_case_are_merged_only_when_asked(write: Write) -> None:
    path = write("g,height\nmale,180\nMale ,182\nmale,184\nf,160\nf,163\n")
    apart = read_people(path, unit="cm", group="g")
    assert apart.group_names == ("f", "male", "Male ") or apart.group_names[0] == "f"
    assert len(apart.group_names) == 3
    assert any("differ only by case or spaces" in warning for warning in apart.warnings)
    merged = read_people(path, unit="cm", group="g", merge_labels=True)
    assert merged.group_names == ("f", "male")


def test_C29_one_label_and_a_group_of_one_row_are_accepted(write: Write) -> None:
    one = read_people(write("g,height\nf,160\nf,163\n"), unit="cm", group="g")
    assert one.group_names == ("f",)
    lonely = read_people(write("g,height\nf,160\nf,163\nm,180\n"), unit="cm", group="g")
    assert lonely.group_names == ("f", "m")
    assert groups_of(lonely)[1] == Group("m", 1 / 3, 180.0, 0.0)
    assert any("“m” has 1 row" in warning for warning in lonely.warnings)


def test_C31_one_person_is_refused(write: Write, refusals: Refusals) -> None:
    (message,) = refusals(write(column(170)), unit="cm")
    assert "expected at least 2 people" in message


def test_C32_repeated_rows_and_identities_are_counted_and_kept(write: Write) -> None:
    people = read_people(write("id,age,height\n1,20,170\n1,20,170\n2,30,180\n"), unit="cm")
    assert len(people.rows) == 3
    assert any("1 row with an identity that stood there before" in w for w in people.warnings)
    assert any("1 row equal to an earlier row" in w for w in people.warnings)


def test_C33_siblings_are_not_independent() -> None:
    (warning,) = read_people(GALTON, group="sex").warnings
    assert "205 distinct values in 934 rows" in warning
    assert "not independent" in warning


def test_C34_a_long_file_is_read_in_batches_without_loss(write: Write) -> None:
    rng = np.random.default_rng(20261122)
    heights = 170.0 + 9.0 * rng.standard_normal(150_000)
    text = "sex,height_cm\n" + "".join(
        f"{'fm'[i % 2]},{h}\n" for i, h in enumerate(heights.tolist())
    )
    people = read_people(write(text), group="sex")
    np.testing.assert_array_equal(people.heights_cm, heights)
    np.testing.assert_array_equal(people.rows, np.arange(2, 150_002))
    assert np.bincount(people.group_index).tolist() == [75_000, 75_000]
