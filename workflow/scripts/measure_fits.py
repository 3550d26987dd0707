"""Measure how well the estimators did on a scenario."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.streams import decode
from stature.measures.measure import MeasureSpec, measure
from stature.measures.replicates import rank_intervals
from stature.store import fits, parquet, records
from stature.theory.bounds import Bounds
from stature.writing import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(fitted: list[Path], bounds: Path, spec: str, origin: str, to: list[Path]) -> None:
    measures, intervals = to
    found, asked = fits.read_estimators(fitted), decode(MeasureSpec, spec)
    theory = records.read_columns(records.BOUNDS, bounds, Bounds)
    records.write(records.MEASURES, measures, measure(asked, found, theory), origin)
    records.write_intervals(intervals, rank_intervals(asked, found), origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        fitted=list(map(Path, snakemake.input.fits)),
        bounds=Path(snakemake.input.bounds),
        spec=snakemake.params.spec,
        origin=snakemake.params.origin,
        to=list(map(Path, snakemake.output)),
    )
