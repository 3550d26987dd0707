"""Measure how precisely a scenario is known at the end of a round."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.streams import decode
from stature.measures.measure import RoundSpec, judge, measure
from stature.store import fits, parquet, records
from stature.theory.bounds import Bounds
from stature.writing import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(fitted: list[Path], bounds: Path, spec: str, origin: str, to: Path) -> None:
    asked, theory = decode(RoundSpec, spec), records.read_columns(records.BOUNDS, bounds, Bounds)
    measures = measure(asked.measured, fits.read_estimators(fitted), theory)
    records.write(records.ROUNDS, to, judge(asked, measures), origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        fitted=list(map(Path, snakemake.input.fits)),
        bounds=Path(snakemake.input.bounds),
        spec=snakemake.params.spec,
        origin=snakemake.params.origin,
        to=Path(snakemake.output.round),
    )
