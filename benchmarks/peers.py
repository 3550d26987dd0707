"""The peers: scikit-learn, mclust and mixtools (in R) and hand-written BFGS, behind one face.

A peer fits a sample with its default settings, or makes so many steps and no more.
"""

import subprocess
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from benchmarks import scipy_bfgs
from benchmarks.clock import SHORTEST_SECONDS, timed
from stature.arrays import Floats

Heights = Floats


class Fit(NamedTuple):
    """Seconds of a fit, its steps (likelihood evaluations, for BFGS), and where it stopped.

    Steps are NaN where a package does not tell.
    """

    seconds: float
    steps: float
    theta_cm: Floats


@dataclass(frozen=True, slots=True)
class Peer:
    """A package: `fit(heights_cm, steps)` with its defaults (None) or so many steps.

    `largest_size` is the largest sample that it is asked to fit; `is_em` says whether its steps
    are those of EM from the median split or from its own start. `to_maximum` is false where another
    way into the same package is the quicker one.
    """

    name: str
    fit: Callable[[Heights, int | None], Fit]
    is_em: bool = True
    largest_size: int = 1_000_000
    to_maximum: bool = True


def fit_sklearn(heights_cm: Heights, steps: int | None) -> Fit:
    """One fit by scikit-learn, from the k-means start that is its default."""
    model = GaussianMixture(2, random_state=0)
    if steps is not None:
        # The ridge on variances, harmless in cm, is taken away as well.
        model = GaussianMixture(2, random_state=0, tol=0.0, max_iter=steps, reg_covar=0.0)
    column = heights_cm[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        seconds, fitted = timed(lambda: model.fit(column))
    parts = (fitted.weights_, fitted.means_, np.sqrt(np.asarray(fitted.covariances_)))
    theta_cm = np.concatenate([np.asarray(part).ravel() for part in parts])
    return Fit(seconds, int(fitted.n_iter_), theta_cm)


def fit_bfgs(heights_cm: Heights, steps: int | None) -> Fit:
    """One fit by hand-written BFGS, from the median split."""
    seconds, (theta_cm, evaluations) = timed(lambda: scipy_bfgs.fit(heights_cm, steps))
    return Fit(seconds, evaluations, theta_cm)


class RProcess:
    """An R process that fits on request; `absent` names the packages that it lacks."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._process: subprocess.Popen[str] | None = None
        self.packages: list[str] = []
        self.absent = ["mclust", "meV", "mixtools"]

    def __enter__(self) -> Self:
        """Start R, if there is one, and see which packages it has."""
        if which("Rscript") is not None:
            script = Path(__file__).with_name("peers.R")
            self._process = subprocess.Popen(
                ["Rscript", "--vanilla", str(script)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            trial = np.random.default_rng(0).standard_normal(100)
            self.packages = [name for name in self.absent if self._ask(name, trial, 2) is not None]
            self.absent = [name for name in self.absent if name not in self.packages]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End R and remove what it read."""
        if self._process is not None:
            self._process.communicate()
        self._folder.cleanup()

    def _ask(self, package: str, heights_cm: Heights, steps: int | None) -> Fit | None:
        path = Path(self._folder.name) / "heights.bin"
        heights_cm.tofile(path)
        tolerance = -1 if steps is None else 0
        request = f"{package} {path} {len(heights_cm)} {tolerance} {steps or 0} {SHORTEST_SECONDS}"
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return None
        process.stdin.write(request + "\n")
        process.stdin.flush()
        answer = process.stdout.readline().split()
        if len(answer) != 8:  # seconds, steps and six parameters
            return None
        seconds, taken, *theta_cm = map(float, answer)
        return Fit(seconds, abs(taken), np.array(theta_cm))

    def fit(self, package: str, heights_cm: Heights, steps: int | None) -> Fit:
        """One fit by a package; not a number where it gave up."""
        fitted = self._ask(package, heights_cm, steps)
        return Fit(np.nan, np.nan, np.full(6, np.nan)) if fitted is None else fitted

    def peers(self) -> list[Peer]:
        """The packages that are there."""
        return [
            Peer(
                name,
                lambda heights_cm, steps, name=name: self.fit(name, heights_cm, steps),
                # A million people take mixtools minutes, and Mclust ten times what meV takes.
                largest_size=1_000_000 if name == "meV" else 10_000,
                to_maximum=name != "mclust",
            )
            for name in self.packages
        ]


def python_peers() -> list[Peer]:
    """The peers that are Python."""
    return [Peer("scikit-learn", fit_sklearn), Peer("SciPy BFGS", fit_bfgs, is_em=False)]
