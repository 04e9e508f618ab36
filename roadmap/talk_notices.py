"""What people are told about an initiative: to whom, in which words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import cast

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.actions.messages import notify
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Assignment, RoleGrant, User
from dxportal.shared.fiscal import CalendarStyle, format_date
from roadmap.aftercare import suggested
from roadmap.choices import DepartmentRole
from roadmap.models import AdoptionTask, Blocker, Comment, Decision, Initiative


def answerable_people(initiative: Initiative) -> list[User]:
    """Whoever holds the accountable post today and the person in charge; else the head."""
    day = timezone.localdate()
    holders = Assignment.objects.on(day).filter(post=initiative.accountable_post_id)
    people = User.objects.filter(is_active=True)
    found = people.filter(Q(pk__in=holders.values("user")) | Q(pk=initiative.contact_id))
    rows = list(found.order_by("pk"))
    if rows:
        return rows
    leads = initiative.parts.filter(role=DepartmentRole.LEAD).values("department")
    heads = RoleGrant.objects.on(day).filter(role=Role.HEAD, department__in=leads)
    return list(people.filter(pk__in=heads.values("user")).order_by("pk"))


def responsible_people(initiative: Initiative, day: date) -> list[User]:
    """Whoever holds the accountable post on a day, else the person in charge, else the office."""
    if initiative.accountable_post is not None:
        seats = initiative.accountable_post.assignments.on(day).select_related("user")
        holders = [seat.user for seat in seats if seat.user.is_active]
        if holders:
            return holders
    if initiative.contact is not None and initiative.contact.is_active:
        return [initiative.contact]
    office = User.objects.filter(
        municipality_id=initiative.municipality_id, grants__role=Role.DX_OFFICE, is_active=True
    )
    return list(office.distinct())


def holders_of(role: Role, municipality_id: int) -> list[User]:
    """Active people of a municipality who hold a role today."""
    grants = RoleGrant.objects.on(timezone.localdate()).filter(role=role)
    people = User.objects.filter(municipality=municipality_id, is_active=True)
    return list(people.filter(pk__in=grants.values("user")).order_by("pk"))


def tell_task_opened(task: AdoptionTask, *, by: User | None) -> None:
    """Those who answer for it hear what the staff found, and that it wants an answer."""
    initiative, verdict = task.initiative, task.verdict
    style = cast(CalendarStyle, initiative.municipality.calendar_style)
    people = responsible_people(initiative, timezone.localdate())
    notify(
        [person for person in people if by is None or person.pk != by.pk],
        subject=_("What follows for “%(title)s”: %(verdict)s")
        % {"title": initiative.title, "verdict": verdict.get_verdict_display()},
        body=_("Choose what is done until %(day)s. Suggested: %(choice)s.")
        % {"day": format_date(task.due_on, style), "choice": suggested(verdict.verdict).label},
        path=f"{initiative.get_absolute_url()}#aftercare",
        key=f"task-{task.pk}",
        municipality=initiative.municipality_id,
        now=timezone.now(),
    )


def tell_escalated(blocker: Blocker, *, by: User) -> None:
    """The CDO hears that a decision is wanted; each time it is put on the list."""
    initiative = blocker.initiative
    notify(
        [p for p in holders_of(Role.CDO, initiative.municipality_id) if p.pk != by.pk],
        subject=_("A decision is wanted: %(title)s") % {"title": initiative.title},
        body=f"{blocker.text}\n\n{blocker.wanted}",
        path=reverse("roadmap:escalation_list"),
        key=f"blocker-{blocker.pk}-escalated-{blocker.escalated_on}",
        municipality=initiative.municipality_id,
        now=timezone.now(),
    )


def tell_decided(decision: Decision, *, by: User) -> None:
    """Those who answer for the initiative, and who wrote the blocker down, hear the decision."""
    initiative = decision.initiative
    people = {person.pk: person for person in answerable_people(initiative)}
    blocker = decision.blocker
    if blocker is not None and blocker.opened_by is not None:
        people[blocker.opened_by.pk] = blocker.opened_by
    people.pop(by.pk, None)
    notify(
        people.values(),
        subject=_("Decided: %(title)s") % {"title": initiative.title},
        body=f"{decision.text}\n\n{decision.decided_by} {decision.meeting}".strip(),
        path=initiative.get_absolute_url(),
        key=f"decision-{decision.pk}",
        municipality=initiative.municipality_id,
        now=timezone.now(),
    )


def tell_mentioned(comment: Comment, people: Iterable[User]) -> None:
    """Those named in a comment; the words stay on the page, where removing takes them."""
    initiative = comment.initiative
    notify(
        [person for person in people if person.pk != comment.by_id],
        subject=_("%(who)s named you in a comment: %(title)s")
        % {"who": comment.by.name, "title": initiative.title},
        body=_("Read it and answer on the page of the initiative."),
        path=f"{initiative.get_absolute_url()}#comments",
        key=f"comment-{comment.pk}",
        municipality=initiative.municipality_id,
        now=timezone.now(),
    )
