import pandas as pd

from stature.plots import hits


def test_fractions_are_shown_from_nought_to_one(full_measures: pd.DataFrame):
    for axes in hits.draw(full_measures).axes:
        low, high = axes.get_ylim()
        assert low < 0.0 < 1.0 < high
