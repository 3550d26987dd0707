"""Failures: how often a fit fails, or is suspect, in every scenario and at every size."""

import pandas as pd
from matplotlib.figure import Figure

from stature.plots import tiles
from stature.plots.rows import of_measure
from stature.plots.tiles import Tiles


def draw(table: pd.DataFrame) -> Figure:
    """Draw the share of fits that failed or are suspect over scenarios and sizes."""
    keys = ["scenario", "estimator", "size"]
    failed = of_measure(table, "converged").set_index(keys)["value"].astype(float)
    suspect = of_measure(table, "suspect").set_index(keys)["value"].astype(float)
    share = (1.0 - failed).add(suspect.reindex(failed.index).fillna(0.0)).clip(upper=1.0)
    what = Tiles(
        "Fits that failed, or are suspect",
        "Share of samples whose fit did not converge, or has a group of fewer than five people "
        "or an SD under a fifth of another's: a maximum that may be spurious.",
        is_share=True,
    )
    return tiles.draw(share.rename("value").reset_index(), what)
