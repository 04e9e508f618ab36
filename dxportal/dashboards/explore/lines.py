"""Lines and ranges by month from plain values, with findings. No data leaves a gap, never 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dxportal.dashboards.explore.picture import NONE, Cell, Picture, Point, percent_cell
from dxportal.shared.charts import LINES, figure_json, layout


# trend of firmness --------------------------------------------------------------------------------
@dataclass(frozen=True)
class StepLine:
    """One step over the points: firmness in percent, None where nothing is answered."""

    label: str
    values: Sequence[int | None]


def trend(
    name: str,
    title: str,
    *,
    points: Sequence[Point],
    lines: Sequence[StepLine],
    since: int = 0,
    notes: Sequence[str] = (),
) -> Picture:
    """Firmness of steps month by month; the finding compares the last month with point `since`."""
    import plotly.graph_objects as go

    figure = go.Figure(layout=layout(unit="%"))
    for number, line in enumerate(lines):
        colour, dash, symbol = LINES[number % len(LINES)]
        figure.add_trace(
            go.Scatter(
                x=[point.label for point in points],
                y=list(line.values),
                name=line.label,
                mode="lines+markers",
                line={"color": colour, "width": 2.5, "dash": dash},
                marker={"color": colour, "size": 8, "symbol": symbol},
                cliponaxis=False,
                connectgaps=False,
                hovertemplate="%{y}%",
            )
        )
    figure.update_yaxes(range=[0, 100])
    known = any(value is not None for line in lines for value in line.values)
    return Picture(
        name,
        title,
        trend_finding(points, lines, since),
        [_("Month"), *(line.label for line in lines)],
        [
            [point.cell, *(percent_cell(line.values[i]) for line in lines)]
            for i, point in enumerate(points)
        ],
        curves=list(range(len(lines))),
        figure=figure_json(figure) if known else None,
        notes=notes,
    )


def trend_finding(points: Sequence[Point], lines: Sequence[StepLine], since: int) -> str:
    """What rose most and everything that fell; falls are never left out."""
    ends = [
        (line.label, line.values[since], line.values[-1])
        for line in lines
        if len(points) > since and line.values
    ]
    moves = [(label, a, b) for label, a, b in ends if a is not None and b is not None]
    if not moves:
        return _("There is no data for two months that could be compared.")
    if since >= len(points) - 1:
        return _("Only one month is shown; nothing can be compared.")
    span = {"from": points[since].label, "to": points[-1].label}
    fell = [(label, a, b) for label, a, b in moves if b < a]
    best = max(moves, key=lambda move: move[2] - move[1])
    sentences = []
    if best[2] > best[1]:
        words = {**span, "step": best[0], "old": best[1], "new": best[2]}
        sentences.append(
            _("From %(from)s to %(to)s, %(step)s rose most: from %(old)d %% to %(new)d %%.") % words
        )
    for label, old, new in fell:
        words = {"step": label, "old": old, "new": new}
        sentences.append(_("%(step)s fell from %(old)d %% to %(new)d %%.") % words)
    return " ".join(sentences) or _("Nothing changed from %(from)s to %(to)s.") % span


# ranges: burden, hours, people --------------------------------------------------------------------
@dataclass(frozen=True)
class RangeLine:
    """One kind of figure over the points, low and high; None where there is none."""

    label: str
    values: Sequence[tuple[float, float] | None]
    urls: Sequence[str] = ()


def ranges(
    name: str,
    title: str,
    *,
    finding: str,
    points: Sequence[Point],
    lines: Sequence[RangeLine],
    corner: str,
    notes: Sequence[str] = (),
    links: Sequence[tuple[str, str]] = (),
) -> Picture:
    """Each value from its low to its high end; the middle is drawn and told nowhere."""
    import plotly.graph_objects as go

    figure = go.Figure(layout=layout())
    for number, line in enumerate(lines):
        colour, _dash, symbol = LINES[number % len(LINES)]
        low = [None if value is None else value[0] for value in line.values]
        reach = [0 if value is None else value[1] - value[0] for value in line.values]
        figure.add_trace(
            go.Scatter(
                x=[point.label for point in points],
                y=low,
                name=line.label,
                mode="lines+markers",
                line={"color": colour, "width": 1.5, "dash": _dash},
                marker={"color": colour, "size": 8, "symbol": symbol},
                error_y={
                    "type": "data",
                    "array": reach,
                    "arrayminus": [0] * len(reach),
                    "color": colour,
                    "thickness": 2,
                    "width": 6,
                },
                customdata=[_span(value) for value in line.values],
                hovertemplate="%{customdata}",
                cliponaxis=False,
                connectgaps=False,
            )
        )
    known = any(value is not None for line in lines for value in line.values)
    return Picture(
        name,
        title,
        finding,
        [corner, *(heading for line in lines for heading in _both(line.label))],
        [
            [point.cell, *(cell for line in lines for cell in _range_cells(line, i))]
            for i, point in enumerate(points)
        ],
        curves=[number for number in range(len(lines)) for _end in range(2)],
        figure=figure_json(figure) if known else None,
        notes=notes,
        links=links,
    )


def _both(label: str) -> tuple[str, str]:
    return _("%(label)s, from") % {"label": label}, _("%(label)s, to") % {"label": label}


def _range_cells(line: RangeLine, at: int) -> list[Cell]:
    value = line.values[at]
    if value is None:
        return [NONE, NONE]
    url = line.urls[at] if line.urls else ""
    return [Cell(f"{end:g}", end, url) for end in value]


def _span(value: tuple[float, float] | None) -> str:
    if value is None:
        return ""
    return f"{value[0]:g}" if value[0] == value[1] else f"{value[0]:g}〜{value[1]:g}"


def range_finding(points: Sequence[Point], line: RangeLine, unit: str) -> str:
    """First and last known value of one line; whether the ranges overlap is said."""
    known = [
        (point, value)
        for point, value in zip(points, line.values, strict=True)
        if value is not None
    ]
    if not known:
        return _("There is no figure yet.")
    (first, old), (last, new) = known[0], known[-1]
    words = {
        "from": first.label,
        "to": last.label,
        "old": _span(old),
        "new": _span(new),
        "unit": unit,
        "label": line.label,
    }
    if first is last:
        return _("%(label)s in %(to)s: %(new)s %(unit)s.") % words
    if new[1] < old[0] or new[0] > old[1]:
        return _("%(label)s: from %(old)s (%(from)s) to %(new)s %(unit)s (%(to)s).") % words
    return (
        _(
            "%(label)s: %(old)s (%(from)s) and %(new)s %(unit)s (%(to)s); the ranges overlap, so no"
            " change is sure."
        )
        % words
        if new != old
        else _("%(label)s is the same in %(from)s and %(to)s: %(new)s %(unit)s.") % words
    )
