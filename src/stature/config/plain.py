"""The config as run: a study written back as a file, every key and every default in it."""

import dataclasses
from typing import Any

import yaml

from stature.config.model import DEFAULTS
from stature.config.observations import item_of
from stature.config.record import Study
from stature.design.scenarios import NamedBias
from stature.domain.bias import Bias, Sequence
from stature.domain.observation import Exact
from stature.domain.population import Population
from stature.estimators.estimator import Estimator


def plain(study: Study) -> dict[str, Any]:
    """A study as maps and lists, as a config file would hold it.

    Builtin types only; sizes are a sorted list, other lists in their order.
    """
    words = {"title": study.title, "aims": study.aims, "why": study.why}
    return {
        "study": study.name,
        **_said(words),
        "seed": study.seed,
        **_replicates(study),
        "block": study.block,
        "sizes": list(study.sizes),
        "sampling": study.sampling,
        **_sketching(study),
        "traced": study.traced,
        "allow_large": study.allow_large,
        "populations": [
            _population(population, *sources, written)
            for population, sources, written in zip(
                study.populations, study.sources, study.written_files, strict=True
            )
        ],
        "biases": [_bias(bias) for bias in study.biases],
        "estimators": [
            _estimator(estimator) | _scope(study, estimator.name) for estimator in study.estimators
        ],
    }


def study_yaml(study: Study) -> str:
    """The config as run, as YAML."""
    head = "# The config as run: every key, defaults included. `--configfile` takes it as it is.\n"
    body = yaml.safe_dump(plain(study), sort_keys=False, allow_unicode=True, width=100)
    return head + body


def _replicates(study: Study) -> dict[str, Any]:
    """How many replicates, or how well a study should know its cells."""
    aim = study.precision
    if aim is None:
        return {"replicates": study.replicates}
    item = {"measure": aim.measure, "parameter": aim.parameter, "mcse": aim.mcse}
    return {"replicates": aim.most, "precision": item | {"min": aim.first, "max": aim.most}}


def _sketching(study: Study) -> dict[str, Any]:
    """What is kept of samples; a size that has no effect is left out, or it would be warned of."""
    if study.samples == "keep":
        return {"samples": study.samples}
    return {"samples": study.samples, "sketch_from": study.sketch_from}


def _said(words: dict[str, str]) -> dict[str, str]:
    """Texts that are not empty."""
    return {key: text for key, text in words.items() if text}


def _population(population: Population, source: str, why: str, written: str) -> dict[str, Any]:
    item: dict[str, Any] = {"name": population.name, **_said({"source": source, "why": why})}
    data = population.data
    if data is not None:
        columns = {"file": written, "height": data.height, "unit": data.unit}
        return item | columns | ({"group": data.group} if data.group else {})
    groups = [
        {"name": group.name, "share": group.share, "mean_cm": group.mean_cm, "sd_cm": group.sd_cm}
        for group in population.groups
    ]
    return item | {"groups": groups}


def _bias(named: NamedBias) -> dict[str, Any]:
    settings = _settings(named.bias)
    kind = settings.pop("kind")
    return {"name": named.name, "kind": kind, **_said({"why": named.why}), **settings}


def _settings(bias: Bias) -> dict[str, Any]:
    """Kind and settings of a bias, without those that are not given."""
    if isinstance(bias, Sequence):
        return {"kind": bias.kind, "steps": [_settings(step) for step in bias.steps]}
    given: dict[str, Any] = {"kind": bias.kind}
    for key, value in dataclasses.asdict(bias).items():
        if key != "kind" and value not in (None, ""):
            given[key] = list(value) if isinstance(value, tuple) else value
    return given


def _scope(study: Study, estimator: str) -> dict[str, Any]:
    """Biases and populations that an estimator is for, where it is not for all."""
    for scope in study.scopes:
        if scope.estimator == estimator:
            names = {"biases": list(scope.biases), "populations": list(scope.populations)}
            return {key: listed for key, listed in names.items() if listed}
    return {}


def _estimator(estimator: Estimator) -> dict[str, Any]:
    model = estimator.model
    shares = model.shares if model.assumed_shares is None else list(model.assumed_shares)
    sds = model.sds if model.assumed_sds_cm is None else list(model.assumed_sds_cm)
    item: dict[str, Any] = {
        "name": estimator.name,
        "labels": model.labelled_share if model.labels == "some" else model.labels,
        "method": estimator.method,
        "shares": shares,
        "sds": sds,
    }
    if not isinstance(model.observation, Exact):
        item["observation"] = item_of(model.observation)
    if model.freedom:
        item["freedom"] = model.freedom
    if estimator.penalty:
        item["penalty"] = estimator.penalty
    if estimator.share_penalty:
        item["share_penalty"] = estimator.share_penalty
    if model.unlabelled == "ignored":
        item["unlabelled"] = model.unlabelled
    if estimator.variances == "unbiased":
        item["variances"] = estimator.variances
    if estimator.sd_ratio:
        item["sd_ratio"] = estimator.sd_ratio
    if estimator.trimmed:
        item["trimmed"] = estimator.trimmed
    if estimator.oracle:
        item["oracle"] = True
    if estimator.stop is not None:
        item["stop"] = {"gain": estimator.stop.gain, "below": estimator.stop.below}
    if estimator.interval != "wald":
        item["interval"] = estimator.interval
    if estimator.bootstrap_samples:
        item["bootstrap_samples"] = estimator.bootstrap_samples
    # What has no climb needs no starts; a config that sets those would be warned of.
    if estimator.method in ("closed-form", "moments"):
        return item
    return item | {key: getattr(estimator, key) for key in DEFAULTS}
