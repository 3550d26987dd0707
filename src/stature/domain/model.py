"""Models: which parameters of a mixture of normals are free.

Every restricted model is linear in the unconstrained coordinates
``u = (eta_1..eta_{K-1}, mu_1..mu_K, lambda_1..lambda_K)``, with ``eta_k = log(pi_k / pi_K)`` and
``lambda_k = log sd_k``: its score is ``J' score`` and its information ``J' information J``.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from stature.arrays import Floats
from stature.domain.observation import EXACT, Exact, Observation, numbers_of
from stature.domain.settings import LeftOut

Labels = Literal["all", "none", "some", "recorded"]
Unlabelled = Literal["used", "ignored"]
Sampling = Literal["stratified", "random"]
SharesRule = Literal["free", "known"]
SdsRule = Literal["free", "equal", "ratio", "known"]


@dataclass(frozen=True, slots=True)
class Model:
    """Which parameters an estimator estimates, and which labels it uses."""

    labels: Labels
    shares: SharesRule = "free"
    sds: SdsRule = "free"
    # the known shares and SDs in cm, in the order of the means; None: those of the population
    assumed_shares: tuple[float, ...] | None = None
    assumed_sds_cm: tuple[float, ...] | None = None
    observation: Annotated[Observation, LeftOut(EXACT)] = EXACT
    # with labels `some`: share of the people whose label is used
    labelled_share: Annotated[float, LeftOut(0.0)] = 0.0
    freedom: Annotated[float, LeftOut(0.0)] = 0.0  # 0: normal groups
    unlabelled: Annotated[Unlabelled, LeftOut("used")] = "used"

    @property
    def slug(self) -> str:
        """Name of the model in tables, such as ``hidden-known-shares``."""
        labels = {"all": "labelled", "none": "hidden", "some": "partly-labelled"}
        words = [labels.get(self.labels, "labelled-as-recorded")]
        if self.labels == "some":
            words.append(f"{self.labelled_share:g}")
        if self.unlabelled == "ignored":
            words.append("only")
        for rule, what, assumed in (
            (self.shares, "shares", self.assumed_shares),
            (self.sds, "sds", self.assumed_sds_cm),
        ):
            if rule != "free":
                words.append(f"{rule}-{what}")
                words += [f"{number:g}" for number in assumed or ()]
        if self.freedom:
            words.append(f"t-{self.freedom:g}")
        if not isinstance(self.observation, Exact):
            words += [self.observation.kind, *numbers_of(self.observation)]
        return "-".join(words)

    @property
    def takes_sds(self) -> bool:
        """Whether it takes SDs as known, or their ratio."""
        return self.sds in ("ratio", "known")

    @property
    def is_plain(self) -> bool:
        """Whether groups are normal, heights exact, and all labels or none are used."""
        usual = self.unlabelled == "used" and not self.freedom
        return usual and self.labels in ("all", "none") and isinstance(self.observation, Exact)


def free_coordinates(model: Model, groups: int) -> Floats:
    """Matrix J of a model, ``u = u0 + J u_model``, shape (3 K - 1, p).

    Columns are its own coordinates, rows those of the free model.

    Examples
    --------
    >>> free_coordinates(Model("none", shares="known", sds="equal"), 2).astype(int)
    array([[0, 0, 0],
           [1, 0, 0],
           [0, 1, 0],
           [0, 0, 1],
           [0, 0, 1]])
    """
    identity = np.eye(3 * groups - 1)
    eta, mu, lam = np.split(identity, [groups - 1, 2 * groups - 1], axis=1)
    columns = [eta] if model.shares == "free" else []
    columns.append(mu)
    if model.sds == "free":
        columns.append(lam)
    elif model.sds in ("equal", "ratio"):
        columns.append(lam.sum(axis=1, keepdims=True))
    return np.concatenate(columns, axis=1)


def parameter_rows(group_names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The (group, parameter) pairs of one fit, in the order of tables and arrays.

    Examples
    --------
    >>> parameter_rows(("girls", "boys"))[2:4]
    (('girls', 'sd_cm'), ('boys', 'share'))
    """
    rows = [(group, name) for group in group_names for name in ("share", "mean_cm", "sd_cm")]
    # With more than two groups the gaps are named by the lower group's name.
    gaps = [("" if len(group_names) == 2 else group, "gap_cm") for group in group_names[:-1]]
    return tuple(rows + gaps)


