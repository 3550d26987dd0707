"""Gather the measures of all scenarios, also against what varies, and pairs of estimates."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature import writing
from stature.design.streams import decode
from stature.measures.measure import Measure
from stature.measures.needed import needed
from stature.measures.replicates import pairs
from stature.measures.settings import GatherSpec, against
from stature.store import fits, parquet, records
from stature.writing import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(measures: list[Path], fitted: list[Path], spec: str, origin: str, to: list[Path]) -> None:
    table, sheet, settings, enough, paired = to
    asked, gathered = decode(GatherSpec, spec), records.gather(records.MEASURES, measures, Measure)
    factors = asked.factors
    records.write(records.MEASURES, table, gathered, origin, factors)
    writing.write_text(sheet, records.to_csv(records.MEASURES, gathered, factors))
    records.write_settings(settings, against(asked.axes, gathered), origin, factors)
    records.write(records.NEEDED, enough, needed(gathered), origin, factors)
    records.write(records.PAIRS, paired, pairs(asked.pairs, fits.read_scenarios(fitted)), origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        measures=list(map(Path, snakemake.input.measures)),
        fitted=list(map(Path, snakemake.input.fits)),
        spec=snakemake.params.spec,
        origin=snakemake.params.origin,
        to=list(map(Path, snakemake.output)),
    )
