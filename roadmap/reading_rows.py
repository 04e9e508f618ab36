"""Figures of criteria as a file or another system lists them. No database."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from dxportal.accounts.department_rows import ORIGIN
from dxportal.accounts.staff_rows import Directory, KnownDepartment
from dxportal.shared.fiscal import parse_date
from dxportal.shared.importing import Parsed, Reading, Record
from dxportal.shared.tables import Table
from roadmap.measuring import read_number

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

READING_FIELDS: dict[str, Sequence[str]] = {
    "department_code": ("所属コード", "部署コード", "組織コード", "department_code", "code"),
    "department": ("所属", "所属名", "部署", "部署名", "課名", "担当課", "department"),
    "measured_on": ("測定日", "基準日", "測定年月日", "年月日", "日付", "measured_on", "date"),
    "criterion": ("基準コード", "基準", "基準番号", "段階の基準", "criterion"),
    "value": ("値", "数値", "実績値", "実績", "測定値", "value"),
    "note": ("出典", "備考", "摘要", "メモ", "note", "source"),
    "origin": ORIGIN,
}
NOTE_LENGTH: Final = 200
#: Figures before this day are slips of the pen.
EARLIEST: Final = dt.date(2000, 4, 1)

Key = tuple[int, int, dt.date]


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of one criterion, department and day; keys of the first two."""

    criterion: int
    department: int
    on: dt.date
    value: Decimal
    note: str = ""

    @property
    def key(self) -> Key:
        """What there is once."""
        return self.criterion, self.department, self.on


@dataclass(frozen=True, slots=True)
class Place:
    """A department that can have figures; `end` is the first day without it."""

    pk: int
    code: str
    path: tuple[str, ...]
    start: dt.date
    end: dt.date | None

    def stands_on(self, day: dt.date) -> bool:
        """Whether it was there on that day."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Asked:
    """A criterion by its code; `fed`: it takes figures."""

    pk: int
    code: str
    fed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it was written. `number` is the one that the sender knows it by."""

    number: int
    department: str
    criterion: str
    on: str
    value: str
    note: str = ""
    code: str = ""  # of the department, where it has a column of its own


@dataclass(frozen=True)
class Wrong:
    """What is wrong with one field of one row, and what to do; both name row, column, value."""

    row: int
    name: str
    value: str
    message: str | _StrPromise
    remedy: str | _StrPromise
    more: Mapping[str, object] = field(default_factory=dict)


