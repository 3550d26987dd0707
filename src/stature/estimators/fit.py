"""Fitting: an estimator on the samples of a block, or on one person's heights.

An estimator sees heights, labels where its model uses them, and what it is told. It never sees the
truth, the bias or the seed; the numbers for its random starts come from a stream whose key is told.
"""

import numpy as np

from stature.arrays import Floats, Int8s
from stature.design.samples import Samples
from stature.design.streams import Purpose, Streams
from stature.estimators.estimator import Estimator, Fits, FitSpec
from stature.estimators.plain.block import block_of_hidden, block_of_labelled
from stature.estimators.plain.traces import Traces


def fit_block(spec: FitSpec, samples: Samples) -> tuple[Fits, Traces]:
    """Fit every size of every replicate of a block."""
    replicates = np.arange(spec.first, spec.last + 1, dtype=np.int32)
    if not np.array_equal(samples.replicates, replicates):
        raise ValueError(
            f"expected samples of replicates {spec.first} to {spec.last}, "
            f"got {samples.replicates[0]} to {samples.replicates[-1]}"
        )
    if not np.isfinite(samples.heights_cm).all():
        raise ValueError("heights_cm must be finite; drop people without a height before the fit")
    fits, traces = _fits_and_traces(spec, samples)
    if spec.estimator.interval == "wald":
        return fits, traces
    # Jobs whose intervals are made of standard errors need not wait for more.
    from stature.estimators.intervals.block import with_intervals

    return with_intervals(spec, samples, fits), traces


def _fits_and_traces(spec: FitSpec, samples: Samples) -> tuple[Fits, Traces]:
    """Fits with Wald intervals, and the steps that are kept."""
    if not spec.estimator.is_compiled:
        # A tenth of a second that jobs of plain models need not spend.
        from stature.estimators.general.block import block_of_observed

        return block_of_observed(spec, samples, start_uniforms(spec))
    if spec.estimator.model.labels == "all":
        return block_of_labelled(
            spec.estimator,
            samples,
            np.array(spec.sizes, dtype=np.int32),
            spec.known_shares,
            spec.known_sds_cm,
            spec.sampling,
            spec.traced,
        )
    return block_of_hidden(
        spec.estimator,
        samples,
        np.array(spec.sizes, dtype=np.int32),
        start_uniforms(spec),
        spec.known_shares,
        spec.known_sds_cm,
        spec.group_names,
        spec.traced,
    )


def start_uniforms(spec: FitSpec) -> Floats:
    """Uniform numbers for the starts of a block, shape (r, starts, 3 k)."""
    streams = Streams(spec.stream_key)
    shape = (spec.estimator.starts, 3 * len(spec.group_names))
    return np.stack(
        [
            streams.at(Purpose.STARTS, replicate).random(shape)
            for replicate in range(spec.first, spec.last + 1)
        ]
    )


def fit_heights(
    estimator: Estimator,
    heights_cm: Floats,
    labels: Int8s | None,
    group_names: tuple[str, ...],
    known_shares: tuple[float, ...] | None,
    known_sds_cm: tuple[float, ...] | None,
    stream_key: str,
) -> Fits:
    """Fit one sample, such as a person's own data."""
    if estimator.model.labels != "none" and labels is None:
        raise ValueError(f"estimator {estimator.name!r} needs the group of every person")
    groups = np.zeros(len(heights_cm), dtype=np.int8) if labels is None else labels
    samples = Samples(
        np.zeros(1, dtype=np.int32),
        np.ascontiguousarray(heights_cm, dtype=np.float64)[None, :],
        np.ascontiguousarray(groups, dtype=np.int8)[None, :],
        group_names,
    )
    spec = FitSpec(
        estimator,
        group_names,
        known_shares,
        known_sds_cm,
        "random",
        (len(heights_cm),),
        0,
        0,
        stream_key,
        0,
    )
    return fit_block(spec, samples)[0]
