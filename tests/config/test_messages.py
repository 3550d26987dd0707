import datetime
from collections.abc import Callable

import pytest

from stature.config.messages import advice, got, nearest
from stature.config.source import Written, place
from stature.config.study import Study

NAME = "names are folders: use letters, digits, '-' and '_', at most 64"
KINDS = (
    "none, selection, probit-selection, tilt, size-bias, truncation, nonresponse, rounding, "
    "coding, heaping, self-report, contamination, classes, missing-labels, swapped-labels, "
    "sequence"
)
SEED = "expected a whole number from 0 to 2^128 − 1"
SIZE = "expected a whole number ≥ 2, at most 10^8"
KNOWN = (
    "study, title, aims, why, seed, replicates, precision, block, sizes, sampling, samples, "
    "sketch_from, traced, allow_large, populations, biases, estimators"
)


def group(sd: str = "6.5", mean: str = "163.0", share: str = "1.0", name: str = "girls") -> str:
    return (
        "\n  - name: school\n    groups:\n"
        f"      - {{name: {name}, share: {share}, mean_cm: {mean}, sd_cm: {sd}}}"
    )


def estimator(settings: str) -> str:
    return f"\n  - {{name: em, {settings}}}"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"sizes": "[1e3]"},
            "sizes: item 1: expected a whole number, got the text '1e3': "
            "YAML reads 1e3 as text; write 1000",
            id="Y01-whole",
        ),
        pytest.param(
            {"sizes": "[1.0e3]"},
            "sizes: item 1: expected a whole number, got the text '1.0e3': "
            "YAML reads 1.0e3 as text; write 1000",
            id="Y01-point",
        ),
        pytest.param(
            {"populations": group(sd="5e-1")},
            "populations[school].groups[girls].sd_cm: expected a number, got the text '5e-1': "
            "YAML reads 5e-1 as text; write 0.5",
            id="Y01-real",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, tolerance: 1e-8")},
            "estimators[em].tolerance: expected a number, got the text '1e-8': "
            "YAML reads 1e-8 as text; write 1.0e-8",
            id="Y01-small",
        ),
        pytest.param(
            {"study": "no"}, "study: expected a name, got false: quote it, 'no'", id="Y03-no"
        ),
        pytest.param(
            {"study": "on"}, "study: expected a name, got true: quote it, 'on'", id="Y03-on"
        ),
        pytest.param(
            {"biases": "\n  - {name: NO, kind: none}"},
            "biases: item 1: name: expected a name, got false: quote it, 'NO'",
            id="Y03-item",
        ),
        pytest.param(
            {"replicates": "true"},
            "replicates: expected a whole number, got true",
            id="Y04-true",
        ),
        pytest.param({"seed": "yes"}, "seed: expected a whole number, got true", id="Y04-yes"),
        pytest.param(
            {"samples": "sketches"},
            "samples: expected one of: keep, sketch; got 'sketches'; did you mean 'sketch'?",
            id="samples",
        ),
        pytest.param(
            {"samples": "sketch", "sketch_from": "100"},
            "sketch_from: expected a whole number from 1000 to 10^8, got 100",
            id="sketch-from",
        ),
        pytest.param(
            {"study": "2026-11-22"}, "study: expected a name, got a date: quote it", id="Y06"
        ),
        pytest.param(
            {"seed": ".nan"}, "seed: expected a finite number, got .nan", id="Y07-whole-nan"
        ),
        pytest.param(
            {"sizes": "[40, -.inf]"},
            "sizes: item 2: expected a finite number, got -.inf",
            id="Y07-inf",
        ),
        pytest.param(
            {"populations": group(sd=".nan")},
            "populations[school].groups[girls].sd_cm: expected a finite number, got .nan",
            id="Y07-sd",
        ),
        pytest.param({"1": "2"}, f"unknown key 1; known here: {KNOWN}", id="Y14"),
        pytest.param(
            {"sample_sizes": "[40]"},
            "unknown key 'sample_sizes'; did you mean 'sizes'?",
            id="Y20",
        ),
        pytest.param(
            {"colour": "red"}, f"unknown key 'colour'; known here: {KNOWN}", id="Y20-nothing-near"
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, start: 3")},
            "estimators[em]: unknown key 'start'; did you mean 'starts'?",
            id="Y21-start",
        ),
        pytest.param({"seed": None}, f"seed: missing; {SEED}", id="Y22-seed"),
        pytest.param(
            {"study": None},
            "study: missing; expected a name: letters, digits, '-' and '_', at most 64",
            id="Y22-study",
        ),
        pytest.param(
            {"sizes": None}, "sizes: missing; expected a list of whole numbers ≥ 2", id="Y22-sizes"
        ),
        pytest.param(
            {"sizes": ""},
            "sizes: expected a list of whole numbers ≥ 2, got nothing",
            id="Y23",
        ),
        pytest.param(
            {"populations": "{school: {groups: []}}"},
            "populations: expected a list of named items: start each with '- name:', "
            "got {school: {groups: []}}",
            id="Y24",
        ),
        pytest.param({"sizes": "[]"}, "sizes: empty list: nothing to run", id="Y26-sizes"),
        pytest.param(
            {"populations": "[]"}, "populations: empty list: nothing to run", id="Y26-populations"
        ),
        pytest.param({"biases": "[]"}, "biases: empty list: nothing to run", id="Y26-biases"),
        pytest.param(
            {"estimators": "[]"}, "estimators: empty list: nothing to run", id="Y26-estimators"
        ),
        pytest.param(
            {"biases": "\n  - {name: none, kind: none}\n  - {kind: none}"},
            "biases: item 2: missing name",
            id="Y27",
        ),
        pytest.param(
            {"study": "a/b"},
            f"study: {NAME}, got 'a/b'; other words go into title or why",
            id="Y31-slash",
        ),
        pytest.param({"sizes": "[0]"}, f"sizes: item 1: {SIZE}, got 0", id="Y40-zero"),
        pytest.param({"sizes": "[1]"}, f"sizes: item 1: {SIZE}, got 1", id="Y40-one"),
        pytest.param({"sizes": "[-20]"}, f"sizes: item 1: {SIZE}, got -20", id="Y40-negative"),
        pytest.param({"sizes": "[100.5]"}, f"sizes: item 1: {SIZE}, got 100.5", id="Y40-part"),
        pytest.param(
            {"sizes": "['100']"},
            f"sizes: item 1: {SIZE}, got the text '100': write 100, without quotes",
            id="Y40-text",
        ),
        pytest.param(
            {"sizes": "[100_000_001]"}, f"sizes: item 1: {SIZE}, got 100_000_001", id="Y40-large"
        ),
        pytest.param(
            {"sampling": "strat"},  # codespell:ignore strat
            "sampling: expected one of: stratified, random; got 'strat'; "
            "did you mean 'stratified'?",
            id="Y44",
        ),
        pytest.param(
            {"replicates": "0"},
            "replicates: expected a whole number ≥ 1, at most 10^6, got 0",
            id="Y45-zero",
        ),
        pytest.param(
            {"replicates": "-5"},
            "replicates: expected a whole number ≥ 1, at most 10^6, got -5",
            id="Y45-negative",
        ),
        pytest.param(
            {"replicates": "2.5"},
            "replicates: expected a whole number ≥ 1, at most 10^6, got 2.5",
            id="Y45-part",
        ),
        pytest.param({"block": "0"}, "block: expected a whole number ≥ 1, got 0", id="Y46-zero"),
        pytest.param(
            {"block": "-1"}, "block: expected a whole number ≥ 1, got -1", id="Y46-negative"
        ),
        pytest.param({"seed": "-1"}, f"seed: {SEED}, got -1", id="Y47-negative"),
        pytest.param({"seed": str(2**128)}, f"seed: {SEED}, got {2**128}", id="Y47-large"),
        pytest.param({"seed": "1.5"}, f"seed: {SEED}, got 1.5", id="Y47-part"),
        pytest.param({"seed": "abc"}, f"seed: {SEED}, got the text 'abc'", id="Y47-text"),
        pytest.param(
            {"seed": "2026-11-22"}, f"seed: {SEED}, got a date (2026-11-22)", id="Y47-date"
        ),
        pytest.param({"seed": "[1, 2]"}, f"seed: {SEED}, got [1, 2]", id="Y47-list"),
        pytest.param({"seed": ""}, f"seed: {SEED}, got nothing", id="Y47-null"),
        pytest.param(
            {"populations": group(sd="0")},
            "populations[school].groups[girls].sd_cm: "
            "expected a number > 0 and ≤ 400 (SD in cm), got 0",
            id="Y50-zero",
        ),
        pytest.param(
            {"populations": group(sd="-5")},
            "populations[school].groups[girls].sd_cm: "
            "expected a number > 0 and ≤ 400 (SD in cm), got -5",
            id="Y50-negative",
        ),
        pytest.param(
            {"populations": group(mean="1630")},
            "populations[school].groups[girls].mean_cm: expected a number > 0 and ≤ 400 "
            "(mean in cm), got 1630",
            id="Y51-outside",
        ),
        pytest.param(
            {"biases": "\n  - {name: x, kind: truncate, below_cm: 150}"},
            f"biases[x].kind: expected one of: {KINDS}; got 'truncate'; did you mean 'truncation'?",
            id="Y61",
        ),
        pytest.param(
            {"biases": "\n  - {name: x, below_cm: 150}"},
            f"biases[x].kind: missing; expected one of: {KINDS}",
            id="Y61-missing",
        ),
        pytest.param(
            {"biases": "\n  - {name: x, kind: selection}"},
            "biases[x].log_odds_per_cm: missing; expected a number from -50 to 50 "
            "(log-odds per cm; a steeper one is a cut: use truncation)",
            id="Y62-missing",
        ),
        pytest.param(
            {"biases": "\n  - {name: x, kind: selection, log_odds_per_cm: 51}"},
            "biases[x].log_odds_per_cm: expected a number from -50 to 50 "
            "(log-odds per cm; a steeper one is a cut: use truncation), got 51",
            id="Y63-steep",
        ),
        pytest.param(
            {"biases": "\n  - {name: x, kind: selection, log_odds_per_cm: .nan}"},
            "biases[x].log_odds_per_cm: expected a finite number, got .nan",
            id="Y63-nan",
        ),
        pytest.param(
            {"biases": "\n  - {name: x, kind: rounding, step_cm: 0}"},
            "biases[x].step_cm: expected a number > 0 (step in cm), got 0",
            id="Y66-zero",
        ),
        pytest.param(
            {"biases": "\n  - {name: x, kind: rounding, step_cm: -5}"},
            "biases[x].step_cm: expected a number > 0 (step in cm), got -5",
            id="Y66-negative",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: guess")},
            "estimators[em].method: "
            "expected one of: closed-form, newton, em, squarem, hard-em, moments; got 'guess'",
            id="Y71-method",
        ),
        pytest.param(
            {"estimators": estimator("labels: some, method: em")},
            "estimators[em].labels: expected one of: all, none, recorded; or a share > 0 and "
            "< 1, got 'some'",
            id="Y71-labels",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, shares: knwn")},
            "estimators[em].shares: expected free, known, or a list of shares > 0 that sum to 1, "
            "got 'knwn'; did you mean 'known'?",
            id="Y71-shares",
        ),
        pytest.param(
            {"estimators": estimator("labels: 0, method: em")},
            "estimators[em].labels: expected one of: all, none, recorded; or a share > 0 and "
            "< 1, got 0; "
            "did you mean 'none'?",
            id="Y73",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, starts: 0")},
            "estimators[em].starts: expected a whole number from 1 to 1000, got 0",
            id="Y76-starts",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, starts: 2.5")},
            "estimators[em].starts: expected a whole number from 1 to 1000, got 2.5",
            id="Y76-part",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, step_limit: 0")},
            "estimators[em].step_limit: expected a whole number from 1 to 10^9, got 0",
            id="Y76-steps",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, tolerance: 0")},
            "estimators[em].tolerance: expected a number > 0 and < 1, got 0",
            id="Y76-tolerance-0",
        ),
        pytest.param(
            {"estimators": estimator("labels: none, method: em, tolerance: 1")},
            "estimators[em].tolerance: expected a number > 0 and < 1, got 1",
            id="Y76-tolerance-1",
        ),
    ],
)
def test_one_mistake_is_one_line(
    refused: Callable[..., list[str]], changes: dict[str, str | None], message: str
) -> None:
    assert refused(**changes) == [message]


