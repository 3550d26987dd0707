"""Check the results against theory and against themselves."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.streams import decode
from stature.measures.checks.check import ChecksSpec, demand
from stature.measures.checks.results import check_results
from stature.measures.measure import Measure
from stature.store import parquet, records
from stature.writing import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(measures_path: Path, spec: str, origin: str, checks_path: Path) -> None:
    measures = records.read(records.MEASURES, measures_path, Measure)
    found = check_results(decode(ChecksSpec, spec), measures)
    records.write(records.CHECKS, checks_path, found, origin)
    demand(found)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        measures_path=Path(snakemake.input.measures),
        spec=snakemake.params.spec,
        origin=snakemake.params.origin,
        checks_path=Path(snakemake.output.checks),
    )
