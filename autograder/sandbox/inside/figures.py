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
    """For a figure that is the cell's last expression, or is given to display(): PNG, shown once."""

    def render(figure: Figure) -> bytes | None:
        data = picture(figure, host.capture.image_limit)
        figure._shown_in_cell = True  # type: ignore[attr-defined]
        return data.get("image/png")

    return render


def picture(figure: Figure, byte_limit: int) -> dict[str, Any]:
    """A MIME bundle with `figure` as PNG of at most `byte_limit` bytes; its resolution gives way first."""
    width, height = (float(side) for side in figure.get_size_inches())
    text = f"<Figure of {width:g} x {height:g} inches>"
    if not (0 < width < 1e4 and 0 < height < 1e4):
        return {"text/plain": f"{text} [not drawn: its size is not sensible]"}
    dpi = min(float(figure.dpi), MAX_SIDE / max(width, height), (MAX_PIXELS / (width * height)) ** 0.5)
    if dpi < figure.dpi:
        figure.set_dpi(dpi)  # measuring makes a canvas of the figure's own resolution
    # A tight box follows whatever was drawn, however far outside the figure it lies: measure it here, once, instead
    # of leaving it to savefig, which would make an image of any size.
    figure.draw_without_rendering()
    box = figure.get_tightbbox()
    tight = bool(0 < box.width * dpi < MAX_SIDE and 0 < box.height * dpi < MAX_SIDE)
    bounds = box.padded(0.1) if tight else None
    for _ in range(3):
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=dpi, bbox_inches=bounds, metadata={"Software": None})
        if file.tell() <= byte_limit:
            return {"image/png": file.getvalue(), "text/plain": text}
        dpi *= 0.6
    return {"text/plain": f"{text} [not shown: the notebook's output limit is reached]"}
