"""Study files that are odd, by the numbers of the project's list: values, and what lies around."""

from pathlib import Path

import pytest

from tests.inputs.doors import (
    BOYS,
    GIRLS,
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

Row = tuple[str, Outcome, Changes, str]

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
    ("Y45", "W", {"replicates": "1"}, "no mcse from one replicate"),
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


def ids(rows: list[Row]) -> list[str]:
    return [row[0] for row in rows]


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
    ("Y59-range", PEOPLE + "M,900\n", "row 42: expected heights from 50 to 260 cm, got 900"),
    ("Y59-missing", PEOPLE + "F,NA\n", "1 row cannot be used (height missing)"),
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
