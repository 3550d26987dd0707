import pandas as pd

from stature.plots import passes


def test_the_high_quantile_is_dotted_above_the_median(full_measures: pd.DataFrame):
    lines = passes.draw(full_measures).axes[0].lines
    dotted = [line for line in lines if line.get_linestyle() == ":" and line.get_color() == "black"]
    assert len(dotted) == full_measures["estimator"].nunique()
