"""A sheet as rows for programs: long form, one figure a row, codes and units beside the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dxportal.dashboards.briefing.content import Content, Name, Step
from dxportal.shared.tabular import csv_lines
from roadmap.choices import Axis, BriefingKind

Value = str | int | float | bool | None

#: Codes stay the same in every language; `columns()` says what each means.
HEADER: Final = (
    "municipality_code",
    "municipality",
    "briefing",
    "period",
    "as_of",
    "section",
    "unit_code",
    "unit",
    "item_code",
    "item",
    "measure",
    "value",
    "unit_of_value",
    "text",
)


def rows(content: Content) -> Iterator[list[Value]]:
    """Every figure of the sheet in the order of HEADER."""
    base: list[Value] = [
        content.place.code,
        content.place.name,
        content.kind,
        content.period[:7],
        content.as_of,
    ]
    for row in _rows(content):
        yield [*base, *row]


def _rows(content: Content) -> Iterator[list[Value]]:
    """section, unit_code, unit, item_code, item, measure, value, unit_of_value, text"""
    for figure in content.figures:
        yield ["figures", "", "", figure.key, figure.label, "text", None, "", figure.value]
    for step in content.steps:
        yield from _step_rows(step)
    yield from _positions(content)
    yield from _bureaus(content)
    yield from _movers(content)
    yield from _late(content)
    yield from _follow_ups(content)
    yield from _heat(content)
    for initiative in content.initiatives:
        words = f"{initiative.lead}／{initiative.phase}／{initiative.progress}"
        yield ["initiatives", "", initiative.lead, "", initiative.title, "status", None, "", words]
    yield from _asks(content)


def _step_rows(step: Step) -> Iterator[list[Value]]:
    code = f"{step.axis}-{step.step}"
    measures: tuple[tuple[str, int | None, str], ...] = (
        ("departments", step.here, "departments"),
        ("firmness", step.firmness, "percent"),
        ("answered", step.answered, "criteria"),
        ("criteria", step.total, "criteria"),
        ("seeds", step.seeds, "departments"),
    )
    for measure, value, unit in measures:
        if value is None and measure != "firmness":
            continue
        yield ["steps", "", "", code, step.name, measure, value, unit, ""]


def _positions(content: Content) -> Iterator[list[Value]]:
    names = {(step.axis, step.step): step.name for step in content.steps}
    for cell in content.cells:
        for name in cell.names:
            steps = [(Axis.TECHNOLOGY.value, cell.technology)]
            steps += [(Axis.CULTURE.value, cell.culture)] if cell.culture else []
            for axis, step in steps:
                item: list[Value] = ["positions", *_unit(name), axis, str(Axis(axis).label)]
                yield [*item, "position", step, "step", names.get((axis, step), "")]
            label = pgettext("staircase", "Move")
            yield ["positions", *_unit(name), "move", label, "move", name.move, "sign", ""]
    for name in content.missing:
        axis = Axis.TECHNOLOGY
        none = ["position", None, "step", _("no data")]
        code, label = ("", "") if content.with_culture else (axis.value, str(axis.label))
        yield ["positions", *_unit(name), code, label, *none]


def _unit(name: Name) -> list[Value]:
    return [name.code, name.name]


def _bureaus(content: Content) -> Iterator[list[Value]]:
    steps = content.steps_on(Axis.TECHNOLOGY)
    for bureau in content.bureaus:
        unit: list[Value] = ["bureaus", bureau.code, bureau.name]
        for step, count in zip(steps, bureau.here, strict=True):
            code = f"{step.axis}-{step.step}"
            yield [*unit, code, step.name, "departments", count, "departments", ""]
        counts = (
            ("unplaced", _("No position"), bureau.unplaced, "departments"),
            ("departments", _("Departments"), bureau.departments, "departments"),
            ("initiatives", _("Initiatives"), bureau.initiatives, "initiatives"),
            ("late", _("Late"), bureau.late, "initiatives"),
            ("stale", _("Not heard of"), bureau.stale, "initiatives"),
        )
        for item, label, number, kind in counts:
            yield [*unit, item, label, "count", number, kind, ""]


def _movers(content: Content) -> Iterator[list[Value]]:
    label = str(Axis.TECHNOLOGY.label)
    for row in content.movers:
        unit: list[Value] = ["movers", row.code, row.name, Axis.TECHNOLOGY.value, label]
        yield [*unit, "step_before", row.before, "step", ""]
        yield [*unit, "step_now", row.after, "step", ""]


def _late(content: Content) -> Iterator[list[Value]]:
    for row in content.late:
        unit: list[Value] = ["late", "", row.department, "", row.title]
        yield [*unit, "late", int(row.late), "yes_no", row.reported]
        yield [*unit, "stale", int(row.stale), "yes_no", row.last_report]


def _follow_ups(content: Content) -> Iterator[list[Value]]:
    for row in content.follow_ups:
        unit: list[Value] = ["follow_ups", "", "", "", row.title]
        yield [*unit, "verdict", None, "", row.verdict_label]
        yield [*unit, "answers", row.n, "people", ""]
        yield [*unit, "harder", row.harder_percent, "percent", row.harder]
        yield [*unit, "easier", row.easier_percent, "percent", row.easier]


def _heat(content: Content) -> Iterator[list[Value]]:
    heat = content.heat
    if heat is None:
        return
    for row in heat.rows:
        for code, column, cell in zip(heat.codes, heat.columns, row.cells, strict=True):
            unit: list[Value] = ["pain", "", row.label, code, column]
            yield [*unit, "share", cell.value, "percent", cell.text]


def _asks(content: Content) -> Iterator[list[Value]]:
    for number, ask in enumerate(content.asks, start=1):
        yield ["asks", "", "", str(number), ask.title, "title", None, "", ask.title]
        for letter, option in zip("ABC", ask.options, strict=False):
            code = f"{number}{letter}"
            for measure in ("text", "risk", "cost", "effect"):
                told = getattr(option, measure)
                yield ["asks", "", "", code, ask.title, measure, None, "", told]


def csv(content: Content) -> bytes:
    """UTF-8 with BOM, no cell a formula."""
    return b"".join(csv_lines(HEADER, rows(content)))


def columns() -> list[tuple[str, str]]:
    """Column → what stands in it."""
    return [
        ("municipality_code", _("Six-digit code of the municipality, as text")),
        ("municipality", _("Name of the municipality")),
        ("briefing", _("For whom")),
        ("period", _("Month that was counted")),
        ("as_of", _("Day of the count")),
        ("section", _("Part of the sheet")),
        ("unit_code", _("Code of the department or bureau")),
        ("unit", _("Department, bureau or group of them")),
        ("item_code", _("Code of the step, figure or theme")),
        ("item", _("Step, figure, theme or initiative")),
        ("measure", _("What is measured")),
        ("value", _("The number; empty where there is none: never 0 for no data")),
        ("unit_of_value", _("Unit of the number")),
        ("text", _("The same in words, or a text")),
    ]


def codes(content: Content) -> list[tuple[str, str, str]]:
    """(column, code, meaning) of every code in the data."""
    found = [("briefing", kind.value, str(kind.label)) for kind in BriefingKind]
    found += [("section", code, label) for code, label in sections()]
    found += [("item_code", f"{s.axis}-{s.step}", s.name) for s in content.steps]
    found += [("item_code", figure.key, figure.label) for figure in content.figures]
    heat = content.heat
    if heat:
        themes: Sequence[tuple[str, str]] = list(zip(heat.codes, heat.columns, strict=True))
        found += [("item_code", code, label) for code, label in themes]
    return found + [("unit_of_value", code, label) for code, label in units()]


def sections() -> list[tuple[str, str]]:
    """Code of a part → its name."""
    return [
        ("figures", _("Key figures")),
        ("steps", _("Steps of both staircases")),
        ("positions", _("Where departments stand")),
        ("bureaus", _("Bureau by bureau")),
        ("movers", _("Who moved on technology")),
        ("late", _("Late, or not heard of")),
        ("follow_ups", _("Three months later: did it become easier?")),
        ("pain", _("Pain points")),
        ("initiatives", _("Published initiatives")),
        ("asks", _("To be decided")),
    ]


def units() -> list[tuple[str, str]]:
    """Code of a unit → its word."""
    return [
        ("departments", _("Departments")),
        ("initiatives", _("Initiatives")),
        ("criteria", _("Criteria, over all departments")),
        ("people", _("People")),
        ("percent", "%"),
        ("step", _("Step, from 1")),
        ("sign", _("1 up, −1 down, 0 neither")),
        ("yes_no", _("1 yes, 0 no")),
    ]
