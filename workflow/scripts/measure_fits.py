"""Measure how well the estimators did on a scenario."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.canonical import decode
from stature.logs import log_to
from stature.measures.measure import MeasureSpec
from stature.measures.ranked import rank_intervals
from stature.measures.summarise import measure
from stature.store import bounds, fits, intervals, measures, store

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    fits_paths: list[Path], bounds_path: Path, spec: str, origin: str, measured: Path, ranked: Path
) -> None:
    """Measure the fits against the truth of `spec`; write the measures, and single intervals."""
    found, told = fits.read_estimators(fits_paths), decode(MeasureSpec, spec)
    measures.write(measured, measure(told, found, bounds.read(bounds_path)), origin)
    intervals.write(ranked, rank_intervals(told, found), origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    store.demand(snakemake.params.made_from)
    main(
        fits_paths=list(map(Path, snakemake.input.fits)),
        bounds_path=Path(snakemake.input.bounds),
        spec=snakemake.params.spec,
        origin=snakemake.params.origin,
        measured=Path(snakemake.output.measures),
        ranked=Path(snakemake.output.intervals),
    )
