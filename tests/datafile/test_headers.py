"""Headers: found below what programs write above them, and told."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stature.datafile.doctor import diagnose
from stature.datafile.examinations import FileError, examine
from stature.datafile.headers import FIRST_LINES, start_of
from stature.datafile.people import people_of
from stature.datafile.request import Reading
from tests.datafile.conftest import cells_of

Write = Callable[..., Path]
HEIGHTS = [160.5 + k for k in range(12)]
ROWS = "".join(f"{'fm'[k % 2]};{height}\n" for k, height in enumerate(HEIGHTS))


@pytest.mark.parametrize(
    ("above", "skipped"),
    [
        ("sep=;\n", 1),
        ('"sep=;"\n', 1),
        ("# height of pupils\n# 2024; spring\n", 2),
        ("\n\n", 2),
        ("Heights of pupils\n", 1),
        ("Heights of pupils;\n", 1),
        ('"Heights of pupils"\n', 1),
        ("Heights, weights and sexes of pupils\nSchool of Ulm\n\n", 3),
        ("Heights of 1999;2000\n", 1),
        (";cm\n", 1),
        ("Heights of pupils\n;cm\n", 2),
        ("sep=;\r\n# note\r\n\r\nHeights of pupils\r\n", 4),
        ("# only a note\n;\n", 2),
    ],
)
def test_F21_what_stands_above_the_header_is_skipped_and_told(
    above: str, skipped: int, write: Write
) -> None:
    path = write(above + "sex;height\n" + ROWS)
    found = people_of(examine(path, Reading(unit="cm", group="sex")))
    assert found.values.tolist() == HEIGHTS
    # Rows are those of a spreadsheet.
    assert found.rows[0] == skipped + 2
    said = [one.sentence for one in diagnose(path, Reading(unit="cm")).verdicts]
    first = "“" if above.strip() else "blank"
    assert any("above the header" in words and f"skipped: {first}" in words for words in said)
    assert any("above the header" in words for words in found.warnings)


@pytest.mark.parametrize("mark", [",", "\t"])
@pytest.mark.parametrize("title", ["Heights of pupils", "Table 3, heights of pupils,,,,,"])
def test_F21_a_title_with_as_many_cells_or_words_as_rows_is_skipped(
    title: str, mark: str, write: Write
) -> None:
    rows = "".join(f"{'fm'[k % 2]};{k};{height};2;3;;\n" for k, height in enumerate(HEIGHTS))
    table = f"sex;id;height;year;school;;\n{rows}".replace(";", mark)
    found = people_of(examine(write(f"{title}\n{table}"), Reading(unit="cm", group="sex")))
    assert found.values.tolist() == HEIGHTS


def test_F21_a_title_as_wide_as_the_table_is_known_by_its_names(write: Write) -> None:
    rows = "".join(f"Ann;{'fm'[k % 2]};{height}\n" for k, height in enumerate(HEIGHTS))
    path = write(f"Heights;of;pupils\nname;sex;height\n{rows}")
    assert people_of(examine(path, Reading(unit="cm", group="sex"))).values.tolist() == HEIGHTS
    # A first row of data without a number is no header.
    path = write(f"name;sex;height\nBob;m;tall\n{rows}")
    assert "got “tall”" in examine(path, Reading(unit="cm")).faults[0][1]


@pytest.mark.parametrize("sign", ["#", "%"])
def test_a_sign_alone_is_a_name_of_a_column(sign: str, write: Write) -> None:
    rows = "".join(f"{k};{height}\n" for k, height in enumerate(HEIGHTS))
    assert (
        people_of(examine(write(f"{sign};height_cm\n{rows}"), Reading())).values.tolist() == HEIGHTS
    )


def test_what_is_not_seen_in_a_name_is_no_part_of_it(write: Write) -> None:
    found = people_of(examine(write(f"s\u200bex;\ufeffheight\n{ROWS}"), Reading(group="sex")))
    assert found.values.tolist() == HEIGHTS


def test_a_name_on_several_lines_is_one_line(write: Write) -> None:
    found = people_of(examine(write(f'sex;"height\n(cm)"\n{ROWS}'), Reading()))
    assert (found.values.tolist(), found.height) == (HEIGHTS, "height (cm)")


def test_a_quotation_that_never_ends_is_shown_in_part(write: Write) -> None:
    with pytest.raises(FileError) as caught:
        examine(write(f'"sex;height\n{ROWS}'), Reading(weights="w"))
    for message in caught.value.messages:
        assert len(message.splitlines()) == 1
        assert len(message) < 400


def test_spaces_between_thousands_do_not_separate_cells(write: Write) -> None:
    rows = "".join(f"{k} {1 + k % 2}\u202f{500 + k}\n" for k in range(9))
    found = people_of(examine(write(f"id size\n{rows}"), Reading("size", "none")))
    assert found.values.tolist() == [1000 * (1 + k % 2) + 500 + k for k in range(9)]


def test_F21_units_below_the_header_are_skipped(write: Write) -> None:
    path = write("sex;height\n;[cm]\n" + ROWS)
    found = people_of(examine(path, Reading(unit="cm")))
    assert (found.values.tolist(), found.rows[0]) == (HEIGHTS, 3)
    assert "row 2 below the header holds units ([cm]) and is skipped" in found.warnings[0]


@pytest.mark.parametrize("mark", [" ", "\t", ","])
@pytest.mark.parametrize("quote", ['"', ""])
def test_F21_the_header_of_r_lacks_a_name(mark: str, quote: str, write: Write) -> None:
    lines = [mark.join(f"{quote}{name}{quote}" for name in ("height", "sex"))]
    for k, height in enumerate(HEIGHTS, 1):
        cells = (f"{quote}{k}{quote}", f"{height}", f"{quote}{'fm'[k % 2]}{quote}")
        lines.append(mark.join(cells))
    path = write("\n".join(lines) + "\n")
    found = people_of(examine(path, Reading(unit="cm", group="sex")))
    assert found.values.tolist() == HEIGHTS
    assert found.group_names == ("m", "f")
    assert any("as R writes them" in words for words in found.warnings)


def test_F21_r_with_one_column_and_names_of_rows(write: Write) -> None:
    rows = "".join(f'"{name}" {height}\n' for name, height in zip("abcdefghijkl", HEIGHTS))  # noqa: B905
    found = people_of(examine(write('"height"\n' + rows), Reading(unit="cm")))
    assert found.values.tolist() == HEIGHTS


def test_F21_a_comment_may_be_the_header(write: Write) -> None:
    text = "# by numpy\n# sex height %\n" + ROWS.replace(";", " ").replace("\n", " 9\n")
    found = examine(write(text), Reading(unit="cm", group="sex"))
    assert people_of(found).values.tolist() == HEIGHTS
    assert (found.sheet.rows[0], found.sheet.header) == (3, ("sex", "height", "%"))


@pytest.mark.parametrize("name", ["height_cm", "bean"])
def test_F21_a_title_above_a_column_alone(name: str, write: Write) -> None:
    text = f"Heights of pupils\n{name}\n" + "".join(f"{height}\n" for height in HEIGHTS)
    found = people_of(examine(write(text), Reading(name, "cm")))
    assert found.values.tolist() == HEIGHTS


def test_the_first_sixty_lines_hold_the_header_and_twenty_of_the_table_its_delimiter() -> None:
    for above, header in ((59, ("sex", "height")), (60, ("#a",))):
        lines = ["#a\n"] * above + ["sex,height\n", "m,170\n"]
        assert start_of(lines[:FIRST_LINES]).header == header
    # Among the header and 19 rows semicolons lead by one, which the next row would make up for.
    lines = ["a,b;c\n", *(["1;2\n"] * 10), *(["1,2\n"] * 9), "3,4\n"]
    assert start_of(lines).delimiter == ";"
    notes = start_of(["# by R\n", '"height"\n', '"a",170\n', '"b",171\n']).notes
    assert ["skipped" in note for note in notes] == [True, False]


def test_F21_a_title_above_a_table_of_counts(write: Write) -> None:
    cells = "".join(f"{low},{low + 5},{9 + low % 7}\n" for low in range(150, 190, 5))
    text = "Table 3. Stature of men\n\nlower_cm,upper_cm,count\n" + cells
    found = people_of(examine(write(text), Reading()))
    np.testing.assert_array_equal(cells_of(found).lower, range(150, 190, 5))


@pytest.mark.parametrize(
    "lines",
    [
        ["sex,height", "m,170", "f,160"],
        ["height", "170", "171"],
        ["height", "NA", "171"],
        [",height", "1,170", "2,171"],
        ["height,", "170,x", "171,y"],
        ["male,73.2", "female,66"],
        ["sex,height", "m,1,70", "f,1,65"],
        ["sex,height", "m,170,x", "f,160"],
        ["full name,height", "Ann of York,tall", "Ben of Bath,170"],
        ['"height', '(cm)",sex', "170,f", "171,m"],
        ["sex,height", "m,", "f,160"],
        [],
    ],
)
def test_a_header_in_its_place_is_left_there(lines: list[str]) -> None:
    found = start_of([f"{line}\n" for line in lines])
    assert found.skipped == 0
    assert found.notes == ()
