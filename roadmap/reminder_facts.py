"""What the reminders of a municipality depend on, read in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from dxportal.accounts.access import ROLE_PERMISSIONS, Permission
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Assignment, Department, RoleGrant, User
from dxportal.shared.workdays import on_or_after
from roadmap.cell_facts import cell_facts
from roadmap.choices import (
    CLOSED_PHASES,
    DepartmentRole,
    Phase,
    Progress,
    ReminderReason,
    ReturnState,
    RoundState,
)
from roadmap.listing import with_status, without_five_lines
from roadmap.models import (
    AdoptionTask,
    Blocker,
    Digest,
    Indicator,
    Initiative,
    Milestone,
    RoundReturn,
    Snooze,
    Withholding,
)
from roadmap.reminding import (
    BLOCKER_DAYS,
    Dated,
    Facts,
    InitiativeFacts,
    Item,
    People,
    ReturnFacts,
    Rules,
    open_items,
)
from roadmap.timeliness import target_end

#: So far back it is counted how often something went out: 20 weekly digests and more.
LOOK_BACK = timedelta(days=200)
#: How long the longest closing of a town hall lasts, on both sides of a date.
_CLOSED_DAYS = timedelta(days=12)

_HISTORY = """
SELECT item->>'key', array_agg(DISTINCT digest.day)
  FROM roadmap_digest digest, jsonb_array_elements(digest.items) item
 WHERE digest.municipality_id = %s AND digest.day >= %s AND digest.day < %s
   AND item->>'level' = '0'
 GROUP BY 1
