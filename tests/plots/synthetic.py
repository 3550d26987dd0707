"""Made-up tables of measures and traces, of the shape of the default study."""

import numpy as np
import pandas as pd

SIZES = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
POPULATIONS = {"school": (("girls", 0.5, 163.0, 6.5), ("boys", 0.5, 176.0, 7.0)),
               "galton": (("female", 0.485, 162.8, 5.98), ("male", 0.515, 175.9, 6.66))}  # fmt: skip
BIASES = {"none": 0.0, "tall-volunteers": 1.1, "minimum-height": 2.3, "rounding": 0.0}
ROOT_N_SE = {"mle": 9.2, "mle-numeric": 9.2, "em": 64.0, "em-equal-sds": 19.0,
             "em-known-shares": 13.0, "em-known-sds": 17.3}  # fmt: skip
PARAMETER_SCALE = {"share": 0.08, "mean_cm": 1.0, "sd_cm": 0.6}


def measures(
    sizes: tuple[int, ...] = SIZES,
    replicates: int = 1000,
    estimators: tuple[str, ...] = tuple(ROOT_N_SE),
    populations: tuple[str, ...] = tuple(POPULATIONS),
    biases: tuple[str, ...] = tuple(BIASES),
    failing: bool = True,
) -> pd.DataFrame:
    """Rows of all measures that figures and report use."""
    generator = np.random.default_rng(7)
    rows: list[dict[str, object]] = []
    for population in populations:
        for bias in biases:
            for estimator in estimators:
                for size in sizes:
                    rows += cell(population, bias, estimator, size, replicates, generator, failing)
                rows += rates(population, bias, estimator, sizes)
    return pd.DataFrame(rows).astype({"size": "Int32"})


def cell(population, bias, estimator, size, replicates, generator, failing):
    failed = 0
    if failing and estimator == "em" and bias in ("none", "tall-volunteers"):
        failed = int(replicates * {20: 0.55, 50: 0.3, 100: 0.1, 200: 0.01}.get(size, 0.0))
    used = replicates - failed
    key = {"population": population, "bias": bias, "scenario": f"{population}.{bias}",
           "estimator": estimator, "size": size, "policy": "available", "reference": "",
           "replicates_used": used, "replicates_failed": failed,
           "replicates_expected": replicates}  # fmt: skip

    def row(measure, value, mcse, group="", parameter="", low=np.nan, high=np.nan, **more):
        return {**key, "group": group, "parameter": parameter, "measure": measure,
                "value": value, "mcse": mcse, "lower": low, "upper": high, "count": None,
                **more}  # fmt: skip

    def proportion(measure, chance, **more):
        count = generator.binomial(used, min(max(chance, 0.0), 1.0))
        p, z = count / used, 1.96
        centre = (p + z**2 / (2 * used)) / (1 + z**2 / used)
        half = z / (1 + z**2 / used) * np.sqrt(p * (1 - p) / used + z**2 / (4 * used**2))
        return row(measure, p, half / z, low=centre - half, high=centre + half,
                   **{**more, "count": count})  # fmt: skip

    rows = []
    slow = min(1.0, (size / 2000) ** 0.25) if estimator == "em" else 1.0
    shift = BIASES[bias] * (1.0 if estimator.startswith("mle") else 1.4)
    for rank, (group, *true) in enumerate(POPULATIONS[population]):
        truth = dict(zip(PARAMETER_SCALE, true, strict=True))
        for parameter, scale in PARAMETER_SCALE.items():
            if parameter == "share" and (
                estimator.startswith("mle") or estimator == "em-known-shares"
            ):
                continue
            bound = ROOT_N_SE[estimator] * scale / np.sqrt(size)
            spread = bound * slow * (1 + generator.normal() * 0.02)
            limit = shift * scale * (1 - 0.6 * rank)
            where = limit + (1 - slow) * 2.5 * scale * (-1) ** (rank + 1)
            middle = where + generator.normal() * spread / np.sqrt(used)
            rmse = float(np.hypot(middle, spread))
            at = {"group": group, "parameter": parameter}
            rows += [
                row("bias", middle, spread / np.sqrt(used), **at),
                row("empirical_se", spread, spread / np.sqrt(2 * used), **at),
                row("rmse", rmse, rmse / np.sqrt(2 * used), **at),
                row("limit_bias", limit, np.nan, policy="", **at),
                row("truth", truth[parameter], np.nan, policy="", **at),
                row("limit_se", bound, np.nan, policy="", **at),
                proportion("coverage", 0.95 * np.exp(-((where / spread) ** 2) / 4), **at),
            ]
            if population == "school":
                rows.append(row("bound", bound, np.nan, policy="", **at))
            if not estimator.startswith("mle"):
                price = rmse / (9.2 * scale / np.sqrt(size))
                rows.append(
                    row(
                        "price_of_hidden_labels",
                        price,
                        price * 0.03,
                        **at,
                        **{"reference": "mle", "policy": "joint"},
                    )  # fmt: skip
                )
    middle_passes = {"mle": 1, "mle-numeric": 5, "em": 900, "em-equal-sds": 90,
                     "em-known-shares": 60, "em-known-sds": 80}[estimator]  # fmt: skip
    growth = (size / 200) ** 0.25 if estimator == "em" else 1.0
    rows += [
        row("passes_median", middle_passes * growth, 0.02 * middle_passes),
        row("passes_p90", 3 * middle_passes * growth, 0.05 * middle_passes),
        proportion("within_2cm", np.exp(-((ROOT_N_SE[estimator] / np.sqrt(size)) ** 2) / 6)),
        row("converged", used / replicates, 0.001, count=used),
    ]
    return rows


def rates(population, bias, estimator, sizes):
    if len(sizes) < 2:
        return []
    return [
        {"population": population, "bias": bias, "scenario": f"{population}.{bias}",
         "estimator": estimator, "size": None, "policy": "available", "reference": "",
         "replicates_used": 1000, "replicates_failed": 0, "replicates_expected": 1000,
         "group": group, "parameter": parameter, "measure": "rate",
         "value": -0.38 if estimator == "em" else -0.5, "mcse": 0.01,
         "lower": np.nan, "upper": np.nan, "count": None}
        for group, *_ in POPULATIONS[population]
        for parameter in PARAMETER_SCALE
    ]  # fmt: skip


def traces(replicates: int = 3, sizes: tuple[int, ...] = (50, 200)) -> pd.DataFrame:
    """Rows of traces: EM creeps linearly, each estimator at its own rate."""
    generator = np.random.default_rng(11)
    rates = {"em": 0.99, "em-equal-sds": 0.91, "em-known-shares": 0.82, "mle-numeric": 0.1}
    rows = []
    for population, groups in POPULATIONS.items():
        for estimator, rate in rates.items():
            for replicate in range(replicates):
                for size in sizes:
                    start, end = generator.normal(0, 4, 2), generator.normal(0, 1, 2)
                    passes = 0
                    while rate**passes > 1e-5:
                        for group, far, near in zip(groups, start, end, strict=True):
                            rows.append(
                                {"population": population, "bias": "none",
                                 "scenario": f"{population}.none", "estimator": estimator,
                                 "replicate": replicate, "size": size, "start": 0,
                                 "step": passes, "passes": passes, "log_likelihood": 0.0,
                                 "gap": 40 * rate ** (2 * passes), "decrement": 0.0,
                                 "distance": 6 * rate**passes, "group": group[0],
                                 "parameter": "mean_cm",
                                 "estimate": group[2] + near + far * rate**passes}
                            )  # fmt: skip
                        passes += 1
    return pd.DataFrame(rows)
