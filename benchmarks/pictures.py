"""Pictures of the documents, from the results of the default study.

`python -m benchmarks.pictures` draws them, small enough for a repository: 100 dots an inch and few
colours. The moving one shows EM step by step.
"""

import io
import sys
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from stature.api import read_results
from stature.domain.population import Population
from stature.plots import paths
from stature.plots.style import context
from stature.theory import lesson

STILLS = ("answer", "steps", "lesson", "price", "biases", "zip")
TO = Path(__file__).parents[1] / "docs/pictures"
DOTS_PER_INCH, COLOURS = 100, 64
SEED = 20261122  # of the default study
# Steps of EM that a frame is drawn of, and how long it stands, in ms.
FRAMES = (0, 1, 2, 3, 5, 8, 12, 20, 30, 45, 65, 90, 120, 160, 210, 298)
STANDS_MS, FIRST_MS, LAST_MS = 350, 1200, 3000


def picture(figure: Figure) -> Image.Image:
    """A figure in few colours."""
    buffer = io.BytesIO()
    with context():
        figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    return Image.open(buffer).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)


def frames(seed: int) -> list[Image.Image]:
    """EM step by step on the lesson's pupils."""
    heights_cm = lesson.drawn_cm(seed, Population("pupils", lesson.PUPILS), 2 * lesson.PEOPLE)
    last = len([*lesson.em_path(heights_cm)]) - 1
    shown = [*(step for step in FRAMES if step < last), last]
    tables = [pd.DataFrame([*lesson.pupils(heights_cm, [step])]) for step in shown]
    return [picture(paths.steps(table)) for table in tables]


def main(folder: str = "results/heights") -> None:
    """Draw them all."""
    results = read_results(folder)
    TO.mkdir(exist_ok=True)
    for name in STILLS:
        picture(results.figure(name)).save(TO / f"{name}.png", optimize=True)
    first, *others = frames(SEED)
    stands = [FIRST_MS, *[STANDS_MS] * (len(others) - 1), LAST_MS]
    first.save(TO / "em.gif", save_all=True, append_images=others, duration=stands, loop=0)
    for path in sorted(TO.iterdir()):
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:2])
