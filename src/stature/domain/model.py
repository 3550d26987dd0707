"""Models: which parameters of a mixture of normals are free.

Every restricted model is linear in the unconstrained coordinates
``u = (eta_1..eta_{K-1}, mu_1..mu_K, lambda_1..lambda_K)``, with ``eta_k = log(pi_k / pi_K)`` and
``lambda_k = log sd_k``: its score is ``J' score`` and its information ``J' information J``.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from stature.arrays import Floats
from stature.domain.observation import EXACT, Exact, Observation, numbers_of

Labels = Literal["all", "none", "some", "recorded"]
Unlabelled = Literal["used", "ignored"]
Sampling = Literal["stratified", "random"]
SharesRule = Literal["free", "known"]
SdsRule = Literal["free", "equal", "known"]


def _is_plain(value: Any) -> bool:
    """Whether a setting is the usual one, which the JSON of a model leaves out."""
    return not value or value == "used" or isinstance(value, Exact)


@dataclass(frozen=True, slots=True)
class Model:
    """Which parameters an estimator estimates, and which labels it sees."""

    # whether the label of everybody is seen, of nobody, or of a share of the people; `recorded`
    # also takes those into account who have none, who are left out of `all`
    labels: Labels
    shares: SharesRule = "free"  # whether shares are estimated or told
    sds: SdsRule = "free"  # whether SDs are estimated one by one, as one, or told
    # the known shares, in the order of the groups' means; None: those of the population
    assumed_shares: tuple[float, ...] | None = None
    assumed_sds_cm: tuple[float, ...] | None = None  # the known SDs in cm, likewise
    # how heights are seen; left out of the JSON where they are exact
    observation: Annotated[Observation, Field(exclude_if=_is_plain)] = EXACT
    # with labels `some`: share of the people whose group is seen
    labelled_share: Annotated[float, Field(exclude_if=_is_plain)] = 0.0
    # degrees of freedom of groups with Student's law; 0: normal groups
    freedom: Annotated[float, Field(exclude_if=_is_plain)] = 0.0
    # with labels `some` or `recorded`: whether the heights of the others count
    unlabelled: Annotated[Unlabelled, Field(exclude_if=_is_plain)] = "used"

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
    def is_plain(self) -> bool:
        """Whether groups are normal, heights exact, and all labels or none are seen."""
        usual = self.unlabelled == "used" and not self.freedom
        return usual and self.labels in ("all", "none") and isinstance(self.observation, Exact)


def free_coordinates(model: Model, groups: int) -> Floats:
    """The matrix J of a model: columns are its own coordinates, rows those of the free model.

    Shape (3 K - 1, p).

    J, with ``u = u0 + J u_model``.

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
    elif model.sds == "equal":
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
    # With more than two groups the gaps are told apart by the lower group's name.
    gaps = [("" if len(group_names) == 2 else group, "gap_cm") for group in group_names[:-1]]
    return tuple(rows + gaps)
