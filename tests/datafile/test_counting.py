"""Counts, weights and identities, told apart; tables of counts in the layouts that people have."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stature.datafile.counting import number_or_count, table_fault, tally_of, unused_fault
from stature.datafile.doctor import diagnose
from stature.datafile.examinations import Examination, FileError, examine
from stature.datafile.people import People, groups_of, people_of
from stature.datafile.request import Reading
from stature.datafile.signs import stand_once
from tests.datafile.conftest import cells_of

Write = Callable[..., Path]
HEIGHTS = np.arange(150.0, 190.0)
COUNTS = np.rint(400 * np.exp(-(((HEIGHTS - 168) / 9) ** 2))).astype(int)


def table(head: str, *columns: object) -> str:
    """A table whose columns are arrays, or texts that stand in every row."""
    arrays = [column if isinstance(column, np.ndarray) else [column] * 40 for column in columns]
    return "\n".join([head, *(",".join(map(str, row)) for row in zip(*arrays, strict=True))])


def fault(path: Path, reading: Reading) -> str:
    """The one fault of a file, which a fit and the doctor both say."""
    said = [one.sentence for one in diagnose(path, reading).verdicts if one.level == "error"]
    try:
        found = [words for _, words in examine(path, reading).faults]
    except FileError as error:
        found = [words for _, words in error.remarks]
    assert found == said
    (sentence,) = found
    return sentence


@pytest.mark.parametrize(
    ("head", "columns"),
    [
        ("sex,height_cm,count", ("f", HEIGHTS, COUNTS)),
        ("height_cm,count,percent", (HEIGHTS, COUNTS, COUNTS / COUNTS.sum())),
        ("height_cm,Freq,sex", (HEIGHTS, COUNTS, "f")),
        ("sex,height_cm,n", ("f", HEIGHTS, COUNTS)),
        ("sex,height_cm,人数", ("f", HEIGHTS, COUNTS)),
        ("sex,height_cm,Anzahl", ("f", HEIGHTS, COUNTS)),
        ("sex,height_cm,_freq_", ("f", HEIGHTS, COUNTS)),
        ("sex,height_cm,Count of id", ("f", HEIGHTS, COUNTS)),
    ],
)
@pytest.mark.parametrize("named", [None, "height_cm"])
def test_F2_a_count_column_that_nobody_uses_is_a_fault(
    head: str, columns: tuple[object, ...], named: str | None, write: Write
) -> None:
    words = fault(write(table(head, *columns)), Reading(named))
    names = {"count", "Freq", "n", "人数", "Anzahl", "_freq_", "Count of id"}
    (name,) = names & set(head.split(","))
    assert words.startswith(f"column '{name}' is named like a count and is not used")
    assert f"say --count {name}" in words


@pytest.mark.parametrize(
    ("head", "columns", "advice"),
    [
        ("sex,height_cm,quantity", ("f", HEIGHTS, COUNTS), "--count quantity"),
        ("height_cm,percent", (HEIGHTS, 100 * COUNTS / COUNTS.sum()), "--weights percent"),
        ("height_cm,girls,boys", (HEIGHTS, COUNTS, COUNTS[::-1]), "column 'girls' or 'boys'"),
        ("height_cm,cumulative", (HEIGHTS, COUNTS.cumsum()), "--count cumulative"),
        ("height_cm,weight", (HEIGHTS, COUNTS), "--count weight"),
        ("height_cm,f,m", (HEIGHTS + COUNTS / 1000, COUNTS, COUNTS[::-1]), "column 'f' or 'm'"),
    ],
)
def test_F2_values_that_each_stand_once_are_a_table_whatever_its_columns_are_called(
    head: str, columns: tuple[object, ...], advice: str, write: Write
) -> None:
    path = write(table(head, *columns))
    words = fault(path, Reading("height_cm"))
    assert "each value stands once" in words
    assert advice in words
    assert "if each row is one value, --count none" in words
    assert len(people_of(examine(path, Reading("height_cm", count="none"))).rows) == 40


@pytest.mark.parametrize(
    ("heights", "beside"),
    [
        (np.append(HEIGHTS[:-1], 150.0), COUNTS),  # two people share a value
        (HEIGHTS + HEIGHTS * 0.618 % 1, COUNTS),  # as fine a scale leaves room for all
        (HEIGHTS, np.arange(1, 41)[::-1]),  # numbers of rows
        (HEIGHTS, np.array([f"p{i}" for i in range(40)])),
        (HEIGHTS, np.full(40, 3)),
        (HEIGHTS, -COUNTS),
    ],
)
def test_people_whose_values_chance_may_tell_apart_are_people(
    heights: np.ndarray, beside: np.ndarray, write: Write
) -> None:
    path = write(table("height_cm,other", heights, beside))
    assert len(people_of(examine(path, Reading())).rows) == 40


def test_chance_leaves_no_tie_as_seldom_as_it_is_said_to() -> None:
    # 20 values on 40 marks are all apart with probability 40! / (20! 40^20) = .00305, which chance
    # may do; 24 on 30 with 30! / (6! 30^24) = 1.3e-6, which it hardly does.
    apart, dense = np.append(np.arange(0.0, 38.0, 2.0), 39.0), np.append(np.arange(23.0), 29.0)
    for values, marks, chance in ((apart, 40, 0.00305), (dense, 30, 1.304e-6)):
        by_hand = math.prod((marks - i) / marks for i in range(len(values)))
        assert by_hand == pytest.approx(chance, rel=1e-3)
        assert stand_once(values, np.zeros(len(values), np.int32)) == (by_hand < 1e-4)


def test_cumulative_counts_are_told(write: Write) -> None:
    found = diagnose(write(table("height_cm,n", HEIGHTS, COUNTS.cumsum())), Reading())
    assert any("if they are cumulative" in verdict.sentence for verdict in found.verdicts)


def test_F2_counts_of_people_in_groups_are_weights(write: Write) -> None:
    rows = table("sex,size,count", "f", HEIGHTS, COUNTS)
    rows += table("", "m", HEIGHTS + 12, 2 * COUNTS) + "\n"
    path = write(rows)
    people = people_of(examine(path, Reading("size", "cm", "sex", count="count")))
    female, male = groups_of(people)
    mean = np.average(HEIGHTS, weights=COUNTS)
    sd = np.sqrt(np.average((HEIGHTS - mean) ** 2, weights=COUNTS))
    assert (female.share, male.share) == pytest.approx((1 / 3, 2 / 3))
    assert (female.mean_cm, male.mean_cm) == pytest.approx((mean, mean + 12))
    assert (female.sd_cm, male.sd_cm) == pytest.approx((sd, sd))
    # The value column is the only one left.
    assert people_of(examine(path, Reading(None, "cm", "sex", count="count"))).height == "size"


def same(found: People, other: People) -> None:
    np.testing.assert_array_equal(cells_of(found).lower, cells_of(other).lower)
    np.testing.assert_array_equal(cells_of(found).upper, cells_of(other).upper)
    np.testing.assert_array_equal(cells_of(found).count, cells_of(other).count)


@pytest.mark.parametrize(
    ("head", "columns", "reading"),
    [
        ("value,count", (HEIGHTS, COUNTS), Reading("value", "cm")),
        ("value,count", (HEIGHTS, COUNTS), Reading(None, "cm", count="count")),
        ("value,how many", (HEIGHTS, COUNTS), Reading(None, "cm", count="how many")),
        ("percent,x,y", (1, HEIGHTS, COUNTS), Reading(None, "cm", count="y")),
        ("a,b,c", (1, HEIGHTS, COUNTS), Reading("b", "cm", count="c")),
        ("count,height", (COUNTS, HEIGHTS), Reading(None, "cm", count="count")),
    ],
)
def test_F2_values_and_counts_have_any_names(
    head: str, columns: tuple[object, ...], reading: Reading, write: Write
) -> None:
    path = write(table(head, *columns))
    found = people_of(examine(path, reading))
    same(found, people_of(examine(write(table("height_cm,count", HEIGHTS, COUNTS)), Reading())))


@pytest.mark.parametrize(
    "head",
    [
        "lower,upper,n",
        "from,to,n",
        "von,bis,Anzahl",
        "bin_start,bin_end,n",
        "left_cm,right_cm,freq",
    ],
)
def test_F2_ends_of_cells_have_many_names(head: str, write: Write) -> None:
    found = people_of(examine(write(table(head, HEIGHTS, HEIGHTS + 1, COUNTS)), Reading(unit="cm")))
    assert cells_of(found).lower.tolist() == HEIGHTS.tolist()
    assert cells_of(found).upper.tolist() == (HEIGHTS + 1).tolist()


@pytest.mark.parametrize(
    ("spelt", "first", "last"),
    [
        ("({}, {}]", "< 150", "> 189"),
        ("{}–{}", "under 150", "189+"),
        ("{} to {}", "up to 150", "189 and over"),
        ("[{};{})", "[-inf;150)", "[189;inf)"),
    ],
)
def test_F2_both_ends_of_a_cell_may_stand_in_one_column(
    spelt: str, first: str, last: str, write: Write
) -> None:
    cells = [first, *(spelt.format(low, low + 1) for low in range(150, 189)), last]
    rows = "".join(f'"{cell}",{i + 1}\n' for i, cell in enumerate(cells))
    found = cells_of(people_of(examine(write("height_cm,count\n" + rows), Reading())))
    assert found.lower.tolist() == [-np.inf, *HEIGHTS]
    assert found.upper.tolist() == [*HEIGHTS, np.inf]
    assert found.count.tolist() == [*range(1, 42)]


def test_F2_classes_of_whole_values_are_not_taken_for_cells_with_gaps(write: Write) -> None:
    rows = "".join(f"{low}-{low + 4},{k}\n" for k, low in enumerate(range(150, 190, 5), 1))
    words = fault(write("height_cm,count\n" + rows), Reading())
    assert "154.5 to 159.5 if values were rounded to the nearest" in words
    assert "155 to 160 if downwards" in words
    assert "--gaps" not in words


@pytest.mark.parametrize("head", ["upper_cm,count", "to,n", "up to,freq", "from,count"])
def test_F2_ends_on_one_side_make_cells_and_are_told_and_blank_rows_are_none(
    head: str, write: Write
) -> None:
    path = write(table(head, HEIGHTS[::-1], COUNTS[::-1]) + "\n,\n ,\n")
    found = people_of(examine(path, Reading(unit="cm")))
    lower, upper = [-np.inf, *HEIGHTS[:-1]], [*HEIGHTS]
    words = "each cell begins where the one below it ends"
    if head == "from,count":
        lower, upper = [*HEIGHTS], [*HEIGHTS[1:], np.inf]
        words = "each cell ends where the one above it begins"
    np.testing.assert_array_equal((cells_of(found).lower, cells_of(found).upper), (lower, upper))
    np.testing.assert_array_equal(cells_of(found).count, COUNTS)
    assert any(words in note for note in found.notes)


def test_a_total_below_a_table_of_upper_ends_is_no_open_cell(write: Write) -> None:
    rows = table("up to,n", HEIGHTS, COUNTS)
    assert "row 42: " in fault(write(f"{rows}\n,{COUNTS.sum()}\n"), Reading(unit="cm"))
    assert not examine(write(f"{rows}\n,{COUNTS.sum() - 1}\n"), Reading(unit="cm")).faults


@pytest.mark.parametrize("names", ["(from),(to)", "'low','high'", '"=""min""","=""max"""'])
def test_marks_around_the_names_of_ends_do_not_hide_them(names: str, write: Write) -> None:
    path = write(table(f"{names},count", HEIGHTS, HEIGHTS + 1, COUNTS))
    found = cells_of(people_of(examine(path, Reading(unit="cm", count="count"))))
    np.testing.assert_array_equal((found.lower, found.upper), (HEIGHTS, HEIGHTS + 1))


