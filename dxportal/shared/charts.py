"""Theme, fonts, colours and JSON of every chart; figures are built from plain values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

FONT = (
    '"Noto Sans JP","Noto Sans CJK JP","BIZ UDPGothic","Hiragino Sans","Yu Gothic UI",'
    "Meiryo,sans-serif"
)
INK, MUTED, EDGE, GRID = "#1a1a1a", "#666666", "#767676", "#cccccc"
KEY, ACCENT = "#0017c1", "#fb5b01"
#: Harder, same, a little easier, easier: least distance 18.6 (CIEDE2000) in every colour vision.
FOLLOW_UP = ("#fb5b01", "#cccccc", "#9db7f9", "#0017c1")
#: Strongly disagree to strongly agree: least distance 24.2.
LIKERT = ("#ac3e00", "#ff8d44", "#cccccc", "#7096f8", "#0017c1")
#: Heat map, lowest to highest; neighbours are close (7 to 10), so cells carry their numbers.
SEQUENTIAL = ("#ffffff", "#e8f1fe", "#c5d7fb", "#9db7f9", "#7096f8", "#0031d8")
#: Up to four lines that differ in colour, dash and marker.
LINES = (
    ("#0017c1", "solid", "circle"),
    ("#fb5b01", "dash", "square"),
    ("#333333", "dot", "diamond"),
    ("#7096f8", "dashdot", "triangle-up"),
)


@dataclass(frozen=True)
class Series:
    """One line: a label and one value a point; None leaves a gap, never a zero."""

    label: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    """What `_chart.html` draws: a figure, its finding in one sentence, the same numbers."""

    name: str
    title: str
    finding: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    figure: dict[str, Any] | None = field(default=None)
    csv_url: str = ""


def sequential_class(value: float | None, highest: float) -> str:
    """CSS class of a heat map cell: h0 (nothing) to h5 (highest), mask where nothing is shown."""
    if value is None:
        return "mask"
    if value <= 0 or highest <= 0:
        return "h0"
    return f"h{min(5, 1 + int(4.999 * min(value, highest) / highest))}"


def ink_on(colour: str) -> str:
    """Text colour on a fill of ours: white on the dark blues and browns, ink elsewhere."""
    return "#ffffff" if colour in {"#0017c1", "#0031d8", "#ac3e00"} else INK


def layout(*, height: int = 320, unit: str = "") -> dict[str, Any]:
    """The common layout. No template: the default one adds 6 KB to every figure."""
    axis = {"showline": True, "linecolor": EDGE, "ticks": "", "automargin": True}
    return {
        "template": None,
        "height": height,
        "margin": {"l": 8, "r": 72, "t": 16, "b": 8},
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "dragmode": False,
        "hovermode": "x unified",
        "legend": {"orientation": "h", "x": 0, "y": 1.12, "yanchor": "bottom"},
        "xaxis": {**axis, "fixedrange": True, "showgrid": False, "type": "category"},
        "yaxis": {
            **axis,
            "fixedrange": True,
            "rangemode": "tozero",
            "gridcolor": GRID,
            "zeroline": False,
            "ticksuffix": unit,
        },
    }


def line_figure(
    points: Sequence[str], series: Sequence[Series], *, unit: str = "", highest: float | None = None
) -> go.Figure:
    """Lines over waves or quarters; the last point of each line carries its value.

    ``points`` are labels in order of time; ``highest`` fixes the axis (100 for shares).
    """
    import plotly.graph_objects as go

    figure = go.Figure(layout=layout(unit=unit))
    for index, line in enumerate(series):
        colour, dash, symbol = LINES[index % len(LINES)]
        figure.add_trace(
            go.Scatter(
                x=list(points),
                y=list(line.values),
                name=line.label,
                mode="lines+markers+text",
                text=_last_only(line.values, unit),
                textposition="middle right",
                textfont={"color": INK, "weight": 700},
                line={"color": colour, "width": 2.5, "dash": dash},
                marker={"color": colour, "size": 8, "symbol": symbol},
                cliponaxis=False,
                connectgaps=False,
                hovertemplate=f"%{{y}}{unit}",
            )
        )
    if highest is not None:
        figure.update_yaxes(range=[0, highest])
    return figure


def _last_only(values: Sequence[float | None], unit: str) -> list[str]:
    """The value as text at the last known point, '' elsewhere."""
    known = [index for index, value in enumerate(values) if value is not None]
    return [
        f"{value:g}{unit}" if known and index == known[-1] else ""
        for index, value in enumerate(values)
    ]


def figure_json(figure: go.Figure) -> dict[str, Any]:
    """Plain data of a figure, ready for ``json_script``."""
    plain: dict[str, Any] = json.loads(figure.to_json(validate=False))
    plain.get("layout", {}).pop("template", None)
    return plain


def line_chart(
    name: str,
    *,
    title: str,
    finding: str,
    corner: str,
    points: Sequence[str],
    series: Sequence[Series],
    unit: str = "",
    highest: float | None = None,
    csv_url: str = "",
) -> Chart:
    """A whole line chart: figure and table from the same values.

    Rows of the table are the points of time, columns the lines; ``corner`` heads the first column.
    """
    rows = [
        (point, *(None if s.values[i] is None else f"{s.values[i]:g}{unit}" for s in series))
        for i, point in enumerate(points)
    ]
    return Chart(
        name=name,
        title=title,
        finding=finding,
        columns=(corner, *(s.label for s in series)),
        rows=rows,
        figure=figure_json(line_figure(points, series, unit=unit, highest=highest)),
        csv_url=csv_url,
    )
