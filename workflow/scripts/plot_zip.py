"""Draw which intervals miss the truth."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.logs import log_to
from stature.plots.samples import intervals as draw
from stature.plots.style import save
from stature.store import parquet, records

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(intervals_paths: list[Path], figure_paths: list[Path]) -> None:
    """Draw the figure from all single intervals and write it in every format."""
    save(draw(records.read_all(records.INTERVALS, intervals_paths).to_pandas()), figure_paths)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        intervals_paths=list(map(Path, snakemake.input.intervals)),
        figure_paths=list(map(Path, snakemake.output)),
    )