def with_known(model: Model, theta: Floats, shares: Floats | None, sds: Floats | None) -> Floats:
    """Shares, means and SDs with those in their place that a model knows, shape (..., 3 K).

    SDs that it takes as equal, or in a ratio, become the root of their mean square.
    """
    own, means, spread = np.split(theta, 3, axis=-1)
    if model.shares == "known" and shares is not None:
        own = np.broadcast_to(shares, own.shape)
    if model.sds == "known" and sds is not None:
        spread = np.broadcast_to(sds, spread.shape)
    elif model.sds in ("equal", "ratio"):
        ratio = 1.0 if model.sds == "equal" or sds is None else sds
        variance = (own * (spread / ratio) ** 2).sum(axis=-1, keepdims=True)
        spread = ratio * np.sqrt(np.broadcast_to(variance, spread.shape))
    return np.concatenate([own, means, spread], axis=-1)


def coordinates(theta: Floats) -> Floats:
    """Unconstrained coordinates u of shares, means and SDs, shape (..., 3 K - 1)."""
    shares, means, sds = np.split(theta, 3, axis=-1)
    log_shares = np.log(shares)
    return np.concatenate(
        [log_shares[..., :-1] - log_shares[..., -1:], means, np.log(sds)], axis=-1
    )


def theta_at(u: Floats) -> Floats:
    """Shares, means and SDs at some coordinates, shape (3 K,)."""
    groups = (len(u) + 1) // 3
    return np.concatenate([np.exp(log_shares_at(u)), u[groups - 1 : -groups], np.exp(u[-groups:])])


def log_shares_at(u: Floats) -> Floats:
    """Logarithms of the shares, ``eta_k - log sum exp(eta)``, shape (K,)."""
    eta = np.append(u[: (len(u) + 1) // 3 - 1], 0.0)
    return eta - np.logaddexp.reduce(eta)


def estimates_of(theta: Floats) -> Floats:
    """Parameters in the order of a fit's rows, shape (..., Q)."""
    groups = theta.shape[-1] // 3
    per_group = np.stack([theta[..., part * groups : (part + 1) * groups] for part in range(3)], -1)
    gaps = np.diff(theta[..., groups : 2 * groups], axis=-1)
    return np.concatenate([per_group.reshape(*theta.shape[:-1], 3 * groups), gaps], axis=-1)


def gradients(theta: Floats) -> Floats:
    """Derivatives of a fit's parameters in the unconstrained coordinates, shape (..., Q, 3 k - 1).

    Rows in the order of `parameter_rows`; the delta method is ``G covariance G'``.
    """
    groups = theta.shape[-1] // 3
    q = 3 * groups - 1
    out = np.zeros((*theta.shape[:-1], 4 * groups - 1, q))
    shares, sds_cm = theta[..., :groups], theta[..., 2 * groups :]
    for k in range(groups):
        for j in range(groups - 1):
            # d pi_k / d eta_j = pi_k (1{k = j} - pi_j)
            out[..., 3 * k, j] = shares[..., k] * (float(k == j) - shares[..., j])
        out[..., 3 * k + 1, groups - 1 + k] = 1.0
        out[..., 3 * k + 2, 2 * groups - 1 + k] = sds_cm[..., k]
    for k in range(groups - 1):
        out[..., 3 * groups + k, groups + k] = 1.0
        out[..., 3 * groups + k, groups - 1 + k] = -1.0
    return out
