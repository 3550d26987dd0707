"""Write the report."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.config.record import Study
from stature.design.canonical import decode
from stature.logs import log_to
from stature.report import page

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    spec: str,
    measures_path: Path,
    checks_path: Path,
    provenance_path: Path,
    figure: Path,
    rounds: list[Path],
    path: Path,
) -> None:
    """Write the page of the study in `spec` from its tables, and the figures beside `figure`."""
    study = decode(Study, spec)
    page.write(path, study, measures_path, checks_path, provenance_path, figure.parent, rounds)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        spec=snakemake.params.spec,
        measures_path=Path(snakemake.input.measures),
        checks_path=Path(snakemake.input.checks),
        provenance_path=Path(snakemake.input.provenance),
        figure=Path(snakemake.input.figures[0]),
        rounds=list(map(Path, snakemake.input.rounds)),
        path=Path(snakemake.output.page),
    )
