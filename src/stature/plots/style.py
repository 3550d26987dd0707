"""The style of all figures: fonts, thin axes, light grids; and their files.

The style is a context, never a change of global settings.
"""

import sys
import warnings
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from functools import cache, partial
from io import BytesIO, StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import matplotlib as mpl
import numpy as np
from fontTools import subset
from matplotlib.backend_bases import RendererBase
from matplotlib.backends import _backend_pdf_ps
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_pdf import Op, PdfFile, RendererPdf
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, findSystemFonts, fontManager, get_font
from matplotlib.image import imsave
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, Transform, TransformedPath
from numpy.typing import NDArray

from stature import writing
from stature.plots.look import TINY_POINTS

FONT = "DejaVu Sans"
"""The font of all figures, which Matplotlib brings."""

_others: ContextVar[tuple[str, ...]] = ContextVar("other fonts of what is drawn", default=())


@cache
def _look() -> dict[Any, Any]:
    """Settings of the look."""
    path = Path(__file__).with_suffix(".mplstyle")
    look = dict(mpl.rc_params_from_file(path, fail_on_error=True))
    del look["backend"]  # to set it is to load all that shows figures on a screen
    return look


@contextmanager
def context() -> Generator[None]:
    """The look, as a context in which figures are drawn and saved."""
    look = {**_look()}
    look["font.family"] = [FONT, *_others.get()]
    with mpl.rc_context(look), warnings.catch_warnings():
        # What no font has is said once, in `save`.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield


@contextmanager
def fonts_for(text: str) -> Generator[str]:
    """Let figures have the fonts that a text takes; gives the characters that no font has."""
    found, lacking = fonts_with(frozenset(filter(str.isprintable, text)))
    before = _others.set(found)
    try:
        yield lacking
    finally:
        _others.reset(before)


@cache
def fonts_with(characters: frozenset[str]) -> tuple[tuple[str, ...], str]:
    """Installed fonts with what the usual one lacks, of each the most; and what none has."""
    found, lacking = list[str](), _without(findfont(FontProperties(family=[FONT])), characters)
    if lacking:
        # Matplotlib remembers the fonts of its first start.
        known = {one.fname for one in fontManager.ttflist}
        for path in sorted({*findSystemFonts()} - known):
            with suppress(OSError, RuntimeError, ValueError):
                fontManager.addfont(path)
    # Matplotlib's last resort has boxes for all characters.
    files = {one.name: one.fname for one in fontManager.ttflist if "Last Resort" not in one.name}
    names = sorted(files, key=lambda name: ("Sans" not in name, "Mono" in name, name))
    while lacking:
        best = min(names, key=lambda name: len(_without(files[name], lacking)))
        left = _without(files[best], lacking)
        if left == lacking:
            break
        found, lacking = [*found, best], left
    return tuple(found), "".join(sorted(lacking))


def _without(file: str, characters: frozenset[str]) -> frozenset[str]:
    """Those of some characters that the font of a file has not."""
    font = get_font(file)
    return frozenset(one for one in characters if font.get_char_index(ord(one)) == 0)


PNG_DOTS_PER_INCH = 200
POINTS_PER_INCH = 72
"""The dots per inch of formats that have none: SVG and PDF."""

FORMATS = (".svg", ".png", ".pdf")

_USUAL = "".join(map(chr, range(32, 127))) + "–−±²×≤…⁻⁰¹³⁴⁵⁶⁷⁸⁹"
"""What the fonts of a PDF have in any case, so that the figures of a process share them."""
_NEEDED = {"head", "hhea", "hmtx", "maxp", "loca", "glyf", "CFF ", "cmap", "post", "name", "OS/2"}
"""Tables of a font that a PDF has a use for: its text is laid out before it is written."""


class _Written(bytes):
    """A font that is written already."""

    def save(self, to: BytesIO, **_: bool) -> None:
        to.write(self)


@cache
def _part_of_font(file: Any, glyphs: frozenset[Any]) -> _backend_pdf_ps.SubsetResults:
    """The part of a font with some glyphs, as a PDF holds it."""
    options = subset.Options(hinting=False, font_number=file.face_index)
    with subset.load_font(file, options) as font, BytesIO() as written:
        options.drop_tables += {*font.keys()} - _NEEDED
        part = subset.Subsetter(options)
        part.populate(gids=glyphs)
        part.subset(font)
        font.save(written, reorderTables=False)
        return _backend_pdf_ps.SubsetResults(_Written(written.getvalue()), part.glyph_index_map)  # pyright: ignore[reportArgumentType]: PDFs only save it


