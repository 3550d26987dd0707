import datetime
from pathlib import Path

import pytest
import yaml

from stature.config.messages import advice, got
from stature.config.source import Written, place
from stature.datafile.texts import nearest
from tests.config.conftest import Read, Refused

NAME = "names are folders: use letters, digits, '-' and '_', at most 64"
MISTAKES = yaml.safe_load(Path(__file__).with_name("mistakes.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("changes", "messages"), [(row[0], row[1:]) for row in MISTAKES.values()], ids=MISTAKES
)
def test_mistakes_are_told_line_by_line(
    refused: Refused, changes: dict[str, str | None], messages: list[str]
) -> None:
    assert refused(**changes) == messages


NO_FOLDERS = [
    "a/b",
    "a\\\\b",
    "a b",
    "..",
    "-a",
    ".a",
    "{a}",
    "50%",
    "a\\nb",
    "身高",
    "é",
    "CON",
    "lpt1",
]


@pytest.mark.parametrize("name", [*NO_FOLDERS, "x" * 65])
def test_y31_a_name_that_is_no_folder_is_refused(refused: Refused, name: str) -> None:
    (message,) = refused(biases=f'\n  - {{name: "{name}", kind: none}}')
    assert f"name: {NAME}, got '" in message
    assert "\n" not in message


@pytest.mark.parametrize("name", ["a", "A1", "_x", "a-b_c", "2026", "x" * 64])
def test_y31_a_name_that_is_a_folder_is_taken(read: Read, name: str) -> None:
    assert read(study=f"'{name}'").name == name


def test_y47_a_seed_of_more_than_64_bits_is_taken(read: Read) -> None:
    assert read(seed=str(2**64)).seed == 2**64
    assert read(seed=str(2**128 - 1)).seed == 2**128 - 1


def test_y17_underscores_between_digits_are_taken(read: Read) -> None:
    assert read(sizes="[1_000]").sizes == (1000,)


def test_y40_a_whole_number_with_a_point_is_taken(read: Read) -> None:
    (size,) = read(sizes="[100.0]").sizes
    assert (size, type(size)) == (100, int)


@pytest.mark.parametrize(
    ("word", "words", "meant"),
    [
        ("sample_sizes", ["sampling", "sizes"], "sizes"),
        ("sd", ["share", "sd_cm"], "sd_cm"),
        ("Shares", ["shares"], "shares"),
        ("closed_form", ["closed-form"], "closed-form"),
        ("starts", ["sizes"], ""),
        ("", ["sizes"], ""),
        (3, ["sizes"], ""),
    ],
)
def test_the_word_that_was_meant_is_the_nearest(word: object, words: list[str], meant: str) -> None:
    assert nearest(word, words) == meant


def test_advice_lists_all_words_where_none_is_near() -> None:
    assert advice("xyz", ["a", "b"]) == "known here: a, b"


def test_values_are_shown_as_written() -> None:
    written = Written("1_0.50", quoted=False, line=1, column=1)
    assert got(10.5, written) == "1_0.50"
    assert got(datetime.date(2026, 11, 22)) == "a date"
    assert got({}) == "a map"
    assert got(float("inf")) == "inf"
    assert got(10**5000) == "a whole number of thousands of digits"
    assert got(object()) == "something else"


def test_unnamed_items_are_counted_from_one() -> None:
    config = {"populations": [{"groups": [{}, {"name": "boys"}]}], "sizes": [1]}
    assert place(("sizes", 0), config) == "sizes: item 1"
    assert place(("populations", 0, "groups", 0, "share"), config) == (
        "populations: item 1: groups: item 1: share"
    )
    assert place(("populations", 0, "groups", 1, "share"), config) == (
        "populations: item 1: groups[boys].share"
    )
