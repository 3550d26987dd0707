from collections.abc import Callable
from pathlib import Path

import pytest

from stature.cli.replay import Address, AddressError, find
from stature.config.study import load, study_yaml
from stature.provenance import DesignSpec, StudyRecord, write_provenance
from stature.writing import write_text

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "config/config.yaml").read_text(encoding="utf-8")
Run = Callable[[str], None]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Write down a config as it was run, in a folder that has the default study."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text(TEXT, encoding="utf-8")

    def run(text: str) -> None:
        path = tmp_path / "as-run.yaml"
        path.write_text(text, encoding="utf-8")
        study = load([path], ROOT)
        folder = tmp_path / "results" / study.name
        folder.mkdir(parents=True)
        design = DesignSpec((), study.sizes, study.replicates, len(study.blocks), ())
        record = StudyRecord(study.name, study.seed, study_yaml(study), {}, design)
        write_text(folder / "config.yaml", record.config)
        write_provenance(folder / "provenance.json", record)

    return run


def refused(address: str, *configs: str) -> str:
    with pytest.raises(AddressError) as error:
        find(address, configs)
    return str(error.value)


def test_the_config_as_run_is_taken(run: Run) -> None:
    run(TEXT)
    found = find("heights/school.none/731", [])
    assert (found.scenario, found.replicate, found.warnings) == ("school.none", 731, ())
    assert found.source == "results/heights/config.yaml"


def test_a_study_that_was_never_run_is_taken_from_its_file(run: Run) -> None:
    assert isinstance(find("heights/galton.rounding-5cm/0", []), Address)


def test_a_changed_config_is_told_with_both_digests(run: Run) -> None:
    run(TEXT.replace("replicates: 1000", "replicates: 500"))
    found = find("heights/school.none/1", [])
    assert found.study.replicates == 500
    (warning,) = found.warnings
    before, now = warning.split("since the run: ")[1].split(" in ")[0], warning.split("now ")[1]
    assert before != now.split(";")[0]
    assert all(letter in "0123456789abcdef" for letter in before)


def test_an_edited_config_as_run_is_refused_with_both_digests(run: Run) -> None:
    run(TEXT)
    path = Path("results/heights/config.yaml")
    path.write_text(path.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    told = refused("heights/school.none/1")
    assert "is not the config that was run: its digest is " in told
    assert "that of the run " in told


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null"])
def test_a_damaged_record_of_the_run_is_a_sentence(run: Run, text: str) -> None:
    run(TEXT)
    Path("results/heights/provenance.json").write_text(text, encoding="utf-8")
    assert "run the study again" in refused("heights/school.none/1")


def test_a_name_is_no_way_out_of_the_results(run: Run) -> None:
    Path("results").mkdir()
    Path("config.yaml").write_text(TEXT, encoding="utf-8")
    assert "is of study 'heights', not of '..'" in refused("../school.none/1")


def test_replicates_are_told_from_the_first_to_the_last(run: Run) -> None:
    run(TEXT)
    assert refused("heights/school.none/1000") == (
        "expected one of the replicates 0–999, got '1000'"
    )
    assert find("heights/school.none/999", []).replicate == 999


@pytest.mark.parametrize("number", ["-1", "1.5", "x", "①"])
def test_a_replicate_is_a_number(run: Run, number: str) -> None:
    assert f"got '{number}'" in refused(f"heights/school.none/{number}")


def test_a_wrong_scenario_gets_the_one_that_is_meant_and_all(run: Run) -> None:
    told = refused("heights/scool.none/1")
    assert "no scenario 'scool.none' in heights; did you mean 'school.none'?" in told
    assert "it has: school.none, school.tall-volunteers" in told


def test_all_that_is_wrong_is_told_at_once(run: Run) -> None:
    assert len(refused("heights/x/5000").splitlines()) == 2


@pytest.mark.parametrize("text", ["heights", "heights/school.none", "a/b/c/d", ""])
def test_an_address_has_three_parts(run: Run, text: str) -> None:
    assert "expected STUDY/SCENARIO/REPLICATE" in refused(text)


def test_a_study_that_is_not_there_is_told_with_those_that_are(run: Run) -> None:
    run(TEXT)
    assert "did you mean 'heights'?" in refused("height/school.none/1")


def test_named_files_must_be_of_the_study(run: Run) -> None:
    Path("mine.yaml").write_text("study: mine\n", encoding="utf-8")
    assert "expected study 'heights', got study 'mine'" in refused(
        "heights/school.none/1", "mine.yaml"
    )
    assert find("mine/school.none/1", ["mine.yaml"]).source == "mine.yaml"
