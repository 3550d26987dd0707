from collections.abc import Callable
from pathlib import Path

import pytest

from stature.config.record import Study
from stature.config.source import NOT_A_MAP, read, shortened
from stature.config.study import ConfigError, load

ROOT = Path(__file__).parents[2]


def refused_by_load(path: Path) -> str:
    with pytest.raises(ConfigError) as error:
        load([path], ROOT)
    return str(error.value)


@pytest.mark.parametrize(
    ("key", "written", "message"),
    [
        pytest.param("seed", "010", "YAML reads 010 as 8; write 10", id="Y02-octal"),
        pytest.param("replicates", "010", "YAML reads 010 as 8; write 10", id="Y02-replicates"),
        pytest.param("seed", "+0_17", "YAML reads +0_17 as 15; write 17", id="Y02-signed"),
    ],
)
def test_a_leading_zero_is_told_with_what_yaml_makes_of_it(
    refused: Callable[..., list[str]], key: str, written: str, message: str
) -> None:
    assert refused(**{key: written}) == [f"{key}: leading zero: {message}"]


def test_y02_a_leading_zero_that_is_no_octal_is_text(refused: Callable[..., list[str]]) -> None:
    assert refused(seed="08") == [
        "seed: expected a whole number, got the text '08': YAML reads 08 as text; write 8"
    ]


def test_y02_zero_itself_has_no_leading_zero(read: Callable[..., Study]) -> None:
    assert read(seed="0").seed == 0


def test_y05_base_60_is_told_with_its_value(refused: Callable[..., list[str]]) -> None:
    assert refused(sizes="[1:30]") == [
        "sizes: item 1: 1:30 is read as 90, in base 60; write the number that you mean"
    ]


def test_y08_a_doubled_key_is_told_with_both_lines(refused: Callable[..., list[str]]) -> None:
    text = "study: mine\nseed: 1\nsizes: [1e3]\nsizes: [40]\n"
    messages = refused(text)
    assert "key 'sizes' stands twice, at lines 3 and 4; keep one" in messages
    # The first of the two is gone once the file is loaded: nothing is said of its values.
    assert not [message for message in messages if "1e3" in message]


def test_y08_a_doubled_key_inside_an_item_is_told_at_the_item(
    refused: Callable[..., list[str]],
) -> None:
    assert refused(
        biases="\n  - name: cut\n    kind: truncation\n    below_cm: 150\n    below_cm: 160"
    ) == ["biases[cut]: key 'below_cm' stands twice, at lines 14 and 15; keep one"]


def test_y08_a_merge_key_doubles_nothing(read: Callable[..., Study]) -> None:
    study = read(
        biases="\n  - &cut {name: low, kind: truncation, below_cm: 150}"
        "\n  - {<<: *cut, name: high, above_cm: 190}"
    )
    assert [named.name for named in study.biases] == ["low", "high"]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        pytest.param("study: a\n\tseed: 1\n", 2, 1, id="Y09-tab"),
        pytest.param("sizes: [1, 2\nseed: 3\n", 2, 5, id="Y09-bracket"),
        pytest.param("sizes: *many\n", 1, 8, id="Y09-alias"),
        pytest.param("a: 1\nseed: !!python/name:os.system\n", 2, 7, id="Y09-tag"),
        pytest.param("seed: !secret 1\n", 1, 7, id="Y09-unknown-tag"),
    ],
)
def test_what_is_no_yaml_is_told_with_line_and_column(
    write: Callable[..., Path], text: str, line: int, column: int
) -> None:
    message = refused_by_load(write(text))
    assert message.startswith(f"mine.yaml: not valid YAML at line {line}, column {column}: ")
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="Y10-empty"),
        pytest.param("# nothing\n\n", id="Y10-comments"),
        pytest.param("- a\n- b\n", id="Y10-list"),
        pytest.param("null", id="Y10-json-null"),
    ],
)
def test_a_file_without_keys_gets_the_words_of_snakemake(
    write: Callable[..., Path], text: str
) -> None:
    assert refused_by_load(write(text)) == f"mine.yaml: {NOT_A_MAP}"


