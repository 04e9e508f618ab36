"""The workbook of initiatives: the table, what each column means, and the lists to choose from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import zip_longest
from typing import Final

from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name

from dxportal.accounts.models import Municipality
from dxportal.shared.fiscal import fiscal_year
from dxportal.shared.tabular import Offer, Sheet, SheetLook
from roadmap.exporters import initiative_cells
from roadmap.sheet_columns import COLUMNS, HEADER, Cell, Column, Kind
from roadmap.sheet_words import JOINT, NO, YES, SheetWords

#: Names of the sheets; the second one is in the formulas of the first.
LISTS: Final = "選択肢"
#: Fiscal years offered around the present one.
YEARS_BACK, YEARS_AHEAD = 5, 10
_FROZEN: Final = 2


def workbook(
    keys: Sequence[int], municipality: Municipality, words: SheetWords, day: date
) -> list[Sheet]:
    """Three sheets; rows are read while they are written."""
    lists = _lists(words, day)
    look = SheetLook(
        widths=[column.width for column in COLUMNS],
        muted={index for index, column in enumerate(COLUMNS) if not column.is_editable},
        offers=dict(_offers(lists)),
        frozen_columns=_FROZEN,
        footer=f"{municipality.name} {day.isoformat()}",
    )
    rows = initiative_cells(keys, municipality, words, day)
    return [
        Sheet(_("Initiatives"), HEADER, rows, look),
        Sheet(_("What the columns mean"), _legend_header(), _legend(words), _LEGEND_LOOK),
        Sheet(LISTS, list(lists), zip_longest(*lists.values(), fillvalue=""), _LISTS_LOOK),
    ]


_LEGEND_LOOK: Final = SheetLook(widths=(26, 18, 70), filtered=False)
_LISTS_LOOK: Final = SheetLook(hidden=True, filtered=False)


def _lists(words: SheetWords, day: date) -> Mapping[str, list[str]]:
    """Heading → words to choose from; columns with the same words share one list."""
    this_year = fiscal_year(day)
    years = [f"{fy}年度" for fy in range(this_year - YEARS_BACK, this_year + YEARS_AHEAD + 1)]
    found: dict[str, list[str]] = {}
    for column in COLUMNS:
        match column.kind:
            case Kind.CHOICE | Kind.CHOICES:
                found[column.heading] = words.allowed(column)
            case Kind.OBJECT | Kind.OBJECTS:
                found[column.heading] = words.objects[column.name].listed()
            case Kind.YEAR:
                found[column.heading] = years
            case Kind.QUARTER:
                found[column.heading] = [f"第{number}四半期" for number in range(1, 5)]
            case Kind.YES_NO:
                found[column.heading] = [YES, NO]
    return found


def _offers(lists: Mapping[str, list[str]]) -> Iterator[tuple[int, Offer]]:
    """What the cells of each column offer; several words of a list are typed with 、 between."""
    places = {heading: index for index, heading in enumerate(lists)}
    for index, column in enumerate(COLUMNS):
        hint = _hint(column)
        if column.heading not in lists or not lists[column.heading]:
            yield index, Offer(title=column.heading, hint=hint)
            continue
        name = xl_col_to_name(places[column.heading])
        source = f"='{LISTS}'!${name}$2:${name}${len(lists[column.heading]) + 1}"
        strict = column.kind in (Kind.CHOICE, Kind.QUARTER, Kind.YES_NO)
        yield (
            index,
            Offer("" if column.kind == Kind.CHOICES else source, strict, column.heading, hint),
        )


def _hint(column: Column) -> str:
    """How a cell of the column is written, in one sentence."""
    if not column.is_editable:
        return {
            "pk": _("Do not change it. Leave it empty for a new initiative."),
            "basis": _("Do not change it. It says what the row was based on."),
        }.get(column.name, _("This column only informs; what is typed here is not read."))
    return {
        Kind.LINE: _("One line, at most %(count)s characters.") % {"count": column.longest},
        Kind.TEXT: _("Text, at most %(count)s characters.") % {"count": f"{column.longest:,}"},
        Kind.NUMBER: _("A whole number."),
        Kind.YEAR: _("One fiscal year, for example 2026年度 or 令和8年度."),
        Kind.QUARTER: _("第1四半期 (April to June) to 第4四半期."),
        Kind.DAY: _("A day, for example 2026/4/1, 令和8年4月1日 or R8.4.1."),
        Kind.YES_NO: _("はい or いいえ; empty where it is not decided."),
        Kind.CHOICE: _("One word of the list."),
        Kind.CHOICES: _("Words of the list, with 、 between them."),
        Kind.OBJECT: _("One name as in the list."),
        Kind.OBJECTS: _("Names as in the list, with 、 between them."),
    }[column.kind]


def _legend_header() -> list[str]:
    return [_("Column"), _("May it be changed"), _("How it is written")]


def _legend(words: SheetWords) -> Iterator[Sequence[Cell]]:
    """One row a column; rules of the whole file first."""
    for rule in (
        _("An emptied cell empties the field. A column that you delete stays as it is."),
        _("Rows that you delete stay as they are. A new row without a number is a new initiative."),
        _("Sort and filter as you like, but always whole rows."),
        _("What somebody changed in the portal meanwhile is shown before anything is written."),
    ):
        yield "", "", rule
    for column in COLUMNS:
        may = _("yes, it may") if column.is_editable else _("no, it only informs")
        text = _hint(column)
        if column.kind in (Kind.CHOICE, Kind.CHOICES):
            text = f"{text} {JOINT.join(words.allowed(column))}"
        yield column.heading, may, text
