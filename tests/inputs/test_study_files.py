"""Study files that are odd, by the numbers of the project's list: YAML, keys, shape, values.

Each row is a number, what must become of the file, what is changed in a right one, and the words
that must stand in the one line that is said about it.
"""

from pathlib import Path

import pytest

from stature.config.study import ConfigError, load
from tests.inputs.doors import (
    BOYS,
    GIRLS,
    ROOT,
    Changes,
    Outcome,
    data_file,
    em,
    expect,
    item,
    judge,
    school,
    written,
)

NAMES = "names are folders: use letters, digits, '-' and '_', at most 64, got"
WHOLE = "expected a whole number"
TWICE = "study: mine\nseed: 1\nsizes: [10]\nsizes: [40]\n"
NOT_A_MAP = "Config file must be given as JSON or YAML with keys at top level."
RIGHT_JSON = (
    '{"study": "a", "seed": %s, "replicates": 4, "sizes": [40], "populations": [{"name": "a", '
    '"groups": [{"name": "g", "share": 1, "mean_cm": 170, "sd_cm": 7}]}], "biases": [{"name": '
    '"none", "kind": "none"}], "estimators": [{"name": "mle", "labels": "all", "method": '
    '"closed-form"}]}'
)

Row = tuple[str, Outcome, Changes | str | bytes, str]

YAML_ITSELF: list[Row] = [
    ("Y01", "E", {"sizes": "[1e3]"}, "got the text '1e3': YAML reads 1e3 as text; write 1000"),
    ("Y01-point", "E", {"sizes": "[1.0e3]"}, "YAML reads 1.0e3 as text; write 1000"),
    ("Y01-part", "E", {"populations": school(GIRLS.replace("6.5", "5e-1"), BOYS)},
     "as text; write 0.5"),
    ("Y01-large", "E", {"populations": school(GIRLS.replace("6.5", "1e20"), BOYS)},
     "as text; write 1.0e+20"),
    ("Y02", "E", {"seed": "010"}, "seed: leading zero: YAML reads 010 as 8; write 10"),
    ("Y02-replicates", "E", {"replicates": "010"}, "replicates: leading zero: YAML reads 010 as 8"),
    ("Y02-text", "E", {"seed": "08"},
     f"seed: {WHOLE}, got the text '08': YAML reads 08 as text; write 8"),
    ("Y03", "E", {"study": "no"}, "study: expected a name, got false: quote it, 'no'"),
    ("Y03-on", "E", {"study": "on"}, "study: expected a name, got true: quote it, 'on'"),
    ("Y03-yes", "E", {"study": "yes"}, "got true: quote it, 'yes'"),
    ("Y03-item", "E", {"biases": item("kind: none", "NO")},
     "expected a name, got false: quote it, 'NO'"),
    ("Y04", "E", {"replicates": "true"}, f"replicates: {WHOLE}, got true"),
    ("Y04-seed", "E", {"seed": "yes"}, f"seed: {WHOLE}, got true"),
    ("Y05", "E", {"sizes": "[1:30]"}, "1:30 is read as 90, in base 60"),
    ("Y06", "E", {"study": "2026-11-22"}, "study: expected a name, got a date: quote it"),
    ("Y07", "E", {"seed": ".nan"}, "seed: expected a finite number, got .nan"),
    ("Y07-inf", "E", {"sizes": "[40, .inf]"}, "expected a finite number, got .inf"),
    ("Y07-sd", "E", {"populations": school(GIRLS.replace("6.5", "-.inf"), BOYS)}, "got -.inf"),
    ("Y08", "E", TWICE, "key 'sizes' stands twice, at lines 3 and 4; keep one"),
    ("Y09-tab", "P", "study: a\n\tseed: 1\n", "not valid YAML at line 2, column 1"),
    ("Y09-bracket", "P", "sizes: [1, 2\nseed: 3\n", "not valid YAML at line 2, column 5"),
    ("Y09-alias", "P", "sizes: *many\n", "not valid YAML at line 1, column 8"),
    ("Y09-tag", "P", "seed: !!python/object/apply:os.system [ls]\n", "line 1, column 7"),
    ("Y10-empty", "P", "", NOT_A_MAP),
    ("Y10-comments", "P", "# nothing\n", NOT_A_MAP),
    ("Y10-list", "P", "- a\n", NOT_A_MAP),
    ("Y12", "P", b"study: mine\n# a\n# \xb2\xe2\xca\xd4\n",
     "not UTF-8 at line 3; save the file as UTF-8"),
    ("Y14", "E", {"1": "2"}, "unknown key 1"),
    ("Y15-twice", "E", '{"seed": 1,\n"seed": 2}', "key 'seed' stands twice, at lines 1 and 2"),
    ("Y15-nan", "E", RIGHT_JSON % "NaN", "seed: expected a finite number, got NaN"),
    ("Y15", "A", RIGHT_JSON % "1", ""),
    ("Y17", "A", {"sizes": "[1_000]"}, ""),
]  # fmt: skip