def test_y10_these_are_the_words_of_snakemake(write: Callable[..., Path]) -> None:
    from snakemake.common.configfile import load_configfile
    from snakemake.exceptions import WorkflowError

    with pytest.raises(WorkflowError, match=NOT_A_MAP):
        load_configfile(write("- a\n"))


def test_y11_a_byte_order_mark_is_no_matter(
    write: Callable[..., Path], read: Callable[..., Study]
) -> None:
    path = write()
    expected = load([path], ROOT)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load([path], ROOT) == expected


def test_y12_a_file_that_is_not_utf8_is_told_with_the_line(write: Callable[..., Path]) -> None:
    path = write()
    path.write_bytes(b"study: mine\n# a\n# \xb2\xe2\xca\xd4\n")
    assert refused_by_load(path) == "mine.yaml: not UTF-8 at line 3; save the file as UTF-8"


def test_y13_line_ends_of_windows_are_no_matter(write: Callable[..., Path]) -> None:
    path = write()
    expected = load([path], ROOT)
    path.write_bytes(path.read_bytes().rstrip(b"\n").replace(b"\n", b"\r\n"))
    assert load([path], ROOT) == expected


def test_y15_json_is_as_good_as_yaml(read: Callable[..., Study]) -> None:
    study = read(
        '{"study": "mine", "seed": 1, "replicates": 4e0, "sizes": [40],\n'
        '\t"populations": [{"name": "a", "groups":\n'
        '\t\t[{"name": "g", "share": 1, "mean_cm": 170, "sd_cm": 7}]}],\n'
        '\t"biases": [{"name": "none", "kind": "none"}],\n'
        '\t"estimators": [{"name": "mle", "labels": "all", "method": "closed-form"}]}\n'
    )
    assert study.replicates == 4


def test_y15_json_knows_doubled_keys_and_nan(refused: Callable[..., list[str]]) -> None:
    messages = refused('{"study": "mine", "seed": NaN,\n\t"sizes": [1],\n\t"sizes": [40]}')
    assert "key 'sizes' stands twice, at lines 2 and 3; keep one" in messages
    assert "seed: expected a finite number, got NaN" in messages


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    message = refused_by_load(folder / "none.yaml")
    assert message == "none.yaml: cannot read the file: No such file or directory"


def test_y09_a_tag_that_snakemake_takes_is_refused_from_both_sides(
    refused: Callable[..., list[str]],
) -> None:
    (message,) = refused(sizes="!!python/tuple [40, 100]")
    assert message.startswith("not valid YAML at line 5, column 8: could not determine a const")


def test_a_control_character_is_told_with_its_line(write: Callable[..., Path]) -> None:
    message = refused_by_load(write("study: mine\nseed: \x181\n"))
    assert message == "mine.yaml: not valid YAML at line 2: a control character; delete it"


def test_many_digits_are_told_and_not_raised(write: Callable[..., Path]) -> None:
    message = refused_by_load(write(f"seed: {'9' * 5000}\n"))
    assert message.startswith("mine.yaml: not valid YAML: ")
    assert "\n" not in message


def test_a_list_that_holds_itself_is_noted_once(write: Callable[..., Path]) -> None:
    source = read(write("sizes: &a [1, *a]\n"))
    assert set(source.written) == {(), ("sizes",), ("sizes", 0)}


def test_places_count_lines_and_columns_from_one(write: Callable[..., Path]) -> None:
    written = read(write("study: mine\nsizes:\n  - 10\n  - 2_0\n")).written
    assert (written["sizes", 1].text, written["sizes", 1].line, written["sizes", 1].column) == (
        "2_0",
        4,
        5,
    )


def test_long_and_unprintable_texts_become_one_short_line() -> None:
    assert shortened("a\nb") == "a\\nb"
    assert shortened("x" * 60) == "x" * 60
    assert shortened("x" * 61) == "x" * 59 + "…"
