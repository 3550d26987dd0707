import shutil
from pathlib import Path

import pytest

from stature.config.specs import draw_spec
from stature.config.study import check, load
from tests.config.conftest import Read, Refused, Write

ROOT = Path(__file__).parents[2]
HEAD = "sex,height_in\n"
ROWS = "".join(f"{'F' if n % 2 else 'M'},{60 + n % 7 + 5 * (n % 2 == 0)}\n" for n in range(40))


def data(settings: str = "height: height_in, unit: in, group: sex", file: str = "p.csv") -> str:
    return f"\n  - {{name: p, file: '{file}', {settings}}}"


def test_a_file_is_the_truth_with_the_divisor_n(read: Read, folder: Path) -> None:
    (folder / "p.csv").write_text("sex,height_in\nF,60\nF,62\nM,70\nM,71\nM,75\n")
    (population,) = read(populations=data()).populations
    women, men = population.groups
    assert (women.name, women.share, women.mean_cm) == ("F", 0.4, pytest.approx(61 * 2.54))
    assert women.sd_cm == pytest.approx(1 * 2.54)  # 60 and 62: one inch from the mean, both
    # 70, 71, 75: mean 72, squared distances 4 + 1 + 9 = 14, over 3.
    assert (men.share, men.mean_cm) == (0.6, pytest.approx(72 * 2.54))
    assert men.sd_cm == pytest.approx((14 / 3) ** 0.5 * 2.54)


def test_a_file_is_looked_for_in_the_working_directory_first(read: Read, folder: Path) -> None:
    relative = "data/galton_1886_children.csv"
    settings = "height: height_in, unit: in, group: sex"
    study = read(populations=data(settings, relative))
    assert study.populations[0].data is not None
    assert Path(study.populations[0].data.path) == ROOT / relative
    (folder / "data").mkdir()
    shutil.copy(ROOT / relative, folder / relative)
    again = read(populations=data(settings, relative))
    assert again.populations[0].data is not None
    assert again.populations[0].data.path == relative
    assert study.written_files == again.written_files == (relative,)


@pytest.mark.parametrize(
    ("file", "resolved", "wrong"),
    [
        pytest.param("none.csv", "{folder}/none.csv", "does not exist", id="Y57-missing"),
        pytest.param(".", "{folder}", "is a folder", id="Y57-folder"),
        pytest.param("$HOME/p.csv", "{folder}/$HOME/p.csv", "does not exist", id="Y57-variable"),
        pytest.param("C:\\p.csv", "{folder}/C:\\\\p.csv", "does not exist", id="Y57-windows"),
        pytest.param("~/p.csv", "{home}/p.csv", "does not exist", id="Y57-home"),
    ],
)
def test_a_file_that_is_not_there_is_told_with_its_resolved_path(
    refused: Refused,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    resolved: str,
    wrong: str,
) -> None:
    home = folder / "home"
    monkeypatch.setenv("HOME", str(home))
    where = resolved.format(folder=folder, home=home).replace("\\\\", "\\")
    (message,) = refused(populations=data(file=file))
    assert message == f"populations[p].file: expected a file, got '{file}': {where} {wrong}"


def test_y57_home_is_expanded(read: Read, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    (folder / "p.csv").write_text(HEAD + ROWS)
    assert read(populations=data(file="~/p.csv")).written_files == ("~/p.csv",)


def test_y57_a_file_outside_the_project_is_not_portable(
    read: Read, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("elsewhere") / "p.csv"
    path.write_text(HEAD + ROWS)
    (warning,) = read(populations=data(file=str(path))).warnings
    assert warning.startswith("mine.yaml: populations[p].file: ")
    assert warning.endswith("p.csv is outside the project: not portable")


def test_y58_missing_columns_are_told_with_those_of_the_file(
    refused: Refused, folder: Path
) -> None:
    (folder / "p.csv").write_text(HEAD + ROWS)
    assert refused(populations=data("source: x")) == [
        "populations[p].height: missing; expected the column of heights; "
        "the file has: sex, height_in",
        "populations[p].unit: missing; expected the unit of the heights: cm, m, mm or in",
        "populations[p].group: missing; expected the column of groups, which labels: all, known "
        "shares or SDs, and a bias of one group need; the file has: sex, height_in",
    ]


def test_y58_a_column_that_is_not_there_is_told(refused: Refused, folder: Path) -> None:
    (folder / "p.csv").write_text(HEAD + ROWS)
    (message,) = refused(populations=data("height: hight_in, unit: in, group: sex"))
    assert message.startswith("populations[p].file: p.csv: ")
    assert "hight_in" in message


def test_y59_bad_rows_are_told_in_the_words_of_the_file(refused: Refused, folder: Path) -> None:
    (folder / "p.csv").write_text(HEAD + ROWS + "F,tall\nM,900\n")
    messages = refused(populations=data())
    assert messages
    assert all(message.startswith("populations[p].file: p.csv: ") for message in messages)
    assert any("tall" in message for message in messages)


def test_y59_a_truth_needs_all_of_its_rows(refused: Refused, folder: Path) -> None:
    (folder / "p.csv").write_text(HEAD + ROWS + "F,NA\n")
    assert refused(populations=data()) == [
        "populations[p].file: p.csv: 1 row cannot be used (value missing): a truth needs all of "
        "its rows; take it out of the file"
    ]


def test_a_truth_needs_all_of_its_labels(refused: Refused, folder: Path) -> None:
    (folder / "p.csv").write_text(HEAD + ROWS + ",65\n,66\n")
    assert refused(populations=data()) == [
        "populations[p].group: p.csv: 2 rows have no group: a truth needs all of its labels"
    ]


def test_a_group_without_spread_is_no_truth(refused: Refused, folder: Path) -> None:
    (folder / "p.csv").write_text(HEAD + "F,60\nF,60\nM,70\nM,72\n")
    assert refused(populations=data()) == [
        "populations[p].file: p.csv: group 'F' has an SD of 0: a truth needs groups that vary"
    ]


def test_y60_the_content_of_a_file_counts_and_not_its_time(read: Read, folder: Path) -> None:
    path = folder / "p.csv"
    path.write_text(HEAD + ROWS)
    before = draw_spec(read(populations=data()), "p.none", "000000-000001")
    path.touch()
    assert draw_spec(read(populations=data()), "p.none", "000000-000001") == before
    path.write_text(HEAD + ROWS + "F,65\n")
    assert draw_spec(read(populations=data()), "p.none", "000000-000001") != before


def test_a_file_without_groups_is_one_group_for_hidden_labels(read: Read, folder: Path) -> None:
    (folder / "p.csv").write_text(HEAD + ROWS)
    study = read(
        populations=data("height: height_in, unit: in"),
        estimators="\n  - {name: em, labels: none, method: em}",
    )
    (population,) = study.populations
    assert (len(population.groups), population.groups[0].share) == (1, 1.0)


def test_that_people_of_a_family_are_alike_is_no_matter_for_a_truth(read: Read) -> None:
    # Galton's children are siblings, but people are drawn from the file one by one.
    study = read(
        populations=data("height: height_in, unit: in, group: sex", "data/galton_1886_children.csv")
    )
    assert study.warnings == ()


def test_the_config_names_are_the_same_for_snakemake_in_another_folder(
    write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write()
    study = load([path], ROOT)
    elsewhere = folder / "elsewhere 身高"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    from snakemake.common.configfile import load_configfile

    assert check(load_configfile(path), [path], ROOT) == study