KEYS_AND_SHAPE: list[Row] = [
    ("Y20", "E", {"sample_sizes": "[40]"}, "unknown key 'sample_sizes'; did you mean 'sizes'?"),
    ("Y21-sd", "E", {"populations": school("{name: girls, share: 1, mean_cm: 163, sd: 6}")},
     "populations[school].groups[girls]: unknown key 'sd'; did you mean 'sd_cm'?"),
    ("Y21-mean", "E", {"populations": school("{name: girls, share: 1, mean: 163, sd_cm: 6}")},
     "unknown key 'mean'; did you mean 'mean_cm'?"),
    ("Y21-start", "E", {"estimators": em("start: 3")},
     "unknown key 'start'; did you mean 'starts'?"),
    ("Y22-seed", "E", {"seed": None}, "seed: missing; expected a whole number from 0 to 2^128"),
    ("Y22-study", "E", {"study": None}, "study: missing; expected a name"),
    ("Y22-sizes", "E", {"sizes": None}, "sizes: missing; expected a list of whole numbers ≥ 2"),
    ("Y22-mean", "E", {"populations": school("{name: girls, share: 1, sd_cm: 6}")},
     "populations[school].groups[girls].mean_cm: missing; expected a number"),
    ("Y23", "E", {"sizes": ""}, "sizes: expected a list of whole numbers ≥ 2, got nothing"),
    ("Y24", "E", {"populations": "{school: {groups: []}}"},
     "populations: expected a list of named items: start each with '- name:'"),
    ("Y25", "A", {"sizes": "100"}, ""),
    ("Y26", "E", {"sizes": "[]"}, "sizes: empty list: nothing to run"),
    ("Y26-populations", "E", {"populations": "[]"}, "populations: empty list: nothing to run"),
    ("Y26-biases", "E", {"biases": "[]"}, "biases: empty list: nothing to run"),
    ("Y26-estimators", "E", {"estimators": "[]"}, "estimators: empty list: nothing to run"),
    ("Y27", "E", {"biases": "\n  - {name: none, kind: none}\n  - {kind: none}"},
     "biases: item 2: missing name"),
    ("Y28", "E", {"biases": item("kind: none") + item("kind: none")},
     "duplicate name 'x' (items 1 and 2): both would write the same files"),
    ("Y28-case", "E", {"biases": item("kind: none") + item("kind: none", "X")},
     "duplicate name 'X' (items 1 and 2)"),
    ("Y29", "E", {"sizes": "[100, 40, 100]"}, "duplicate 100 (items 1 and 3)"),
    ("Y29-real", "E", {"sizes": "[100, 100.0]"}, "duplicate 100 (items 1 and 2)"),
    *((f"Y31-{n}", "E", {"biases": f'\n  - {{name: "{name}", kind: none}}'}, NAMES)
      for n, name in enumerate(["a/b", "a\\\\b", "a b", "..", "-a", ".a", "{a}", "50%", "a\\nb",
                                "身高", "é", "x" * 65, "CON", "nul"])),
    ("Y31-study", "E", {"study": "../up"}, f"study: {NAMES} '../up'"),
    ("Y31-group", "A", {"title": "身高", "aims": "身高, how tall?"}, ""),
    ("Y32", "A", {"sizes": "[100, 40, 60]"}, ""),
    ("Y37", "E", {"schema": "2"}, "unknown key 'schema'"),
]  # fmt: skip


