import numpy as np
import pyarrow as pa
import pytest

from stature.store.names import coded, codes


def test_names_come_back_as_their_codes_whatever_order_they_are_stored_in():
    column = pa.chunked_array([coded(np.array([1, 0, 1, 2]), ("a", "b", "c"))])
    assert codes(column, ("a", "b", "c")).tolist() == [1, 0, 1, 2]
    assert codes(column, ("c", "b", "a")).tolist() == [1, 2, 1, 0]


def test_an_unknown_name_is_refused():
    column = pa.chunked_array([coded(np.array([0]), ("lost",))])
    with pytest.raises(ValueError, match="expected one of converged, got 'lost'"):
        codes(column, ("converged",))
