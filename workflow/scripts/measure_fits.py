"""Measure how well the estimators did on a scenario."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.canonical import decode
from stature.logs import log_to
from stature.measures.measure import MeasureSpec, measure
from stature.measures.replicates import rank_intervals
from stature.store import fits, parquet, records
from stature.theory.bounds import Bounds

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    fits_paths: list[Path], bounds_path: Path, spec: str, origin: str, measured: Path, ranked: Path
) -> None:
    """Measure the fits against the truth of `spec`; write the measures, and single intervals."""
    found, asked = fits.read_estimators(fits_paths), decode(MeasureSpec, spec)
    bounds = records.read_columns(records.BOUNDS, bounds_path, Bounds)
    records.write(records.MEASURES, measured, measure(asked, found, bounds), origin)
    records.write_intervals(ranked, rank_intervals(asked, found), origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        fits_paths=list(map(Path, snakemake.input.fits)),
        bounds_path=Path(snakemake.input.bounds),
        spec=snakemake.params.spec,
        origin=snakemake.params.origin,
        measured=Path(snakemake.output.measures),
        ranked=Path(snakemake.output.intervals),
    )
