"""Gather the measures of all scenarios."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature import writing
from stature.logs import log_to
from stature.store import measures, store

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(paths: list[Path], origin: str, table_path: Path, sheet_path: Path) -> None:
    """Gather measures and write them as a table and as a sheet."""
    gathered = measures.gather(paths)
    measures.write(table_path, gathered, origin)
    writing.write_text(sheet_path, measures.to_csv(gathered))


if __name__ == "__main__":
    log_to(snakemake.log[0])
    store.demand(snakemake.params.made_from)
    main(
        paths=list(map(Path, snakemake.input.measures)),
        origin=snakemake.params.origin,
        table_path=Path(snakemake.output.table),
        sheet_path=Path(snakemake.output.sheet),
    )
