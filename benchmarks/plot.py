"""The plot for the README: seconds a fit against the size, for us and for others."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.measurement import Measurement, middle
from benchmarks.problems import PAIRS, SIZES
from stature.plots import look, style

MM_HIGH = 75.0
LINES = (
    ("newton", look.BLUE, "o"),
    ("em", look.SKY_BLUE, "s"),
    ("SciPy BFGS", look.GREEN, "^"),
    ("meV", look.ORANGE, "D"),
    ("scikit-learn", look.VERMILION, "v"),
    ("mixtools", look.PURPLE, "P"),
)
LABELS = {"newton": "Stature, Newton", "em": "Stature, EM", "meV": "mclust (meV)"}


def draw(rows: Sequence[Measurement]) -> Figure:
    """Two panels: solid to the maximum, dotted with loose defaults."""
    with style.context():
        figure = Figure(figsize=(look.WIDE_MM * look.MM, MM_HIGH * look.MM), layout="constrained")
        axes = figure.subplots(1, len(PAIRS), sharey=True)
        for ax, pair in zip(axes, PAIRS, strict=True):
            for name, colour, marker in LINES:
                for way, dash in (("maximum", "-"), ("default", ":")):
                    # Ours have one way only, and BFGS stops at the maximum by itself.
                    if way == "default" and name in ("newton", "em", "SciPy BFGS"):
                        continue
                    seconds = [
                        middle(rows, way, pair.name, size, name, "seconds") for size in SIZES
                    ]
                    hollow = {} if dash == "-" else {"markerfacecolor": "white"}
                    label = (
                        LABELS.get(name, name)
                        if dash == "-"
                        else f"{LABELS.get(name, name)}, default"
                    )
                    ax.plot(
                        SIZES, seconds, dash, color=colour, marker=marker, label=label, **hollow
                    )
            ax.set_xscale("log")
            ax.set_yscale("log")
            ax.grid(visible=True)
            ax.set_xlabel("people in the sample")
            groups = zip(pair.means_cm, pair.sds_cm, strict=True)
            words = " and ".join(f"{mean:g} ± {sd:g}" for mean, sd in groups)
            ax.set_title(f"{pair.name.capitalize()} pair: {words} cm")
        axes[0].set_ylabel("seconds a fit")
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(
            handles,
            labels,
            loc="outside right center",
            frameon=False,
            title="to the maximum (filled)\nor as loose as the default (hollow)",
            title_fontsize=look.SMALL_POINTS,
            alignment="left",
        )
    return figure


def save(figure: Figure, folder: Path) -> None:
    """Write the plot as SVG and PNG."""
    style.save(figure, [folder / "speed.svg", folder / "speed.png"])
