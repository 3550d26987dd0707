"""Fail if the results are not what they must be, once there is a page that shows it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from stature.measures.checks.check import Check, demand, verdict
from stature.store import parquet, records
from stature.writing import log_to, write_text

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(checks_path: Path, spec: str, verdict_path: Path) -> None:
    checks = records.read(records.CHECKS, checks_path, Check)
    demand(checks, json.loads(spec)["checks"])
    write_text(verdict_path, "\n".join([*verdict(checks), ""]))


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    checks, to = Path(snakemake.input.checks), Path(snakemake.output.verdict)
    main(checks, snakemake.params.spec, to)
