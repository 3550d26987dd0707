"""Write the report."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.config.study import Study
from stature.design.canonical import decode
from stature.logs import log_to
from stature.report import page
from stature.store import parquet

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    spec: str,
    measures: Path,
    checks: Path,
    provenance: Path,
    figures: list[Path],
    rounds: list[Path],
    path: Path,
) -> None:
    """Write the page of the study in `spec` from its tables, and its figures."""
    page.write(path, decode(Study, spec), measures, checks, provenance, figures, rounds)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        spec=snakemake.params.spec,
        measures=Path(snakemake.input.measures),
        checks=Path(snakemake.input.checks),
        provenance=Path(snakemake.input.provenance),
        figures=list(map(Path, snakemake.input.figures)),
        rounds=list(map(Path, snakemake.input.rounds)),
        path=Path(snakemake.output.page),
    )