class LineReader:
    """Reads one row after the other and remembers what stands where.

    `suggest`: remedies name departments and criteria. Not to a sender that may read nothing.
    """

    def __init__(
        self,
        places: Iterable[Place],
        criteria: Iterable[Asked],
        today: dt.date,
        *,
        suggest: bool = True,
    ) -> None:
        self.today = today
        self.suggest = suggest
        self.places: dict[KnownDepartment, Place] = {}
        for place in places:
            self.places[KnownDepartment(place.path, place.code, place.end)] = place
        self.directory = Directory(self.places)
        self.criteria: dict[str, list[Asked]] = defaultdict(list)
        for criterion in criteria:
            self.criteria[_folded(criterion.code)].append(criterion)
        self.first: dict[Key, tuple[int, Figure]] = {}

    def read(self, line: Line, *, iso: bool = False, serial: bool = False) -> Figure | list[Wrong]:
        """The figure, or everything that is wrong with the row.

        `iso`: days as 2026-10-01 only; `serial`: numbers may be days of Excel.
        """
        wrong: list[Wrong] = []
        on = self._day(line, wrong, iso=iso, serial=serial)
        department = self._department(line, on, wrong)
        criterion = self._criterion(line, wrong)
        value = _value(line, wrong)
        if len(line.note) > NOTE_LENGTH:
            wrong.append(
                Wrong(
                    line.number,
                    "note",
                    line.note[:40],
                    _("Row %(row)s, column “%(column)s”: the text is too long."),
                    _("Shorten it to %(most)s characters."),
                    {"most": NOTE_LENGTH},
                )
            )
        if wrong or on is None or department is None or criterion is None or value is None:
            return wrong
        figure = Figure(criterion.pk, department.pk, on, value, line.note)
        earlier, known = self.first.setdefault(figure.key, (line.number, figure))
        if known.value == figure.value:
            return figure
        return [
            Wrong(
                line.number,
                "value",
                line.value,
                _(
                    "Row %(row)s, column “%(column)s”: row %(first)s gives another value for the "
                    "same department, criterion and day."
                ),
                _("Delete one of the two rows."),
                {"first": earlier},
            )
        ]

    def _day(self, line: Line, wrong: list[Wrong], *, iso: bool, serial: bool) -> dt.date | None:
        try:
            day = (
                dt.date.fromisoformat(line.on) if iso else parse_date(line.on, excel_serial=serial)
            )
            if iso and day.isoformat() != line.on:
                raise ValueError
        except ValueError:
            text = _("Row %(row)s, column “%(column)s”: “%(value)s” is no day.")
            remedy = _("Write the day as 2026-10-01.")
        else:
            if EARLIEST <= day <= self.today:
                return day
            text = _("Row %(row)s, column “%(column)s”: nothing was measured on %(value)s.")
            remedy = _("Write the day of the measurement: today or earlier, after March 2000.")
        wrong.append(Wrong(line.number, "measured_on", line.on, text, remedy))
        return None

    def _department(self, line: Line, on: dt.date | None, wrong: list[Wrong]) -> Place | None:
        """By code, else by name or path, of those that stand on that day."""
        name = "department_code" if line.code else "department"
        text = line.code or line.department
        found = [self.places[known] for known in self.directory.find(text)] if text else []
        standing = [place for place in found if on is None or place.stands_on(on)]
        if len(standing) == 1:
            return standing[0]
        more: dict[str, object] = {}
        if not text:
            message = _("Row %(row)s, column “%(column)s”: the department is missing.")
            remedy = _("Enter the code or the name of the department.")
        elif len(standing) > 1:
            message = _(
                "Row %(row)s, column “%(column)s”: several departments are called “%(value)s”."
            )
            remedy = _("Enter the code of the department.")
            if self.suggest:
                remedy = _("Enter the code of one of these: %(candidates)s.")
                more["candidates"] = "、".join(
                    f"{place.code} {place.path[-1]}" for place in standing[:5]
                )
        elif found:
            message = _("Row %(row)s, column “%(column)s”: “%(value)s” did not exist on that day.")
            remedy = _("Enter the department that did the work on that day.")
        else:
            near = self.directory.near(text) if self.suggest else []
            more["candidates"] = "、".join(near)
            message = _(
                "Row %(row)s, column “%(column)s”: no department “%(value)s” stands on the "
                "staircases."
            )
            remedy = (
                _("Did you mean %(candidates)s?")
                if near
                else _("Correct the code or the name of the department.")
            )
        wrong.append(Wrong(line.number, name, text, message, remedy, more))
        return None

    def _criterion(self, line: Line, wrong: list[Wrong]) -> Asked | None:
        found = self.criteria.get(_folded(line.criterion), [])
        fed = [one for one in found if one.fed]
        if len(fed) == 1:
            return fed[0]
        if found and not fed:
            message = _(
                "Row %(row)s, column “%(column)s”: the level of “%(value)s” follows from no figure."
            )
        else:
            message = _("Row %(row)s, column “%(column)s”: there is no criterion “%(value)s”.")
        remedy, more = self._fed_codes()
        wrong.append(Wrong(line.number, "criterion", line.criterion, message, remedy, more))
        return None

    def _fed_codes(self) -> tuple[str | _StrPromise, dict[str, object]]:
        """What to write for a criterion."""
        if not self.suggest:
            return _("Enter the code of a criterion that follows from an indicator."), {}
        codes = sorted(one.code for rows in self.criteria.values() for one in rows if one.fed)
        if not codes:
            return _("The staircase has no criterion that follows from an indicator."), {}
        return _("Enter one of these: %(candidates)s."), {"candidates": "、".join(codes[:20])}


def _value(line: Line, wrong: list[Wrong]) -> Decimal | None:
    try:
        return read_number(line.value)
    except ValueError:
        message = (
            _("Row %(row)s, column “%(column)s”: “%(value)s” is no number that can be kept.")
            if line.value
            else _("Row %(row)s, column “%(column)s”: the value is missing.")
        )
        remedy = _("Write for example 63.5, with at most 13 digits before and 3 after the point.")
        wrong.append(Wrong(line.number, "value", line.value[:40], message, remedy))
        return None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def parse_readings(
    table: Table, reader: LineReader, mapping: Mapping[str, str] | None = None
) -> Parsed[tuple[int, Figure]]:
    """(row, figure) of a table; rows without a value enter nothing and are counted in a note."""
    reading: Reading[tuple[int, Figure]] = Reading(table, READING_FIELDS, mapping)
    parsed = reading.parsed
    needed = (
        ("measured_on", _("Choose the column with the days of measurement.")),
        ("criterion", _("Choose the column with the codes of the criteria.")),
        ("value", _("Choose the column with the values.")),
    )
    found = [reading.require(name, remedy) for name, remedy in needed]
    if "department_code" not in reading.columns:
        remedy = _("Choose the column with the departments.")
        found.append(reading.require("department", remedy))
    if not all(found):
        return parsed
    reading.note_unread()
    empty = 0
    for record in reading.records():
        if not record["value"]:
            empty += 1
            continue
        answer = reader.read(_line(record), serial=table.sheet is not None)
        if isinstance(answer, Figure):
            parsed.rows.append((record.number, answer))
            continue
        for wrong in answer:
            heading = reading.heading(wrong.name)
            parsed.reject(
                wrong.row, heading, wrong.value, wrong.message, wrong.remedy, **wrong.more
            )
    if empty:
        heading = reading.heading("value")
        text = _("%(count)s rows without a value were left out; no value is not 0.")
        parsed.note(None, heading, "", text, count=empty)
    return parsed


def _line(record: Record) -> Line:
    return Line(
        number=record.number,
        department=record["department"],
        criterion=record["criterion"],
        on=record["measured_on"],
        value=record["value"],
        note=" ".join(record["note"].split()),
        code=record["department_code"],
    )
