"""Draw the samples of a block."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.datafile.people import read_pool
from stature.design.samples import DrawSpec, draw
from stature.design.streams import decode
from stature.store import samples
from stature.writing import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(data_paths: list[str], spec: str, origin: str, samples_path: Path) -> None:
    asked = decode(DrawSpec, spec).opened(data_paths)
    samples.write(samples_path, draw(asked, read_pool(asked.population, data_paths)), origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        data_paths=snakemake.input.data,
        spec=snakemake.params.spec,
        origin=snakemake.params.origin,
        samples_path=Path(snakemake.output.samples),
    )
