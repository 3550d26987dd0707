"""Draw what two estimators make of the same samples."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.logs import log_to
from stature.plots.samples import scatter as draw
from stature.plots.style import save
from stature.store import parquet, records

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(pairs_path: Path, figure_paths: list[Path]) -> None:
    """Draw the figure from the pairs and write it in every format."""
    save(draw(records.PAIRS.read(pairs_path).to_pandas()), figure_paths)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        pairs_path=Path(snakemake.input.pairs),
        figure_paths=list(map(Path, snakemake.output)),
    )
