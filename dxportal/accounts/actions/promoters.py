"""Promoters: added, changed and asked for by the DX office; never another role than theirs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import cast

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.actions.messages import notify
from dxportal.accounts.actions.roles import facts, grant_role
from dxportal.accounts.audit import record
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Assignment, Department, Municipality, Outbox, RoleGrant, User
from dxportal.accounts.promoting import ENDING_DAYS, ends_with_the_year, last_day
from dxportal.shared.fiscal import CalendarStyle, format_date
from dxportal.shared.tenancy import municipality_scope

#: Roles whose holders look after the promoters.
OFFICE = (Role.DX_OFFICE,)


class PromoterAlready(Exception):
    """The person helps this section in a part of the time already."""


class NotAPromoter(Exception):
    """The role is another one; it is not for the DX office to change."""


@dataclass(frozen=True)
class Term:
    """When somebody helps a section (valid_to: the first day after), how chosen, minutes a week."""

    valid_from: dt.date
    valid_to: dt.date | None = None
    chosen: str = ""
    how: str = ""
    minutes: int | None = None


@transaction.atomic
def add_promoter(
    person: User, department: Department, *, term: Term, by: User | None, channel: str = "screen"
) -> RoleGrant:
    """Make a person the promoter of a section; raises PromoterAlready where terms overlap."""
    User.objects.select_for_update().get(pk=person.pk)
    if _overlapping(person.pk, department.pk, term.valid_from, term.valid_to):
        raise PromoterAlready
    return grant_role(
        person,
        Role.PROMOTER,
        department=department,
        valid_from=term.valid_from,
        valid_to=term.valid_to,
        how=term.how,
        by=by,
        channel=channel,
        chosen=term.chosen,
        minutes=term.minutes,
    )


@transaction.atomic
def change_promoter(grant: RoleGrant, *, term: Term, by: User, channel: str = "screen") -> None:
    """Change, extend or end a term; nothing is written where nothing differs.

    Raises PromoterAlready where it would overlap another one, NotAPromoter for other roles.
    """
    User.objects.select_for_update().get(pk=grant.user_id)
    locked = RoleGrant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
    if locked.role != Role.PROMOTER:
        raise NotAPromoter
    before = facts(locked)
    for name in ("valid_from", "valid_to", "chosen", "how", "minutes"):
        setattr(locked, name, getattr(term, name))
    after = facts(locked)
    if after == before:
        return
    place = (locked.user_id, locked.department_id, locked.valid_from, locked.valid_to)
    if _overlapping(*place, apart=locked.pk):
        raise PromoterAlready
    locked.save(update_fields=["valid_from", "valid_to", "chosen", "how", "minutes"])
    record("role.changed", locked.user, by=by, channel=channel, before=before, after=after)


@transaction.atomic
def remove_promoter(grant: RoleGrant, *, by: User, channel: str = "screen") -> None:
    """Take back a term that was entered by mistake; twice changes nothing."""
    locked = RoleGrant.objects.select_for_update(of=("self",)).filter(pk=grant.pk).first()
    if locked is None:
        return
    if locked.role != Role.PROMOTER:
        raise NotAPromoter
    record("role.ended", locked.user, by=by, channel=channel, before=facts(locked))
    locked.delete()


@transaction.atomic
def ask_for_promoter(department: Department, *, by: User, now: dt.datetime) -> int | None:
    """Ask the heads of a section to name one, once a week each.

    How many were asked; 0 where nobody heads it, None where they were asked this week already.
    """
    Department.objects.select_for_update(of=("self",)).get(pk=department.pk)
    today = timezone.localdate(now)
    heads = heads_of(department, today)
    year, week, _day = today.isocalendar()
    key = f"promoter.ask:{department.pk}:{year}-{week}"
    told = Outbox.objects.filter(key=key, recipient__in=heads).values_list("recipient_id")
    asked = {pk for (pk,) in told}
    left = [head for head in heads if head.pk not in asked]
    if heads and not left:
        return None
    notify(
        left,
        subject=_("Please name a DX promoter of %(section)s") % {"section": department.name},
        body=_(
            "%(section)s has nobody yet who helps with the portal and new ways of working."
            " Name a person; the DX office enters it."
        )
        % {"section": department.name},
        path=reverse("accounts:promoter_suggest", args=[department.pk]),
        key=key,
        municipality=department.municipality_id,
        now=now,
    )
    if left:
        record("promoter.asked", department, by=by, after={"number": len(left)})
    return len(left)


@transaction.atomic
def suggest_promoter(
    department: Department, person: User, *, chosen: str, note: str, by: User, now: dt.datetime
) -> None:
    """A head names somebody: the DX office gets a notice whose link opens the filled form."""
    path = reverse("accounts:promoter_create")
    notify(
        office_of(department.municipality_id, timezone.localdate(now)),
        subject=_("%(section)s names %(person)s as its promoter")
        % {"section": department.name, "person": person.name},
        body=note or _("Open the link to enter it: section and person are filled in."),
        path=f"{path}?department={department.pk}&person={person.pk}&chosen={chosen}",
        key=f"promoter.suggest:{department.pk}:{person.pk}:{timezone.localdate(now)}",
        municipality=department.municipality_id,
        now=now,
    )
    after = {"person": person.name, "chosen": chosen}
    record("promoter.suggested", department, by=by, after=after)


def tell_all_ending(now: dt.datetime) -> int:
    """`tell_ending` in every municipality, each in its own scope."""
    told = 0
    for pk in list(Municipality.objects.order_by("pk").values_list("pk", flat=True)):
        with municipality_scope(pk):
            told += tell_ending(pk, now=now)
    return told


def tell_ending(municipality_id: int, *, now: dt.datetime) -> int:
    """Tell promoters whose term ends within ENDING_DAYS, and the office; how many terms.

    Each is told once; a term that was extended is told again before its new end.
    """
    today = timezone.localdate(now)
    grants = RoleGrant.objects.on(today).promoters().filter(user__municipality=municipality_id)
    latest = today + dt.timedelta(days=ENDING_DAYS + 1)
    ending = list(
        grants.filter(valid_to__lte=latest, user__is_active=True).select_related(
            "user__municipality", "department"
        )
    )
    for grant in ending:
        day = _words(last_day(grant.valid_to), grant.user.municipality)
        notify(
            [grant.user],
            subject=_("Your term as promoter of %(section)s ends on %(day)s")
            % {"section": grant.department, "day": day},
            body=_("Talk with your head and the DX office about whether it goes on."),
            path=reverse("dashboards:promoter_list"),
            key=f"promoter.ending:{grant.pk}:{grant.valid_to}",
            municipality=municipality_id,
            now=now,
        )
    _tell_office(municipality_id, ending, now)
    return len(ending)


def _tell_office(municipality_id: int, ending: list[RoleGrant], now: dt.datetime) -> None:
    """One notice a day on which terms end."""
    town = ending[0].user.municipality if ending else None
    for day in sorted({grant.valid_to for grant in ending if grant.valid_to}):
        number = sum(grant.valid_to == day for grant in ending)
        body = _("Extend the terms that go on, and ask the heads of the other sections.")
        if ends_with_the_year(day):
            body = _(
                "Postings change on 1 April: extend the terms that go on before,"
                " and ask the heads of the other sections."
            )
        notify(
            office_of(municipality_id, timezone.localdate(now)),
            subject=_("Terms of promoters that end on %(day)s: %(number)d")
            % {"day": _words(last_day(day), town), "number": number},
            body=body,
            path=reverse("dashboards:promoter_list") + "?show=ending",
            key=f"promoter.ending.office:{day}",
            municipality=municipality_id,
            now=now,
        )


def _words(day: dt.date | None, municipality: Municipality | None) -> str:
    """A day as the municipality writes it."""
    style = cast(CalendarStyle, getattr(municipality, "calendar_style", "both"))
    return format_date(day, style) if day else ""


def heads_of(department: Department, day: dt.date) -> list[User]:
    """Active people who head a section on that day: by their post, or by the role."""
    seats = Assignment.objects.on(day).filter(post__department=department, post__is_head=True)
    grants = RoleGrant.objects.on(day).filter(role=Role.HEAD, department=department)
    found = Q(pk__in=seats.values("user")) | Q(pk__in=grants.values("user"))
    return list(User.objects.filter(found, is_active=True).order_by("pk"))


def office_of(municipality_id: int, day: dt.date) -> list[User]:
    """Active people of the DX office."""
    grants = RoleGrant.objects.on(day).filter(role__in=OFFICE, user__municipality=municipality_id)
    people = User.objects.filter(pk__in=grants.values("user"), is_active=True)
    return list(people.order_by("pk"))


def _overlapping(
    person: int | None,
    department: int | None,
    start: dt.date,
    end: dt.date | None,
    *,
    apart: int | None = None,
) -> bool:
    """Whether another term of the same person in the same section has a day in common."""
    others = RoleGrant.objects.filter(role=Role.PROMOTER, user=person, department=department)
    others = others.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=start))
    if apart is not None:
        others = others.exclude(pk=apart)
    return (others.filter(valid_from__lt=end) if end else others).exists()