@pytest.mark.parametrize(
    "name",
    [
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
        "x" * 65,
        "CON",
        "lpt1",
    ],
)
def test_y31_a_name_that_is_no_folder_is_refused(
    refused: Callable[..., list[str]], name: str
) -> None:
    (message,) = refused(biases=f'\n  - {{name: "{name}", kind: none}}')
    assert f"name: {NAME}, got '" in message
    assert "\n" not in message


@pytest.mark.parametrize("name", ["a", "A1", "_x", "a-b_c", "2026", "x" * 64])
def test_y31_a_name_that_is_a_folder_is_taken(read: Callable[..., Study], name: str) -> None:
    assert read(study=f"'{name}'").name == name


def test_y21_a_misspelt_key_is_told_once_and_not_as_missing_too(
    refused: Callable[..., list[str]],
) -> None:
    groups = "\n  - name: school\n    groups: [{name: girls, share: 1, mean: 163, sd: 6}]"
    assert refused(populations=groups) == [
        "populations[school].groups[girls]: unknown key 'mean'; did you mean 'mean_cm'?",
        "populations[school].groups[girls]: unknown key 'sd'; did you mean 'sd_cm'?",
    ]


def test_y22_a_missing_mean_is_told(refused: Callable[..., list[str]]) -> None:
    groups = "\n  - name: school\n    groups: [{name: girls, share: 1, sd_cm: 6}]"
    assert refused(populations=groups) == [
        "populations[school].groups[girls].mean_cm: missing; "
        "expected a number > 0 and ≤ 400 (mean in cm)"
    ]


