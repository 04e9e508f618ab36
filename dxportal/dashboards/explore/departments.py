"""Departments beside each other and criteria month by month, from plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dxportal.dashboards.explore.picture import NONE, Cell, Picture, Point, percent_cell
from dxportal.shared.charts import ACCENT, EDGE, GRID, INK, KEY, SEQUENTIAL, figure_json, layout


# spread of departments ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Dot:
    """One department: its firmness now and in the compared month, None where nothing is known."""

    name: str
    unit: str
    percent: int | None
    before: int | None
    answered: int
    total: int
    own: bool = False
    url: str = ""


#: Dots this close share a place and are put above each other.
_NEAR: Final = 2
_LIFT: Final = 0.17
#: Heights of strips, as in explore.css: a chart that is fitted to its place keeps its height.
HEIGHTS: Final = (240, 320, 480, 640, 960, 1440)


def spread(
    name: str, title: str, dots: Sequence[Dot], *, now: Point, before: Point | None
) -> Picture:
    """One dot a department, a row a bureau, the own one marked."""
    import plotly.graph_objects as go

    units = list(dict.fromkeys(dot.unit for dot in dots))
    known = [dot for dot in dots if dot.percent is not None]
    height = {unit: len(units) - 1 - row for row, unit in enumerate(units)}
    figure = go.Figure(layout=_strip_layout(units))
    for label, own, style in (
        (_("Departments"), False, {"color": KEY, "symbol": "circle-open", "size": 11}),
        (_("Own department"), True, {"color": ACCENT, "symbol": "diamond", "size": 14}),
    ):
        drawn = [dot for dot in known if dot.own == own]
        figure.add_trace(
            go.Scatter(
                x=[dot.percent for dot in drawn],
                y=_lifted(drawn, height),
                name=label,
                mode="markers",
                marker={**style, "line": {"width": 2, "color": INK if own else KEY}},
                text=[dot.name for dot in drawn],
                hovertemplate="%{text} %{x}%<extra></extra>",
                cliponaxis=False,
                visible=bool(drawn) or not own,
                showlegend=bool(drawn),
            )
        )
    answered = pgettext("criteria", "Answered")
    columns = [_("Department"), _("Bureau"), _("Firmness"), answered, _("Criteria")]
    rows = []
    for dot in dots:
        row = [
            Cell(dot.name, dot.name, dot.url),
            Cell(dot.unit, dot.unit),
            percent_cell(dot.percent),
        ]
        row += [Cell(str(dot.answered), dot.answered), Cell(str(dot.total), dot.total)]
        rows.append([*row, percent_cell(dot.before)] if before else row)
    return Picture(
        name,
        title,
        spread_finding(dots, now),
        [*columns, _("Firmness in %(month)s") % {"month": before.label}] if before else columns,
        rows,
        figure=figure_json(figure) if known else None,
        size=f"h{_height(units)}",
    )


def _strip_layout(units: Sequence[str]) -> dict[str, Any]:
    found = layout(height=_height(units))
    found["hovermode"] = "closest"
    found["xaxis"] |= {"type": "linear", "range": [0, 100], "ticksuffix": "%", "gridcolor": GRID}
    found["xaxis"] |= {"showgrid": True, "dtick": 20}
    found["yaxis"] |= {
        "rangemode": "normal",
        "range": [-0.6, len(units) - 0.4],
        "tickvals": list(range(len(units))),
        "ticktext": [_short(unit) for unit in reversed(units)],
        "showgrid": True,
    }
    found["margin"] = {**found["margin"], "r": 24}
    return found


def _height(units: Sequence[str]) -> int:
    """Of the heights that the style sheet knows, the first that holds every row."""
    wanted = 130 + 38 * len(units)
    return next((height for height in HEIGHTS if height >= wanted), HEIGHTS[-1])


def _short(text: str, most: int = 9) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _lifted(dots: Sequence[Dot], height: Mapping[str, int]) -> list[float]:
    """Height of each dot: those at about the same place in a row stand above each other."""
    taken: dict[tuple[str, int], int] = {}
    places = []
    for dot in dots:
        key = (dot.unit, (dot.percent or 0) // _NEAR)
        number = taken.get(key, 0)
        taken[key] = number + 1
        lift = (number + 1) // 2 * _LIFT * (1 if number % 2 else -1)
        places.append(round(height[dot.unit] + max(-0.45, min(0.45, lift)), 2))
    return places


def spread_finding(dots: Sequence[Dot], now: Point) -> str:
    """Lowest, middle and highest; the own department beside the middle; who has no data."""
    known = sorted(dot.percent for dot in dots if dot.percent is not None)
    missing = len(dots) - len(known)
    if not known:
        return _("No department has data in %(month)s.") % {"month": now.label}
    words = {"month": now.label, "low": known[0], "high": known[-1], "middle": median(known)}
    told = [
        _(
            "In %(month)s the departments lie between %(low)d %% and %(high)d %%, the middle one at"
            " %(middle)g %%."
        )
        % words
    ]
    own = [dot for dot in dots if dot.own and dot.percent is not None]
    sentence = _("%(name)s: %(percent)d %%.")
    told += [sentence % {"name": dot.name, "percent": dot.percent} for dot in own]
    if missing:
        told.append(_("Without data: %(count)d.") % {"count": missing})
    return " ".join(told)


# progress of criteria -----------------------------------------------------------------------------
@dataclass(frozen=True)
class CriterionMonths:
    """One criterion: per point departments at level 0 to 3 and without data; None: not asked."""

    pk: int
    title: str
    values: Sequence[tuple[int, ...] | None]


LEVEL_COLOURS: Final = ("#ffffff", *SEQUENTIAL[2:4], "#0031d8", "#e6e6e6")


def criterion(
    row: CriterionMonths, points: Sequence[Point], labels: Sequence[str], *, since: int = 0
) -> Picture:
    """Shares of departments at each level, month by month, as stacked bars."""
    import plotly.graph_objects as go

    figure = go.Figure(layout=_stack_layout())
    shown = [value if value and sum(value) else None for value in row.values]
    #: firm at the bottom, then downwards, what is unknown on top
    order = [3, 2, 1, 0, 4]
    for level in order:
        figure.add_trace(
            go.Bar(
                x=[point.code for point in points],
                y=[None if v is None else round(100 * v[level] / sum(v), 1) for v in shown],
                name=labels[level],
                customdata=["" if v is None else str(v[level]) for v in shown],
                hovertemplate=f"{labels[level]}: %{{customdata}}<extra></extra>",
                marker={"color": LEVEL_COLOURS[level], "line": {"color": EDGE, "width": 1}},
            )
        )
    return Picture(
        f"criterion-{row.pk}",
        row.title,
        criterion_finding(row, points, since),
        [_("Month"), *labels],
        [
            [point.cell, *([NONE] * 5 if v is None else [Cell(str(n), n) for n in v])]
            for point, v in zip(points, shown, strict=True)
        ],
        curves=[order.index(level) for level in range(5)],
        figure=figure_json(figure) if any(shown) else None,
        size="small",
    )


def _stack_layout() -> dict[str, Any]:
    found = layout(height=200, unit="%")
    found |= {"barmode": "stack", "bargap": 0.15, "showlegend": False, "hovermode": "closest"}
    found["margin"] = {"l": 4, "r": 4, "t": 8, "b": 4}
    found["yaxis"] |= {"range": [0, 100], "dtick": 50}
    found["xaxis"] |= {"nticks": 4, "tickangle": 0}
    return found


def criterion_finding(row: CriterionMonths, points: Sequence[Point], since: int) -> str:
    """How many departments are firm, against before; how many have no data."""
    now = row.values[-1] if row.values else None
    if not now or not sum(now):
        return _("Not asked of any department in the last month.")
    words = {"month": points[-1].label, "firm": now[3], "all": sum(now)}
    told = [_("%(month)s: %(firm)d of %(all)d departments are firm.") % words]
    then = row.values[since] if since < len(row.values) - 1 else None
    if then and sum(then):
        words = {"month": points[since].label, "firm": then[3], "all": sum(then)}
        told.append(_("%(month)s: %(firm)d of %(all)d.") % words)
    if now[4]:
        told.append(_("Without data: %(count)d.") % {"count": now[4]})
    return " ".join(told)
