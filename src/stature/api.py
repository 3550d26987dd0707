"""What `import stature` gives: fits of arrays, results of studies, measures of tables.

The same code as behind the command: `fit` is `stature fit` of what is already in memory, `measure`
is `stature measure`. Errors are `ValueError`, with every problem in a line of its own.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, TypedDict, Unpack, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from stature.datafile.columns import ColumnError
from stature.datafile.counting import NO_COLUMN
from stature.datafile.estimates import NUMBERS, Columns, estimates_of, places_of, reference_of
from stature.datafile.examinations import FileError, examine
from stature.datafile.fits import CRITERIA, Finding, Fitted, fit_all
from stature.datafile.people import people_of
from stature.datafile.pictures import memberships, picture
from stature.datafile.request import (
    BadRows,
    FitRequest,
    Reading,
    UsageError,
    check_kind,
    check_request,
)
from stature.datafile.sheets import sheet_of
from stature.datafile.texts import meant
from stature.datafile.units import UNIT_WORDS, Length
from stature.design.streams import decode
from stature.domain.quantity import FiguresSpec
from stature.measures.estimates import Asked, TablePolicy, performance_of
from stature.plots import figures, fits
from stature.store import fits as stored_fits
from stature.store import records

if TYPE_CHECKING:
    from collections.abc import Generator

    from matplotlib.figure import Figure

Unit = Literal["cm", "m", "mm", "in", "none"]
_NUMBERS_OF_A_FIT = ("estimate", "std_error", "robust_std_error", "lower", "upper")


class FitOptions(TypedDict, total=False):
    """Options of `fit`; each is the option of `stature fit` with the same name."""

    hide_labels: bool  # keep the labels from the estimators, and score the fits against them
    estimators: Sequence[str]  # names; all that can be fitted, if it is not given
    shares: Sequence[float]  # known shares and SDs of the groups, lowest mean first
    sds: Sequence[float]
    below: float  # nothing below or above could be measured
    above: float
    rounded: float  # values were rounded to multiples of it
    weight_kind: Literal["counts", "sampling"]
    on_bad_rows: BadRows  # refuse values that are no finite numbers, or drop and count them
    unit: Unit  # of the values; "none" if it is not given
    seed: int  # of the random starts; 1 if it is not given


class MeasureOptions(TypedDict, total=False):
    """Options of `measure`; each is the option of `stature measure` with the same name."""

    estimate: str  # columns: each is found by a usual name, if it is not given
    se: str
    variance: str
    lower: str
    upper: str
    method: str
    replicate: str
    reference: str  # the method that the gain in precision is over; the first, if not given
    level: float  # of intervals that are made from standard errors
    null: float  # value that power is against
    policy: TablePolicy


@dataclass(frozen=True, slots=True, repr=False)
class Fit:
    """Groups that were found in measurements, by one estimator or several.

    Made by `fit`. Numbers are in the unit of the values.

    Attributes
    ----------
    fitted : Fitted
        What was fitted, and what each estimator made of it.
    notes : tuple of str
        What a reader should know: values left out, signs of rounding, outliers.
    unit : str
        Unit of the values.
    """

    fitted: Fitted
    notes: tuple[str, ...]
    unit: Unit

    def __repr__(self) -> str:
        """What was fitted, in a line."""
        each = dict.fromkeys(", ".join(one.group_names) for one in self.fitted.findings)
        names = ", ".join(self.estimators)
        count = len(self.fitted.runs.values)
        return f"<Fit of {count:,} values, groups {' or '.join(each)}: {names}>"

    @property
    def estimators(self) -> tuple[str, ...]:
        """Names of the estimators."""
        return tuple(one.estimator.name for one in self.fitted.findings)

    @property
    def recommended(self) -> str | None:
        """Name of the estimator that is recommended; None where none reached a maximum.

        Of the numbers of groups the one that BIC prefers; of the models of so many groups the one
        with a prior, if there is one, else the one that BIC prefers. A model that takes given
        shares or SDs for known, or the way in which values were recorded, goes before others.
        """
        best = self.fitted.recommended
        return None if best is None else best.estimator.name

    @property
    def criteria(self) -> pd.DataFrame:
        """How each fit ended and what it is worth, a row an estimator.

        AIC is 2 p - 2 l and BIC p log n - 2 l, l the log-likelihood, p the number of free
        parameters and n that of observations, of a survey its effective size; ICL is BIC plus twice
        the entropy of the memberships, which prefers groups that are apart. They compare fits of
        the same data: not one that saw labels with one that did not.
        """
        rows = [
            {
                "groups": len(one.group_names),
                "status": one.status.name.lower(),
                **{name: getattr(one, name) for name in (*CRITERIA, "starts", "starts_agreeing")},
                "chance_of_better": one.search.chance_of_better if one.search else np.nan,
                "suspect": one.suspect,
            }
            for one in self.fitted.findings
        ]
        return pd.DataFrame(rows, index=pd.Index(self.estimators, name="estimator"))

    def table(self) -> pd.DataFrame:
        """Return the estimates, a row for each estimator, group and parameter.

        Returns
        -------
        pandas.DataFrame
            Columns ``estimator, group, parameter, estimate, std_error, robust_std_error, lower,
            upper``; the ends are those of 95 % intervals, NaN is what is not known. The gap of the
            means has an empty group.
        """
        rows = [
            (one.estimator.name, group, parameter, *_numbers(estimate))
            for one in self.fitted.findings
            for (group, parameter), estimate in one.estimates.items()
        ]
        return pd.DataFrame(rows, columns=["estimator", "group", "parameter", *_NUMBERS_OF_A_FIT])

    def memberships(self, estimator: str | None = None) -> pd.DataFrame:
        """Return the probability of each group for each value, as `stature fit --memberships`.

        Parameters
        ----------
        estimator : str, optional
            Which fit; the one that is recommended, if it is not given.

        Returns
        -------
        pandas.DataFrame
            Columns ``row``, the places of the values that were fitted, ``value``, one for each
            group by its name, ``group``, the likeliest one, and ``unsure``, where that has a
            probability below 0.9.
        """
        return memberships(self._finding(estimator), self.fitted.runs)

    def plot(self, estimator: str | None = None) -> "Figure":
        """Draw the values under the fitted densities, memberships and quantiles.

        Parameters
        ----------
        estimator : str, optional
            Which fit; the one that is recommended, if it is not given.

        Returns
        -------
        matplotlib.figure.Figure
            Save it with its ``savefig``.
        """
        one = self._finding(estimator)
        unit = "value" if self.unit == "none" else f"value, {UNIT_WORDS[self.unit]}"
        return fits.fitted(picture(one, self.fitted), f"Fit of {one.estimator.name}", unit)

    def _finding(self, estimator: str | None) -> Finding:
        """What one estimator found."""
        findings = self.fitted.findings
        if estimator is None:
            return self.fitted.recommended or findings[0]
        return findings[self.estimators.index(_one_of(self.estimators, estimator, "fit"))]


def fit(
    values: ArrayLike,
    groups: SupportsIndex | Sequence[int] = 2,
    labels: ArrayLike | Sequence[str | None] | None = None,
    weights: ArrayLike | None = None,
    **options: Unpack[FitOptions],
) -> Fit:
    """Estimate share, mean and SD of each group in measurements.

    Parameters
    ----------
    values : array_like, shape (n,)
        Measurements: an array, a Series of pandas or polars, an Arrow array. NaN is left out.
    groups : int or sequence of int
        How many groups to look for, or several numbers to choose from; labels tell it, where there
        are any.
    labels : array_like, shape (n,), optional
        Name of the group of each value; None, NaN or an empty text where nobody wrote it down.
    weights : array_like, shape (n,), optional
        How many observations each value stands for.
    **options : FitOptions
        As the options of ``stature fit``: ``hide_labels``, ``estimators``, ``shares``, ``sds``,
        ``below``, ``above``, ``rounded``, ``weight_kind``, ``on_bad_rows``, ``unit``, ``seed``.

    Returns
    -------
    Fit
        What each estimator found.

    Raises
    ------
    ValueError
        If the values cannot be fitted as asked; it names every problem.

    Examples
    --------
    With labels, the estimates are the share, mean and SD of the values of each label.

    >>> import stature
    >>> fit = stature.fit([1, 2, 3, 11, 12, 13], labels=list("aaabbb"), estimators=["mle"])
    >>> fit.table().set_index(["group", "parameter"])["estimate"].round(3).to_dict()
    {('a', 'share'): 0.5, ('a', 'mean'): 2.0, ('a', 'sd'): 0.816,
     ('b', 'share'): 0.5, ('b', 'mean'): 12.0, ('b', 'sd'): 0.816, ('', 'gap'): 10.0}
    """
    _known_options(options, FitOptions, "fit")
    columns = {"value": _texts(values)}
    columns |= {} if labels is None else {"label": _texts(labels)}
    columns |= {} if weights is None else {"weight": _texts(weights)}
    for name, given in (("labels", labels), ("weights", weights)):
        _check_order(values, given, name)
    lengths = {name: len(texts) for name, texts in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"fit: expected as many labels and weights as values, got {lengths}")
    request = _request(groups, columns, options)
    with _values_errors("fit"):
        check_request(request)
        found = examine("values", request.reading, lambda _, choose, __: sheet_of(columns, choose))
        check_kind(request, found.kind, found.unit)
        people = people_of(found)
        fitted = fit_all(request, people)
    remarks = [one.removeprefix("values: ") for one in (*people.warnings, *fitted.notes)]
    dropped = [f"{reason}: {count} left out" for reason, count in people.dropped]
    notes = tuple(map(_as_arguments, [*dropped, *remarks]))
    return Fit(fitted, notes, options.get("unit", "none"))


def _request(
    groups: SupportsIndex | Sequence[int], columns: Mapping[str, list[str]], options: FitOptions
) -> FitRequest:
    """The options as those of the command."""
    below, above, rounded = (options.get(name) for name in ("below", "above", "rounded"))
    reading = Reading(
        height="value",
        unit=options.get("unit", "none"),
        group="label" if "label" in columns else None,
        count=NO_COLUMN,
        weights="weight" if "weight" in columns else None,
        weight_kind=options.get("weight_kind"),
        bad_rows=options.get("on_bad_rows", "refuse"),
        cuts=(_length(below), _length(above)),
    )
    shares, sds = options.get("shares"), options.get("sds")
    counts = tuple(_integer(one, "groups") for one in np.atleast_1d(np.asarray(groups)).tolist())
    return FitRequest(
        path="values",
        reading=reading,
        hide_group=options.get("hide_labels", False),
        estimators=tuple(options.get("estimators", ())),
        shares=None if shares is None else tuple(shares),
        sds=None if sds is None else tuple(Length(sd) for sd in sds),
        rounded=_length(rounded),
        groups=() if "label" in columns or shares or sds else counts,
        seed=_integer(options.get("seed", 1), "seed"),
    )


def measure(
    estimates: Any,
    truth: str | float | None = None,
    by: str | Sequence[str] = (),
    **options: Unpack[MeasureOptions],
) -> pd.DataFrame:
    """Measure the performance of methods from a table of estimates.

    Parameters
    ----------
    estimates : table
        A row for each data set and method: a DataFrame of pandas or polars, an Arrow table, or a
        mapping of columns. Infinite and missing estimates are left out and counted.
    truth : str or float, optional
        Column of the true values, or the one true value; a column of a usual name, if not given.
    by : str or sequence of str, optional
        Columns of factors: each combination of their levels is measured apart.
    **options : MeasureOptions
        As the options of ``stature measure``: ``estimate``, ``se``, ``variance``, ``lower``,
        ``upper``, ``method``, ``replicate``, ``reference``, ``level``, ``null`` and ``policy``.

    Returns
    -------
    pandas.DataFrame
        A row for each cell, measure and method: ``measure, method, reference, value, mcse,
        robust_mcse, lower, upper, replicates_used, replicates_failed, replicates_expected,
        policy``, behind the factors. ``mcse`` is the Monte-Carlo standard error by the formulas of
        normal theory, which other software uses; ``robust_mcse`` stands heavy tails, and is the
        one that the interval from ``lower`` to ``upper`` is made of.

    Raises
    ------
    ValueError
        If the table cannot be measured; it names every problem.

    Examples
    --------
    Errors 1, 2 and 3 have mean 2 and SD 1, so that the bias has the error 1 / sqrt(3).

    >>> import stature
    >>> found = stature.measure({"est": [1.0, 2.0, 3.0]}, truth=0.0)
    >>> found.set_index("measure").loc["bias", ["value", "mcse"]].round(4).to_dict()
    {'value': 2.0, 'mcse': 0.5774}
    """
    _known_options(options, MeasureOptions, "measure")
    frame = _frame(estimates)
    if not (truth is None or isinstance(truth, str) or np.ndim(truth) == 0):
        raise ValueError("measure: truth: expected a column or one number; add it as a column")
    parts = ("estimate", "se", "variance", "lower", "upper", "method", "replicate", "level")
    columns = Columns(
        truth=truth,
        by=(by,) if isinstance(by, str) else tuple(by),
        **{name: value for name, value in cast("dict[str, Any]", options).items() if name in parts},
    )
    header = tuple(map(str, frame.columns))
    with _values_errors("measure"):
        numbers = {header[at] for part, at in places_of(header, columns).items() if part in NUMBERS}
        cells = {
            name: _floats(frame[column], name) if name in numbers else _texts(frame[column])
            for name, column in zip(header, frame.columns, strict=True)
        }
        table = estimates_of(cells, columns, np.arange(len(frame))).table
        reference = reference_of(table, options.get("reference"))
    asked = Asked(reference, options.get("null", 0.0), options.get("policy", "available"))
    return pd.DataFrame(performance_of(table, asked).rows)


@dataclass(frozen=True)
class Results:
    """What a study found, read from its folder when it is asked for.

    Attributes
    ----------
    path : pathlib.Path
        The folder of the study.
    """

    path: Path

    @property
    def measures(self) -> pd.DataFrame:
        """Every measure with its Monte-Carlo standard error, a row each."""
        return self._table("measures")

    @property
    def fits(self) -> pd.DataFrame:
        """Every fit, a row for each replicate, size, group and parameter, with its scenario."""
        paths = sorted(self.path.glob("fits/*/*/*.parquet"))
        if not paths:
            raise ValueError(f"{self.path}: expected tables of fits, got none; run the study again")
        parts = [
            stored_fits.FITS.read(path)
            .to_pandas()
            .assign(scenario=path.parts[-3], estimator=path.parts[-2])
            for path in paths
        ]
        table = pd.concat(parts, ignore_index=True)
        names = ["scenario", "estimator"]
        return table[[*names, *(name for name in table.columns if name not in names)]]

    @property
    def checks(self) -> pd.DataFrame:
        """How the results agree with the design and with theory."""
        return self._table("checks")

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures of the study."""
        drawn = {path.stem for path in self.path.glob("figures/*.svg")}
        return tuple(name for name in figures.FIGURES if name in drawn)

    def figure(self, name: str) -> "Figure":
        """Draw a figure of the study again.

        Parameters
        ----------
        name : str
            Its name, one of `figures`.

        Returns
        -------
        matplotlib.figure.Figure
            The figure; save it with its ``savefig``.
        """
        table = figures.FIGURES[_one_of(self.figures, name, str(self.path))].table
        traces = sorted(self.path.glob("traces/*/*/*.parquet")) if table == "traces" else []
        rows = stored_fits.read_traces(traces).to_pandas() if traces else self._table(table)
        spec = self._spec
        return figures.in_words(figures.draw(name, rows, spec.order), spec.say)

    @property
    def _spec(self) -> FiguresSpec:
        """Order and words of the study; those of its tables where it cannot be read."""
        from stature.config.specs import figures_spec
        from stature.config.study import ConfigError, load

        try:
            study = load([str(self.path / "config.yaml")], ".")
        except ConfigError:
            return FiguresSpec((), {})
        return decode(FiguresSpec, figures_spec(study))

    def _table(self, name: str) -> pd.DataFrame:
        """One of the small tables, of all scenarios."""
        paths = sorted(self.path.glob(f"{name}.parquet")) or sorted(
            self.path.glob(f"{name}/*.parquet")
        )
        if not paths:
            words = f"expected {name}.parquet, got none; run the study, or name its folder"
            raise ValueError(f"{self.path}: {words}, such as results/heights")
        return records.read_all(records.KINDS[name], paths).to_pandas()


