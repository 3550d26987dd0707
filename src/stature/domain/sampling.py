"""Sampling designs: which group the next person belongs to."""

import numpy as np
from numpy.typing import NDArray


def stratified_groups(shares: NDArray[np.float64], size: int) -> NDArray[np.int8]:
    """Groups of a stratified sample, interleaved so that every prefix keeps the shares.

    Parameters
    ----------
    shares : array, shape (k,)
        Shares of the groups, summing to 1.
    size : int
        Number of people, n.

    Returns
    -------
    array, shape (n,)
        Index of the group of each person. Every prefix of length m holds as nearly
        ``m * share`` people of each group as whole people allow, and does not depend on n.

    Notes
    -----
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
    most = [int(np.ceil(share * size)) + 1 for share in shares]
    due = [(np.arange(count) + 0.5) / share for count, share in zip(most, shares, strict=True)]
    group = np.repeat(np.arange(len(shares), dtype=np.int8), most)
    order = np.argsort(np.concatenate(due), kind="stable")[:size]
    return group[order]
