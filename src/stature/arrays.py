"""Names for the types of arrays, by what their elements stand for."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]  # measurements, parameters, probabilities, sums
Ints = NDArray[np.int64]  # counts of observations, row numbers, bits
Int32s = NDArray[np.int32]  # replicate numbers, sizes, likelihood evaluations
Int16s = NDArray[np.int16]  # counts of starts
Int8s = NDArray[np.int8]  # groups by number, codes of a status
Bools = NDArray[np.bool_]  # which elements of another array
Positions = NDArray[np.intp]  # places in another array
