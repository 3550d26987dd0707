import math
from pathlib import Path

import pytest
from snakemake.cli import parse_config
from snakemake.common.configfile import load_configfile
from snakemake.utils import update_config

from stature.config.source import NOT_A_MAP, merge, read, same, shortened
from stature.config.study import ConfigError, check, load
from tests.config.conftest import Read, Refused, Write

ROOT = Path(__file__).parents[2]


def refused_by_load(path: Path) -> str:
    with pytest.raises(ConfigError) as error:
        load([path], ROOT)
    return str(error.value)


def test_y02_zero_itself_has_no_leading_zero(read: Read) -> None:
    assert read(seed="0").seed == 0


def test_y08_a_doubled_key_is_told_with_both_lines(refused: Refused) -> None:
    text = "study: mine\nseed: 1\nsizes: [1e3]\nsizes: [40]\n"
    messages = refused(text)
    assert "key 'sizes' stands twice, at lines 3 and 4; keep one" in messages
    # The first of the two is gone once the file is loaded: nothing is said of its values.
    assert not [message for message in messages if "1e3" in message]


def test_y08_a_merge_key_doubles_nothing(read: Read) -> None:
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
    write: Write, text: str, line: int, column: int
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
def test_a_file_without_keys_gets_the_words_of_snakemake(write: Write, text: str) -> None:
    assert refused_by_load(write(text)) == f"mine.yaml: {NOT_A_MAP}"


def test_y10_these_are_the_words_of_snakemake(write: Write) -> None:
    from snakemake.common.configfile import load_configfile
    from snakemake.exceptions import WorkflowError

    with pytest.raises(WorkflowError, match=NOT_A_MAP):
        load_configfile(write("- a\n"))


def test_y11_a_byte_order_mark_is_no_matter(write: Write, read: Read) -> None:
    path = write()
    expected = load([path], ROOT)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load([path], ROOT) == expected


def test_y12_a_file_that_is_not_utf8_is_told_with_the_line(write: Write) -> None:
    path = write()
    path.write_bytes(b"study: mine\n# a\n# \xb2\xe2\xca\xd4\n")
    assert refused_by_load(path) == "mine.yaml: not UTF-8 at line 3; save the file as UTF-8"


def test_y13_line_ends_of_windows_are_no_matter(write: Write) -> None:
    path = write()
    expected = load([path], ROOT)
    path.write_bytes(path.read_bytes().rstrip(b"\n").replace(b"\n", b"\r\n"))
    assert load([path], ROOT) == expected


def test_y15_json_is_as_good_as_yaml(read: Read) -> None:
    study = read(
        '{"study": "mine", "seed": 1, "replicates": 4e0, "sizes": [40],\n'
        '\t"populations": [{"name": "a", "groups":\n'
        '\t\t[{"name": "g", "share": 1, "mean_cm": 170, "sd_cm": 7}]}],\n'
        '\t"biases": [{"name": "none", "kind": "none"}],\n'
        '\t"estimators": [{"name": "mle", "labels": "all", "method": "closed-form"}]}\n'
    )
    assert study.replicates == 4


def test_y15_json_knows_doubled_keys_and_nan(refused: Refused) -> None:
    messages = refused('{"study": "mine", "seed": NaN,\n\t"sizes": [1],\n\t"sizes": [40]}')
    assert "key 'sizes' stands twice, at lines 2 and 3; keep one" in messages
    assert "seed: expected a finite number, got NaN" in messages


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    message = refused_by_load(folder / "none.yaml")
    assert message == "none.yaml: cannot read the file: No such file or directory"


def test_y09_a_tag_that_snakemake_takes_is_refused_from_both_sides(refused: Refused) -> None:
    (message,) = refused(sizes="!!python/tuple [40, 100]")
    assert message.startswith("not valid YAML at line 5, column 8: could not determine a const")


def test_a_control_character_is_told_with_its_line(write: Write) -> None:
    message = refused_by_load(write("study: mine\nseed: \x181\n"))
    assert message == "mine.yaml: not valid YAML at line 2: a control character; delete it"


def test_many_digits_are_told_and_not_raised(write: Write) -> None:
    message = refused_by_load(write(f"seed: {'9' * 5000}\n"))
    assert message.startswith("mine.yaml: not valid YAML: ")
    assert "\n" not in message


def test_a_list_that_holds_itself_is_noted_once(write: Write) -> None:
    source = read(write("sizes: &a [1, *a]\n"))
    assert set(source.written) == {(), ("sizes",), ("sizes", 0)}


def test_places_count_lines_and_columns_from_one(write: Write) -> None:
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


def typed(path: Path, *entries: str):
    """What `check` makes of a file and `--config` entries, parsed and merged by Snakemake."""
    config = load_configfile(path)
    update_config(config, parse_config(entries))
    return check(config, [path], ROOT)


def refused_typed(path: Path, *entries: str) -> str:
    with pytest.raises(ConfigError) as error:
        typed(path, *entries)
    return str(error.value)


def test_maps_merge_at_all_depths_as_in_snakemake() -> None:
    one = {"a": {"b": {"c": 1, "d": [1, 2]}}, "e": 1, "f": {"g": 1}}
    other = {"a": {"b": {"d": [3]}}, "e": {"h": 2}, "f": 3}
    theirs = {}
    update_config(theirs, one)
    update_config(theirs, other)
    assert merge([one, other]) == theirs


