"""What people say and decide about one initiative, for the cards of its page."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from dxportal.accounts.access import Permission, can
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Assignment, RoleGrant, User
from roadmap.models import Blocker, Comment, Decision, Initiative, InitiativeLink

#: Most people offered below a comment.
OFFERED = 20


@dataclass(frozen=True)
class OpenBlocker:
    """A blocker with what its reader may do."""

    row: Blocker
    days: int


@dataclass(frozen=True)
class Talk:
    """Blockers, decisions, comments and links; None of comments: not for this reader."""

    open: list[OpenBlocker]
    solved: list[Blocker]
    decisions: list[Decision]
    comments: list[Comment] | None
    links: list[InitiativeLink]
    people: list[User]
    may_change: bool
    may_decide: bool
    may_comment: bool
    may_moderate: bool
    token: str


def talk_of(initiative: Initiative, user: User, day: date, *, may_change: bool) -> Talk:
    """Everything for the page: five queries, one more for those who may comment."""
    blockers = list(initiative.blockers.all())
    may_comment = may_change or can(user, Permission.COMMENT)
    reads = may_comment or can(user, Permission.SEE_EVENTS)
    comments = initiative.comments.select_related("by", "by__department", "removed_by")
    return Talk(
        open=[
            OpenBlocker(row, max((day - row.opened_on).days, 0))
            for row in blockers
            if row.closed_on is None
        ],
        solved=[row for row in blockers if row.closed_on is not None],
        decisions=list(initiative.decisions.select_related("blocker")),
        comments=list(comments.order_by("-pk")) if reads else None,
        links=list(initiative.link_rows.all()),
        people=people_around(initiative, without=user) if may_comment else [],
        may_change=may_change or can(user, Permission.RECORD_DECISIONS),
        may_decide=can(user, Permission.RECORD_DECISIONS),
        may_comment=may_comment,
        may_moderate=can(user, Permission.EDIT_INITIATIVES),
        token=uuid.uuid4().hex,
    )


def people_around(initiative: Initiative, *, without: User) -> list[User]:
    """Who has to do with it: post, person in charge, head and promoter, the DX office."""
    day = timezone.localdate()
    holders = Assignment.objects.on(day).filter(post=initiative.accountable_post_id)
    leads = initiative.parts.values("department")
    grants = RoleGrant.objects.on(day).filter(
        Q(role__in=[Role.HEAD, Role.PROMOTER], department__in=leads)
        | Q(role=Role.DX_OFFICE, user__municipality=initiative.municipality_id)
    )
    wrote = initiative.comments.values("by")
    found = User.objects.filter(is_active=True, municipality=initiative.municipality_id).filter(
        Q(pk__in=holders.values("user"))
        | Q(pk=initiative.contact_id)
        | Q(pk__in=grants.values("user"))
        | Q(pk__in=wrote)
    )
    rows = found.exclude(pk=without.pk).select_related("department").in_order()
    return list(rows[:OFFERED])
