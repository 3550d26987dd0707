"""Derive limits and bounds of a scenario."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from stature.datafile.people import read_pool
from stature.design.streams import decode
from stature.store import records
from stature.theory.bounds import BoundsSpec, derive
from stature.writing import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(data_paths: list[str], spec: str, origin: str, bounds_path: Path) -> None:
    asked = decode(BoundsSpec, spec)
    bounds = derive(asked, read_pool(asked.population, data_paths))
    records.write_columns(records.BOUNDS, bounds_path, asdict(bounds), origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        data_paths=snakemake.input.data,
        spec=snakemake.params.spec,
        origin=snakemake.params.origin,
        bounds_path=Path(snakemake.output.bounds),
    )
