"""One initiative of a table in our own fields: what has no field of its own is kept beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from dxportal.shared.importing import Parsed
from roadmap.choices import Phase, Progress
from roadmap.import_places import Office, Places
from roadmap.import_rows import InitiativeRow
from roadmap.import_words import (
    WORD_LENGTH,
    Meaning,
    beneficiaries_of,
    cause_of,
    is_plain_year,
    kind_of,
    phase_of,
    usual_meaning,
    word_key,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

TITLE_LENGTH: Final = 200
STEP_LENGTH: Final = 200
SOURCE_LENGTH: Final = 400
#: Fields of the table that are text columns of the same meaning.
_TEXTS: Final = {"purpose": "purpose", "target": "target_text", "budget": "budget"}
_YEARS: Final = ("fiscal_years", "start", "end")


@dataclass(slots=True)
class Draft:
    """What a row says. ``columns`` holds filled columns of Initiative, ``extra`` the rest."""

    number: int
    origin: str
    department: str
    columns: dict[str, Any]
    extra: dict[str, str]
    lead: int | None
    partners: tuple[int, ...]
    meaning: Meaning
    note: str
    cause: str = ""
    next_step: str = ""

    @property
    def says_status(self) -> bool:
        """Whether the row says anything about the status."""
        return bool(self.meaning or self.note)


@dataclass
class Drafter:
    """Turns rows into drafts and says what was not understood: once per text, with a count."""

    parsed: Parsed[InitiativeRow]
    office: Office
    words: Mapping[str, Meaning]
    origin_counts: bool
    new_words: dict[str, str] = field(default_factory=dict)  # key → as written
    usual: dict[str, Meaning] = field(default_factory=dict)
    _heard: dict[tuple[str, str, str | _StrPromise], int] = field(default_factory=dict)
    _counts: Counter[tuple[str, str, str | _StrPromise]] = field(default_factory=Counter)

    def draft(self, row: InitiativeRow) -> Draft | None:
        """The draft; None where the row names a department that ended, which is said."""
        places = self.office.places(row.department_text)
        if places.ended:
            self._refuse_ended(row, places)
            return None
        extra: dict[str, str] = {}
        columns = self._columns(row, places.lead, extra)
        for name, text in row.leftovers.items():
            _keep(extra, name, text)
        if row.department_text and (places.lead is None or places.unknown):
            self._say_department(row, places)
            _keep(extra, self._heading("department"), row.department_text)
        made = Draft(
            number=row.row,
            origin=row.origin,
            department=row.department_text,
            columns=columns,
            extra=extra,
            lead=places.lead,
            partners=places.partners,
            meaning=Meaning(),
            note="",
        )
        self._status(made, row)
        return made

    def finish(self) -> None:
        """Add what was heard to the notes: each text once, with its first row and its count."""
        for (name, text, template), row in self._heard.items():
            count = self._counts[name, text, template]
            self.parsed.note(row, self._heading(name), text, template, count=count)

    def _columns(
        self, row: InitiativeRow, lead: int | None, extra: dict[str, str]
    ) -> dict[str, Any]:
        """Filled columns of Initiative; what does not fit goes to ``extra`` as it is written."""
        title = row.title
        columns: dict[str, Any] = {}
        if len(title) > TITLE_LENGTH:
            _keep(extra, self._heading("title"), title)
            title = title[: TITLE_LENGTH - 1] + "…"
        columns["title"] = title
        if self.origin_counts and row.origin:
            columns["origin"] = row.origin[:120]
        elif row.origin:
            _keep(extra, self._heading("origin"), row.origin)
        if row.start_fy:
            columns["start_fy"] = row.start_fy
        if row.end_fy:
            columns["target_fy"] = row.end_fy
        for name, text in row.fields.items():
            if not self._place(name, text, row, lead, columns):
                _keep(extra, self._heading(name), text)
        return columns

    def _place(
        self, name: str, text: str, row: InitiativeRow, lead: int | None, columns: dict[str, Any]
    ) -> bool:
        """Whether a cell has found its column, or is read with the status."""
        if name in _TEXTS:
            columns[_TEXTS[name]] = text
            return True
        if name in _YEARS:
            return is_plain_year(text) and (row.start_fy or row.end_fy) is not None
        if name in ("phase", "cause", "next_step"):
            return self._is_read_with_status(name, text, row)
        if name == "source" and len(text) <= SOURCE_LENGTH:
            columns["source"] = text
            return True
        value = self._value(name, text, lead)
        if value:
            columns[_VALUES[name]] = value
        elif name in _VALUES:
            self._hear(name, text, row, _NOT_FOUND[name])
        return bool(value)

    def _value(self, name: str, text: str, lead: int | None) -> Any:
        if name == "kind":
            return kind_of(text)
        if name == "beneficiaries":
            return beneficiaries_of(text)
        if name == "post":
            return self.office.post(text, lead)
        return self.office.person(text, lead) if name == "person" else None

    def _is_read_with_status(self, name: str, text: str, row: InitiativeRow) -> bool:
        """Causes and next steps belong to a delay; without one they are kept as text."""
        if name == "phase":
            return bool(phase_of(text) or self._meaning(text).phase)
        if self._meaning(row.status_text).progress != Progress.LATE:
            return False
        return bool(cause_of(text)) if name == "cause" else len(text) <= STEP_LENGTH

    def _meaning(self, text: str) -> Meaning:
        """The municipality's own meaning of a word, else the usual one."""
        key = word_key(text)
        return self.words[key] if key in self.words else usual_meaning(text)

    def _status(self, made: Draft, row: InitiativeRow) -> None:
        """Meaning of status and phase; a text that means nothing to us becomes the note."""
        text = row.status_text
        meaning = self._meaning(text)
        phase_text = row.fields.get("phase", "")
        phase = phase_of(phase_text) or self._meaning(phase_text).phase or meaning.phase
        made.meaning = Meaning(phase, meaning.progress)
        if text and not meaning:
            made.note = text
            self._learn(text)
        elif text:
            _keep(made.extra, self._heading("status"), text)
            if word_key(text) not in self.words:
                self.usual[word_key(text)] = meaning
                self._learn(text)
        if phase == Phase.STOPPED and not made.note:
            made.note = text or phase_text
        if made.meaning.progress == Progress.LATE:
            made.cause = cause_of(row.fields.get("cause", ""))
            step = row.fields.get("next_step", "")
            made.next_step = step if len(step) <= STEP_LENGTH else ""

    def _learn(self, text: str) -> None:
        """Remember a word for the mapping screen; sentences are no words."""
        key = word_key(text)
        if key not in self.words and len(text) <= WORD_LENGTH:
            self.new_words.setdefault(key, text)

    def _hear(self, name: str, text: str, row: InitiativeRow, template: str | _StrPromise) -> None:
        key = (name, text, template)
        self._heard.setdefault(key, row.row)
        self._counts[key] += 1

    def _say_department(self, row: InitiativeRow, places: Places) -> None:
        if places.several:
            self._hear("department", row.department_text, row, _SEVERAL)
        elif places.lead:
            self._hear("department", row.department_text, row, _PARTLY)
        else:
            self._hear("department", row.department_text, row, _NO_DEPARTMENT)

    def _refuse_ended(self, row: InitiativeRow, places: Places) -> None:
        remedy = (
            _("Enter the department that took its place: %(successor)s.")
            if places.successor
            else _("Enter the department that took its place.")
        )
        self.parsed.reject(
            row.row,
            self._heading("department"),
            row.department_text,
            _("Row %(row)s, column “%(column)s”: “%(value)s” ended on %(day)s."),
            remedy,
            day=places.ended,
            successor=places.successor,
        )

    def _heading(self, name: str) -> str:
        return self.parsed.columns.get(name, name)


