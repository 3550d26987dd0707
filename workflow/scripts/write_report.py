"""Write the report."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.config.study import Study
from stature.design.canonical import decode
from stature.report import page
from stature.store import parquet
from stature.writing import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    spec: str,
    tables: list[Path],
    provenance: Path,
    figures: list[Path],
    rounds: list[Path],
    to: Path,
) -> None:
    measures, checks = tables
    page.write(to, decode(Study, spec), measures, checks, provenance, figures, rounds)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        spec=snakemake.params.spec,
        tables=list(map(Path, snakemake.input.tables)),
        provenance=Path(snakemake.input.provenance),
        figures=list(map(Path, snakemake.input.figures)),
        rounds=list(map(Path, snakemake.input.rounds)),
        to=Path(snakemake.output.page),
    )
