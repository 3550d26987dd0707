"""`stature plan` beside what Snakemake plans and does."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from stature import provenance
from stature.cli.plan import OTHER, plan

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from stature.cli.plan import Plan
    from tests.workflow.conftest import Edit, Project


def files(folder: Path) -> dict[str, int]:
    """Everything below a folder, files with their times; Snakemake's own come and go in between."""
    return {
        str(path): path.stat().st_mtime_ns if path.is_file() else 0 for path in folder.rglob("*")
    }


def agreed(project: Project, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """The plan, which is that of Snakemake and has written nothing."""
    before = files(project.folder)
    with monkeypatch.context() as inside:
        inside.chdir(project.folder)
        made = plan([])
    assert files(project.folder) == before
    assert {job.name for job in made.jobs if job.runs} == project.plan()
    return made


def told(made: Plan) -> dict[str, dict[str, int]]:
    return {str(cause): dict(counts) for cause, counts in made.by_cause.items()}


def test_a_fresh_study_is_all_new(fresh: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    made = agreed(fresh, monkeypatch)
    assert {state for counts in made.by_rule.values() for state in counts} == {"new"}
    assert list(told(made)) == ["there are no results yet"]


def test_a_figure_that_the_study_cannot_fill_is_not_made(
    fresh: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh.edit(lambda study: study["biases"].extend([tall_by(0.05), tall_by(0.1)]))
    jobs = agreed(fresh, monkeypatch).jobs
    (drawn,) = (job.outputs for job in jobs if job.rule == "plot_figures")
    assert "results/tiny/figures/strength.pdf" in drawn
    # Labels are of all people or of none.
    assert [path for path in drawn if "labels" in path] == []


def tall_by(strength: float) -> dict[str, Any]:
    return {"name": f"tall-{100 * strength:g}", "kind": "selection", "log_odds_per_cm": strength}


@pytest.mark.slow
def test_a_finished_study_is_all_reused(finished: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    made = agreed(finished, monkeypatch)
    assert {state for counts in made.by_rule.values() for state in counts} == {"reused"}
    assert (told(made), made.orphans) == ({}, ())
    # Every job but `all` writes something, and what they wrote is what is there.
    assert made.forecast.bytes_more == 0.0


def more(study: dict[str, Any]) -> None:
    study["replicates"] = 6


def tall(study: dict[str, Any]) -> None:
    study["biases"].append({"name": "tall", "kind": "selection", "log_odds_per_cm": 0.1})


def other_starts(study: dict[str, Any]) -> None:
    study["estimators"][1]["starts"] = 3


def other_mean(study: dict[str, Any]) -> None:
    study["populations"][0]["groups"][0]["mean_cm"] = 162.0


def known(study: dict[str, Any]) -> None:
    new = {"name": "known", "labels": "none", "method": "em", "shares": "known"}
    study["estimators"].append(new)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "cause", "stages"),
    [
        (more, "replicates: 4 -> 6 (config/config.yaml:3)", (2, 4)),
        (tall, "biases[tall]: new (config/config.yaml:", (4, 8)),
        (other_starts, "estimators[em].starts: 2 -> 3 (config/config.yaml:", (0, 4)),
        (
            other_mean,
            "populations[school].groups[girls].mean_cm: 163.0 -> 162.0 (config/config.yaml:",
            (2, 4),
        ),
        (known, "estimators[known]: new (config/config.yaml:", (0, 4)),
    ],
)
def test_each_change_is_told_with_its_line_and_its_jobs(
    finished: Project,
    monkeypatch: pytest.MonkeyPatch,
    edit: Edit,
    cause: str,
    stages: tuple[int, int],
) -> None:
    finished.edit(edit)
    found = told(agreed(finished, monkeypatch))
    ((sentence, counts),) = found.items()
    assert sentence.startswith(cause)
    assert (counts.get("draw_samples", 0), counts["fit_samples"]) == stages


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        (("replicates=6",), {"replicates: 4 -> 6 (--config)"}),
        (
            ("seed=8", "sizes=[30,45]"),
            {"seed: 7 -> 8 (--config)", "sizes: [30, 60] -> [30, 45] (--config)"},
        ),
    ],
)
def test_values_that_are_typed_are_planned_as_snakemake_plans_them(
    finished: Project, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...], sentences: set[str]
) -> None:
    with monkeypatch.context() as inside:
        inside.chdir(finished.folder)
        made = plan([], typed)
    said = finished.command("--dry-run", "--quiet", "rules", "--config", *typed)
    of_snakemake = dict(re.findall(r"^(\w+) +(\d+)$", said.stdout + said.stderr, re.MULTILINE))
    running = Counter(job.rule for job in made.jobs if job.runs)
    total = {"total": running.total()}
    assert {**running, **total} == {rule: int(count) for rule, count in of_snakemake.items()}
    assert told(made).keys() == sentences


@pytest.mark.slow
def test_what_is_taken_out_leaves_orphans(
    finished: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished.edit(lambda study: study["estimators"].pop(0))
    made = agreed(finished, monkeypatch)
    (sentence,) = told(made)
    assert sentence.startswith("estimators[mle]: taken out")
    # Fits, traces and logs of 2 scenarios and 2 blocks; and the figures that take two estimators,
    # in 3 formats.
    found = {orphan.item: orphan.files for orphan in made.orphans}
    assert found == {"estimators[mle]": 12, OTHER: 2 * 3}


@pytest.mark.slow
def test_edited_code_is_told_by_its_digest(
    finished: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_sources = provenance.code_digests

    def changed(scripts: Iterable[Path], lock: Path, kept: Path) -> dict[str, str]:
        return of_sources(scripts, lock, kept) | {"fit_samples": "0" * 16}

    monkeypatch.setattr(provenance, "code_digests", changed)
    ((sentence, counts),) = told(agreed(finished, monkeypatch)).items()
    assert sentence.startswith("code of fit_samples: ")
    assert sentence.endswith(" -> 00000000")
    assert counts["fit_samples"] == 8


@pytest.mark.slow
def test_other_data_are_told_at_their_file(
    finished: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = finished.folder / "data/class.csv"
    path.write_text(path.read_text(encoding="utf-8") + "165.0,girl\n", encoding="utf-8")
    ((sentence, counts),) = told(agreed(finished, monkeypatch)).items()
    assert sentence.startswith("populations[class].file: the data have changed (config/")
    assert (counts["draw_samples"], counts["fit_samples"]) == (2, 4)


@pytest.mark.slow
def test_a_half_finished_study_goes_on_where_it_was(
    finished: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("fits/school.none/em/000002-000003.parquet", "measures/school.none.parquet"):
        (finished.results / path).unlink()
    for path in ("measures.parquet", "measures.csv", "report.html", "checks.txt"):
        (finished.results / path).unlink()
    made = agreed(finished, monkeypatch)
    assert list(told(made)) == ["results are not there"]
    assert made.by_rule["fit_samples"] == {"reused": 7, "new": 1}
    assert made.by_rule["draw_samples"] == {"reused": 4}
