"""Measure how precisely a scenario is known at the end of a round."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.canonical import decode
from stature.logs import log_to
from stature.measures.measure import measure
from stature.measures.precision import RoundSpec, judge
from stature.store import fits, parquet, records
from stature.theory.bounds import Bounds

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    fits_paths: list[Path], bounds_path: Path, spec: str, origin: str, round_path: Path
) -> None:
    """Judge each cell of the scenario in `spec` by its Monte-Carlo standard error."""
    asked = decode(RoundSpec, spec)
    bounds = records.read_columns(records.BOUNDS, bounds_path, Bounds)
    measures = measure(asked.measured, fits.read_estimators(fits_paths), bounds)
    records.write(records.ROUNDS, round_path, judge(asked, measures), origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        fits_paths=list(map(Path, snakemake.input.fits)),
        bounds_path=Path(snakemake.input.bounds),
        spec=snakemake.params.spec,
        origin=snakemake.params.origin,
        round_path=Path(snakemake.output.round),
    )
