import numpy as np
import pandas as pd

from stature.plots import overview


def test_errors_are_root_mean_squares_over_the_groups(full_measures: pd.DataFrame):
    figure = overview.draw(full_measures)
    panel = next(axes for axes in figure.axes if axes.get_title(loc="left") == "mle")
    means = full_measures[
        (full_measures["measure"] == "rmse")
        & (full_measures["parameter"] == "mean_cm")
        & (full_measures["estimator"] == "mle")
        & (full_measures["scenario"] == "school.none")
        & (full_measures["size"] == 200)
    ]["value"]
    scenarios = [label.get_text() for label in panel.get_yticklabels()]
    sizes = [label.get_text() for label in panel.get_xticklabels()]
    shown = np.ma.asarray(panel.images[0].get_array())[
        scenarios.index("school.none"), sizes.index("200")
    ]
    assert np.isclose(shown, np.sqrt((means**2).mean()))