def read_results(path: str | Path) -> Results:
    """Read what a study found.

    Parameters
    ----------
    path : str or path
        The folder of the study, such as ``results/heights``.

    Returns
    -------
    Results
        Its measures, fits and figures.

    Raises
    ------
    ValueError
        If there is no such folder.

    Examples
    --------
    >>> import stature
    >>> stature.read_results("results/nowhere")
    Traceback (most recent call last):
    ValueError: results/nowhere: expected the folder of a study, got none; run `snakemake` first
    """
    folder = Path(path)
    if not folder.is_dir():
        words = "expected the folder of a study, got none; run `snakemake` first"
        raise ValueError(f"{folder}: {words}")
    return Results(folder)


@contextmanager
def _values_errors(name: str) -> "Generator[None]":
    """Turn problems of files and options into those of arguments."""
    try:
        yield
    except (FileError, UsageError, ColumnError) as error:
        lines = map(_as_arguments, error.messages)
        raise ValueError("\n".join(f"{name}: {line}" for line in lines)) from None


def _as_arguments(sentence: str) -> str:
    """A sentence with the options of the command as arguments."""
    renamed = {"estimator": "estimators", "group": "labels", "hide_group": "hide_labels"}

    def argument(option: re.Match[str]) -> str:
        name = option[1].replace("-", "_")
        return renamed.get(name, name)

    return re.sub(r"--([a-z]+(?:-[a-z]+)*)", argument, sentence)