def test_an_unclear_value_column_is_asked_for(write: Write) -> None:
    path = write(table("a,b,c", 1, HEIGHTS, COUNTS))
    words = fault(path, Reading(unit="cm", count="c"))
    assert "choose one with --column COLUMN" in words
    assert "no column 'd'" in fault(path, Reading(unit="cm", count="d"))


def numbered(heights: list[int], numbers: list[int], name: str = "number") -> str:
    pairs = zip(numbers, heights, strict=True)
    return "\n".join([f"{name},height_cm", *(f"{k},{height}" for k, height in pairs)])


STANDING = [155, 172, 153, 159, 163, 182, 162, 175, 161, 164]


@pytest.mark.parametrize("name", ["number", "n", "人数"])
@pytest.mark.parametrize(
    ("heights", "numbers"),
    [
        (STANDING, [*range(1, 11)]),
        ([*STANDING[:8], 155, 155], [*range(1, 11)]),
        (sorted(STANDING), [3, 1, 2, 5, 4, 8, 7, 6, 10, 9]),
        (STANDING, [1, 2, 4, 5, 6, 9, 10, 11, 12, 14]),
        (STANDING, [*range(101, 111)]),
    ],
)
def test_F3_roll_numbers_are_no_counts(
    heights: list[int], numbers: list[int], name: str, write: Write
) -> None:
    found: Examination = examine(write(numbered(heights, numbers, name)), Reading(unit="cm"))
    assert people_of(found).values.tolist() == heights
    assert f"column '{name}' numbers the rows" in found.notes[0]


