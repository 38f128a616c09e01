"""Figures become PNG outputs of the cell, in order, bounded in pixels and bytes.

Nothing here imports matplotlib: a notebook without figures does not pay for it.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BACKEND = f"module://{__package__}.figure_backend"
MAX_PIXELS = 4_000_000
MAX_SIDE = 4000
MAX_FIGURES = 20  # in one cell
PADDING = 0.1  # inches around what was drawn


def choose_backend() -> None:
    """Make figure_backend matplotlib's backend, whether or not matplotlib is imported yet."""
    os.environ["MPLBACKEND"] = BACKEND
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is not None:
        matplotlib.use(BACKEND)


def flush(host: Any) -> None:
    """Show all open figures and close them. Costs nothing where matplotlib is not imported."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is None:
        return
    managers = helpers.Gcf.get_all_fig_managers()
    try:
        for number, manager in enumerate(managers):
            figure = manager.canvas.figure
            if number < MAX_FIGURES and not getattr(figure, "_shown_in_cell", False):
                _show(figure, host)
        if len(managers) > MAX_FIGURES:
            host.capture.write("stderr", f"[{len(managers) - MAX_FIGURES} more figures were left out]\n")
    finally:
        close_all()


def _show(figure: Figure, host: Any) -> None:
    try:
        host.capture.display(picture(figure, host.capture.image_limit))
    except Exception as error:  # noqa: BLE001 - artists are student code; Jupyter goes on as well
        host.capture.write("stderr", f"[a figure could not be drawn: {type(error).__name__}]\n")


def close_all() -> None:
    """Close all figures without showing them."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is not None:
        helpers.Gcf.destroy_all()


def figure_formatter(host: Any) -> Any:
    """Return PNG, shown once, for a figure that is the cell's last expression, or is given to display()."""

    def render(figure: Figure) -> bytes | None:
        data = picture(figure, host.capture.image_limit)
        figure._shown_in_cell = True  # type: ignore[attr-defined]
        return data.get("image/png")

    return render


def picture(figure: Figure, byte_limit: int) -> dict[str, Any]:
    """Return a MIME bundle with `figure` as PNG of at most `byte_limit` bytes; its resolution gives way first.

    As Jupyter does, what is empty around the artists is cut off, and what lies outside the figure shown. To draw
    takes most of the time, so it is drawn once, where everything lies inside: then cutting is enough.
    """
    width, height = (float(side) for side in figure.get_size_inches())
    text = f"<Figure of {width:g} x {height:g} inches>"
    if not (0 < width < 1e4 and 0 < height < 1e4):
        return {"text/plain": f"{text} [not drawn: its size is not sensible]"}
    dpi = min(float(figure.dpi), MAX_SIDE / max(width, height), (MAX_PIXELS / (width * height)) ** 0.5)
    for _ in range(3):
        file = io.BytesIO()
        _draw(figure, dpi, file)
        if file.tell() <= byte_limit:
            return {"image/png": file.getvalue(), "text/plain": text}
        dpi *= 0.6
    return {"text/plain": f"{text} [not shown: the notebook's output limit is reached]"}


def _draw(figure: Figure, dpi: float, file: io.BytesIO) -> None:
    import numpy
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    if dpi < figure.dpi:
        figure.set_dpi(dpi)
    canvas = figure.canvas if isinstance(figure.canvas, FigureCanvasAgg) else FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    width, height = figure.get_size_inches()
    # It follows whatever was drawn, however far outside the figure that lies: an image could have any size.
    box = figure.get_tightbbox()
    sensible = 0 < box.width * dpi < MAX_SIDE and 0 < box.height * dpi < MAX_SIDE
    if sensible and not (box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height):
        figure.savefig(file, format="png", dpi=dpi, bbox_inches=box.padded(PADDING), metadata={"Software": None})
        return
    image = Image.fromarray(numpy.asarray(canvas.buffer_rgba()))  # type: ignore[no-untyped-call]
    if sensible:
        left, top = (max(0, int((side - PADDING) * dpi)) for side in (box.x0, height - box.y1))
        right, bottom = (int((side + PADDING) * dpi) + 1 for side in (box.x1, height - box.y0))
        image = image.crop((left, top, min(image.width, right), min(image.height, bottom)))
    image.save(file, format="png", dpi=(dpi, dpi))
