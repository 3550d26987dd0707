"""The smoke study on a real Slurm: undisturbed, through faults, and after the death of its head."""

import subprocess
import time
from collections import Counter
from pathlib import Path

from tests.slurm.cluster import Cluster, Job, wait_for
from tests.slurm.study import ROOT, STUDY, Study, kill

SECONDS_TO_BEGIN = 300
# Slurm looks every half minute whose time is over.
SECONDS_TO_NOTICE = 150
MEASURES = "results/smoke/measures/school.none.parquet"
# The study fits with six estimators.
ESTIMATORS = 6


def ended(jobs: list[Job], state: str) -> list[Job]:
    return [job for job in jobs if job.state == state]


def fits(jobs: list[Job]) -> list[Job]:
    return [job for job in jobs if job.comment.startswith("rule_fit_samples_")]


def summary(jobs: list[Job]) -> str:
    states = Counter(job.state for job in jobs)
    counted = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    nodes = Counter(job.node for job in jobs)
    return f"{len(jobs)} jobs ({counted}) on {len(nodes)} nodes"


def test_a_study_on_a_cluster_writes_the_bytes_of_a_local_one(
    cluster: Cluster, study: Study, local: dict[str, bytes], counts: list[str]
) -> None:
    begun = time.monotonic()
    study.end(study.begin(cluster))
    jobs = cluster.jobs(study.folder)
    assert len(ended(jobs, "COMPLETED")) == len(jobs)
    # Two populations; what is short runs beside Snakemake.
    assert Counter(job.comment.split("_wildcards")[0] for job in jobs) == {
        "rule_draw_samples": 2,
        "rule_fit_samples": 2 * ESTIMATORS,
    }
    written = study.files()
    assert list(written) == list(local)
    assert [path for path in local if written[path] != local[path]] == []
    counts.append(
        f"undisturbed: {summary(jobs)}; {len(written)} of {len(local)} files equal those of a "
        f"local run; {time.monotonic() - begun:.0f} s"
    )


def test_what_happens_to_jobs_is_made_good(
    cluster: Cluster, study: Study, local: dict[str, bytes], counts: list[str]
) -> None:
    begun = time.monotonic()
    cluster.lay_faults("n1/memory", "n1/limit", "n2/cancel", "n3/down")
    head = study.begin(cluster, MEASURES)
    try:
        wait_for("faults", lambda: len(cluster.taken()) == 4, SECONDS_TO_BEGIN)
        number = cluster.taken()
        partial = {job.number: output_of(study, job) for job in fits(cluster.jobs(study.folder))}
        for fault in ("limit", "cancel", "down"):
            # What a job has written before its end must not be taken for its output.
            partial[number[fault]].parent.mkdir(parents=True, exist_ok=True)
            partial[number[fault]].write_bytes(b"half a table")
        cluster.run("scancel", number["cancel"])
        cluster.run("scontrol", "update", "nodename=n3", "state=down", "reason=test")
        cluster.run("scontrol", "update", f"jobid={number['limit']}", "timelimit=1")
        study.end(head)
    finally:
        kill(head)
        cluster.run("scontrol", "update", "nodename=n3", "state=resume")
    jobs = cluster.jobs(study.folder)
    states = {job.number: job.state for job in jobs}
    assert {fault: states[number[fault]] for fault in number} == {
        "limit": "TIMEOUT",
        "memory": "FAILED",
        "cancel": "CANCELLED",
        "down": "NODE_FAIL",
    }
    lost = [job for job in fits(jobs) if job.state != "COMPLETED"]
    again = {job.comment: job for job in fits(jobs) if job.state == "COMPLETED"}
    assert len(again) == ESTIMATORS
    for job in lost:
        # Each attempt asks for more than the one before.
        assert again[job.comment].minutes > job.minutes
        assert again[job.comment].memory_mb > job.memory_mb
    assert "exceeded memory limit" in "".join(
        path.read_text(errors="replace")
        for path in (study.folder / ".snakemake/slurm_logs").rglob(f"{number['memory']}.log")
    )
    written = study.files()
    assert [path for path in written if written[path] != local[path]] == []
    counts.append(
        f"faults: {summary(jobs)}; time limit, memory, node down and cancelled: {len(lost)} jobs "
        f"lost, {len(lost)} sent again with more time and memory; {len(written)} files equal; "
        f"{time.monotonic() - begun:.0f} s"
    )


def output_of(study: Study, job: Job) -> Path:
    """The table that a fit writes."""
    scenario, _, rest = job.comment.partition("_wildcards_")[2].partition("_")
    estimator, _, block = rest.rpartition("_")
    return study.results / "fits" / scenario / estimator / f"{block}.parquet"


def test_a_head_that_was_killed_is_started_again(
    cluster: Cluster, study: Study, local: dict[str, bytes], counts: list[str]
) -> None:
    begun = time.monotonic()
    cluster.lay_faults("n1/orphan-1", "n2/orphan-2")
    head = study.begin(cluster, MEASURES)
    try:
        wait_for("orphans", lambda: len(cluster.taken()) == 2, SECONDS_TO_BEGIN)
        done = len(ended(cluster.jobs(study.folder), "COMPLETED"))
    finally:
        kill(head)
    orphans = set(cluster.taken().values())
    jobs = cluster.jobs(study.folder)
    assert orphans <= {job.number for job in ended(jobs, "RUNNING")}
    recovered = subprocess.run(
        ["bash", ROOT / "profiles/slurm/recover.sh", *STUDY],
        cwd=study.folder,
        env=cluster.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_TO_NOTICE,
    )
    assert recovered.returncode == 0, recovered.stdout + recovered.stderr
    jobs = cluster.jobs(study.folder)
    assert not ended(jobs, "RUNNING") + ended(jobs, "PENDING") + ended(jobs, "COMPLETING")
    cancelled = {job.number for job in ended(jobs, "CANCELLED")}
    assert orphans <= cancelled
    study.end(study.begin(cluster, MEASURES))
    written = study.files()
    assert [path for path in written if written[path] != local[path]] == []
    jobs = cluster.jobs(study.folder)
    # What was drawn was not drawn again.
    assert len([job for job in jobs if job.comment.startswith("rule_draw_samples_")]) == 1
    counts.append(
        f"killed head: {summary(jobs)}; {done} done before, {len(cancelled)} orphans cancelled; "
        f"{len(written)} files equal; {time.monotonic() - begun:.0f} s"
    )
