"""The command, as people use it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from stature.measures.checks.check import Check
from stature.measures.measure import Measure
from stature.store import parquet, records
from stature.writing import TIME

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
CONFIGS = sorted((ROOT / "config").glob("*.yaml"))
# What `--lint` says, and why it stands.
ALLOWED_LINTS = {
    # One locked environment serves all rules.
    "Specify a conda environment or container for each rule.:",
    # A search for words, which finds "rule" in a sentence near a function.
    "Mixed rules and functions in same snakefile.:",
}


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_every_ready_study_can_be_planned(fresh: Project, config: Path) -> None:
    # As in the repository, where each file says what differs from the default one.
    (fresh.folder / "config/config.yaml").write_bytes((ROOT / "config/config.yaml").read_bytes())
    jobs = fresh.plan(configs=(config,))
    assert {job.split()[0] for job in jobs} >= {"fit_samples", "check_results", "write_report"}


@pytest.mark.slow
def test_smoke_study_runs_and_has_a_report_that_needs_no_network(fresh: Project) -> None:
    (fresh.folder / "config/config.yaml").write_bytes((ROOT / "config/config.yaml").read_bytes())
    # One of its biases, so that the test takes half a minute.
    one_bias = fresh.folder / "one.yaml"
    one_bias.write_text("biases: [{name: none, kind: none}]\n", encoding="utf-8")
    smoke = ("--configfile", str(ROOT / "config/smoke.yaml"), str(one_bias), "--")
    fresh.run(*smoke)
    results = fresh.folder / "results/smoke"
    assert (results / "report.html").stat().st_size > 0
    assert len(list(results.glob("figures/*.svg"))) == len(list(results.glob("figures/*.pdf"))) > 0
    assert "Nothing to be done" in fresh.run(*smoke)
    fresh.run(*smoke[:-1], "--report", "out.html")
    page = (fresh.folder / "out.html").read_text(encoding="utf-8")
    assert "Root mean squared error" in page
    said = [path.read_text(encoding="utf-8") for path in results.glob("logs/**/*.log")]
    # The time that each job took, and nothing else.
    assert [text for text in said if text.count("\n") > 1 or not text.startswith(TIME)] == []


def test_a_bare_command_finds_its_profile_and_its_study() -> None:
    done = run(BIN / "snakemake", "--dry-run", "--quiet", "rules")
    assert done.returncode == 0, done.stderr
    assert "profiles/default" in done.stderr


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("sizs: [10]", "unknown key 'sizs'; did you mean 'sizes'?"),
        ("sizes: [1e3]", "YAML reads 1e3 as text; write 1000"),
        ("seed: 010", "YAML reads 010 as 8"),
        ("replicates: 0", "replicates: expected a whole number"),
    ],
)
def test_a_mistake_is_a_sentence_and_no_traceback(
    fresh: Project, written: str, sentence: str
) -> None:
    (fresh.folder / "mine.yaml").write_text(written + "\n", encoding="utf-8")
    done = fresh.command("--configfile", "mine.yaml")
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert sentence in said
    assert "mine.yaml" in said
    assert "Traceback" not in said
    assert "results" not in {path.name for path in fresh.folder.iterdir()}


def test_all_mistakes_are_told_at_once(fresh: Project) -> None:
    text = "study: no\nseed: -1\nsizes: []\n"
    (fresh.folder / "mine.yaml").write_text(text, encoding="utf-8")
    done = fresh.command("--dry-run", "--configfile", "mine.yaml")
    said = done.stdout + done.stderr
    assert said.count("mine.yaml: ") >= 3


def test_a_default_file_that_breaks_off_is_told_in_the_words_of_plan(fresh: Project) -> None:
    config = fresh.folder / "config/config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + "sizes: [20\n", encoding="utf-8")
    done = fresh.command("--dry-run")
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "config/config.yaml: not valid YAML at line" in said
    assert "Traceback" not in said


def test_a_run_begins_with_the_warnings_of_its_study(fresh: Project) -> None:
    (fresh.folder / "mine.yaml").write_text("block: 1\n", encoding="utf-8")
    done = fresh.command("--dry-run", "--configfile", "mine.yaml")
    assert "warning: config/config.yaml: study: the name of the default study, with other" in (
        done.stdout + done.stderr
    )


def test_folders_may_have_spaces_and_any_letters(fresh: Project) -> None:
    folder = fresh.folder / "身高 study"
    folder.mkdir()
    for name in ("config", "data"):
        (fresh.folder / name).rename(folder / name)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    target = "results/tiny/samples/class.none/000000-000001.parquet"
    snakemake = (folder / ".venv/bin/python", "-m", "snakemake", "-s", ROOT / "Snakefile")
    done = run(*snakemake, "--cores", "1", target, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (folder / target).exists()


@pytest.mark.slow
def test_a_failed_job_shows_its_traceback_from_its_log(finished: Project) -> None:
    (finished.results / "measures.parquet").write_bytes(b"no table")
    (finished.results / "figures/errors.svg").unlink()
    done = finished.command("results/tiny/figures/errors.svg")
    log = (finished.results / "logs/plot_figures.log").read_text(encoding="utf-8")
    assert done.returncode == 1
    assert "Traceback" in log
    assert log.strip().splitlines()[-1] in done.stderr


@pytest.mark.slow
def test_a_broken_invariant_fails_the_run_and_leaves_the_page_that_shows_it(
    finished: Project,
) -> None:
    path = finished.results / "measures.parquet"
    origin = parquet.origin_of(path)
    rows = records.read(records.MEASURES, path, Measure)
    lost = next(row for row in rows if row.measure == "rmse")
    records.write(records.MEASURES, path, [row for row in rows if row is not lost], origin)
    for _ in range(2):  # and fails again, though all else is there
        done = finished.command("results/tiny/checks.txt")
        assert done.returncode == 1
        assert "1 of the checks on the results failed" in done.stderr
        assert "Traceback" not in done.stderr
        page = (finished.results / "report.html").read_text(encoding="utf-8")
        assert "checks of what must hold in any study failed" in page
        checks = records.read(records.CHECKS, finished.results / "checks.parquet", Check)
        assert [check.check for check in checks if check.passed is False] == ["rows"]
        assert not (finished.results / "checks.txt").exists()


def test_lint_has_nothing_to_say_but_what_is_allowed() -> None:
    done = run(BIN / "snakemake", "--lint")
    said = {line.strip(" *") for line in done.stdout.splitlines() if line.startswith("    * ")}
    said |= {line.strip(" *") for line in done.stderr.splitlines() if line.startswith("    * ")}
    assert said <= ALLOWED_LINTS
    assert said


def test_rule_files_are_formatted() -> None:
    done = run(BIN / "snakefmt", "--check", "Snakefile", "workflow")
    assert done.returncode == 0, done.stderr


def test_the_cluster_profile_repeats_the_default_one() -> None:
    default, slurm = (
        yaml.safe_load((ROOT / f"profiles/{name}/profile.yaml").read_text(encoding="utf-8"))
        for name in ("default", "slurm")
    )
    assert default.items() <= slurm.items()
    # Times of scripts say nothing: what a job runs is in its parameter `code`.
    assert "code" not in default["rerun-triggers"]


MODULE = """
module stature:
    snakefile: "{root}/Snakefile"
    config: {config}
    prefix: "ours"

use rule * from stature as stature_*

rule all:
    input: rules.stature_all.input
    default_target: True
"""


def test_other_workflows_use_it_as_a_module(fresh: Project) -> None:
    config = yaml.safe_load((fresh.folder / "config/config.yaml").read_text(encoding="utf-8"))
    text = MODULE.format(root=ROOT, config=config)
    (fresh.folder / "Snakefile").write_text(text, encoding="utf-8")
    done = run(BIN / "snakemake", "--dry-run", cwd=fresh.folder)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "stature_fit_samples" in done.stdout + done.stderr
    assert "ours/results/tiny/samples/class.none" in done.stdout + done.stderr
