"""Gather the measures against the numbers that the study varies."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.canonical import decode
from stature.logs import log_to
from stature.measures.measure import Measure
from stature.measures.settings import SettingsSpec, against
from stature.store import parquet, records

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(measures_path: Path, spec: str, origin: str, settings_path: Path) -> None:
    """Set the measures against the numbers of `spec` and write them."""
    measures = records.read(records.MEASURES, measures_path, Measure)
    records.write_settings(settings_path, against(decode(SettingsSpec, spec), measures), origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        measures_path=Path(snakemake.input.measures),
        spec=snakemake.params.spec,
        origin=snakemake.params.origin,
        settings_path=Path(snakemake.output.settings),
    )