def test_y47_a_seed_of_more_than_64_bits_is_taken(read: Callable[..., Study]) -> None:
    assert read(seed=str(2**64)).seed == 2**64
    assert read(seed=str(2**128 - 1)).seed == 2**128 - 1


def test_y17_underscores_between_digits_are_taken(read: Callable[..., Study]) -> None:
    assert read(sizes="[1_000]").sizes == (1000,)


def test_y40_a_whole_number_with_a_point_is_taken(read: Callable[..., Study]) -> None:
    (size,) = read(sizes="[100.0]").sizes
    assert (size, type(size)) == (100, int)


def test_y62_a_key_of_another_kind_is_told_with_the_keys_of_this_one(
    refused: Callable[..., list[str]],
) -> None:
    assert refused(
        biases="\n  - {name: x, kind: truncation, below_cm: 150, log_odds_per_cm: 1}"
    ) == ["biases[x]: unknown key 'log_odds_per_cm'; kind truncation takes: below_cm, above_cm"]


def test_values_are_cut_at_60_characters(refused: Callable[..., list[str]]) -> None:
    (message,) = refused(sampling="x" * 100)
    assert message.endswith("got '" + "x" * 59 + "…'")


def test_an_item_that_is_no_map_is_told(refused: Callable[..., list[str]]) -> None:
    assert refused(biases="\n  - none") == ["biases: item 1: expected a map of keys, got 'none'"]


def test_what_else_is_wrong_with_a_bias_of_unknown_kind_is_told(
    refused: Callable[..., list[str]],
) -> None:
    assert refused(biases="\n  - {name: a b, kind: x}") == [
        f"biases[a b].name: {NAME}, got 'a b'",
        f"biases[a b].kind: expected one of: {KINDS}; got 'x'",
    ]


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
