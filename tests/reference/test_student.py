"""Student (1908), The probable error of a mean: 750 samples of four."""

from math import pi, sqrt
from pathlib import Path

import numpy as np

from stature.config import specs
from stature.config.study import load
from stature.design.samples import DrawSpec, draw
from stature.design.streams import decode
from stature.estimators.estimator import FitSpec
from stature.estimators.fit import fit_block

ROOT = Path(__file__).parents[2]


def test_the_sd_of_four_people_is_a_fifth_too_small() -> None:
    study = load([ROOT / "config/config.yaml", ROOT / "config/student1908.yaml"], ROOT)
    (block,) = study.blocks
    samples = draw(decode(DrawSpec, specs.draw_spec(study, "normal.none", block.name)))
    spec = decode(FitSpec, specs.fit_spec(study, "normal.none", "mle", block.name))
    fits, _ = fit_block(spec, samples)
    assert (study.replicates, study.sizes[0]) == (750, 4)
    ratio = fits.estimate[:, 0, 2] / study.scenario("normal.none").population.sds_cm[0]
    mcse = ratio.std(ddof=1) / sqrt(len(ratio))
    # E[s] / SD = sqrt(2 / n) Gamma(n / 2) / Gamma((n - 1) / 2), at n = 4 sqrt(2 / pi) = 0.79788.
    assert abs(ratio.mean() - sqrt(2 / pi)) < 3 * mcse
    # s^2 n / SD^2 is chi squared with 3 degrees of freedom: its mean is 3, its variance 6.
    chi = 4 * ratio**2
    assert abs(np.mean(chi) - 3.0) < 3 * sqrt(6 / 750)
