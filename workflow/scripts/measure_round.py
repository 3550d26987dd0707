"""Measure how precisely a scenario is known at the end of a round."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.canonical import decode
from stature.logs import log_to
from stature.measures.precision import RoundSpec, judge
from stature.measures.summarise import measure
from stature.store import bounds, fits, rounds, store

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    fits_paths: list[Path], bounds_path: Path, spec: str, origin: str, round_path: Path
) -> None:
    """Judge each cell of the scenario in `spec` by its Monte-Carlo standard error."""
    asked = decode(RoundSpec, spec)
    found = fits.read_estimators(fits_paths)
    cells = judge(asked, measure(asked.measured, found, bounds.read(bounds_path)))
    rounds.write(round_path, cells, origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    store.demand(snakemake.params.made_from)
    main(
        fits_paths=list(map(Path, snakemake.input.fits)),
        bounds_path=Path(snakemake.input.bounds),
        spec=snakemake.params.spec,
        origin=snakemake.params.origin,
        round_path=Path(snakemake.output.round),
    )
