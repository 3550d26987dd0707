"""Fit an estimator to a block of samples."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.streams import decode
from stature.estimators.estimator import FitSpec
from stature.estimators.fit import fit_block
from stature.store import fits, parquet, samples
from stature.writing import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(samples_path: Path, spec: str, outside: list[str], origin: str, to: list[Path]) -> None:
    fits_path, traces_path = to
    asked = decode(FitSpec, spec).opened(outside)
    fitted, traced = fit_block(asked, samples.read(samples_path))
    fits.write(fits_path, fitted, origin)
    fits.write_traces(traces_path, traced, origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        samples_path=Path(snakemake.input.samples),
        spec=snakemake.params.spec,
        outside=snakemake.input.outside,
        origin=snakemake.params.origin,
        to=[Path(snakemake.output.fits), Path(snakemake.output.traces)],
    )