"""


@dataclass(frozen=True)
class Loaded:
    """The facts, and who is who. told: has a digest of the day; owed: got no weekly one on its day.

    back: was paused when the last one went out, and is told so.
    """

    facts: Facts
    names: Mapping[int, str] = field(default_factory=dict)
    told: frozenset[int] = frozenset()
    owed: frozenset[int] = frozenset()
    back: frozenset[int] = frozenset()


def waiting_for(user: User, day: date, rules: Rules) -> dict[int, list[Item]]:
    """What waits for one person, by initiative (0: returns), with those that wait for nothing."""
    municipality_id = user.municipality_id or 0
    posts = Assignment.objects.on(day).filter(user=user).values("post")
    people = _people(municipality_id, day)
    led = [department for department, heads in people.heads.items() if user.pk in heads]
    led_by_me = Q(parts__role=DepartmentRole.LEAD, parts__department__in=led)
    mine = Q(contact=user) | Q(accountable_post__in=posts) | led_by_me
    initiatives = _initiatives(municipality_id, day, mine)
    facts = Facts(
        initiatives=initiatives,
        parts=tuple(_parts(municipality_id, day, rules)),
        returns=tuple(_returns(municipality_id)),
        cells=tuple(cell_facts(municipality_id, day)),
        people=people,
    )
    found: dict[int, list[Item]] = {
        pk: []
        for pk, each in initiatives.items()
        if user.pk in (each.owners or people.heads_of(each.lead))
        and each.phase not in CLOSED_PHASES
    }
    for item, owners in open_items(facts, day, rules):
        office_alone = item.reason in {ReminderReason.REVIEW, ReminderReason.BLOCKER}
        if user.pk in owners and not office_alone:
            found.setdefault(item.initiative or 0, []).append(item)
    return found


def load(municipality_id: int, day: date, rules: Rules, last_weekly_on: date | None) -> Loaded:
    """Everything for one day."""
    initiatives = _initiatives(municipality_id, day)
    people = _people(municipality_id, day)
    facts = Facts(
        initiatives=initiatives,
        parts=tuple(_parts(municipality_id, day, rules)),
        returns=tuple(_returns(municipality_id)),
        cells=tuple(cell_facts(municipality_id, day)),
        people=people,
        history=_history(municipality_id, day),
    )
    digests = Digest.objects.filter(municipality_id=municipality_id)
    return Loaded(
        facts,
        names=_names(facts),
        told=frozenset(digests.filter(day=day).values_list("user_id", flat=True)),
        owed=_owed(municipality_id, day, last_weekly_on),
        back=_back(municipality_id, day) - people.paused,
    )


# Initiatives and their parts ----------------------------------------------------------------------
_FIELDS = (
    *("pk", "title", "latest__phase", "latest__progress", "latest__cause", "latest__next_step"),
    *("latest__next_due", "last_report", "target_fy", "target_quarter", "lead__department_id"),
    *("contact_id", "contact__is_active", "accountable_post_id", "without_lines"),
)


def _initiatives(
    municipality_id: int, day: date, only: Q | None = None
) -> dict[int, InitiativeFacts]:
    standing = Initiative.objects.standing().real().filter(municipality_id=municipality_id)
    if only is not None:
        standing = standing.filter(pk__in=Initiative.objects.filter(only).values("pk"))
    rows = with_status(standing, day).annotate(without_lines=without_five_lines())
    holders: defaultdict[int, list[int]] = defaultdict(list)
    seats = Assignment.objects.on(day).filter(
        post__department__municipality_id=municipality_id, user__is_active=True
    )
    for post, user in seats.order_by("pk").values_list("post_id", "user_id"):
        holders[post].append(user)
    return {
        row["pk"]: _initiative(row, tuple(dict.fromkeys(holders[row["accountable_post_id"]])))
        for row in rows.order_by("pk").values(*_FIELDS)
    }


def _initiative(row: Mapping[str, Any], holders: tuple[int, ...]) -> InitiativeFacts:
    late = row["latest__progress"] == Progress.LATE
    return InitiativeFacts(
        pk=row["pk"],
        title=row["title"],
        phase=row["latest__phase"] or Phase.IDEA,
        last_report=row["last_report"],
        needs_care=late and not (row["latest__cause"] and row["latest__next_step"]),
        next_due=row["latest__next_due"] if late else None,
        target_end=target_end(row["target_fy"], row["target_quarter"]),
        lines_missing=row["without_lines"],
        lead=row["lead__department_id"],
        contact=row["contact_id"] if row["contact__is_active"] else None,
        holders=holders,
    )


def _parts(municipality_id: int, day: date, rules: Rules) -> Iterable[Dated]:
    """What has a date of its own: five queries."""
    near = day + max(timedelta(days=rules.days_before), _CLOSED_DAYS)
    here = Q(initiative__municipality_id=municipality_id, initiative__removed_on__isnull=True)
    here &= ~Q(initiative__sample__kept=False)
    old = day - timedelta(days=BLOCKER_DAYS)
    withheld = Withholding.objects.filter(here, review_on__lte=near)
    sources = (
        (
            ReminderReason.MILESTONE,
            Milestone.objects.filter(here, done_on__isnull=True, due_on__lte=near),
            ("title", "due_on"),
        ),
        (
            ReminderReason.TASK,
            AdoptionTask.objects.waiting().filter(here, due_on__lte=near),
            ("choice", "due_on"),
        ),
        (
            ReminderReason.MEASURE,
            Indicator.objects.filter(here, next_due__lte=near),
            ("name", "next_due"),
        ),
        (ReminderReason.REVIEW, withheld, ("reason", "review_on")),
        (
            ReminderReason.BLOCKER,
            Blocker.objects.unsolved().filter(here, opened_on__lte=old),
            ("text", "opened_on"),
        ),
    )
    for reason, rows, (name, on) in sources:
        found: Any = rows.order_by("pk").values_list("pk", "initiative_id", name, on)
        for pk, initiative, words, when in found:
            yield Dated(reason, pk, initiative, words, when)


def _returns(municipality_id: int) -> Iterable[ReturnFacts]:
    """What departments still owe open rounds: two queries."""
    tree = dict(
        Department.objects.filter(municipality_id=municipality_id).values_list("pk", "parent_id")
    )
    waiting = (ReturnState.FILLING, ReturnState.RETURNED)
    rows = RoundReturn.objects.filter(
        round__municipality_id=municipality_id, round__state=RoundState.OPEN, state__in=waiting
    ).select_related("round")
    for row in rows.order_by("pk"):
        yield ReturnFacts(
            pk=row.pk,
            label=row.round.label,
            department=row.department_id,
            opens_on=row.round.opens_on,
            due_on=row.round.due_on,
            below=_below(tree, row.department_id),
            round=row.round_id,
        )


def _below(tree: Mapping[int, int | None], root: int) -> frozenset[int]:
    """A department and everything under it; tree: department → parent."""
    found, level = {root}, {root}
    while level:
        level = {pk for pk, parent in tree.items() if parent in level} - found
        found |= level
    return frozenset(found)


# People -------------------------------------------------------------------------------------------
def _people(municipality_id: int, day: date) -> People:
    office_roles = {
        role for role, held in ROLE_PERMISSIONS.items() if Permission.RUN_REMINDERS in held
    }
    grants = RoleGrant.objects.on(day).filter(
        role__in={Role.HEAD, Role.PROMOTER, *office_roles},
        user__municipality_id=municipality_id,
        user__is_active=True,
    )
    heads: defaultdict[int, list[int]] = defaultdict(list)
    promoters: defaultdict[int, list[int]] = defaultdict(list)
    office: list[int] = []
    for role, department, user in grants.order_by("pk").values_list(
        "role", "department_id", "user_id"
    ):
        if role in office_roles:
            office.append(user)
        elif department is not None:
            (heads if role == Role.HEAD else promoters)[department].append(user)
    for department, user in _on_head_posts(municipality_id, day):
        if department not in heads:
            heads[department] = [user]
    paused, returning = _pauses(municipality_id, day)
    return People(
        heads={key: tuple(dict.fromkeys(users)) for key, users in heads.items()},
        promoters={key: tuple(dict.fromkeys(users)) for key, users in promoters.items()},
        office=tuple(dict.fromkeys(office)),
        paused=paused,
        returning=returning,
    )


def _on_head_posts(municipality_id: int, day: date) -> Iterable[tuple[int, int]]:
    """(department, person) of the posts of heads: they count where nobody has the role."""
    seats = Assignment.objects.on(day).filter(
        post__is_head=True,
        post__department__municipality_id=municipality_id,
        user__is_active=True,
    )
    return seats.order_by("pk").values_list("post__department_id", "user_id")


def _pauses(municipality_id: int, day: date) -> tuple[frozenset[int], frozenset[int]]:
    """Who pauses on the day, and for whom it is the first working day since a pause."""
    rows = Snooze.objects.filter(
        user__municipality_id=municipality_id,
        valid_from__lte=day,
        valid_to__gt=day - _CLOSED_DAYS,
    ).values_list("user_id", "valid_to")
    paused = frozenset(user for user, end in rows if end > day)
    ended = {user for user, end in rows if end <= day and on_or_after(end) == day}
    return paused, frozenset(ended) - paused


def _names(facts: Facts) -> dict[int, str]:
    """Of everybody who could be named in a digest."""
    people = facts.people
    wanted: set[int] = set(people.office)
    for group in (people.heads, people.promoters):
        wanted.update(user for users in group.values() for user in users)
    for initiative in facts.initiatives.values():
        wanted.update(initiative.owners)
    return dict(User.objects.filter(pk__in=wanted).values_list("pk", "name"))


# What went out ------------------------------------------------------------------------------------
def _history(municipality_id: int, day: date) -> dict[str, tuple[date, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, [municipality_id, day - LOOK_BACK, day])
        return {key: tuple(days) for key, days in cursor.fetchall()}


def _owed(municipality_id: int, day: date, last_weekly_on: date | None) -> frozenset[int]:
    """Whom the DX office had asked on the day of the weekly digests, and who got nothing since."""
    if last_weekly_on is None or last_weekly_on >= day:
        return frozenset()
    since = Digest.objects.filter(municipality_id=municipality_id, day__gte=last_weekly_on)
    asked: set[int] = set()
    later: set[int] = set()
    for user, when, reason in since.values_list("user_id", "day", "items__0__reason"):
        if when > last_weekly_on:
            later.add(user)
        elif reason == ReminderReason.ASKED:
            asked.add(user)
    return frozenset(asked - later)


def _back(municipality_id: int, day: date) -> frozenset[int]:
    """Whose last digest was held back."""
    last = (
        Digest.objects.filter(
            municipality_id=municipality_id, day__lt=day, day__gte=day - LOOK_BACK
        )
        .order_by("user_id", "-day")
        .distinct("user_id")
    )
    held = last.values_list("user_id", "items__0__held")
    return frozenset(user for user, flag in held if flag)
