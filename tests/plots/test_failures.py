import pandas as pd

from stature.plots import failures


def test_failed_and_suspect_fits_add_up():
    row = {"scenario": "a.none", "estimator": "em", "size": 20, "policy": "available"}
    table = pd.DataFrame(
        [
            row | {"measure": "converged", "value": 0.7},
            row | {"measure": "suspect", "value": 0.2},
            row | {"measure": "converged", "value": 0.9, "size": 50},
        ]
    )
    (axes,) = failures.draw(table).axes
    assert [text.get_text() for text in axes.texts] == ["0.50", "0.10"]
