"""Check the results, and write the report."""

from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from stature.config.specs import checks_of
from stature.config.study import Study
from stature.design.streams import decode
from stature.measures.checks.results import check_results
from stature.measures.measure import Measure
from stature.report import page
from stature.store import parquet, records
from stature.writing import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

SHOWN = attrgetter("provenance", "figures", "rounds", "played", "lesson")


def main(measures: Path, spec: str, origin: str, checks: Path, files: page.Files, to: Path) -> None:
    study, found = decode(Study, spec), records.read(records.MEASURES, measures, Measure)
    checked = check_results(checks_of(study), found)
    records.write(records.CHECKS, checks, checked, origin)
    page.write(to, study, found, checked, files)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        measures=Path(snakemake.input.measures),
        spec=snakemake.params.spec,
        origin=snakemake.params.origin,
        checks=Path(snakemake.output.checks),
        files=page.Files(*SHOWN(snakemake.input)),
        to=Path(snakemake.output.page),
    )
