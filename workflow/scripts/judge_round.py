"""Gather what is known at the end of a round, by which the next one is decided on."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.measures.measure import Judged
from stature.store import parquet, records
from stature.writing import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(scenarios: list[Path], origin: str, to: Path) -> None:
    cells = records.gather(records.ROUNDS, scenarios, Judged)
    records.write(records.ROUNDS, to, cells, origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    paths, to = map(Path, snakemake.input.scenarios), Path(snakemake.output.round)
    main(list(paths), snakemake.params.origin, to)
