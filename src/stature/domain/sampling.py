"""Sampling designs: which group the next person belongs to."""

import numpy as np

from stature.arrays import Floats, Int8s, Ints

_SPARE = 4


def stratified_groups(shares: Floats, size: int, before: Ints | None = None) -> Int8s:
    """Groups of a stratified sample, interleaved so that every prefix keeps the shares, shape (n,).

    Index of the group of each person. Every prefix of length m holds as nearly ``m * share`` people
    of each group as whole people allow, and does not depend on n.

    The j-th person of group k is due at ``(j - 1/2) / share_k`` people; everybody comes in the
    order of their due times, ties in the order of the groups. This is Webster's method of
    apportionment [1]_: it never takes back a person as n grows, and with two groups each count is
    ``m * share`` rounded. Cost O(n log n).

    References
    ----------
    .. [1] Balinski & Young (1982), Fair Representation, ch. 4 and appendix A.

    Examples
    --------
    >>> stratified_groups(np.array([0.25, 0.75]), 8).tolist()
    [1, 0, 1, 1, 1, 0, 1, 1]
    """
    known = np.zeros(len(shares), np.int64) if before is None else before
    # A count strays from its share by a person or so; more candidates than needed change nothing.
    most = [int(np.ceil(share * size)) + len(shares) + _SPARE for share in shares]
    due = [
        (np.arange(first, first + count) + 0.5) / share
        for first, count, share in zip(known, most, shares, strict=True)
    ]
    group = np.repeat(np.arange(len(shares), dtype=np.int8), most)
    order = np.argsort(np.concatenate(due), kind="stable")[:size]
    return group[order]


def stratified_counts(shares: Floats, size: int) -> Ints:
    """People of each group in a stratified sample, without going through the sample, shape (k,).

    Examples
    --------
    >>> stratified_counts(np.array([0.25, 0.75]), 10**8).tolist()
    [25000000, 75000000]
    """
    groups = len(shares)
    # Everybody due well before the end is in; only the last few are put in order.
    early = np.maximum(np.floor(shares * (size - 2 * groups)).astype(np.int64) - 2, 0)
    late = stratified_groups(shares, size - int(early.sum()), early)
    return early + np.bincount(late, minlength=groups)