def ids(rows: list[Row]) -> list[str]:
    return [row[0] for row in rows]


@pytest.mark.parametrize(("case", "outcome", "changes", "words"), YAML_ITSELF, ids=ids(YAML_ITSELF))
def test_what_yaml_does(
    case: str, outcome: Outcome, changes: Changes | str | bytes, words: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    expect(written(tmp_path, changes), outcome, words)


@pytest.mark.parametrize(
    ("case", "outcome", "changes", "words"), KEYS_AND_SHAPE, ids=ids(KEYS_AND_SHAPE)
)
def test_keys_and_shape(
    case: str, outcome: Outcome, changes: Changes | str | bytes, words: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    expect(written(tmp_path, changes), outcome, words)


def test_Y11_Y13_a_byte_order_mark_and_line_ends_of_windows_are_no_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, {})
    right = judge(path)
    text = path.read_bytes()
    for changed in (b"\xef\xbb\xbf" + text, text.rstrip(b"\n").replace(b"\n", b"\r\n")):
        path.write_bytes(changed)
        assert judge(path) == right


def test_Y16_a_template_is_judged_by_what_it_becomes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, {})
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "__use_yte__: true\n?if True:\n  traced: 2\n", encoding="utf-8")
    study = judge(path).study
    assert study is not None
    assert study.traced == 2
    with pytest.raises(ConfigError, match="unknown key '__use_yte__'"):
        load([path], ROOT)


def test_Y30_scenarios_never_share_a_slug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    groups = f"[{GIRLS}, {BOYS}]"
    populations = "".join(f"\n  - {{name: {name}, groups: {groups}}}" for name in ("a-b", "a"))
    biases = item("kind: none", "c") + item("kind: none", "b-c")
    study = judge(written(tmp_path, {"populations": populations, "biases": biases})).study
    assert study is not None
    # Names have no point, so the one between them tells them apart.
    assert [scenario.slug for scenario in study.scenarios] == ["a-b.c", "a-b.b-c", "a.c", "a.b-c"]


@pytest.mark.parametrize(
    ("case", "overlay"),
    [
        ("Y33", "study: other\npopulations:\n  - name: p\n    groups: [{name: g, share: 1, "
                "mean_cm: 170, sd_cm: 7}]\n"),
        ("Y34", "study: other\n"),
    ],
    ids=["Y33", "Y34"],
)  # fmt: skip
def test_a_later_file_replaces_lists_whole(
    case: str, overlay: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, {})
    later = tmp_path / "later.yaml"
    later.write_text(overlay, encoding="utf-8")
    study = load([path, later], ROOT)
    names = [population.name for population in study.populations]
    assert (study.name, names) == ("other", ["p"] if case == "Y33" else ["school"])


TYPED = [
    ("Y35-one", "sizes=100", "A", ""),
    ("Y35-list", "sizes=[10,20]", "W", "n = 10, 20"),
    ("Y35-text", "sizes=10,20", "E", "on the command line --config 'sizes=[10,20]'"),
    ("Y35-zeros", "seed=007", "A", ""),
    ("Y35-real", "seed=1e3", "A", ""),
    ("Y36", "sizs=100", "E", "--config: unknown key 'sizs'; did you mean 'sizes'?"),
]


