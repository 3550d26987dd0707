"""The smoke study on a real Slurm: undisturbed, through faults, and after the death of its head."""

import subprocess
import time
from collections import Counter
from pathlib import Path

from tests.slurm.cluster import Cluster, Job, wait_for
from tests.slurm.study import ROOT, STUDY, Study, kill

SECONDS_TO_BEGIN = 300
SECONDS_TO_RECOVER = 150
SCENARIO = "school.none"
MEASURES = f"results/smoke/measures/{SCENARIO}.parquet"


def ended(jobs: list[Job], state: str) -> list[Job]:
    return [job for job in jobs if job.state == state]


def of_rule(jobs: list[Job], rule: str) -> list[Job]:
    return [job for job in jobs if job.comment.startswith(f"rule_{rule}_wildcards_")]


def table_of(study: Study, job: Job) -> Path:
    """The table that a fit writes."""
    scenario, _, rest = job.comment.partition("_wildcards_")[2].partition("_")
    estimator, _, block = rest.rpartition("_")
    return study.results / "fits" / scenario / estimator / f"{block}.parquet"


def within(files: dict[str, bytes], *folders: str) -> list[str]:
    return [path for path in files if path.startswith(tuple(f"{folder}/" for folder in folders))]


def different(study: Study, local: dict[str, bytes]) -> list[str]:
    """Files that a local run does not write, or with other bytes."""
    return [path for path, content in study.files().items() if local.get(path) != content]


def summary(jobs: list[Job], study: Study, begun: float) -> str:
    states = sorted(Counter(job.state for job in jobs).items())
    return (
        f"{len(jobs)} jobs on {len({job.node for job in jobs if job.node})} nodes "
        f"({', '.join(f'{count} {state}' for state, count in states)}), "
        f"{len(study.files())} files equal those of a local run, {time.monotonic() - begun:.0f} s"
    )


def test_a_study_on_a_cluster_writes_the_bytes_of_a_local_one(
    cluster: Cluster, study: Study, local: dict[str, bytes], counts: list[str]
) -> None:
    begun = time.monotonic()
    study.end(study.begin(cluster))
    jobs = cluster.jobs(study.folder)
    assert ended(jobs, "COMPLETED") == jobs
    # A job for each block drawn or fitted; bounds, measures and figures are made beside Snakemake.
    assert len(of_rule(jobs, "draw_samples")) == len(within(local, "samples"))
    assert len(of_rule(jobs, "fit_samples")) == len(within(local, "fits"))
    assert len(jobs) == len(within(local, "samples")) + len(within(local, "fits"))
    assert different(study, local) == []
    assert list(study.files()) == list(local)
    counts.append(f"undisturbed: {summary(jobs, study, begun)}")


def test_lost_jobs_are_sent_again_and_the_study_completes(
    cluster: Cluster, study: Study, local: dict[str, bytes], counts: list[str]
) -> None:
    begun = time.monotonic()
    cluster.lay_faults("n1/memory", "n1/limit", "n2/cancel", "n3/down")
    head = study.begin(cluster, MEASURES)
    try:
        wait_for("faults", lambda: len(cluster.taken()) == 4, SECONDS_TO_BEGIN)
        number = cluster.taken()
        table = {job.number: table_of(study, job) for job in cluster.jobs(study.folder)}
        for fault in ("limit", "cancel", "down"):
            # What a job has written before its end must not be taken for its output.
            table[number[fault]].parent.mkdir(parents=True, exist_ok=True)
            table[number[fault]].write_bytes(b"half a table")
        cluster.run("scancel", number["cancel"])
        cluster.run("scontrol", "update", "nodename=n3", "state=down", "reason=test")
        cluster.run("scontrol", "update", f"jobid={number['limit']}", "timelimit=1")
        study.end(head)
    finally:
        kill(head)
        cluster.run("scontrol", "update", "nodename=n3", "state=resume")
    jobs = cluster.jobs(study.folder)
    states = {job.number: job.state for job in jobs}
    assert {fault: states[job] for fault, job in number.items()} == {
        "limit": "TIMEOUT",
        "memory": "FAILED",
        "cancel": "CANCELLED",
        "down": "NODE_FAIL",
    }
    assert "exceeded memory limit" in study.log_of(number["memory"])
    completed = {job.comment: job for job in ended(jobs, "COMPLETED")}
    assert len(completed) == len(within(local, f"samples/{SCENARIO}", f"fits/{SCENARIO}"))
    lost = [job for job in jobs if job.state != "COMPLETED"]
    for job in lost:
        # Each attempt asks for more than the one before.
        assert completed[job.comment].minutes > job.minutes
        assert completed[job.comment].memory_mb > job.memory_mb
    assert different(study, local) == []
    counts.append(
        "faults (time limit, memory, node set down, cancelled): "
        f"{len(lost)} jobs lost and sent again; {summary(jobs, study, begun)}"
    )


def test_a_head_that_was_killed_is_started_again(
    cluster: Cluster, study: Study, local: dict[str, bytes], counts: list[str]
) -> None:
    begun = time.monotonic()
    cluster.lay_faults("n1/orphan-1", "n2/orphan-2")
    head = study.begin(cluster, MEASURES)
    try:
        wait_for("orphans", lambda: len(cluster.taken()) == 2, SECONDS_TO_BEGIN)
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
        timeout=SECONDS_TO_RECOVER,
    )
    assert recovered.returncode == 0, recovered.stdout + recovered.stderr
    jobs = cluster.jobs(study.folder)
    cancelled = {job.number for job in ended(jobs, "CANCELLED")}
    assert orphans <= cancelled
    assert {job.state for job in jobs} <= {"CANCELLED", "COMPLETED", "FAILED"}
    study.end(study.begin(cluster, MEASURES))
    jobs = cluster.jobs(study.folder)
    # What was done is not done again.
    assert len(of_rule(jobs, "draw_samples")) == 1
    assert {job.number for job in ended(jobs, "CANCELLED")} == cancelled
    assert different(study, local) == []
    counts.append(f"killed head: {len(cancelled)} orphans cancelled; {summary(jobs, study, begun)}")
