"""Draw the figures of the study."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.streams import decode
from stature.domain.quantity import FiguresSpec
from stature.plots.figures import write
from stature.store import fits, parquet, records
from stature.writing import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(tables: list[Path], traced: list[Path], spec: str, figures: list[Path]) -> None:
    frames = {**records.frames(tables), "traces": fits.read_traces(traced).to_pandas()}
    asked = decode(FiguresSpec, spec)
    write(frames, figures, asked.order, asked.say)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        tables=list(map(Path, snakemake.input.tables)),
        traced=list(map(Path, snakemake.input.traces)),
        spec=snakemake.params.spec,
        figures=list(map(Path, snakemake.output)),
    )
