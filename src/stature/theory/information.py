"""Information: what one person tells about a model, by quadrature, and the covariances from it.

All matrices are for one person; divide a covariance by n. Coordinates are unconstrained ones
(`stature.theory.coordinates`), and a restricted model has the matrix J of its own coordinates.
"""

import numpy as np

from stature.arrays import Floats
from stature.domain.mixture import Mixture, log_density, responsibilities
from stature.domain.model import Model, Sampling, free_coordinates
from stature.theory.coordinates import parameter_jacobian
from stature.theory.distributions import Distribution
from stature.theory.quadrature import trapezoid
from stature.theory.scores import observed_information, scores


def fisher_information(mixture: Mixture, nodes: int | None = None) -> Floats:
    """Fisher information in one unlabelled height of a mixture of normals.

    Parameters
    ----------
    mixture : Mixture
        The truth.
    nodes : int, optional
        Number of quadrature nodes; by default as many as the mixture asks for.

    Returns
    -------
    array, shape (3 K - 1, 3 K - 1)
        ``E[s s']`` in unconstrained coordinates.
    """
    nodes_cm, step_cm = trapezoid(mixture, nodes)
    score = scores(mixture, nodes_cm)
    return score.T @ (step_cm * np.exp(log_density(mixture, nodes_cm))[:, None] * score)


def bound_covariance(mixture: Mixture, model: Model, sampling: Sampling) -> Floats:
    """Smallest covariance of an unbiased estimator from unlabelled heights, times n.

    Parameters
    ----------
    mixture : Mixture
        The truth, which the model contains.
    model : Model
        Which parameters are free.
    sampling : {"stratified", "random"}
        Whether the number of people of each group is fixed.

    Returns
    -------
    array, shape (4 K - 1, 4 K - 1)
        Covariance of the parameters in the order of `parameter_rows`; zero for known ones.

    Notes
    -----
    Random: ``J (J' I J)^-1 J'`` [1]_. Stratified: the fixed counts tell something more, ``I + D
    V^-1 D'`` with ``D = E[s r']`` and ``V = E[diag(r) - r r']`` over the first K - 1 groups: the
    counts given the heights are normal around ``sum r`` with variance ``n V`` (derived). Where
    shares are free this takes ``diag(pi) - pi pi'`` from their covariance and changes nothing
    else.

    References
    ----------
    .. [1] Cramér (1946), Mathematical Methods of Statistics, ch. 32.
    """
    information = fisher_information(mixture)
    if sampling == "stratified":
        nodes_cm, step_cm = trapezoid(mixture)
        mass = step_cm * np.exp(log_density(mixture, nodes_cm))
        posterior = responsibilities(mixture, nodes_cm)[:, :-1]
        coupling = scores(mixture, nodes_cm).T @ (mass[:, None] * posterior)
        spread = np.diag(mass @ posterior) - posterior.T @ (mass[:, None] * posterior)
        information = information + coupling @ np.linalg.solve(spread, coupling.T)
    free = free_coordinates(model, len(mixture.shares))
    turn = parameter_jacobian(mixture) @ free
    return turn @ np.linalg.solve(free.T @ information @ free, turn.T)


def limit_covariance(
    mixture: Mixture, model: Model, law: Distribution, sampling: Sampling
) -> Floats:
    """Covariance of a likelihood estimator around its limit, times n, unlabelled heights.

    Parameters
    ----------
    mixture : Mixture
        The limit.
    model : Model
        Which parameters are free.
    law : Distribution
        Distribution of the heights that are recorded.
    sampling : {"stratified", "random"}
        Whether the number of people of each group is fixed.

    Returns
    -------
    array, shape (4 K - 1, 4 K - 1)
        Covariance of the parameters in the order of `parameter_rows`; zero for known ones.

    Notes
    -----
    The sandwich ``A^-1 B A^-1`` [1]_, with A the mean information and B the variance of the score.
    Stratified samples hold the groups' counts fixed, so B is the variance within groups only:
    ``B = sum pi_k (E_k[s s'] - m_k m_k')``, ``m_k = E_k[s]`` (derived).

    References
    ----------
    .. [1] White (1982), Maximum likelihood estimation of misspecified models, Econometrica 50.
    """
    score = scores(mixture, law.nodes_cm)
    means = law.masses @ score
    spread = score.T @ (law.weights[:, None] * score)
    if sampling == "stratified":
        spread = spread - means.T @ (law.shares[:, None] * means)
    observed, _ = observed_information(mixture, law.nodes_cm, law.weights)
    free = free_coordinates(model, len(mixture.shares))
    turn = parameter_jacobian(mixture) @ free
    influence = np.linalg.solve(free.T @ observed @ free, turn.T)
    return influence.T @ (free.T @ spread @ free) @ influence


def em_rate(mixture: Mixture, model: Model, law: Distribution) -> float:
    """Factor by which an EM step shrinks the error near the limit.

    Parameters
    ----------
    mixture : Mixture
        The limit.
    model : Model
        Which parameters are free.
    law : Distribution
        Distribution of the heights that are recorded.

    Returns
    -------
    float
        The largest fraction of missing information, in [0, 1).

    Notes
    -----
    The largest eigenvalue of ``I - I_c^-1 I`` [1]_; steps per decimal digit are ``ln 10 / -ln``
    of it.

    References
    ----------
    .. [1] Dempster, Laird & Rubin (1977), JRSS-B 39, section 3.
    """
    free = free_coordinates(model, len(mixture.shares))
    observed, completed = observed_information(mixture, law.nodes_cm, law.weights)
    root = np.linalg.cholesky(free.T @ completed @ free)
    half = np.linalg.solve(root, free.T @ observed @ free)
    return float(1.0 - np.linalg.eigvalsh(np.linalg.solve(root, half.T)).min())
