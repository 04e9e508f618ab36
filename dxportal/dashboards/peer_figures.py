"""Dots of one size of municipality on a line of 0 to 100 %: peers hollow, the chosen one filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from dxportal.shared import charts

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT: Final = 240
#: Where the line of the median ends, and where words stand, across the line of dots.
_END, _WORDS = 0.62, 0.78
_TICKS: Final = [0, 25, 50, 75, 100]


@dataclass(frozen=True, slots=True)
class Dot:
    """One municipality: its name, its percentage, and where it stands across, −0.5 to 0.5."""

    name: str
    percent: int
    across: float


def dot_figure(
    peers: Sequence[Dot], *, median: float | None, chosen: Dot | None, who: str
) -> go.Figure:
    """Peers as hollow dots, the chosen municipality filled and named, the median as a line."""
    import plotly.graph_objects as go

    figure = go.Figure(layout=_layout())
    marker = {"symbol": "circle-open", "size": 9, "color": charts.EDGE, "line": {"width": 1.25}}
    figure.add_trace(_dots(peers, _("Municipalities of this size"), marker))
    if chosen:
        filled = {
            "symbol": "circle",
            "size": 17,
            "color": charts.KEY,
            "line": {"color": "#ffffff", "width": 2},
        }
        on_the_line = Dot(chosen.name, chosen.percent, 0)
        figure.add_trace(_dots([on_the_line], who, filled))
        told = _("%(who)s %(percent)s%%") % {"who": who, "percent": chosen.percent}
        figure.add_annotation(_words(chosen.percent, -_WORDS, told, charts.KEY))
    if median is not None:
        figure.add_shape(
            type="line",
            x0=median,
            x1=median,
            y0=-_END,
            y1=_END,
            line={"color": charts.INK, "width": 3},
        )
        told = _("Median %(percent)s%%") % {"percent": f"{median:g}"}
        figure.add_annotation(_words(median, _WORDS, told, charts.INK))
    return figure


def _dots(dots: Sequence[Dot], name: str, marker: dict[str, Any]) -> go.Scatter:
    import plotly.graph_objects as go

    return go.Scatter(
        x=[dot.percent for dot in dots],
        y=[round(dot.across, 3) for dot in dots],
        text=[f"{dot.name} {dot.percent}%" for dot in dots],
        hoverinfo="text",
        name=name,
        mode="markers",
        marker=marker,
        cliponaxis=False,
    )


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
    line = {
        **common["xaxis"],
        "type": "linear",
        "range": [-3, 103],
        "showgrid": True,
        "gridcolor": charts.GRID,
    }
    return {
        **common,
        "margin": {"l": 16, "r": 24, "t": 8, "b": 8},
        "hovermode": "closest",
        "showlegend": False,
        "xaxis": {**line, "tickvals": _TICKS, "ticktext": [f"{tick}%" for tick in _TICKS]},
        "yaxis": {"visible": False, "fixedrange": True, "range": [-1, 1]},
    }
