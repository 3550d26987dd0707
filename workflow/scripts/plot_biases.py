"""Draw the biases and where they lead."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.logs import log_to
from stature.plots.measures import biases as draw
from stature.plots.style import save
from stature.store import parquet, records

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(measures_path: Path, figure_paths: list[Path]) -> None:
    """Draw the figure from the measures and write it in every format."""
    save(draw(records.MEASURES.read(measures_path).to_pandas()), figure_paths)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        measures_path=Path(snakemake.input.measures),
        figure_paths=list(map(Path, snakemake.output)),
    )
