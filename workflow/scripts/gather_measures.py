"""Gather the measures of all scenarios."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature import writing
from stature.logs import log_to
from stature.measures.measure import Measure
from stature.store import parquet, records

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(paths: list[Path], origin: str, table_path: Path, sheet_path: Path) -> None:
    """Gather measures and write them as a table and as a sheet."""
    gathered = records.gather(records.MEASURES, paths, Measure)
    records.write(records.MEASURES, table_path, gathered, origin)
    writing.write_text(sheet_path, records.to_csv(records.MEASURES, gathered))


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        paths=list(map(Path, snakemake.input.measures)),
        origin=snakemake.params.origin,
        table_path=Path(snakemake.output.table),
        sheet_path=Path(snakemake.output.sheet),
    )
