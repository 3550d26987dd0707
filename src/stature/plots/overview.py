"""Overview: the error of the means in every scenario, at every size, as a map an estimator."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from stature.plots import tiles
from stature.plots.rows import of_measure, where
from stature.plots.tiles import Tiles


def draw(table: pd.DataFrame) -> Figure:
    """Draw the error of the groups' means over scenarios and sizes."""
    rows = where(of_measure(table, "rmse"), parameter="mean_cm")
    rows = rows.assign(value=rows["value"].astype(float) ** 2)
    keys = ["scenario", "estimator", "size"]
    squares = rows.groupby(keys, sort=False, observed=True)["value"].mean().reset_index()
    squares["value"] = np.sqrt(squares["value"])
    what = Tiles(
        "Error of the means, in cm",
        "Root mean squared error of the estimated means, over the groups, in each scenario.",
        is_share=False,
    )
    return tiles.draw(squares, what)