def test_F3_numbers_that_may_be_counts_too_are_asked_for(write: Write) -> None:
    for heights in (STANDING, [*STANDING[:8], 155, 155]):
        path = write(numbered(heights, [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]))
        words = fault(path, Reading(unit="cm"))
        assert "say --count number" in words
        assert "--count none" in words
        people = people_of(examine(path, Reading(unit="cm", count="none")))
        assert people.values.tolist() == heights


@pytest.mark.parametrize("first", [1, 990])
def test_F3_counts_that_follow_each_other_are_asked_for(first: int, write: Write) -> None:
    path = write(numbered(STANDING, [*range(first, first + 10)], "count"))
    assert "say --count count" in fault(path, Reading(unit="cm"))
    people = people_of(examine(path, Reading(unit="cm", count="none")))
    assert people.values.tolist() == STANDING


def test_F3_counts_of_values_in_order_stay_counts(write: Write) -> None:
    assert number_or_count(HEIGHTS, COUNTS.astype(float), "n") == "count"
    path = write(table("height_cm,n", HEIGHTS, COUNTS))
    assert cells_of(people_of(examine(path, Reading()))).count.sum() == COUNTS.sum()


def test_numbers_of_people_may_be_texts(write: Write) -> None:
    rows = "".join(f"A{i},{150 + i % 7}\n" for i in range(30))
    assert len(people_of(examine(write("number,height_cm\n" + rows), Reading())).rows) == 30


