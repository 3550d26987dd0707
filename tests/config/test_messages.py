import datetime

import pytest

from stature.config.messages import advice, got
from stature.config.source import Written, place
from stature.datafile.texts import nearest
from tests.config.conftest import Read, Refused

NAME = "names are folders: use letters, digits, '-' and '_', at most 64"
KINDS = (
    "none, selection, probit-selection, tilt, size-bias, truncation, nonresponse, rounding, "
    "coding, heaping, self-report, contamination, classes, missing-labels, swapped-labels, "
    "function, sequence"
)
SEED = "expected a whole number from 0 to 2^128 − 1"
SIZE = "expected a whole number ≥ 2, at most 10^8"
KNOWN = (
    "study, title, aims, why, seed, replicates, precision, block, sizes, sampling, samples, "
    "sketch_from, traced, checks, allow_large, quantity, populations, biases, estimators"
)


def group(sd: str = "6.5", mean: str = "163.0", share: str = "1.0", name: str = "girls") -> str:
    return (
        "\n  - name: school\n    groups:\n"
        f"      - {{name: {name}, share: {share}, mean_cm: {mean}, sd_cm: {sd}}}"
    )


def estimator(settings: str) -> str:
    return f"\n  - {{name: em, {settings}}}"


MISTAKES = [
    ("Y02-octal", {"seed": "010"}, "seed: leading zero: YAML reads 010 as 8; write 10"),
    ("Y02-replicates", {"replicates": "010"},
     "replicates: leading zero: YAML reads 010 as 8; write 10"),
    ("Y02-signed", {"seed": "+0_17"}, "seed: leading zero: YAML reads +0_17 as 15; write 17"),
    ("Y02-text", {"seed": "08"},
     "seed: expected a whole number, got the text '08': YAML reads 08 as text; write 8"),
    ("Y05", {"sizes": "[1:30]"},
     "sizes: item 1: 1:30 is read as 90, in base 60; write the number that you mean"),
    ("Y08",
     {"biases": "\n  - name: cut\n    kind: truncation\n    below_cm: 150\n    below_cm: 160"},
     "biases[cut]: key 'below_cm' stands twice, at lines 14 and 15; keep one"),
    ("Y22-mean",
     {"populations": "\n  - name: school\n    groups: [{name: girls, share: 1, sd_cm: 6}]"},
     "populations[school].groups[girls].mean_cm: missing; expected a number > 0 and ≤ 400 "
     "(mean in cm)"),
    ("Y62-other-kind",
     {"biases": "\n  - {name: x, kind: truncation, below_cm: 150, log_odds_per_cm: 1}"},
     "biases[x]: unknown key 'log_odds_per_cm'; kind truncation takes: below_cm, above_cm"),
    ("no-map", {"biases": "\n  - none"},
     "biases: item 1: expected a map of keys, got 'none'"),
    ("no-group", {"biases": "\n  - {name: x, kind: selection, log_odds_per_cm: 0.1, group: boy}"},
     "biases[x].group: population school has no group 'boy'; did you mean 'boys'?"),
    ("other-group", {"biases": "\n  - {name: x, kind: selection, log_odds_per_cm: 0.1, group: m}"},
     "biases[x].group: population school has no group 'm'; it has: girls, boys"),
    ("Y74-shares", {"estimators": estimator("labels: none, method: em, shares: [0.3, 0.3, 0.4]")},
     "estimators[em].shares: 3 numbers, but population school has 2 groups (girls, boys)"),
    ("Y74-sds", {"estimators": estimator("labels: none, method: em, sds: [6, 6, 7]")},
     "estimators[em].sds: 3 numbers, but population school has 2 groups (girls, boys)"),
    # Girls N(163, 6.5): P(height > 195.5) is that of 5 SDs, 2.87e-7; 50 of 100 people are girls,
    # so 50 / 2.87e-7 = 1.7e8 draws. Boys N(176, 7): 2.79 SDs, 0.3 %, which is allowed.
    ("Y64", {"biases": "\n  - {name: x, kind: truncation, below_cm: 195.5}"},
     "biases[x]: keeps 3e-07 of group 'girls' of population school: 50 people would need 2e+08 "
     "draws; expected at least 0.0001"),
    ("precision", {"precision": "{mcsi: 1, min: 2}", "traced": "1"},
     "precision: unknown key 'mcsi'; did you mean 'mcse'?"),
    ("Y01-whole", {"sizes": "[1e3]"},
     "sizes: item 1: expected a whole number, got the text '1e3': YAML reads 1e3 as text; write "
     "1000"),
    ("Y01-point", {"sizes": "[1.0e3]"},
     "sizes: item 1: expected a whole number, got the text '1.0e3': YAML reads 1.0e3 as text; "
     "write 1000"),
    ("Y01-real", {"populations": group(sd="5e-1")},
     "populations[school].groups[girls].sd_cm: expected a number, got the text '5e-1': YAML "
     "reads 5e-1 as text; write 0.5"),
    ("Y01-small", {"estimators": estimator("labels: none, method: em, tolerance: 1e-8")},
     "estimators[em].tolerance: expected a number, got the text '1e-8': YAML reads 1e-8 as "
     "text; write 1.0e-8"),
    ("Y03-no", {"study": "no"}, "study: expected a name, got false: quote it, 'no'"),
    ("Y03-on", {"study": "on"}, "study: expected a name, got true: quote it, 'on'"),
    ("Y03-item", {"biases": "\n  - {name: NO, kind: none}"},
     "biases: item 1: name: expected a name, got false: quote it, 'NO'"),
    ("Y04-true", {"replicates": "true"}, "replicates: expected a whole number, got true"),
    ("Y04-yes", {"seed": "yes"}, "seed: expected a whole number, got true"),
    ("samples", {"samples": "sketches"},
     "samples: expected one of: keep, sketch; got 'sketches'; did you mean 'sketch'?"),
    ("sketch-from", {"samples": "sketch", "sketch_from": "100"},
     "sketch_from: expected a whole number from 1000 to 10^8, got 100"),
    ("Y06", {"study": "2026-11-22"}, "study: expected a name, got a date: quote it"),
    ("Y07-whole-nan", {"seed": ".nan"}, "seed: expected a finite number, got .nan"),
    ("Y07-inf", {"sizes": "[40, -.inf]"}, "sizes: item 2: expected a finite number, got -.inf"),
    ("Y07-sd", {"populations": group(sd=".nan")},
     "populations[school].groups[girls].sd_cm: expected a finite number, got .nan"),
    ("Y14", {"1": "2"}, f"unknown key 1; known here: {KNOWN}"),
    ("Y20", {"sample_sizes": "[40]"}, "unknown key 'sample_sizes'; did you mean 'sizes'?"),
    ("Y37-nothing-near", {"schema": "2"}, f"unknown key 'schema'; known here: {KNOWN}"),
    ("Y21-start", {"estimators": estimator("labels: none, method: em, start: 3")},
     "estimators[em]: unknown key 'start'; did you mean 'starts'?"),
    ("Y22-seed", {"seed": None}, f"seed: missing; {SEED}"),
    ("Y22-study", {"study": None},
     "study: missing; expected a name: letters, digits, '-' and '_', at most 64"),
    ("Y22-sizes", {"sizes": None}, "sizes: missing; expected a list of whole numbers ≥ 2"),
    ("Y23", {"sizes": ""}, "sizes: expected a list of whole numbers ≥ 2, got nothing"),
    ("Y24", {"populations": "{school: {groups: []}}"},
     "populations: expected a list of named items: start each with '- name:', got {school: "
     "{groups: []}}"),
    ("Y26-sizes", {"sizes": "[]"}, "sizes: empty list: nothing to run"),
    ("Y26-populations", {"populations": "[]"}, "populations: empty list: nothing to run"),
    ("Y26-biases", {"biases": "[]"}, "biases: empty list: nothing to run"),
    ("Y26-estimators", {"estimators": "[]"}, "estimators: empty list: nothing to run"),
    ("Y27", {"biases": "\n  - {name: none, kind: none}\n  - {kind: none}"},
     "biases: item 2: missing name"),
    ("Y31-slash", {"study": "a/b"}, f"study: {NAME}, got 'a/b'; other words go into title or why"),
    ("Y40-zero", {"sizes": "[0]"}, f"sizes: item 1: {SIZE}, got 0"),
    ("Y40-one", {"sizes": "[1]"}, f"sizes: item 1: {SIZE}, got 1"),
    ("Y40-negative", {"sizes": "[-20]"}, f"sizes: item 1: {SIZE}, got -20"),
    ("Y40-part", {"sizes": "[100.5]"}, f"sizes: item 1: {SIZE}, got 100.5"),
    ("Y40-text", {"sizes": "['100']"},
     f"sizes: item 1: {SIZE}, got the text '100': write 100, without quotes"),
    ("Y40-large", {"sizes": "[100_000_001]"}, f"sizes: item 1: {SIZE}, got 100_000_001"),
    ("Y44", {"sampling": "stratify"},
     "sampling: expected one of: stratified, random; got 'stratify'; did you mean 'stratified'?"),
    ("Y45-zero", {"replicates": "0"},
     "replicates: expected a whole number ≥ 1, at most 10^6, got 0"),
    ("Y45-negative", {"replicates": "-5"},
     "replicates: expected a whole number ≥ 1, at most 10^6, got -5"),
    ("Y45-part", {"replicates": "2.5"},
     "replicates: expected a whole number ≥ 1, at most 10^6, got 2.5"),
    ("Y46-zero", {"block": "0"}, "block: expected a whole number ≥ 1, got 0"),
    ("Y46-negative", {"block": "-1"}, "block: expected a whole number ≥ 1, got -1"),
    ("Y47-negative", {"seed": "-1"}, f"seed: {SEED}, got -1"),
    ("Y47-large", {"seed": str(2**128)}, f"seed: {SEED}, got {2**128}"),
    ("Y47-part", {"seed": "1.5"}, f"seed: {SEED}, got 1.5"),
    ("Y47-text", {"seed": "abc"}, f"seed: {SEED}, got the text 'abc'"),
    ("Y47-date", {"seed": "2026-11-22"}, f"seed: {SEED}, got a date (2026-11-22)"),
    ("Y47-list", {"seed": "[1, 2]"}, f"seed: {SEED}, got [1, 2]"),
    ("Y47-null", {"seed": ""}, f"seed: {SEED}, got nothing"),
    ("Y50-zero", {"populations": group(sd="0")},
     "populations[school].groups[girls].sd_cm: expected a number > 0 and ≤ 400 (SD in cm), got 0"),
    ("Y50-negative", {"populations": group(sd="-5")},
     "populations[school].groups[girls].sd_cm: expected a number > 0 and ≤ 400 (SD in cm), got "
     "-5"),
    ("Y51-outside", {"populations": group(mean="1630")},
     "populations[school].groups[girls].mean_cm: expected a number > 0 and ≤ 400 (mean in cm), "
     "got 1630"),
    ("Y61", {"biases": "\n  - {name: x, kind: truncate, below_cm: 150}"},
     f"biases[x].kind: expected one of: {KINDS}; got 'truncate'; did you mean 'truncation'?"),
    ("Y61-missing", {"biases": "\n  - {name: x, below_cm: 150}"},
     f"biases[x].kind: missing; expected one of: {KINDS}"),
    ("Y62-missing", {"biases": "\n  - {name: x, kind: selection}"},
     "biases[x].log_odds_per_cm: missing; expected a number from -50 to 50 (log-odds per cm; a "
     "steeper one is a cut: use truncation)"),
    ("Y63-steep", {"biases": "\n  - {name: x, kind: selection, log_odds_per_cm: 51}"},
     "biases[x].log_odds_per_cm: expected a number from -50 to 50 (log-odds per cm; a steeper "
     "one is a cut: use truncation), got 51"),
    ("Y63-nan", {"biases": "\n  - {name: x, kind: selection, log_odds_per_cm: .nan}"},
     "biases[x].log_odds_per_cm: expected a finite number, got .nan"),
    ("Y66-zero", {"biases": "\n  - {name: x, kind: rounding, step_cm: 0}"},
     "biases[x].step_cm: expected a number > 0 (step in cm), got 0"),
    ("Y66-negative", {"biases": "\n  - {name: x, kind: rounding, step_cm: -5}"},
     "biases[x].step_cm: expected a number > 0 (step in cm), got -5"),
    ("Y66-heap", {"biases": "\n  - {name: x, kind: heaping, grids: [{step_cm: 0, share: 0.2}]}"},
     "biases[x].grids: item 1: step_cm: expected a number > 0 (step in cm), got 0"),
    ("Y67", {"biases": "\n  - {name: x, kind: contamination, share: 1, factor: 2}"},
     "biases[x].share: expected a number ≥ 0 and < 1 (share of the heights), got 1"),
    ("Y67-sd",
     {"biases": "\n  - {name: x, kind: contamination, share: 0.1, mean_cm: 150, sd_cm: 0}"},
     "biases[x].sd_cm: expected a number from 0.1 to 400 (SD in cm), got 0"),
    ("Y71-stop", {"estimators": estimator("labels: none, method: em, stop: {gain: no, below: 1}")},
     "estimators[em].stop.gain: expected one of: total, mean, relative; got false"),
    ("Y78-none", {"populations": "\n  - {name: school, groups: []}"},
     "populations[school].groups: empty list: nothing to run"),
    ("Y71-method", {"estimators": estimator("labels: none, method: guess")},
     "estimators[em].method: expected one of: closed-form, newton, em, squarem, hard-em, "
     "moments, python, command; got 'guess'"),
    ("Y71-labels", {"estimators": estimator("labels: some, method: em")},
     "estimators[em].labels: expected one of: all, none, recorded; or a share > 0 and < 1, got "
     "'some'"),
    ("Y71-shares", {"estimators": estimator("labels: none, method: em, shares: knwn")},
     "estimators[em].shares: expected free, known, or a list of shares > 0 that sum to 1, got "
     "'knwn'; did you mean 'known'?"),
    ("Y73", {"estimators": estimator("labels: 0, method: em")},
     "estimators[em].labels: expected one of: all, none, recorded; or a share > 0 and < 1, got "
     "0; did you mean 'none'?"),
    ("Y76-starts", {"estimators": estimator("labels: none, method: em, starts: 0")},
     "estimators[em].starts: expected a whole number from 1 to 1000, got 0"),
    ("Y76-part", {"estimators": estimator("labels: none, method: em, starts: 2.5")},
     "estimators[em].starts: expected a whole number from 1 to 1000, got 2.5"),
    ("Y76-steps", {"estimators": estimator("labels: none, method: em, step_limit: 0")},
     "estimators[em].step_limit: expected a whole number from 1 to 10^9, got 0"),
    ("Y76-tolerance-0", {"estimators": estimator("labels: none, method: em, tolerance: 0")},
     "estimators[em].tolerance: expected a number > 0 and < 1, got 0"),
    ("Y76-tolerance-1", {"estimators": estimator("labels: none, method: em, tolerance: 1")},
     "estimators[em].tolerance: expected a number > 0 and < 1, got 1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_one_mistake_is_one_line(
    refused: Refused, changes: dict[str, str | None], message: str
) -> None:
    assert refused(**changes) == [message]


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


def test_y21_a_misspelt_key_is_told_once_and_not_as_missing_too(refused: Refused) -> None:
    groups = "\n  - name: school\n    groups: [{name: girls, share: 1, mean: 163, sd: 6}]"
    assert refused(populations=groups) == [
        "populations[school].groups[girls]: unknown key 'mean'; did you mean 'mean_cm'?",
        "populations[school].groups[girls]: unknown key 'sd'; did you mean 'sd_cm'?",
    ]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("prior: {share: 5}", "prior: unknown key 'share'; did you mean 'shares'?"),
        ("choose: {by: bic, amongst: []}", "choose: unknown key 'amongst'; did you mean 'among'?"),
        ("stop: {gains: total, below: 0.1}", "stop: unknown key 'gains'; did you mean 'gain'?"),
    ],
)
def test_a_misspelt_key_of_a_map_is_told_by_the_keys_of_that_map(
    refused: Refused, setting: str, message: str
) -> None:
    one = f"\n  - {{name: em, labels: none, method: em, {setting}}}"
    assert refused(estimators=one) == [f"estimators[em].{message}"]


def test_y47_a_seed_of_more_than_64_bits_is_taken(read: Read) -> None:
    assert read(seed=str(2**64)).seed == 2**64
    assert read(seed=str(2**128 - 1)).seed == 2**128 - 1


def test_y17_underscores_between_digits_are_taken(read: Read) -> None:
    assert read(sizes="[1_000]").sizes == (1000,)


def test_y40_a_whole_number_with_a_point_is_taken(read: Read) -> None:
    (size,) = read(sizes="[100.0]").sizes
    assert (size, type(size)) == (100, int)


def test_values_are_cut_at_60_characters(refused: Refused) -> None:
    (message,) = refused(sampling="x" * 100)
    assert message.endswith("got '" + "x" * 59 + "…'")


def test_what_else_is_wrong_with_a_bias_of_unknown_kind_is_told(refused: Refused) -> None:
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
