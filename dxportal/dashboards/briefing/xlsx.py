"""A sheet as a workbook: data for programs, its codes, the definitions, and a page to print."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dxportal.dashboards.briefing import data
from dxportal.dashboards.briefing.packed import dated
from dxportal.dashboards.briefing.sheet import Sheet
from dxportal.shared.tabular import Sheet as Table
from dxportal.shared.tabular import SheetLook, write_xlsx
from roadmap.choices import Axis

Cell = str | int | float | bool | dt.date | None


def xlsx(sheet: Sheet) -> bytes:
    """Four sheets; no merged cells, nothing is a formula."""
    content = sheet.content
    footer = f"{content.place.name} {content.title} {content.as_of} {sheet.sum}"
    wide = SheetLook(widths=(19, 14, 10, 9, 11, 11, 11, 20, 16, 30, 13, 9, 14, 40), footer=footer)
    plain = SheetLook(widths=(16, 24, 60), footer=footer)
    print_look = SheetLook(widths=(30, 22, 22, 22, 40), footer=footer, filtered=False)
    tables = [
        Table(_("Data"), data.HEADER, data.rows(content), wide),
        Table(_("Codes"), [_("Column"), _("Code"), _("Meaning")], data.codes(content), plain),
        Table(_("Definitions"), [_("Word"), _("Meaning")], _definitions(sheet), plain),
        Table(_("To print"), [sheet.heading], _printed(sheet), print_look),
    ]
    file = io.BytesIO()
    write_xlsx(tables, file)
    return dated(file.getvalue(), dt.datetime.fromisoformat(content.made_at))


def _definitions(sheet: Sheet) -> Iterator[Sequence[Cell]]:
    """Columns, words, and where the figures come from."""
    content = sheet.content
    yield from ([column, meaning] for column, meaning in data.columns())
    yield from ([word.term, word.meaning] for word in content.definitions)
    about = (
        (pgettext("figures", "Source"), content.source),
        (_("as of"), content.as_of),
        (_("method"), content.method),
        (_("staircase"), content.staircase),
        (_("checksum"), sheet.sha256),
    )
    yield from ([term, text] for term, text in about)


def _printed(sheet: Sheet) -> Iterator[Sequence[Cell]]:
    """The sheet in the order of the page, for those who print from a workbook."""
    content = sheet.content
    if sheet.caution:
        yield [_("Handle with care")]
    yield [_("Purpose"), content.purpose]
    yield [_("Where we are"), content.finding]
    yield from ([" ", line] for line in content.lines)
    yield from ([figure.label, figure.value, figure.note] for figure in content.figures)
    yield []
    yield [_("Step"), _("Departments"), _("Firmness")]
    for axis in Axis:
        for step in content.steps_on(axis):
            firm = "–" if step.firmness is None else f"{step.firmness}%"
            yield [f"{axis.label} {step.step} {step.name}", step.here, firm]
    yield []
    yield [_("Technology"), _("Culture"), _("Count"), _("Departments")]
    for row in sheet.cell_rows:
        yield [row.technology, row.culture, row.count, row.names]
    yield from _printed_rest(sheet)


def _printed_rest(sheet: Sheet) -> Iterator[Sequence[Cell]]:
    content = sheet.content
    if content.follow_ups:
        yield []
        yield [_("Initiative"), _("Verdict"), _("harder"), _("easier")]
        for row in content.follow_ups:
            yield [row.title, row.verdict_label, row.harder or "–", row.easier or "–"]
    if content.bureaus:
        yield []
        yield [_("Bureau"), _("Initiatives"), _("Late"), _("Not heard of"), _("Up")]
        for unit in content.bureaus:
            yield [unit.name, unit.initiatives, unit.late, unit.stale, "、".join(unit.up)]
    if content.initiatives:
        yield []
        yield [_("Initiative"), _("Lead department"), _("Phase"), _("Progress")]
        yield from ([one.title, one.lead, one.phase, one.progress] for one in content.initiatives)
    if sheet.asks:
        yield []
        yield [_("To be decided"), _("Option"), _("Risk"), _("Cost"), _("Effect")]
        for ask in sheet.asks:
            yield [f"{ask.number}. {ask.title}"]
            for one in ask.options:
                yield ["", f"{one.letter} {one.text}", one.risk, one.cost, one.effect]
    yield []
    yield [pgettext("figures", "Source"), content.source]
