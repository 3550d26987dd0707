"""The table of pairs: two estimates of one mean from one sample, one row a sample and pair."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from stature.estimators.estimator import Fits
from stature.measures.pairs import Pair
from stature.store import fits, store

KIND = "pairs"
VERSION = 1

_NAME = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        pa.field("population", _NAME, nullable=False),
        pa.field("bias", _NAME, nullable=False),
        pa.field("scenario", _NAME, nullable=False),
        pa.field("size", pa.int32(), nullable=False),
        pa.field("group", _NAME, nullable=False),
        pa.field("truth_cm", pa.float64(), nullable=False),
        pa.field("reference", _NAME, nullable=False),
        pa.field("estimator", _NAME, nullable=False),
        pa.field("replicate", pa.int32(), nullable=False),
        pa.field("reference_cm", pa.float64()),
        pa.field("estimate_cm", pa.float64()),
    ]
)


def write(path: Path, pairs: Iterable[Pair], origin: str = "") -> None:
    """Write pairs."""
    ordered = list(pairs)
    columns = [
        pa.array([getattr(pair, field.name) for pair in ordered], type=_plain(field.type))
        for field in SCHEMA
    ]
    coded = [
        column.dictionary_encode() if pa.types.is_dictionary(field.type) else column
        for column, field in zip(columns, SCHEMA, strict=True)
    ]
    store.write(path, pa.Table.from_arrays(coded, schema=SCHEMA), KIND, VERSION, origin)


def read_table(path: Path) -> pa.Table:
    """Read pairs, as plots want them."""
    return store.read(path, KIND, VERSION, SCHEMA)


def read_fits(paths: Sequence[Path]) -> dict[str, dict[str, Fits]]:
    """Read the fits of several scenarios."""
    scenarios = sorted({path.parts[-3] for path in paths})
    return {
        scenario: fits.read_estimators([path for path in paths if path.parts[-3] == scenario])
        for scenario in scenarios
    }


def _plain(kind: pa.DataType) -> pa.DataType:
    """Type of the values of a column."""
    return pa.string() if pa.types.is_dictionary(kind) else kind
