"""Dots of one size of municipality on a line of 0 to 100 %: peers hollow, the chosen one filled.

Figures are plain dicts: building and writing out three with 300 dots each takes a tenth of a second
through graph_objects. The tests hold them against graph_objects instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from dxportal.shared import charts

HEIGHT: Final = 240
#: Where the line of the median ends, and where words stand, across the line of dots.
_END, _WORDS = 0.62, 0.78
_TICKS: Final = [0, 25, 50, 75, 100]
_HOLLOW: Final = {
    "symbol": "circle-open",
    "size": 9,
    "color": charts.EDGE,
    "line": {"width": 1.25},
}
_FILLED: Final = {
    "symbol": "circle",
    "size": 17,
    "color": charts.KEY,
    "line": {"color": "#ffffff", "width": 2},
}


@dataclass(frozen=True, slots=True)
class Dot:
    """One municipality: its name, its percentage, and where it stands across, −0.5 to 0.5."""

    name: str
    percent: int
    across: float


def dot_figure(
    peers: Sequence[Dot], *, median: float | None, chosen: Dot | None, who: str
) -> dict[str, Any]:
    """Peers as hollow dots, the chosen municipality filled and named, the median as a line."""
    traces = [_dots(peers, _("Municipalities of this size"), _HOLLOW)]
    words, lines = [], []
    if chosen:
        traces.append(_dots([Dot(chosen.name, chosen.percent, 0)], who, _FILLED))
        told = _("%(who)s %(percent)s%%") % {"who": who, "percent": chosen.percent}
        words.append(_words(chosen.percent, -_WORDS, told, charts.KEY))
    if median is not None:
        told = _("Median %(percent)s%%") % {"percent": f"{median:g}"}
        words.append(_words(median, _WORDS, told, charts.INK))
        ends = {"x0": median, "x1": median, "y0": -_END, "y1": _END}
        lines.append({"type": "line", **ends, "line": {"color": charts.INK, "width": 3}})
    return {"data": traces, "layout": {**_layout(), "annotations": words, "shapes": lines}}


def _dots(dots: Sequence[Dot], name: str, marker: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [dot.percent for dot in dots],
        "y": [round(dot.across, 3) for dot in dots],
        "text": [f"{dot.name} {dot.percent}%" for dot in dots],
        "hoverinfo": "text",
        "name": name,
        "mode": "markers",
        "marker": marker,
        "cliponaxis": False,
    }


def _words(percent: float, across: float, text: str, colour: str) -> dict[str, Any]:
    """Words at a percentage; near an end of the line they run inwards."""
    anchor = "left" if percent < 20 else "right" if percent > 80 else "center"
    return {
        "x": percent,
        "y": across,
        "text": text,
        "showarrow": False,
        "xanchor": anchor,
        "font": {"color": colour, "weight": 700},
    }


def _layout() -> dict[str, Any]:
    """The common layout, with a line from 0 to 100 % and nothing to read across it."""
    common = charts.layout(height=HEIGHT)
    del common["template"]
    line = {**common["xaxis"], "type": "linear", "range": [-3, 103]}
    grid = {"showgrid": True, "gridcolor": charts.GRID}
    ticks = {"tickvals": _TICKS, "ticktext": [f"{tick}%" for tick in _TICKS]}
    return {
        **common,
        "margin": {"l": 16, "r": 24, "t": 8, "b": 8},
        "hovermode": "closest",
        "showlegend": False,
        "xaxis": {**line, **grid, **ticks},
        "yaxis": {"visible": False, "fixedrange": True, "range": [-1, 1]},
    }