def test_two_columns_of_values_are_not_chosen_between() -> None:
    assert tally_of(("height", "length", "n"), 2, ("height", "length"), ()) is None


@pytest.mark.parametrize(
    "name",
    [
        "WTMEC2YR",
        "_LLCPWT",
        "pspwght",
        "SAMPWEIGHT",
        "wt_final",
        "hhwt",
        "hv005",
        "fac_exp",
        "iptw",
    ],
)
def test_F2_weights_of_surveys_that_are_not_used_are_asked_for(name: str, write: Write) -> None:
    path = write(
        f"id,height_cm,{name}\n" + "".join(f"{k},{150 + k},{20000 + k}.5\n" for k in range(9))
    )
    (fault,) = examine(path, Reading()).faults
    assert f"say --weights {name}, if it holds something else, --weights none" in fault[1]
    assert not people_of(examine(path, Reading(weights="none"))).sampling
    assert people_of(examine(path, Reading(weights=name))).sampling


@pytest.mark.parametrize(
    ("name", "numbers", "is_fault"),
    [
        ("count", [], False),
        ("count", [math.nan, math.nan], False),
        ("count", [2.0, -1.0], False),
        ("count", [1.0, 1.0], False),
        ("count", [1.0, 0.0], True),
        ("count", [1.0, math.nan, 2.0], True),
        # What people weigh, in whole numbers or with decimals.
        ("weight", [5.0, 5.0, 5.0], False),
        ("weight", [4.0, 4.0, 9.0], True),
        ("weight", [2.0, 2.0, 2.5], False),
        ("weight", [1.9, 1.9, 9.5], True),
        ("weight", [9999.0] * 3, False),
        ("weight", [10000.0] * 3, True),
        ("weights", [70.0, 80.0], True),
        # Numbers of rows, and identities that rise in five rows or more.
        ("n", [3.0, 1.0, 2.0], False),
        ("n", [1.0, 0.0], False),
        ("n", [3.0, 2.0, 4.0], True),
        ("n", [10.0, 20.0, 30.0, 40.0], True),
        ("n", [10.0, 20.0, 30.0, 40.0, 50.0], False),
        ("n", [10.0, 20.0, 30.0, 40.0, 40.0], True),
        ("n", [10.5, 9.0], False),
        ("count", [1.0, 2.0, 3.0, 4.0], True),
        ("frecuencia", [3.0, 1.0, 2.0], True),
        ("number", [0.5, 1.5], False),
        ("weights", [0.5, 1.5], True),
        ("weight", [61.5, 70.2, 55.0], False),
        ("peso", [61.5, 70.2, 55.0], False),
        ("weight", [3.4, 3.6], False),
        ("weight", [1.0, 2.0, 3.0], True),
        ("w", [20761.2, 8310.0, 59546.9], True),
        ("poids", [0.41, 1.2, 1.7], True),
        # Levels of an experiment, and how many people each row of a survey stands for.
        ("factor", [1.0, 2.0, 2.0, 1.0, 3.0], False),
        ("Factor", [0.0, 1.0, math.nan, 1.0], False),
        ("factor", [175.0, 189.0, 175.0, 342.0], True),
        ("factor", [2.0, 3.0, 3.0], True),
        ("factor", [0.8, 1.0, 1.2], True),
        ("count", [10.0, 20.0, 30.0, 40.0, 50.0], True),
    ],
)
def test_a_column_that_is_named_like_a_count_is_one_or_known_to_be_something_else(
    name: str, numbers: list[float], is_fault: bool
) -> None:
    assert bool(unused_fault(name, np.array(numbers))) == is_fault


