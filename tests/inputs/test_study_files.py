"""Study files that are odd, by the numbers of the project's list: YAML itself, keys and shape.

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