def _shared_part(file: Any, glyphs: Iterable[Any]) -> Any:
    """The part of a font with some glyphs and the usual ones: most figures have the same."""
    usual = map(get_font(file).get_char_index, map(ord, _USUAL))
    return nullcontext(_part_of_font(file, frozenset(glyphs) | {*usual}))


_backend_pdf_ps.get_glyphs_subset = _shared_part


_NO_FONT = "No font that is installed has the characters {}: they are boxes in PNG and PDF."
_REMEDY = "Install one, such as Debian's fonts-noto-cjk, and draw again; SVG and page need none."


def save(figure: Figure, paths: Sequence[Path]) -> None:
    """Write a figure in the format of each path, whole or not at all, the same bytes each time.

    It is drawn once, since that takes longer than to write what is drawn. Where no installed font
    has a character, the figure says so.
    """
    unknown = [path.name for path in paths if path.suffix not in FORMATS]
    if unknown:
        known = ", ".join(FORMATS)
        raise ValueError(f"figures are written as {known}, got {', '.join(unknown)}; name them so")
    with fonts_for("".join(one.get_text() for one in figure.findobj(Text))) as lacking, context():
        if lacking:
            note = _NO_FONT.format(" ".join(lacking))
            figure.text(0.5, 0.0, note, fontsize=TINY_POINTS, ha="center", va="bottom")
            print(note, _REMEDY, file=sys.stderr)
    svg, pdf, dots = StringIO(), BytesIO(), BytesIO()
    with context():
        width, height = (float(inches) for inches in figure.get_size_inches())
        points = width * POINTS_PER_INCH, height * POINTS_PER_INCH
        # Without dates each format would hold the time at which it was written.
        page = PdfFile(pdf, metadata={"CreationDate": None})
        page.newPage(width, height)
        size = width * PNG_DOTS_PER_INCH, height * PNG_DOTS_PER_INCH
        raster = _Dots(*size, PNG_DOTS_PER_INCH)
        renderers = (
            RendererSVG(*points, svg, image_dpi=PNG_DOTS_PER_INCH, metadata={"Date": None}),
            _Page(page, PNG_DOTS_PER_INCH, height, width),
            raster,
        )
        figure.dpi = POINTS_PER_INCH
        pixels = RendererAgg(*size, PNG_DOTS_PER_INCH)  # for what an SVG and a PDF hold as pixels

        def cleared(*_: float) -> RendererAgg:
            pixels.clear()
            return pixels

        mixed: Any = MixedModeRenderer(
            figure, width, height, PNG_DOTS_PER_INCH, _Together(*renderers), cleared
        )
        # Where there is no name of an axis, Matplotlib need not look for a place for it.
        for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
            if not axis.get_label_text():
                axis.set_label_coords(0.0, 0.0)
        figure.draw(mixed)
        for renderer in renderers[:2]:
            renderer.finalize()
        page.finalize()
        page.close()
        imsave(dots, raster.buffer_rgba(), format="png", dpi=PNG_DOTS_PER_INCH)
    written = {".svg": svg.getvalue().encode(), ".png": dots.getvalue(), ".pdf": pdf.getvalue()}
    for path in paths:
        with writing.replacing(path) as partial:
            partial.write_bytes(written[path.suffix])


class _Dots(RendererAgg):
    """Dots, in which a text begins at a whole dot: what recurs, such as ticks, is drawn once."""

    _texts: ClassVar[dict[Any, tuple[NDArray[np.uint8], int, int]]] = {}

    def draw_text(self, gc: Any, x: float, y: float, *given: Any, **named: Any) -> None:
        """Draw a text that was drawn before, or draw it."""
        text, font, angle, *_ = given
        key = text, hash(font), angle
        if key not in self._texts:
            self._texts[key] = self._drawn(gc, *given, **named)
        picture, left, bottom = self._texts[key]
        self._renderer.draw_text_image(picture, round(x) + left, round(y) + bottom, 0.0, gc)

    def _drawn(self, gc: Any, *given: Any, **named: Any) -> tuple[NDArray[np.uint8], int, int]:
        """A text at the upper edge: its dots, and where their lower left corner is."""
        parts: list[tuple[NDArray[np.uint8], int, int]] = []
        renderer, self._renderer = (
            self._renderer,
            SimpleNamespace(
                draw_text_image=lambda dots, left, bottom, *_: parts.append((+dots, left, bottom))
            ),
        )
        super().draw_text(gc, 0.0, self.height % 1.0, *given, **named)
        self._renderer = renderer
        parts = [part for part in parts if part[0].size]
        if not parts:
            return np.zeros((1, 1), np.uint8), 0, 0
        left, bottom = min(part[1] for part in parts), max(part[2] for part in parts)
        right = max(x + dots.shape[1] for dots, x, _ in parts)
        top = min(y - dots.shape[0] for dots, _, y in parts)
        picture = np.zeros((bottom - top, right - left), np.uint8)
        for dots, x, y in parts:
            tall, wide = dots.shape
            here = picture[y - tall - top : y - top, x - left : x - left + wide]
            np.maximum(here, dots, out=here)
        return picture, left, bottom


