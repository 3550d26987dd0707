"""Draw how EM climbs, step by step."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.logs import log_to
from stature.plots.paths import traces as draw
from stature.plots.style import save
from stature.store import parquet, traces

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(traces_paths: list[Path], figure_paths: list[Path]) -> None:
    """Draw the figure from all traces and write it in every format."""
    save(draw(traces.read_all(traces_paths).to_pandas()), figure_paths)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        traces_paths=list(map(Path, snakemake.input.traces)),
        figure_paths=list(map(Path, snakemake.output)),
    )
