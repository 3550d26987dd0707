"""Write the report."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.config.study import Study
from stature.design.streams import decode
from stature.report import page
from stature.store import parquet
from stature.writing import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(spec: str, files: page.Files, to: Path) -> None:
    page.write(to, decode(Study, spec), files)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    measures, checks = map(Path, snakemake.input.tables)
    main(
        spec=snakemake.params.spec,
        files=page.Files(
            measures,
            checks,
            Path(snakemake.input.provenance),
            list(map(Path, snakemake.input.figures)),
            list(map(Path, snakemake.input.rounds)),
        ),
        to=Path(snakemake.output.page),
    )
