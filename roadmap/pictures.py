"""Pictures of the initiatives for comparing: of a closed round, or of a moment, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from django.db.models import DateField
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dxportal.accounts.models import Department, Municipality, Post, User
from dxportal.shared.fiscal import CalendarStyle, format_date, format_fiscal_year
from roadmap.as_of import NAMES, STATUS, Standing, initiatives_at
from roadmap.choices import Beneficiary, Cause, Disclosure, InitiativeKind
from roadmap.models import Criterion, Initiative, ReportingRound, RoundSnapshot, Tag, Theme
from roadmap.round_diff import State, Value
from roadmap.shown_words import ShownWords, shown_words
from roadmap.wording import LABELS

#: Between several names, in every language: a closed round keeps them so.
JOINT: Final = "、"
#: All that can be compared, as it is told.
ORDER: Final = (*STATUS, *NAMES)
_CHOICES: Final[dict[str, Any]] = {
    "kind": InitiativeKind,
    "beneficiaries": Beneficiary,
    "cause": Cause,
    "disclosure": Disclosure,
}
#: Field → which objects its keys stand for, and the column that names them.
_NAMED: Final[dict[str, tuple[Any, str]]] = {
    "lead": (Department, "name"),
    "partners": (Department, "name"),
    "users": (Department, "name"),
    "accountable_post": (Post, "name"),
    "contact": (User, "name"),
    "themes": (Theme, "label"),
    "criteria": (Criterion, "code"),
    "tags": (Tag, "label"),
}
_DAYS: Final = {
    field.name for field in Initiative._meta.concrete_fields if isinstance(field, DateField)
} | {"next_due"}
#: Field → column of a closed round's row, where they are called differently.
_COLUMNS: Final = {"accountable_post": "post"}
_KEPT: Final = tuple(
    name
    for name in ORDER
    if _COLUMNS.get(name, name) in {field.name for field in RoundSnapshot._meta.concrete_fields}
)


def field_label(name: str) -> str:
    """What a field is called."""
    if name in LABELS:
        return str(LABELS[name])
    model = RoundSnapshot if name in STATUS else Initiative
    return str(getattr(model._meta.get_field(name), "verbose_name", name))


def picture_of_round(chosen: ReportingRound) -> dict[int, State]:
    """The initiatives as the closed round keeps them, in its own words: one query."""
    style = _style(chosen.municipality)
    return {row.initiative_key: _kept(row, style) for row in chosen.snapshots.all()}


def picture_at(municipality: Municipality, moment: dt.datetime) -> dict[int, State]:
    """The initiatives that stood at a moment, named as they are called now: 17 queries at most."""
    found = initiatives_at(municipality.pk, moment)
    standing = [one for one in found.values() if one.removed_on is None]
    names = _names(standing)
    bureaus = _bureaus(municipality.pk)
    words, style = shown_words(municipality.pk), _style(municipality)
    return {one.key: _stood(one, names, bureaus, words, style) for one in standing}


def _style(municipality: Municipality) -> CalendarStyle:
    return cast(CalendarStyle, municipality.calendar_style or "both")


def _kept(row: RoundSnapshot, style: CalendarStyle) -> State:
    values = {}
    for name in _KEPT:
        found = getattr(row, _COLUMNS.get(name, name))
        text = found if isinstance(found, str) and name in _NAMED else _text(name, found, style)
        values[name] = Value(_mark(found), text)
    values["phase"] = Value(row.phase, row.phase_word)
    values["progress"] = Value(row.progress, row.progress_word)
    values["lead"] = Value(row.lead_key, row.lead)
    return State(row.initiative_key, row.title, row.lead_key, row.lead, row.bureau, values)


def _stood(
    one: Standing,
    names: Mapping[type[Any], Mapping[int, str]],
    bureaus: Mapping[int, str],
    words: ShownWords,
    style: CalendarStyle,
) -> State:
    values = {}
    for name, found in (*one.status.items(), *one.fields.items()):
        if name in _NAMED:
            known = names[_NAMED[name][0]]
            keys = found if isinstance(found, list) else [found] if found else []
            text = JOINT.join(known.get(key, _("(removed)")) for key in keys)
            values[name] = Value(text or None, text)
        else:
            values[name] = Value(_mark(found), _text(name, found, style))
    phase, progress = one.status["phase"], one.status["progress"]
    values["phase"] = Value(phase, words.phase(phase))
    values["progress"] = Value(progress, words.progress(progress))
    lead_key = one.fields["lead"]
    lead = values["lead"].text
    values["lead"] = Value(lead_key, lead)
    title = str(one.fields["title"])
    return State(one.key, title, lead_key, lead, bureaus.get(lead_key or 0, ""), values)


def _mark(value: Any) -> Any:
    """What is compared: days as ISO text, several values as a tuple, nothing as None."""
    if isinstance(value, list):
        return tuple(value) or None
    if isinstance(value, dt.date):
        return value.isoformat()
    return None if value == "" else value


def _text(name: str, value: Any, style: CalendarStyle) -> str:
    """A value that needs no name of another object, in words; empty for none."""
    if value in (None, "", []):
        return ""
    if name in _CHOICES:
        known = dict(_CHOICES[name].choices)
        codes = value if isinstance(value, list) else [value]
        return JOINT.join(str(known.get(code, code)) for code in codes)
    if isinstance(value, bool):
        return pgettext("answer", "yes") if value else pgettext("answer", "no")
    if name.endswith("_fy"):
        return format_fiscal_year(int(value), style)
    if name in _DAYS:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
        return format_date(day, style)
    return str(value)


def _names(standing: Iterable[Standing]) -> dict[type[Any], dict[int, str]]:
    """Names of all objects that are named: one query a kind."""
    keys: dict[type[Any], set[int]] = {model: set() for model, _column in _NAMED.values()}
    for one in standing:
        for name, (model, _column) in _NAMED.items():
            found = one.fields.get(name)
            keys[model].update(found if isinstance(found, list) else [found] if found else [])
    columns = dict(_NAMED.values())
    return {
        model: dict(model._default_manager.filter(pk__in=pks).values_list("pk", columns[model]))
        for model, pks in keys.items()
    }


def _bureaus(municipality_id: int) -> dict[int, str]:
    """Department → name of the bureau above it."""
    rows = Department.objects.filter(municipality_id=municipality_id, bureau__isnull=False)
    return dict(rows.values_list("pk", "bureau__name"))
