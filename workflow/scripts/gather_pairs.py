"""Gather what estimators make of the same samples."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.canonical import decode
from stature.logs import log_to
from stature.measures.replicates import PairsSpec, pairs
from stature.store import fits, parquet, records

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(fits_paths: list[Path], spec: str, origin: str, pairs_path: Path) -> None:
    """Pair the estimates of `spec` and write them."""
    found = pairs(decode(PairsSpec, spec), fits.read_scenarios(fits_paths))
    records.write(records.PAIRS, pairs_path, found, origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        fits_paths=list(map(Path, snakemake.input.fits)),
        spec=snakemake.params.spec,
        origin=snakemake.params.origin,
        pairs_path=Path(snakemake.output.pairs),
    )
