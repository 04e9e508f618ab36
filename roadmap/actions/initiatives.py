"""Creating and editing initiatives: what people enter, and the check against lost edits."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final, NamedTuple, Self

from django.db import connection, transaction

from dxportal.accounts import audit
from dxportal.accounts.models import Department, Event, Municipality, User
from roadmap.actions.parts import PART
from roadmap.actions.updates import mark_initiative, report
from roadmap.choices import Channel, DepartmentRole, Phase
from roadmap.models import (
    Initiative,
    InitiativeCriterion,
    InitiativeDepartment,
    InitiativeTag,
    InitiativeTheme,
    Theme,
    Withholding,
)
from roadmap.search import fold_all

CREATED = "initiative.created"
EDITED = "initiative.edited"
#: Key under which an edit that sets fields back names the event that it takes back.
RESTORES = "restores"

#: Fields of the form that are columns of the same name.
_COLUMNS = (
    "title",
    "purpose",
    "kind",
    "stops",
    "adds",
    "start_fy",
    "start_quarter",
    "target_fy",
    "target_quarter",
    "target_text",
    "budget",
    "pillars",
    "procedures",
    "indicators",
    "meetings",
    "plan_code",
    "contract",
    "data_home",
    "data_export",
    "safeguard",
    "replaces_channel",
    "replaced_channel",
    "alternative",
    "support",
    "risks",
    "pitfalls",
    "links",
    "sharing",
    "partner_bodies",
    "learners",
    "learn_minutes",
    "helpers",
    "old_way",
    "old_way_ends_on",
    "ask_again_on",
    "disclosure",
    "may_introduce",
    "source",
    "launched_on",
)
_DATES: Final = ("launched_on", "old_way_ends_on", "ask_again_on")
_PARTS = {"partners": DepartmentRole.PARTNER, "users": DepartmentRole.USER}


class Withheld(NamedTuple):
    """A field (empty: the whole record) that is not published, why, and when that is reviewed."""

    field: str
    reason: str
    review_on: date


@dataclass(frozen=True)
class InitiativeFields:
    """Everything that a person enters; keys stand for objects, and several of them are sorted."""

    title: str
    purpose: str = ""
    kind: str = ""
    beneficiaries: tuple[str, ...] = ()
    stops: str = ""
    adds: str = ""
    lead: int | None = None
    accountable_post: int | None = None
    contact: int | None = None
    start_fy: int | None = None
    start_quarter: int | None = None
    target_fy: int | None = None
    target_quarter: int | None = None
    target_text: str = ""
    budget: str = ""
    pillars: str = ""
    procedures: str = ""
    indicators: str = ""
    meetings: str = ""
    plan_code: str = ""
    contract: str = ""
    data_home: str = ""
    data_export: str = ""
    safeguard: str = ""
    replaces_channel: bool | None = None
    replaced_channel: str = ""
    alternative: str = ""
    support: str = ""
    risks: str = ""
    pitfalls: str = ""
    links: str = ""
    sharing: str = ""
    partner_bodies: str = ""
    learners: str = ""
    learn_minutes: int | None = None
    helpers: str = ""
    old_way: str = ""
    old_way_ends_on: date | None = None
    ask_again_on: date | None = None
    disclosure: str = ""
    may_introduce: bool | None = None
    source: str = ""
    launched_on: date | None = None
    partners: tuple[int, ...] = ()
    users: tuple[int, ...] = ()
    themes: tuple[int, ...] = ()
    criteria: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    withholdings: tuple[Withheld, ...] = ()

    def plain(self) -> dict[str, Any]:
        """JSON values, as the history keeps them."""
        return {field.name: audit.plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> Self:
        """The fields that `plain` wrote."""
        known = {field.name for field in fields(cls)}
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if name in known
        }
        for name in _DATES:
            given[name] = _day(given.get(name))
        given["withholdings"] = tuple(
            Withheld(field, reason, date.fromisoformat(day))
            for field, reason, day in given.get("withholdings") or ()
        )
        return cls(**given)


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


class EditConflict(Exception):
    """Somebody else changed the same fields in between; nothing was written.

    `mine`, `theirs` and `base` hold plain values of every field, `names` those in conflict.
    """

    def __init__(
        self, mine: dict[str, Any], theirs: dict[str, Any], base: dict[str, Any], version: int
    ) -> None:
        """Keep the three sides and the version that a second try has to name."""
        super().__init__("the same fields were changed in between")
        self.mine, self.theirs, self.base, self.version = mine, theirs, base, version
        self.names = _in_conflict(mine, theirs, base)


def fields_of(initiative: Initiative) -> InitiativeFields:
    """What is entered now: five queries for the links."""
    parts: dict[str, list[int]] = {role: [] for role in DepartmentRole.values}
    for role, department in initiative.parts.values_list("role", "department_id"):
        parts[role].append(department)
    return InitiativeFields(
        **{name: getattr(initiative, name) for name in _COLUMNS},
        beneficiaries=tuple(initiative.beneficiaries),
        accountable_post=initiative.accountable_post_id,
        contact=initiative.contact_id,
        lead=next(iter(parts[DepartmentRole.LEAD]), None),
        partners=tuple(sorted(parts[DepartmentRole.PARTNER])),
        users=tuple(sorted(parts[DepartmentRole.USER])),
        themes=tuple(sorted(initiative.theme_links.values_list("theme_id", flat=True))),
        criteria=tuple(sorted(initiative.criterion_links.values_list("criterion_id", flat=True))),
        tags=tuple(sorted(initiative.tag_links.values_list("tag_id", flat=True))),
        withholdings=_withheld(initiative),
    )


def _withheld(initiative: Initiative) -> tuple[Withheld, ...]:
    rows = initiative.withholdings.values_list("field", "reason", "review_on")
    return tuple(sorted(Withheld(*row) for row in rows))


@transaction.atomic
def create_initiative(
    municipality: Municipality,
    *,
    by: User | None,
    fields: InitiativeFields,
    phase: str | None = Phase.IDEA,
    progress: str = "",
    note: str = "",
    channel: str = Channel.SCREEN,
    token: str = "",
    origin: str = "",
    extra: Mapping[str, str] | None = None,
    on: date | None = None,
) -> Initiative:
    """Create an initiative with its first report (`phase=None`: without one).

    The same token creates one initiative, however often and at once it is sent.
    """
    if token and (made := _made_with(municipality, token)):
        return made
    initiative = Initiative(
        municipality=municipality, origin=origin, extra=dict(extra or {}), title=fields.title
    )
    _write(initiative, fields)
    after = {**fields.plain(), "version": initiative.version, "token": token}
    audit.record(CREATED, initiative, by=by, channel=channel, after=after)
    if phase is None:
        mark_initiative(initiative)
    else:
        details = {"phase": phase, "progress": progress, "note": note, "on": on}
        report(initiative, by=by, channel=channel, **details)  # type: ignore[arg-type]
        initiative.refresh_from_db(fields=["launched_on", "version"])
    return initiative


@transaction.atomic
def edit_initiative(
    initiative: Initiative,
    *,
    by: User | None,
    fields: InitiativeFields,
    version: int,
    channel: str = Channel.SCREEN,
    restores: int | None = None,
) -> Initiative:
    """Change what was entered, starting from `version`.

    Changes of other fields that others made in between stay; raises EditConflict where the same
    field was changed to something else. `restores`: the event before which the fields are set back.
    """
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    current = fields_of(locked)
    if locked.version != version:
        fields = _merged(locked, fields, current, version)
    if fields == current:
        return locked
    before = {**current.plain(), "version": locked.version}
    locked.version += 1
    _write(locked, fields)
    after = {**fields.plain(), "version": locked.version}
    if restores is not None:
        after[RESTORES] = restores
    audit.record(EDITED, locked, by=by, channel=channel, before=before, after=after)
    mark_initiative(locked, _departments(current))
    return locked


def _made_with(municipality: Municipality, token: str) -> Initiative | None:
    """The initiative that this token has already created; later ones wait for the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)",
            [municipality.pk % 2**31, zlib.crc32(token.encode()) - 2**31],
        )
    found = (
        Event.objects.filter(municipality_id=municipality.pk, action=CREATED, after__token=token)
        .values_list("object_id", flat=True)
        .first()
    )
    return Initiative.objects.filter(municipality=municipality, pk=found).first() if found else None