UP, MIXED = [1.0, 2.0, 3.0, 4.0, 5.0], [3.0, 1.0, 2.0, 5.0, 4.0]


@pytest.mark.parametrize(
    ("name", "values", "numbers", "kind"),
    [
        ("count", UP, [math.nan] * 5, "number"),
        ("count", UP, [7.0, 8.0, 10.0, 9.0, 6.0], "unclear"),
        ("count", UP[:4], [7.0, 8.0, 9.0, 6.0], "count"),
        ("count", UP, [7.0, 8.0, 11.0, 9.0, 6.0], "count"),
        ("n", UP, MIXED, "number"),
        ("n", UP, [9.0, 1.0, 2.0, 5.0, 4.0], "count"),
        ("n", UP[::-1], [9.0, 1.0, 2.0, 5.0, 4.0], "count"),
        ("n", [1.0, 1.0, 2.0, 2.0, 3.0], [9.0, 1.0, 2.0, 5.0, 4.0], "count"),
        ("n", MIXED, [9.0, 1.0, 2.0, 5.0, 4.0], "unclear"),
        ("n", MIXED, [2.0, 4.0, 6.0, 8.0, 10.0], "number"),
        ("n", MIXED[:4], [2.0, 4.0, 6.0, 8.0], "unclear"),
        ("n", MIXED, [2.0, 4.0, 6.0, 8.0, 8.0], "unclear"),
        ("n", [math.nan, 1.0, 2.0, 5.0, 4.0], [2.0, 4.0, 6.0, 8.0, 8.0], "count"),
    ],
)
def test_a_column_numbers_people_or_counts_them_or_may_do_either(
    name: str, values: list[float], numbers: list[float], kind: str
) -> None:
    assert number_or_count(np.array(values), np.array(numbers), name) == kind


def test_numbers_that_may_count_are_not_below_zero_not_alike_and_not_those_of_the_rows() -> None:
    columns = {
        "below": [-1.0, 5.0, 3.0],
        "alike": [4.0, 4.0, 4.0],
        "rows": [2.0, 3.0, 1.0],
        "nothing": [math.nan] * 3,
    }
    none = {name: np.array(numbers) for name, numbers in columns.items()}
    assert table_fault("h", none) == ""
    some = none | {"zeros": np.array([0.0, 5.0, math.nan])}
    assert "column 'zeros' says" in table_fault("h", some)
    assert "--count zeros (" in table_fault("h", some)
    both = some | {"more": np.array([7.0, 5.0, 5.0])}
    assert "column 'zeros' or 'more' says" in table_fault("h", both)
    assert "--count COLUMN (" in table_fault("h", both)