class _Page(RendererPdf):
    """The page of a PDF, on which a text that recurs is laid out once."""

    def __init__(self, file: PdfFile, dots_per_inch: float, height: float, width: float) -> None:
        super().__init__(file, dots_per_inch, height, width)
        self._texts: dict[Any, list[tuple[Any, ...]]] = {}

    def draw_text(self, gc: Any, x: float, y: float, *given: Any, **named: Any) -> None:
        """Write a text that was written before, or write it and note how."""
        text, font, angle, *_ = given
        key, output = (text, hash(font), angle), self.file.output
        if key in self._texts:
            self.check_gc(gc, gc.get_rgb())
            turned = np.cos(np.radians(angle)), np.sin(np.radians(angle))
            output(Op.gsave)
            output(turned[0], turned[1], -turned[1], turned[0], x, y, Op.concat_matrix)
            for written in self._texts[key]:
                output(*written)
            return
        noted: list[tuple[Any, ...]] = []
        self.file.output = lambda *written: noted.append(written) or output(*written)
        super().draw_text(gc, x, y, *given, **named)
        self.file.output = output
        self._texts[key] = noted[noted.index((Op.begin_text,)) :]


_ASKED = (
    "flipy", "get_canvas_width_height", "get_image_magnification", "open_group", "close_group",
    "get_text_width_height_descent", "option_image_nocomposite", "option_scale_image",
)  # fmt: skip
"""What only the SVG is asked, or told."""


class _Together(RendererBase):
    """Draws the same as an SVG, on the page of a PDF and in dots, to which sizes are scaled."""

    def __init__(self, svg: RendererSVG, pdf: RendererPdf, dots: RendererAgg) -> None:
        super().__init__()
        self._svg, self._pdf, self._dots = svg, pdf, dots
        self._factor = PNG_DOTS_PER_INCH / POINTS_PER_INCH
        self._scale = Affine2D().scale(self._factor)
        for name in _ASKED:
            setattr(self, name, getattr(svg, name))
        for name in ("draw_path", "draw_markers", "draw_path_collection"):
            setattr(self, name, partial(self._draw, name))

    def _draw(self, name: str, gc: Any, *given: Any, **named: Any) -> None:
        """Draw something whose sizes are in its transforms."""
        scaled = [one + self._scale if isinstance(one, Transform) else one for one in given]
        self._call(name, gc, given, given, scaled, **named)

    def draw_image(self, gc: Any, x: float, y: float, im: Any, transform: Any = None) -> None:
        """Draw what is pixels already, those of dots."""
        given = x, y, im, transform
        self._call("draw_image", gc, given, given, (x * self._factor, y * self._factor, im))

    def draw_text(self, gc: Any, x: float, y: float, *given: Any, **named: Any) -> None:
        """Draw a text; on the page of a PDF places are counted from below."""
        dots = x * self._factor, y * self._factor, *given
        page = x, self._svg.height - y, *given
        self._call("draw_text", gc, (x, y, *given), page, dots, **named)

    def _call(
        self, name: str, gc: Any, svg: Sequence[Any], page: Sequence[Any], dots: Sequence[Any],
        **named: Any,
    ) -> None:  # fmt: skip
        """Have each renderer draw, with colours, widths and clips of its own."""
        of_page, of_dots = self._pdf.new_gc(), self._dots.new_gc()
        of_page.copy_properties(gc)
        of_dots.copy_properties(gc)
        if (clip := gc.get_clip_rectangle()) is not None:
            of_dots.set_clip_rectangle(Bbox(clip.get_points() * self._factor))
        path, transform = gc.get_clip_path()
        if path is not None:
            of_dots.set_clip_path(TransformedPath(path, transform + self._scale))
        getattr(self._svg, name)(gc, *svg, **named)
        getattr(self._pdf, name)(of_page, *page, **named)
        getattr(self._dots, name)(of_dots, *dots, **named)