def test_y33_lists_of_a_later_file_replace_whole(write: Write, folder: Path) -> None:
    overlay = folder / "overlay.yaml"
    overlay.write_text("study: other\nestimators:\n  - {name: em, labels: none, method: em}\n")
    study = load([write(), overlay], ROOT)
    assert [estimator.name for estimator in study.estimators] == ["em"]
    assert [population.name for population in study.populations] == ["school"]


def test_y34_a_file_may_state_only_the_study(write: Write, folder: Path) -> None:
    overlay = folder / "overlay.yaml"
    overlay.write_text("study: other\n")
    study = load([write(), overlay], ROOT)
    assert study.name == "other"
    assert study.sizes == load([write()], ROOT).sizes


@pytest.mark.parametrize(
    ("overlay", "rigour"),
    [
        ("study: other\n", "tell"),
        ("study: other\nchecks: strict\n", "strict"),
        ("replicates: 2\n", "strict"),
    ],
)
def test_how_rigorous_checks_are_is_of_the_file_that_names_the_study(
    overlay: str, rigour: str, write: Write, folder: Path
) -> None:
    (folder / "overlay.yaml").write_text(overlay)
    study = load([write(checks="strict"), folder / "overlay.yaml"], ROOT)
    assert study.checks == rigour
    assert load([write()], ROOT).checks == "tell"
    assert typed(write(), "checks=strict").checks == "strict"


def test_problems_name_the_file_that_they_stand_in(write: Write, folder: Path) -> None:
    overlay = folder / "overlay.yaml"
    overlay.write_text("study: other\nsizes: [0]\n")
    with pytest.raises(ConfigError) as error:
        load([write(replicates="0"), overlay], ROOT)
    assert str(error.value).splitlines() == [
        "mine.yaml: replicates: expected a whole number ≥ 1, at most 10^6, got 0",
        "overlay.yaml: sizes: item 1: expected a whole number ≥ 2, at most 10^8, got 0",
    ]


def test_a_key_that_no_file_states_names_them_all(folder: Path) -> None:
    for name in ("one.yaml", "two.yaml"):
        (folder / name).write_text("study: a\n")
    with pytest.raises(ConfigError) as error:
        load([folder / "one.yaml", folder / "two.yaml"], ROOT)
    assert str(error.value).startswith("one.yaml + two.yaml: seed: missing; expected ")


@pytest.mark.parametrize(
    ("entry", "sizes"),
    [
        pytest.param("sizes=100", (100,), id="Y35-one"),
        pytest.param("sizes=[10,20]", (10, 20), id="Y35-list"),
        pytest.param("sizes=1e3", (1000,), id="Y35-real"),
    ],
)
def test_sizes_may_be_typed(write: Write, entry: str, sizes: tuple[int, ...]) -> None:
    assert typed(write(), entry).sizes == sizes


@pytest.mark.parametrize(
    ("entry", "seed"),
    [pytest.param("seed=007", 7, id="Y35-zeros"), pytest.param("seed=1e3", 1000, id="Y35-1e3")],
)
def test_seeds_may_be_typed(write: Write, entry: str, seed: int) -> None:
    assert typed(write(), entry).seed == seed


def test_y35_a_list_without_brackets_is_told_with_the_right_spelling(write: Write) -> None:
    assert refused_typed(write(), "sizes=10,20") == (
        "--config: sizes: expected a list of whole numbers ≥ 2, got the text '10,20'; in a file "
        "write [10, 20], on the command line --config 'sizes=[10,20]'"
    )


def test_y36_an_unknown_key_that_is_typed_is_told(write: Write) -> None:
    assert refused_typed(write(), "sizs=100") == (
        "--config: unknown key 'sizs'; did you mean 'sizes'?"
    )


def test_texts_in_a_file_are_not_taken_for_typed_ones(refused: Refused) -> None:
    assert refused(sizes="['10', '20']")[0].endswith("got the text '10': write 10, without quotes")


def test_snakemakes_own_key_is_left_out(write: Write) -> None:
    path = write()
    config = load_configfile(path) | {"pathvars": {"results": "elsewhere"}}
    assert check(config, [path], ROOT) == load([path], ROOT)


def test_a_config_handed_over_by_a_module_needs_no_file(write: Write) -> None:
    path = write()
    assert check(load_configfile(path), [], ROOT) == load([path], ROOT)
    seedless = {key: value for key, value in load_configfile(path).items() if key != "seed"}
    with pytest.raises(ConfigError, match=r"^config: seed: missing"):
        check(seedless, [], ROOT)


def test_y16_a_template_is_judged_by_what_it_becomes(write: Write) -> None:
    template = write().read_text() + "__use_yte__: true\n?if True:\n  traced: 2\n"
    path = write(template)
    assert check(load_configfile(path), [path], ROOT).traced == 2
    with pytest.raises(ConfigError) as error:
        load([path], ROOT)
    assert "mine.yaml: unknown key '__use_yte__'; " in str(error.value)


def test_values_are_the_same_type_by_type() -> None:
    assert same({"a": [1, math.nan]}, {"a": [1, math.nan]})
    assert not same(1, True)
    assert not same(1, 1.0)
    loop: list[object] = []
    loop.append(loop)
    assert not same(loop, [loop])
