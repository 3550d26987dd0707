"""Starts: where the search for a maximum begins.

Starts are in units of the sample: its mean is 0 and its SD 1. The first three split a normal
distribution into parts, the fourth matches moments, two more split off a tail, the
seventh takes a few of two groups for outliers, all others are random. None lies at the point where
all groups are equal, which is a saddle that EM never leaves.
"""

from statistics import NormalDist

import numpy as np

from stature.arrays import Floats
from stature.kernels.compile import jit_lent

# Share of the lowest part in the starts that split, by their index. A small group at one end, which
# is where few observations or coarse heights put the highest maximum, is missed by even parts: of
# 200 samples of 10,000 of Galton's heights, rounded to 5 cm, by 36 with random starts in its place.
LOWEST_SHARE = {0: 0.5, 1: 0.7, 2: 0.3, 4: 0.9, 5: 0.1}
MOMENT_START = 3  # index of the start by moments
# Shares, means and SDs of a start with nearly all in one group and a few far outside. There
# the highest maximum is in 54 of 200 samples of 10,000 with 2 % of outliers; 10 of them are missed
# with a random start in its place.
OUTLIERS_START = 6
OUTLIERS = (0.95, 0.05, -0.05, 0.95, 0.9, 3.0)
SMALLEST_RANDOM_SHARE = 0.1
SMALLEST_RANDOM_VARIANCE = 0.05
# Logistic quantiles with the variance of a standard normal.
LOGISTIC_SCALE = float(np.sqrt(3.0) / np.pi)
BISECTIONS = 200


def split_start(shares: Floats) -> Floats:
    """Parameters of a standard normal cut into parts of given shares, shape (3 k,).

    Examples
    --------
    >>> split_start(np.array([0.5, 0.5])).round(4)
    array([ 0.5   ,  0.5   , -0.7979,  0.7979,  0.6028,  0.6028])
    """
    normal = NormalDist()
    cuts = [normal.inv_cdf(float(share)) for share in np.cumsum(shares)[:-1]]
    density = np.array([0.0, *(normal.pdf(cut) for cut in cuts), 0.0])
    moment = np.array([0.0, *(cut * normal.pdf(cut) for cut in cuts), 0.0])
    means = -np.diff(density) / shares
    # Mean and variance of a doubly truncated standard normal.
    variances = 1.0 - np.diff(moment) / shares - means**2
    return np.concatenate([shares, means, np.sqrt(variances)])


def starts(uniforms: Floats, known_shares: Floats | None, groups: int) -> Floats:
    """All starts of some replicates, in units of the sample, shape (r, s, 3 k).

    Shares, means and SDs. The start by moments holds a random one, to be replaced where the moments
    of the sample have a root.
    """
    theta = random_starts(uniforms, groups)
    for index, fixed in fixed_starts(known_shares, groups).items():
        if index < uniforms.shape[1]:
            theta[:, index] = fixed
    if known_shares is not None:
        theta[..., :groups] = known_shares
    return theta


def random_starts(uniforms: Floats, groups: int) -> Floats:
    """Starts that take no notice of the sample but of its mean and SD, shape (..., 3 k)."""
    theta = np.empty_like(uniforms)
    theta[..., :groups] = (
        SMALLEST_RANDOM_SHARE + (1 - 2 * SMALLEST_RANDOM_SHARE) * uniforms[..., :groups]
    )
    if groups == 2:
        theta[..., 1] = 1.0 - theta[..., 0]
    theta[..., :groups] /= theta[..., :groups].sum(axis=-1, keepdims=True)
    inner = np.clip(uniforms[..., groups : 2 * groups], 1e-9, 1 - 1e-9)
    theta[..., groups : 2 * groups] = np.sort(LOGISTIC_SCALE * np.log(inner / (1 - inner)), axis=-1)
    variances = (
        SMALLEST_RANDOM_VARIANCE + (1 - SMALLEST_RANDOM_VARIANCE) * uniforms[..., 2 * groups :]
    )
    theta[..., 2 * groups :] = np.sqrt(variances)
    return theta


def fixed_starts(known_shares: Floats | None, groups: int) -> dict[int, Floats]:
    """Starts that are the same for every sample, by their index."""
    fixed: dict[int, Floats] = {}
    for index, lowest in LOWEST_SHARE.items():
        shares = np.linspace(lowest, 1 - lowest, groups)
        fixed[index] = split_start(shares / shares.sum())
        if known_shares is not None and index == 0:
            fixed[index] = split_start(known_shares)
        if known_shares is not None:
            fixed[index][:groups] = known_shares
    if groups == 2:
        fixed[OUTLIERS_START] = np.array(OUTLIERS)
    return fixed


@jit_lent
def start_by_moments(x: Floats, w: Floats, theta: Floats) -> bool:
    """Two groups of equal SD with the first four moments of the sample, into `theta` [1]_.

    References
    ----------
    .. [1] Cohen (1967), Estimation in mixtures of two normal distributions, Technometrics 9:15.
    """
    weight = third = fourth = second = 0.0
    for i in range(x.shape[0]):
        square = x[i] * x[i]
        weight += w[i]
        second += w[i] * square
        third += w[i] * square * x[i]
        fourth += w[i] * square * square
    c2 = second / weight
    k3 = third / weight
    k4 = fourth / weight - 3.0 * c2 * c2
    # [1] The only positive root B of 2 B^3 + k4 B - k3^2 is pi_1 pi_2 (mu_1 - mu_2)^2.
    low, high = 0.0, c2
    if 2.0 * high**3 + k4 * high - k3 * k3 <= 0.0:
        return False  # the root would leave no variance within groups
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        if 2.0 * middle**3 + k4 * middle - k3 * k3 < 0.0:
            low = middle
        else:
            high = middle
        if high - low <= 1e-15 * c2:
            break
    between = 0.5 * (low + high)
    if between <= 1e-6 * c2:
        return False  # one group: a start there is a saddle
    total = k3 / between
    root = np.sqrt(0.25 * total * total + between)
    lower, upper = 0.5 * total - root, 0.5 * total + root
    theta[0], theta[1] = upper / (upper - lower), -lower / (upper - lower)
    theta[2], theta[3] = lower, upper
    theta[4] = theta[5] = np.sqrt(c2 - between)
    return True