def _known_options(options: Mapping[str, Any], known: type, where: str) -> None:
    """Refuse arguments that there are not."""
    for name in options:
        _one_of(tuple(known.__annotations__), name, where)


def _one_of(names: Sequence[str], name: str, where: str) -> str:
    """A name, if it is one of those."""
    if name in names:
        return name
    listed, advice = ", ".join(names), meant(name, names)
    raise ValueError(f"{where}: expected one of {listed}, got {name!r}; {advice}")


def _check_order(values: Any, others: Any, name: str) -> None:
    """Refuse two Series whose rows are not the same ones in the same order."""
    both = isinstance(values, pd.Series) and isinstance(others, pd.Series)
    if both and not values.index.equals(others.index):
        words = "expected the index of the values, got another one; bring both into one order"
        raise ValueError(f"fit: {name}: {words}, as by {name}.reindex(values.index)")


def _integer(number: Any, name: str) -> int:
    """A whole number, of whatever type."""
    if not isinstance(number, int | np.integer):
        raise ValueError(f"fit: {name}: expected a whole number, got {number!r}")
    return int(number)


def _texts(values: Any) -> list[str]:
    """Cells of a column as a file would hold them; what is missing or masked is empty."""
    array = np.ma.asarray(values) if np.ma.isMaskedArray(values) else np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"expected one value in each row, got an array of shape {array.shape}")
    return ["" if one is None or one != one else str(one) for one in array.tolist()]


def _frame(estimates: Any) -> pd.DataFrame:
    """A table of estimates with all of its columns, those of a named index too."""
    if isinstance(estimates, str | Path):
        raise ValueError("measure: expected a table, got a text; read the file with pandas")
    frame = estimates.to_pandas() if hasattr(estimates, "to_pandas") else pd.DataFrame(estimates)
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    if not len(frame):
        raise ValueError("measure: expected rows of estimates, got none")
    return frame.set_axis(["estimate"], axis=1) if list(frame.columns) == [0] else frame


def _floats(column: pd.Series, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A column of numbers; what is missing is NaN."""
    try:
        return pd.to_numeric(column).to_numpy(np.float64, na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise ColumnError(f"column '{name}': expected numbers, got {error}") from None


def _length(number: float | None) -> Length | None:
    """A number in the unit of the values."""
    return None if number is None else Length(float(number))


def _numbers(estimate: Any) -> Iterable[float]:
    """An estimate and its uncertainty."""
    names = ("value", *_NUMBERS_OF_A_FIT[1:])
    return (getattr(estimate, name) for name in names)
