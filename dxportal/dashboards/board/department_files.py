"""The list of departments as tables: one row a department, codes and units in the headings."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from dxportal.accounts.access import Permission, can
from dxportal.dashboards.board.counting_rules import RULES
from dxportal.dashboards.board.department_list import Listed
from dxportal.dashboards.board.department_rows import SHOW_LABELS, DepartmentRow
from dxportal.shared.tabular import Sheet, csv_lines, write_xlsx
from roadmap import staircase

Cell = str | int | float | None

CONTENT_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _step(position: staircase.Position | None) -> int | None:
    return position.current if position else None


def _reached(position: staircase.Position | None) -> int | None:
    return position.reached if position else None


Column = tuple[object, Callable[[DepartmentRow], Cell]]
_PLACE: Final[tuple[Column, ...]] = (
    (gettext_lazy("Code of the department"), lambda row: row.place.code),
    (gettext_lazy("Department"), lambda row: row.place.name),
    (gettext_lazy("Bureau"), lambda row: row.place.bureau),
)
_TECHNOLOGY: Final[tuple[Column, ...]] = (
    (gettext_lazy("Technology: step"), lambda row: _step(row.technology)),
    (gettext_lazy("Technology: steps reached"), lambda row: _reached(row.technology)),
    (gettext_lazy("Technology: step before"), lambda row: _step(row.before.technology)),
)
_CULTURE: Final[tuple[Column, ...]] = (
    (gettext_lazy("Culture: step"), lambda row: _step(row.culture)),
    (gettext_lazy("Culture: steps reached"), lambda row: _reached(row.culture)),
    (gettext_lazy("Culture: step before"), lambda row: _step(row.before.culture)),
    (
        gettext_lazy("Work has become easier (share)"),
        lambda row: row.asked.easier.text if row.asked.easier else "",
    ),
)
_REST: Final[tuple[Column, ...]] = (
    (
        pgettext_lazy("column", "Moved"),
        lambda row: str(SHOW_LABELS[row.move]) if row.move else "",
    ),
    (
        gettext_lazy("Why without a position"),
        lambda row: str(SHOW_LABELS[f"missing-{row.missing}"]) if row.missing else "",
    ),
    (gettext_lazy("Initiatives led"), lambda row: row.initiatives),
    (gettext_lazy("Late of these"), lambda row: row.late),
)
_RESULTS: Final[tuple[Column, ...]] = (
    (pgettext_lazy("people", "Answered"), lambda row: row.asked.n),
    (gettext_lazy("Could answer"), lambda row: row.asked.eligible),
    (gettext_lazy("Response rate (%)"), lambda row: row.asked.response),
    (
        gettext_lazy("Counted together with others"),
        lambda row: "" if row.asked.own or row.asked.n is None else pgettext("answer", "yes"),
    ),
    (gettext_lazy("Heaviest pain point"), lambda row: row.asked.pain),
    (
        gettext_lazy("Share that named it"),
        lambda row: row.asked.pain_cell.text if row.asked.pain_cell else "",
    ),
)


def _columns(listed: Listed, *, with_culture: bool) -> list[Column]:
    """Culture only where it is for the viewer; what is published only for its readers."""
    results = can(listed.look.user, Permission.SEE_RESULTS)
    culture = _CULTURE if with_culture else ()
    return [*_PLACE, *_TECHNOLOGY, *culture, *_REST, *(_RESULTS if results else ())]


def _rows(listed: Listed, columns: list[Column]) -> Iterator[list[Cell]]:
    for row in listed.rows:
        yield [cell(row) for _head, cell in columns]


def department_csv(listed: Listed, *, with_culture: bool) -> bytes:
    """The list in UTF-8 with BOM."""
    columns = _columns(listed, with_culture=with_culture)
    header = [str(head) for head, _cell in columns]
    return b"".join(csv_lines(header, _rows(listed, columns)))


def department_xlsx(listed: Listed, *, with_culture: bool) -> bytes:
    """Two sheets: the list, and how it is counted with the month or round."""
    file = io.BytesIO()
    columns = _columns(listed, with_culture=with_culture)
    header = [str(head) for head, _cell in columns]
    write_xlsx(
        [
            Sheet(_("Departments"), header, _rows(listed, columns)),
            Sheet(_("How it is counted"), [_("What"), _("How")], _definitions(listed)),
        ],
        file,
    )
    return file.getvalue()


def _definitions(listed: Listed) -> Iterator[list[Cell]]:
    state = listed.look.state
    yield [_("Month or round"), state.moment.label if state.moment else ""]
    yield [_("Compared with"), state.compare.label if state.compare else ""]
    for name in ("position", "moved", "missing", "initiatives", "response", "pain", "easier"):
        yield [str(RULES[name].title), str(RULES[name].text)]