def _merged(
    locked: Initiative, mine: InitiativeFields, theirs: InitiativeFields, version: int
) -> InitiativeFields:
    """My changes on top of theirs, or EditConflict."""
    ours, current = mine.plain(), theirs.plain()
    base = _fields_at(locked, current, version)
    if _in_conflict(ours, current, base):
        raise EditConflict(ours, current, base, locked.version)
    changed = {name: value for name, value in ours.items() if value != base[name]}
    return InitiativeFields.from_plain({**current, **changed})


def _in_conflict(mine: dict[str, Any], theirs: dict[str, Any], base: dict[str, Any]) -> list[str]:
    """Fields that both sides changed, to different values."""
    return [
        name
        for name, value in mine.items()
        if value != theirs[name] and value != base[name] and theirs[name] != base[name]
    ]


def _fields_at(locked: Initiative, current: dict[str, Any], version: int) -> dict[str, Any]:
    """What stood in the fields at an earlier version, by walking the history back."""
    base = dict(current)
    for event in Event.objects.filter(municipality_id=locked.municipality_id).about(
        "initiative", locked.pk
    ):
        if PART not in event.after and event.after.get("version", 0) > version:
            base.update({name: old for name, old in event.before.items() if name in base})
    return base


def _write(initiative: Initiative, fields: InitiativeFields) -> None:
    """Columns, links and the text that is searched in."""
    for name in _COLUMNS:
        setattr(initiative, name, getattr(fields, name))
    initiative.beneficiaries = list(fields.beneficiaries)
    initiative.accountable_post_id = fields.accountable_post
    initiative.contact_id = fields.contact
    initiative.search_text = _search_text(fields)
    initiative.save()
    _write_parts(initiative, fields)
    _write_links(InitiativeTheme, "theme_id", initiative, fields.themes)
    _write_links(InitiativeCriterion, "criterion_id", initiative, fields.criteria)
    _write_links(InitiativeTag, "tag_id", initiative, fields.tags)
    _write_withholdings(initiative, fields.withholdings)


