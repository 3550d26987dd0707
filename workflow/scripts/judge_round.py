"""Gather what is known at the end of a round, by which the next one is decided on."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.logs import log_to
from stature.measures.precision import Judged
from stature.store import parquet, records

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(scenario_paths: list[Path], origin: str, round_path: Path) -> None:
    """Write the cells of all scenarios as one table."""
    cells = records.gather(records.ROUNDS, scenario_paths, Judged)
    records.write(records.ROUNDS, round_path, cells, origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        scenario_paths=list(map(Path, snakemake.input.scenarios)),
        origin=snakemake.params.origin,
        round_path=Path(snakemake.output.round),
    )