_VALUES: Final = {
    "kind": "kind",
    "beneficiaries": "beneficiaries",
    "post": "accountable_post_id",
    "person": "contact_id",
}
_SEVERAL = _(
    "Row %(row)s, column “%(column)s”: several departments are called “%(value)s”; "
    "kept as text (%(count)s rows)."
)
_PARTLY = _(
    "Row %(row)s, column “%(column)s”: not everything in “%(value)s” is a department; "
    "the rest is kept as text (%(count)s rows)."
)
_NO_DEPARTMENT = _(
    "Row %(row)s, column “%(column)s”: there is no department “%(value)s”; "
    "kept as text (%(count)s rows)."
)
_UNKNOWN = _(
    "Row %(row)s, column “%(column)s”: “%(value)s” was not understood; "
    "kept as text (%(count)s rows)."
)
_NOBODY = _(
    "Row %(row)s, column “%(column)s”: “%(value)s” was not found or is not unique; "
    "kept as text (%(count)s rows)."
)
_NOT_FOUND: Final = {
    "kind": _UNKNOWN,
    "beneficiaries": _UNKNOWN,
    "post": _NOBODY,
    "person": _NOBODY,
}


def _keep(extra: dict[str, str], name: str, text: str) -> None:
    """Keep a text under its heading; a second one of that name beside it."""
    key, copy = name, 2
    while key in extra and extra[key] != text:
        key, copy = f"{name} ({copy})", copy + 1
    extra[key] = text