def _search_text(fields: InitiativeFields) -> str:
    departments = Department.objects.filter(pk__in=_departments(fields))
    themes = Theme.objects.filter(pk__in=fields.themes)
    return fold_all(
        [
            fields.title,
            fields.purpose,
            *departments.values_list("name", flat=True),
            *themes.values_list("label", flat=True),
        ]
    )


def _departments(fields: InitiativeFields) -> set[int]:
    lead = {fields.lead} if fields.lead is not None else set()
    return {*lead, *fields.partners, *fields.users}


def _write_parts(initiative: Initiative, fields: InitiativeFields) -> None:
    """The parts of departments: those that ended go before the new ones come."""
    wanted = {(DepartmentRole.LEAD.value, fields.lead)} if fields.lead is not None else set()
    for name, role in _PARTS.items():
        wanted |= {(role.value, pk) for pk in getattr(fields, name)}
    present = {(part.role, part.department_id): part.pk for part in initiative.parts.all()}
    gone = [pk for key, pk in present.items() if key not in wanted]
    InitiativeDepartment.objects.filter(pk__in=gone).delete()
    InitiativeDepartment.objects.bulk_create(
        InitiativeDepartment(initiative=initiative, role=role, department_id=pk)
        for role, pk in sorted(wanted - present.keys())
    )


def _write_links(
    model: type[InitiativeTheme] | type[InitiativeCriterion] | type[InitiativeTag],
    column: str,
    initiative: Initiative,
    wanted: Iterable[int],
) -> None:
    """Links to themes, criteria or tags, as a set."""
    links = model._default_manager.filter(initiative=initiative)
    present = set(links.values_list(column, flat=True))
    links.filter(**{f"{column}__in": present - set(wanted)}).delete()
    for pk in sorted(set(wanted) - present):
        model._default_manager.create(initiative=initiative, **{column: pk})


def _write_withholdings(initiative: Initiative, wanted: tuple[Withheld, ...]) -> None:
    """What is withheld, as a set; one row a field."""
    rows = {(row.field, row.reason, row.review_on): row.pk for row in initiative.withholdings.all()}
    gone = [pk for key, pk in rows.items() if key not in wanted]
    Withholding.objects.filter(pk__in=gone).delete()
    Withholding.objects.bulk_create(
        Withholding(initiative=initiative, **item._asdict())
        for item in wanted
        if tuple(item) not in rows
    )