@pytest.mark.parametrize(
    ("case", "entry", "outcome", "words"), TYPED, ids=[row[0] for row in TYPED]
)
def test_what_is_typed_on_the_command_line(
    case: str, entry: str, outcome: Outcome, words: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    found = judge(written(tmp_path, {}), entry)
    assert found.outcome == outcome, found.lines
    assert any(words in line for line in found.lines) or not words


SIZE = "sizes: item 1: expected a whole number ≥ 2, at most 10^8, got"
SEED = "seed: expected a whole number from 0 to 2^128 − 1, got"
SHARE = "share: expected a number from 0 to 1 (share), got"
MLE = item("labels: all, method: closed-form", "mle")
GALTON = "data/galton_1886_children.csv"
ALIKE = "share: 0.5, mean_cm: 163, sd_cm: 6"
FOUR = school(
    *(f"{{name: g{k}, share: 0.25, mean_cm: {150 + 10 * k}, sd_cm: 6}}" for k in range(4))
)
RARE = school(GIRLS.replace("0.5", "0.99"), BOYS.replace("0.5", "0.01"))
MANY = "[" + ", ".join(str(40 + k) for k in range(100)) + "]"

POPULATIONS_AND_SIZES: list[Row] = [
    *((f"Y40-{n}", "E", {"sizes": f"[{size}]"}, SIZE)
      for n, size in enumerate(["0", "1", "-20", "100.5", "'100'", "100_000_001"])),
    ("Y40", "A", {"sizes": "[100.0]"}, ""),
    ("Y41", "W", {"populations": RARE, "sizes": "[20, 400]", "estimators": MLE},
     "group 'boys' has 0 people at n = 20: its estimates there will have status too_few"),
    ("Y41-size", "W", {"sizes": "[3, 100]", "sampling": "random", "estimators": MLE}, "at n = 3"),
    ("Y42", "W", {"sizes": "[20, 100]"}, "standard error of a mean about"),
    ("Y43", "A", {"sizes": "[41]"}, ""),
    ("Y44", "E", {"sampling": "strat"},  # codespell:ignore strat
     "expected one of: stratified, random; got 'strat'; did you mean 'stratified'?"),
     # codespell:ignore strat
    ("Y45-zero", "E", {"replicates": "0"}, "replicates: expected a whole number ≥ 1"),
    ("Y45-negative", "E", {"replicates": "-5"}, "got -5"),
    ("Y45-part", "E", {"replicates": "2.5"}, "got 2.5"),
    ("Y45", "W", {"replicates": "1"}, "no measure has a Monte-Carlo"),
    ("Y46", "E", {"block": "0"}, "block: expected a whole number ≥ 1, got 0"),
    ("Y46-negative", "E", {"block": "-1"}, "block: expected a whole number ≥ 1, got -1"),
    ("Y46-larger", "A", {"block": "9"}, ""),
    ("Y46-shorter", "A", {"block": "3"}, ""),
    *((f"Y47-{n}", "E", {"seed": seed}, SEED)
      for n, seed in enumerate(["-1", str(2**128), "1.5", "abc", "2026-11-22", "[1]", ""])),
    ("Y47", "A", {"seed": str(2**64)}, ""),
    ("Y48-negative", "E", {"populations": school(GIRLS.replace("0.5", "-0.5"), BOYS)},
     f"{SHARE} -0.5"),
    ("Y48-above", "E", {"populations": school(GIRLS.replace("0.5", "1.5"), BOYS)}, f"{SHARE} 1.5"),
    ("Y48-text", "E", {"populations": school(GIRLS.replace("0.5", "half"), BOYS)},
     "got the text 'half'"),
    ("Y48-sum", "E", {"populations": school(GIRLS, BOYS.replace("0.5", "0.4"))},
     "shares sum to 0.9, not 1"),
    ("Y48-more", "E", {"populations": school(GIRLS, BOYS.replace("0.5", "0.6"))},
     "shares sum to 1.1, not 1"),
    ("Y48", "A", {"populations": school(GIRLS.replace("0.5", "0.5000000005"), BOYS)}, ""),
    ("Y49", "E", {"populations": school(GIRLS.replace("0.5", "0"), BOYS.replace("0.5", "1"))},
     "group 'girls' has share 0: leave it out"),
    *((f"Y50-{n}", "E", {"populations": school(GIRLS.replace("6.5", sd), BOYS)},
    "sd_cm: expected a")
      for n, sd in enumerate(["0", "-5", ".nan"])),
    ("Y51", "W", {"populations": school(GIRLS.replace("163.0", "1.63"), BOYS), "estimators": MLE},
     "mean 1.63: metres? heights here are in cm"),
    ("Y51-inches", "W",
     {"populations": school(GIRLS.replace("163.0", "64"), BOYS), "estimators": MLE},
     "mean 64: inches? heights here are in cm"),
    ("Y51-sd", "W", {"populations": school(GIRLS.replace("6.5", "0.065"), BOYS), "estimators": MLE},
     "SD 0.065: metres? heights here are in cm"),
    ("Y51-outside", "E", {"populations": school(GIRLS.replace("163.0", "1630"), BOYS)},
     "mean_cm: expected a number > 0 and ≤ 400"),
    ("Y52", "W", {"populations": school(GIRLS.replace("6.5", "60"), BOYS), "estimators": MLE},
     "negative heights would be drawn"),
    ("Y53", "W", {"populations": school(GIRLS.replace("0.5", "1"))}, "not identifiable"),
    ("Y53-seen", "A", {"populations": school(GIRLS.replace("0.5", "1")), "estimators": MLE}, ""),
    ("Y54", "W", {"populations": school(f"{{name: a, {ALIKE}}}", f"{{name: b, {ALIKE}}}"),
                  "estimators": MLE}, "the labels cannot be learned"),
    ("Y54-name", "E", {"populations": school(GIRLS, BOYS.replace("boys", "girls"))},
     "duplicate name 'girls' (items 1 and 2)"),
    ("Y55", "A", {"populations": school(BOYS, GIRLS)}, ""),
    ("Y56", "E", {"populations": "\n  - {name: school}"}, "give either groups or file"),
    ("Y56-both", "E", {"populations": school(GIRLS, BOYS) + f"\n    file: {GALTON}"},
     "give either groups or file"),
    ("Y57", "E", {"populations": data_file(file="none.csv")}, "none.csv does not exist"),
    ("Y57-folder", "E", {"populations": data_file(file=".")}, "is a folder"),
    ("Y57-variable", "E", {"populations": data_file(file="$HOME/p.csv")},
     "/$HOME/p.csv does not exist"),
    ("Y57-home", "E", {"populations": data_file(file="~/p.csv")}, "/p.csv does not exist"),
    ("Y57-windows", "E", {"populations": data_file(file="C:\\\\p.csv")}, "does not exist"),
    ("Y58-height", "E", {"populations": data_file("unit: in, group: sex", GALTON)},
     "height: missing; expected the column of heights; the file has: family, child, sex"),
    ("Y58-unit", "E", {"populations": data_file("height: height_in, group: sex", GALTON)},
     "unit: missing; expected the unit of the heights: cm, m, mm or in"),
    ("Y58-group", "E", {"populations": data_file("height: height_in, unit: in", GALTON)},
     "group: missing; expected the column of groups"),
]  # fmt: skip

BIASES_AND_ESTIMATORS: list[Row] = [
    ("Y61", "E", {"biases": item("kind: truncate, below_cm: 150")},
     "got 'truncate'; did you mean 'truncation'?"),
    ("Y62", "E", {"biases": item("kind: truncation, below_cm: 150, log_odds_per_cm: 1")},
     "kind truncation takes: below_cm, above_cm"),
    ("Y62-missing", "E", {"biases": item("kind: selection")}, "log_odds_per_cm: missing; expected"),
    ("Y63", "E", {"biases": item("kind: selection, log_odds_per_cm: .nan")},
     "expected a finite number"),
    ("Y63-steep", "E", {"biases": item("kind: selection, log_odds_per_cm: 51")},
     "expected a number from -50 to 50 (log-odds per cm; a steeper one is a cut: use truncation)"),
    ("Y64", "E", {"biases": item("kind: truncation, below_cm: 195.5")},
     "keeps 3e-07 of group 'girls' of population school: 50 people would need 2e+08 draws"),
    ("Y65", "E", {"biases": item("kind: truncation, below_cm: 180, above_cm: 170")},
     "expected below_cm < above_cm, got 180 and 170"),
    ("Y65-equal", "E", {"biases": item("kind: truncation, below_cm: 170, above_cm: 170")},
     "170 and 170"),
    ("Y66", "E", {"biases": item("kind: rounding, step_cm: 0")}, "step_cm: expected a number > 0"),
    ("Y66-negative", "E", {"biases": item("kind: rounding, step_cm: -5")}, "got -5"),
    ("Y66-share", "E", {"biases": item("kind: heaping, grids: [{step_cm: 5, share: 2}]")},
     "share: expected a number from 0 to 1"),
    ("Y66-heap", "E", {"biases": item("kind: heaping, grids: [{step_cm: 0, share: 0.2}]")},
     "got 0"),
    ("Y67", "E", {"biases": item("kind: contamination, share: 1, factor: 2")},
     "share: expected a number"),
    ("Y67-sd", "E", {"biases": item("kind: contamination, share: 0.1, mean_cm: 150, sd_cm: 0")},
     "sd_cm:"),
    ("Y68", "W", {"biases": item("kind: self-report, shift_cm: 0.02, sd_cm: 0")}, "metres?"),
    ("Y69", "A", {"biases": "\n  - name: x\n    kind: sequence\n    steps: [{kind: self-report, "
                            "shift_cm: 1, sd_cm: 0}, {kind: rounding, step_cm: 5}]"}, ""),
    ("Y70", "E", {"populations": data_file("height: height_in, unit: in", GALTON),
                  "estimators": em("shares: free"),
                  "biases": item("kind: nonresponse, group: male, answers: 0.5")},
     "group: missing; expected the column of groups"),
    ("Y71-method", "E", {"estimators": item("labels: none, method: emm", "em")},
     "did you mean 'em'?"),
    ("Y71-labels", "E", {"estimators": item("labels: some, method: em", "em")},
     "expected one of: all, none"),
    ("Y71-shares", "E", {"estimators": em("shares: knwn")}, "did you mean 'known'?"),
    ("Y71-observation", "E", {"estimators": em("observation: {kind: round}")},
     "did you mean 'rounded'?"),
    ("Y71-stop", "E", {"estimators": em("stop: {gain: totl, below: 0.1}")},
     "did you mean 'total'?"),
    ("Y72", "E", {"estimators": item("labels: none, method: closed-form")},
     "closed form needs labels: all"),
    ("Y72-em", "A", {"estimators": item("labels: all, method: em", "em")}, ""),
    ("Y73", "E", {"estimators": item("labels: 0, method: newton")}, "did you mean 'none'?"),
    ("Y73-above", "E", {"estimators": item("labels: 1.2, method: newton")},
     "a share > 0 and < 1, got 1.2"),
    ("Y73-negative", "E", {"estimators": item("labels: -0.1, method: newton")}, "got -0.1"),
    ("Y73-few", "A", {"estimators": item("labels: 0.05, method: newton")}, ""),
    ("Y74", "E", {"estimators": em("shares: [0.3, 0.3, 0.4]")},
     "3 numbers, but population school has 2"),
    ("Y74-sum", "E", {"estimators": em("shares: [0.4, 0.4]")}, "shares sum to 0.8, not 1"),
    ("Y75", "A", {"populations": data_file(file=GALTON), "estimators": em("shares: known")}, ""),
    ("Y75-group", "E", {"populations": data_file("height: height_in, unit: in", GALTON),
                        "estimators": em("shares: known")}, "group: missing; expected the column"),
    ("Y76-zero", "E", {"estimators": em("starts: 0")}, "starts: expected a whole number from 1"),
    ("Y76-negative", "E", {"estimators": em("starts: -1")}, "got -1"),
    ("Y76-part", "E", {"estimators": em("starts: 2.5")}, "got 2.5"),
    ("Y76-steps", "E", {"estimators": em("step_limit: 0")},
     "step_limit: expected a whole number from 1 to 10^9"),
    ("Y76-tolerance", "E", {"estimators": em("tolerance: 0")},
     "tolerance: expected a number > 0 and < 1"),
    ("Y76-large", "E", {"estimators": em("tolerance: 1")},
     "tolerance: expected a number > 0 and < 1"),
    ("Y77", "W", {"estimators": item("labels: all, method: closed-form, starts: 5")}, "no effect"),
    ("Y78", "W", {"populations": FOUR, "sizes": "[6]", "estimators": MLE}, "status too_few"),
    ("Y78-none", "E", {"populations": "\n  - {name: school, groups: []}"}, "empty list"),
    ("Y79", "W", {"estimators": em("shares: free") + item("labels: none, method: em", "em2")},
     "the same as 'em' in all but the name"),
    ("Y80", "E", {"estimators": em("shares: [1.5, -0.5]")}, "expected shares > 0 and ≤ 1"),
    ("Y80-sds", "E", {"estimators": em("sds: [6, 0]")}, "expected SDs > 0 (in cm)"),
    ("Y82", "E", {"sizes": MANY, "replicates": "100000", "block": "1000"},
     "; set allow_large: true"),
    ("Y82-meant", "A",
     {"sizes": MANY, "replicates": "100000", "block": "1000", "allow_large": "true"}, ""),
    ("Y82-disk", "E", {"sizes": "[10000000]", "replicates": "1000", "block": "1"}, " 90 GB; set"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "outcome", "changes", "words"),
    [*POPULATIONS_AND_SIZES, *BIASES_AND_ESTIMATORS],
    ids=ids([*POPULATIONS_AND_SIZES, *BIASES_AND_ESTIMATORS]),
)
def test_values(
    case: str, outcome: Outcome, changes: Changes, words: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    expect(written(tmp_path, changes), outcome, words)


PEOPLE = "sex,height_in\n" + "".join(f"F,{60 + n % 7}\nM,{65 + n % 7}\n" for n in range(20))
BAD_FILES = [
    ("Y59", PEOPLE + "F,tall\n", "row 42: expected a number such as 170.5, got “tall”"),
    ("Y59-range", PEOPLE + "M,900\n", "row 42: expected heights from 19.685 to 102.36 in, got 900"),
    ("Y59-missing", PEOPLE + "F,NA\n", "1 row cannot be used (value missing)"),
    ("Y59-label", PEOPLE + ",65\n", "1 row has no group: a truth needs all of its labels"),
    ("Y59-labels", "sex,height_in\n,65\n,70\n", "2 rows have no group: a truth needs all of its"),
]


@pytest.mark.parametrize(("case", "text", "words"), BAD_FILES, ids=[row[0] for row in BAD_FILES])
def test_files_of_populations(
    case: str, text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.csv").write_text(text, encoding="utf-8")
    expect(written(tmp_path, {"populations": data_file()}), "E", words)


def test_Y57_a_file_outside_the_project_is_not_portable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside, project = tmp_path / "outside", tmp_path / "project"
    outside.mkdir()
    project.mkdir()
    monkeypatch.chdir(project)
    (outside / "p.csv").write_text(PEOPLE, encoding="utf-8")
    path = written(project, {"populations": data_file(file=str(outside / "p.csv"))})
    expect(path, "W", "is outside the project: not portable")


def test_Y60_the_content_of_a_file_counts_and_not_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    people = tmp_path / "p.csv"
    path = written(tmp_path, {"populations": data_file()})

    def digest() -> str:
        study = judge(path).study
        assert study is not None
        data = study.populations[0].data
        assert data is not None
        return data.sha256

    people.write_text(PEOPLE, encoding="utf-8")
    first = digest()
    people.touch()
    assert digest() == first
    people.write_text(PEOPLE + "F,61\n", encoding="utf-8")
    assert digest() != first
